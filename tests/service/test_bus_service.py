"""The objects over a real socket: what they answer, whom they tell, what they refuse."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Message, MessageType, Variant

from audiosession import recipe
from audiosession.errors import (
    AudioSessionError,
    HostUnavailableError,
    HostUnavailableReason,
    IllegalCombinationError,
    InvalidTypeError,
    InvalidValueError,
    LimitError,
    UnknownFieldError,
    UnknownNameError,
)
from audiosession.service.bus.errors import from_wire
from audiosession.service.bus.names import (
    BURST,
    BUS_NAME,
    INTROSPECTABLE,
    MANAGER,
    MOST_SESSIONS,
    MOST_WAITING,
    OBJECT_MANAGER,
    PROPERTIES,
    ROOT,
    SESSION,
    STREAM,
    id_of,
    path_of,
)
from tests.service.bus_kit import DEADLINE_S, Client, Served, until


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with Served(tmp_path) as served:
        yield served


@pytest.fixture
async def app(served: Served) -> AsyncIterator[Client]:
    async with Client(served.address) as client:
        yield client


@pytest.fixture
async def other(served: Served) -> AsyncIterator[Client]:
    async with Client(served.address) as client:
        yield client


def signal(member: str, path: str | None = None) -> Any:
    return lambda message: message.member == member and path in (None, message.path)


async def value(client: Client, path: str, interface: str, name: str) -> Any:
    (variant,) = await client.call(path, PROPERTIES, "Get", "ss", interface, name)
    return variant.value


# -- sessions ------------------------------------------------------------------------------------


async def test_a_call_interrupts_music_and_ends(app: Client, other: Client) -> None:
    music = await app.open("player", "music")
    assert await app.activate(music) == "granted"
    call = await other.open("phone", "voice_call")
    assert await other.activate(call) == "granted"
    begun = await app.hears(signal("Interruption", music))
    told = json.loads(begun.body[0])
    assert (told["begin"], told["type"], told["reason"]) == (True, "pause", "call")
    assert await value(app, music, SESSION, "Interrupted") is True
    assert await other.call(call, SESSION, "Deactivate", "b", True) == [True]
    ended = await app.hears(
        lambda message: (
            message.member == "Interruption" and not json.loads(message.body[0])["begin"]
        )
    )
    assert json.loads(ended.body[0])["should_resume"] is True


async def test_what_happens_to_a_session_is_told_to_its_client_alone(
    app: Client, other: Client
) -> None:
    for client in (app, other):
        await client.listen()
    music = await app.open("player", "music")
    await app.activate(music)
    call = await other.open("phone", "voice_call")
    await other.activate(call)
    await app.hears(signal("Interruption", music))
    # One more round, so that anything sent before has arrived.
    await other.status()
    assert [each.member for each in other.signals if each.interface == SESSION] == []


async def test_an_interruption_that_the_apps_own_call_ends_is_over_before_the_answer(
    app: Client, other: Client
) -> None:
    music = await app.open("player", "music")
    await app.activate(music)
    await other.activate(await other.open("phone", "voice_call"))
    await app.hears(signal("Interruption", music))
    await app.call(music, SESSION, "Deactivate", "b", True)
    assert [each.member for each in app.signals] == ["Interruption", "InterruptionOver"]


async def test_overrides_of_one_activation(app: Client, served: Served) -> None:
    path = await app.open("guide", "music")
    await app.activate(path, recipe=Variant("s", "navigation_prompt"))
    assert (await app.status())["sessions"][0]["role"] == "prompt"
    await app.activate(path)
    assert (await app.status())["sessions"][0]["role"] == "music"
    await app.activate(path, gain_type=Variant("i", 3))
    assert (await app.status())["sessions"][0]["press"] == "duck"


async def test_a_configuration_is_the_json_of_the_api(app: Client) -> None:
    path = await app.open()
    text = json.dumps(recipe("alarm").to_json())
    await app.call(path, SESSION, "Configure", "s", text)
    assert await app.activate(path) == "granted"
    assert await value(app, path, SESSION, "Role") == "alarm"
    await app.call(path, SESSION, "ConfigureRecipe", "s", "speech")
    assert await value(app, path, SESSION, "Role") == "speech"


async def test_music_is_down_when_quiet_says_so(served: Served, app: Client) -> None:
    stream = served.server.play(pid=None, media_role="Music", application_name="player")
    prompt = await app.open("guide", "navigation_prompt")
    await app.activate(prompt)
    assert await app.call(prompt, SESSION, "Quiet", "d", 5.0) == [True]
    assert served.server.factors[stream] < 0.5
    await app.call(prompt, SESSION, "Close")
    await until(lambda: served.server.factors[stream] == 1.0)


async def test_a_closed_session_is_no_object_any_more(app: Client) -> None:
    path = await app.open()
    await app.call(path, SESSION, "Close")
    reply = await app.raw(path, SESSION, "Close")
    assert reply.error_name == "org.freedesktop.DBus.Error.UnknownObject"


async def test_calls_of_one_session_are_served_in_order(app: Client) -> None:
    path = await app.open("player", "music")
    async with asyncio.TaskGroup() as group:
        for member, *rest in (
            ("Activate", "a{sv}", {}),
            ("Deactivate", "b", True),
            ("Activate", "a{sv}", {}),
            ("UserAction", "b", True),
            ("Deactivate", "b", False),
        ):
            group.create_task(app.call(path, SESSION, member, *rest))
    assert await value(app, path, SESSION, "Standing") == "inactive"


# -- whose is it ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "arguments"),
    [
        ("Configure", ("s", "{}")),
        ("ConfigureRecipe", ("s", "music")),
        ("Activate", ("a{sv}", {})),
        ("Deactivate", ("b", True)),
        ("Quiet", ("d", 0.0)),
        ("UserAction", ("b", True)),
        ("Close", ()),
    ],
)
async def test_a_client_touches_only_its_own_sessions(
    app: Client, other: Client, member: str, arguments: tuple[Any, ...]
) -> None:
    path = await app.open("player", "music")
    await app.activate(path)
    reply = await other.raw(path, SESSION, member, *arguments)
    assert reply.error_name in (
        "org.audiosession.Error.NotYours",
        "org.audiosession.Error.MissingField",
    )
    assert await value(other, path, SESSION, "Standing") == "active"


async def test_a_sender_that_somebody_writes_into_a_message_is_not_believed(
    app: Client, other: Client
) -> None:
    path = await app.open("player", "music")
    await app.activate(path)
    forged = Message(
        destination=BUS_NAME,
        path=path,
        interface=SESSION,
        member="Close",
        sender=app.bus.unique_name,
    )
    reply = await other.bus.call(forged)
    assert reply is not None
    assert reply.error_name == "org.audiosession.Error.NotYours"


async def test_adopted_sessions_belong_to_no_client(served: Served, app: Client) -> None:
    served.server.play(media_role="Music", application_name="player")
    (session,) = (await app.status())["sessions"]
    assert session["adopted"]
    reply = await app.raw(path_of("session", session["id"]), SESSION, "Close")
    assert reply.error_name == "org.audiosession.Error.NotYours"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Player", "Player"),
        ("  two\nlines\x1b[31m ", "two lines [31m"),
        ("\u202egnp.exe", "gnp.exe"),
        ("x" * 1000, "x" * 128),
    ],
)
async def test_an_apps_name_is_one_short_line(app: Client, given: str, shown: str) -> None:
    path = await app.open(given)
    assert await value(app, path, SESSION, "App") == shown


async def test_an_app_without_a_name_is_its_process(app: Client) -> None:
    path = await app.open("\x00\x01".replace("\x00", "\x02"))
    pid = await value(app, path, SESSION, "Pid")
    assert await value(app, path, SESSION, "App") == f"process {pid}"


async def test_a_client_that_is_gone_gives_back_what_it_held(
    served: Served, app: Client, other: Client
) -> None:
    music = await app.open("player", "music")
    await app.activate(music)
    await other.activate(await other.open("phone", "voice_call"))
    await app.hears(signal("Interruption", music))
    await other.__aexit__(None, None, None)
    await until(lambda: len(app.signals) == 2)
    assert json.loads(app.signals[1].body[0])["begin"] is False
    assert [each["app"] for each in (await app.status())["sessions"]] == ["player"]


async def test_nothing_is_kept_of_clients_that_are_gone(served: Served) -> None:
    for number in range(20):
        async with Client(served.address) as client:
            path = await client.open("player", "music")
            await client.activate(path)
            if number % 2:
                await client.call(path, SESSION, "Close")
    await until(lambda: not served.wire._connections)
    service = served.service
    assert (service._owned, service._waiting, service._tasks) == ({}, {}, set())
    assert service.tree.below(f"{ROOT}/session") == []


# -- what is wrong with a request ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"ap": Variant("s", "x")}, UnknownFieldError),
        ({"app": Variant("u", 1)}, InvalidTypeError),
        ({"recipe": Variant("s", "musik")}, UnknownNameError),
        ({"configuration": Variant("s", "{")}, InvalidValueError),
        ({"configuration": Variant("s", "[]")}, InvalidTypeError),
        ({"configuration": Variant("s", "[" * 20_000)}, InvalidValueError),
        (
            {"configuration": Variant("s", "{}"), "recipe": Variant("s", "music")},
            IllegalCombinationError,
        ),
    ],
)
async def test_a_wrong_option_opens_nothing(
    app: Client, options: dict[str, Variant], error: type[AudioSessionError]
) -> None:
    with pytest.raises(error):
        await app.call(ROOT, MANAGER, "OpenSession", "a{sv}", options)
    assert (await app.status())["sessions"] == []


@pytest.mark.parametrize(
    ("overrides", "error"),
    [
        ({"gain": Variant("i", 1)}, UnknownFieldError),
        ({"gain_type": Variant("s", "x")}, InvalidTypeError),
        ({"gain_type": Variant("i", 99)}, InvalidValueError),
        ({"attributes": Variant("s", "1")}, InvalidTypeError),
        ({"will_pause_when_ducked": Variant("i", 1)}, InvalidTypeError),
        ({"accepts_delay": Variant("i", 1)}, InvalidTypeError),
        ({"force_duck": Variant("s", "yes")}, InvalidTypeError),
        ({"locked": Variant("u", 1)}, InvalidTypeError),
        ({"duck_events": Variant("i", 0)}, InvalidTypeError),
        ({"target_sdk": Variant("b", True)}, InvalidTypeError),
        ({"target_sdk": Variant("i", 0)}, InvalidValueError),
        ({"target_sdk": Variant("i", 10_001)}, InvalidValueError),
        ({"zone": Variant("i", 1)}, InvalidTypeError),
        ({"zone": Variant("s", "z" * 65)}, InvalidValueError),
    ],
)
async def test_a_wrong_override_changes_nothing(
    app: Client, overrides: dict[str, Variant], error: type[AudioSessionError]
) -> None:
    path = await app.open()
    with pytest.raises(error):
        await app.activate(path, **overrides)
    assert await value(app, path, SESSION, "Standing") == "inactive"


@pytest.mark.parametrize(
    ("path", "interface", "member", "signature", "body", "name"),
    [
        ("/nowhere", MANAGER, "Status", "", (), "UnknownObject"),
        (ROOT, MANAGER, "Nothing", "", (), "UnknownMethod"),
        (ROOT, SESSION, "Close", "", (), "UnknownMethod"),
        (ROOT, MANAGER, "Why", "u", (1,), "InvalidArgs"),
        (ROOT, PROPERTIES, "Get", "ss", (MANAGER, "Nothing"), "UnknownProperty"),
        (ROOT, PROPERTIES, "Get", "ss", (SESSION, "App"), "UnknownInterface"),
        (ROOT, PROPERTIES, "Set", "ssv", (MANAGER, "Policy", Variant("s", "")), "PropertyReadOnly"),
    ],
)
async def test_errors_of_d_bus_itself(
    app: Client,
    path: str,
    interface: str,
    member: str,
    signature: str,
    body: tuple[Any, ...],
    name: str,
) -> None:
    reply = await app.raw(path, interface, member, signature, *body)
    assert reply.error_name == f"org.freedesktop.DBus.Error.{name}"


async def test_a_fault_of_the_service_is_answered_and_tells_nothing_of_it(
    served: Served, app: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(served.engine, "status", broken)
    reply = await app.raw(ROOT, MANAGER, "Status")
    assert reply.error_name == "org.freedesktop.DBus.Error.Failed"
    assert reply.body == ["the service failed: RuntimeError"]
    assert "secret words" in caplog.text


# -- bounds --------------------------------------------------------------------------------------


async def test_sessions_of_one_client_are_bounded(app: Client, other: Client) -> None:
    paths = [await app.open() for _ in range(MOST_SESSIONS)]
    with pytest.raises(LimitError) as caught:
        await app.open()
    assert caught.value.limit == MOST_SESSIONS
    await other.open()
    await app.call(paths[0], SESSION, "Close")
    await app.open()


async def test_the_length_of_a_request_is_bounded(app: Client) -> None:
    with pytest.raises(LimitError, match="bytes"):
        await app.call(ROOT, MANAGER, "Why", "s", "x" * 100_000)
    options = {str(number): Variant("b", True) for number in range(20_000)}
    with pytest.raises(LimitError, match="bytes"):
        await app.call(ROOT, MANAGER, "OpenSession", "a{sv}", options)


async def test_the_rate_of_requests_is_bounded(app: Client, other: Client) -> None:
    replies = await asyncio.gather(
        *(app.raw(ROOT, "org.freedesktop.DBus.Peer", "Ping") for _ in range(BURST + 2000))
    )
    refused = [each for each in replies if each.message_type is MessageType.ERROR]
    assert refused
    assert {each.error_name for each in refused} == {"org.audiosession.Error.Limit"}
    assert len(replies) - len(refused) >= BURST
    await other.status()


async def test_requests_that_wait_are_bounded(served: Served, app: Client) -> None:
    served.server.play(media_role="Music", application_name="player")
    path = await app.open("guide", "navigation_prompt")
    gate = asyncio.Event()
    own = served.service.tree[path].target.own
    assert own is not None

    async def slow(timeout_s: float) -> bool:
        await gate.wait()
        return True

    own.session.quiet = slow
    async with asyncio.TaskGroup() as group:
        calls = [
            group.create_task(app.raw(path, SESSION, "Quiet", "d", 1.0))
            for _ in range(MOST_WAITING + 10)
        ]
        await until(lambda: sum(call.done() for call in calls) == 10)
        gate.set()
    names = [each.result().error_name for each in calls]
    assert names[MOST_WAITING:] == ["org.audiosession.Error.Limit"] * 10
    assert not any(names[:MOST_WAITING])


# -- what is told to all -------------------------------------------------------------------------


async def test_objects_come_change_and_go(served: Served, app: Client) -> None:
    await app.listen()
    stream = served.server.play(media_role="Music", application_name="player")
    path = path_of("stream", f"{served.server.name}:{stream}")
    added = await app.hears(
        lambda message: message.member == "InterfacesAdded" and message.body[0] == path
    )
    assert added.body[1][STREAM]["App"].value == "player"
    served.server.change(stream, muted=True)
    changed = await app.hears(
        lambda message: (
            message.member == "PropertiesChanged"
            and message.path == path
            and "Muted" in message.body[1]
        )
    )
    assert changed.body[0] == STREAM
    served.server.end(stream)
    await app.hears(
        lambda message: message.member == "InterfacesRemoved" and message.body[0] == path
    )
    assert path not in served.service.tree


async def test_a_fade_is_not_told_step_by_step(served: Served, app: Client) -> None:
    await app.listen()
    served.server.play(media_role="Music", application_name="player")
    prompt = await app.open("guide", "navigation_prompt")
    await app.activate(prompt)
    assert await app.call(prompt, SESSION, "Quiet", "d", 5.0) == [True]
    steps = len(served.server.batches)
    await app.call(prompt, SESSION, "Close")
    removed = lambda m: m.member == "InterfacesRemoved" and m.body[0] == prompt  # noqa: E731
    await app.hears(removed)
    changes = [m for m in app.signals if m.member == "PropertiesChanged"]
    assert steps > 3
    assert all("GainDb" not in m.body[1] and "FactorDb" not in m.body[1] for m in changes)


async def test_decisions_are_told_with_their_words(app: Client, other: Client) -> None:
    await other.listen()
    await app.activate(await app.open("player", "music"))
    told = await other.hears(
        lambda m: m.member == "Decided" and json.loads(m.body[0])["event"]["type"] == "Activate"
    )
    decision = json.loads(told.body[0])
    (text,) = await other.call(ROOT, MANAGER, "Decisions", "u", 0)
    (same,) = [each for each in json.loads(text) if each["number"] == decision["number"]]
    assert same["text"] == decision["text"] != ""


async def test_devices_are_objects_and_told(served: Served, app: Client) -> None:
    await app.listen()
    session = await app.open()
    (device,) = json.loads((await app.call(ROOT, MANAGER, "Devices"))[0])
    assert device["type"] == "builtInSpeaker"
    (objects,) = await app.call(ROOT, OBJECT_MANAGER, "GetManagedObjects")
    assert session in objects
    served.server.link.endpoints_changed(())
    told = await app.hears(signal("DevicesChanged", session))
    assert [each["id"] for each in json.loads(told.body[0])["removed"]] == [device["id"]]
    await app.hears(signal("DevicesChanged", ROOT))


async def test_nothing_wakes_up_when_nothing_happens(served: Served, app: Client) -> None:
    await app.listen()
    await app.activate(await app.open("player", "music"))
    await app.hears(signal("Decided"))
    await until(lambda: served.service._announcer._timer is None)


# -- introspection -------------------------------------------------------------------------------


async def test_every_object_describes_itself(app: Client) -> None:
    session = await app.open()
    for path, name in ((ROOT, MANAGER), (session, SESSION)):
        node = await app.bus.introspect(BUS_NAME, path)
        (interface,) = [each for each in node.interfaces if each.name == name]
        assert interface.methods
        assert interface.signals
        body = await app.call(path, PROPERTIES, "GetAll", "s", name)
        assert set(body[0]) == {each.name for each in interface.properties}
        for each in interface.properties:
            assert body[0][each.name].signature == each.signature
    above = await app.bus.introspect(BUS_NAME, "/")
    assert [each.name for each in above.nodes] == ["org"]
    assert (await app.raw(ROOT, INTROSPECTABLE, "Introspect")).body[0].startswith("<!DOCTYPE")


async def test_the_managers_other_calls(served: Served, app: Client) -> None:
    assert json.loads((await app.call(ROOT, MANAGER, "Why", "s", ""))[0])["sessions"] == []
    with pytest.raises(UnknownNameError):
        await app.call(ROOT, MANAGER, "Why", "s", "nobody")
    assert json.loads((await app.call(ROOT, MANAGER, "Endpoints"))[0])[0]["name"] == "Speaker"
    assert json.loads((await app.call(ROOT, MANAGER, "Reset"))[0])["policy"] == "default"
    await app.call(ROOT, MANAGER, "ReloadRules")
    assert served.reloads == 1
    assert await value(app, ROOT, MANAGER, "Servers") == [("pipewire", True, "")]
    (machine,) = await app.call(ROOT, "org.freedesktop.DBus.Peer", "GetMachineId")
    assert machine == "ab" * 16


async def test_it_is_watched_until_all_who_watch_are_gone(
    served: Served, app: Client, other: Client
) -> None:
    seen: list[bool] = []
    served.service.on_watchers = lambda: seen.append(served.service.watched)
    await app.call(ROOT, MANAGER, "Watch", "b", True)
    await other.call(ROOT, MANAGER, "Watch", "b", True)
    # A session of the same client comes and goes in between.
    path = await app.open("player", "music")
    await app.call(path, SESSION, "Close")
    await app.call(ROOT, MANAGER, "Watch", "b", False)
    assert served.service.watched
    other.bus.disconnect()
    await until(lambda: not served.service.watched)
    assert seen == [True, True, True, False]


async def test_those_who_only_ask_do_not_watch(served: Served, app: Client) -> None:
    seen: list[bool] = []
    served.service.on_watchers = lambda: seen.append(served.service.watched)
    await app.status()
    app.bus.disconnect()
    async with Client(served.address) as other:
        await other.call(ROOT, MANAGER, "Watch", "b", False)
    assert seen == []


async def test_a_service_that_leaves_says_so(served: Served, app: Client) -> None:
    await served.service.withdraw()
    with pytest.raises(HostUnavailableError) as caught:
        await app.status()
    assert caught.value.reason is HostUnavailableReason.CONNECTION_LOST


async def test_a_client_that_does_not_wait_for_answers_is_served_in_its_order(
    served: Served, app: Client
) -> None:
    path = await app.open("player", "music")
    speech = json.dumps(recipe("speech").to_json())
    async with asyncio.TaskGroup() as group:
        group.create_task(app.activate(path))
        group.create_task(app.call(path, SESSION, "Configure", "s", speech))
        group.create_task(app.call(path, SESSION, "Deactivate", "b", True))
        group.create_task(app.call(path, SESSION, "ConfigureRecipe", "s", "alarm"))
    events = [type(record.event).__name__ for record in served.engine.journal.records]
    assert events[-4:] == ["Activate", "Reconfigure", "Deactivate", "Reconfigure"]


async def test_what_was_asked_before_it_leaves_is_told_so_too(
    served: Served, app: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()
    known = served.wire.watch

    async def slowly(client: str) -> int | None:
        asked.set()
        await answer.wait()
        return await known(client)

    monkeypatch.setattr(served.wire, "watch", slowly)
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
        opening = group.create_task(app.raw(ROOT, MANAGER, "OpenSession", "a{sv}", {}))
        await asked.wait()
        await served.service.withdraw()
        await served.engine.close()
        answer.set()
    error = from_wire(opening.result().error_name or "", opening.result().body)
    assert isinstance(error, HostUnavailableError)
    assert error.reason is HostUnavailableReason.CONNECTION_LOST


@pytest.mark.parametrize("id", ["s1", "pipewire:4_2", "käse", "", "_", "a/b"])
def test_ids_are_paths_and_back(id: str) -> None:
    path = path_of("stream", id)
    assert Message.new_signal(path, "a.b", "C").path == path
    assert id_of(path) == id or id == ""


@pytest.mark.parametrize(("heard", "told"), [(0, 1), (1, 0), (None, 0)])
async def test_a_loss_on_its_way_is_not_taken_for_one_of_what_is_granted(
    app: Client, other: Client, heard: int | None, told: int
) -> None:
    path = await app.open("player", "music")
    await app.activate(path)
    await other.activate(await other.open("another", "music"))
    await app.hears(lambda message: message.member == "LostClaim")
    options = {} if heard is None else {"losses": Variant("u", heard)}
    assert await app.activate(path, **options) == "granted"
    assert [message.member for message in app.signals].count("GainedClaim") == told
    with pytest.raises(InvalidTypeError, match="losses"):
        await app.activate(path, losses=Variant("s", "1"))

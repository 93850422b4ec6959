"""What every host owes the one API, tried on every host there is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from audiosession import AudioDevice, AudioInterruptionType, recipe
from audiosession.errors import ClosedError, DeniedError
from audiosession.hosts import HOSTS
from audiosession.hosts.base import Capability, HostSession, Outcome

from .contract import BENCHES, Bench, asks


@pytest.fixture(params=BENCHES, ids=lambda bench: bench.__name__.removesuffix("Bench").lower())
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    bench: Bench = request.param()
    yield bench
    await bench.close()


# -- the host ------------------------------------------------------------------------------------


async def test_it_has_a_known_name_and_capabilities_that_stay(bench: Bench) -> None:
    host = bench.host()
    assert host.name == bench.name
    assert host.name in HOSTS
    before = host.capabilities
    assert all(isinstance(each, Capability) for each in before)
    await bench.open()
    assert host.capabilities == before


async def test_it_can_be_closed_after_its_sessions(bench: Bench) -> None:
    session, _ = await bench.open()
    await session.close()
    await bench.host().close()


# -- activating and giving up --------------------------------------------------------------------


async def test_the_first_to_ask_is_granted_and_told_nothing(bench: Bench) -> None:
    session, ear = await bench.open()
    await session.configure(recipe("music"))
    assert (await session.activate(asks("music"))).outcome is Outcome.GRANTED
    await bench.settle()
    assert await session.deactivate(notify_others=True) is True
    await bench.settle()
    assert ear.words == []


async def test_asking_and_giving_up_twice_is_as_good_as_once(bench: Bench) -> None:
    session, ear = await bench.open()
    for _ in range(2):
        assert (await session.activate(asks("music"))).outcome is Outcome.GRANTED
    for _ in range(2):
        assert await session.deactivate(notify_others=True) is True
    await bench.settle()
    assert ear.words == []


async def test_a_request_needs_no_configuration_before_it(bench: Bench) -> None:
    session, _ = await bench.open()
    assert (await session.activate(asks("voice_call"))).outcome is Outcome.GRANTED


async def test_configuring_alone_disturbs_nobody(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    bench.needs_a_judge()
    other, heard_by_other = await bench.other()
    await other.activate(asks("music"))
    session, _ = await bench.open()
    await session.configure(recipe("voice_call"))
    await bench.settle()
    assert heard_by_other.words == []


async def test_two_sessions_of_an_app_do_not_disturb_each_other(bench: Bench) -> None:
    one, heard_by_one = await bench.open()
    two, heard_by_two = await bench.open()
    assert (await one.activate(asks("music"))).outcome is Outcome.GRANTED
    assert (await two.activate(asks("navigation_prompt"))).outcome is Outcome.GRANTED
    await two.close()
    await bench.settle()
    assert await one.deactivate(notify_others=True) is True
    assert (heard_by_one.words, heard_by_two.words) == ([], [])


# -- against another app -------------------------------------------------------------------------


async def test_a_prompt_lowers_and_says_who_does_the_lowering(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    bench.needs_a_judge()
    session, ear = await bench.open()
    await session.activate(asks("music"))
    other, _ = await bench.other()
    await other.activate(asks("navigation_prompt"))
    await bench.settle()
    await other.deactivate(notify_others=True)
    await bench.settle()
    assert ear.words == bench.told("begin duck", "end duck")
    by_system = Capability.SYSTEM_DUCKING in bench.declared
    assert by_system or ear.interruptions, "who is to lower itself has to hear of it"
    assert all(event.system_ducked is by_system for event in ear.interruptions)


async def test_a_pause_ends_with_the_word_to_resume(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    session, ear = await bench.open()
    await session.activate(asks("music"))
    other, _ = await bench.other()
    await other.activate(asks("alarm"))
    await bench.settle()
    await other.deactivate(notify_others=True)
    await bench.settle()
    assert ear.words == bench.told("begin pause", "end pause")
    assert ear.interruptions[1].should_resume


async def test_being_stopped_for_good_is_told_with_the_loss_first(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    session, ear = await bench.open()
    await session.activate(asks("music"))
    other, _ = await bench.other()
    await other.activate(asks("music"))
    await bench.settle()
    assert ear.words == ["lost", "begin unknown"]
    await other.deactivate(notify_others=True)
    await bench.settle()
    assert ear.words == ["lost", "begin unknown"], "nothing is given back unasked"


async def test_a_refusal_says_by_whom_and_changes_nothing(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    heard_by_other = await bench.occupy()
    session, ear = await bench.open()
    await bench.refuse()
    result = await session.activate(asks("recording"))
    await bench.settle()
    assert result.outcome is Outcome.DENIED
    assert (result.rule, result.holder) != ("", "")
    assert (ear.words, heard_by_other.words) == ([], [])


async def test_a_change_of_configuration_presses_harder_at_once(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    bench.needs_a_judge()
    other, heard_by_other = await bench.other()
    await other.activate(asks("music"))
    session, _ = await bench.open()
    await session.activate(asks("navigation_prompt"))
    await bench.settle()
    await session.configure(recipe("alarm"))
    await bench.settle()
    assert heard_by_other.words == bench.told("begin duck", "begin pause")


async def test_a_change_of_configuration_takes_effect_at_once(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    bench.needs_a_judge()
    other, heard_by_other = await bench.other()
    await other.activate(asks("music"))
    session, _ = await bench.open()
    await session.activate(asks("navigation_prompt"))
    await bench.settle()
    await session.configure(recipe("game"))
    await bench.settle()
    assert heard_by_other.words == bench.told("begin duck", "end duck")


async def test_who_mixes_leaves_the_others_alone(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    bench.needs_a_judge()
    other, heard_by_other = await bench.other()
    await other.activate(asks("music"))
    session, ear = await bench.open()
    assert (await session.activate(asks("game"))).outcome is Outcome.GRANTED
    await bench.settle()
    assert await session.deactivate(notify_others=True) is True
    await bench.settle()
    assert (ear.words, heard_by_other.words) == ([], [])


async def test_who_stops_mixing_presses_at_once(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    bench.needs_a_judge()
    other, heard_by_other = await bench.other()
    await other.activate(asks("music"))
    session, _ = await bench.open()
    await session.activate(asks("game"))
    await session.configure(recipe("alarm"))
    await bench.settle()
    assert heard_by_other.words == ["begin pause"]
    await session.configure(recipe("game"))
    await bench.settle()
    assert heard_by_other.words == ["begin pause", "end pause"]


async def test_a_change_that_is_refused_raises_and_changes_nothing(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    heard_by_other = await bench.occupy()
    session, ear = await bench.open()
    await session.activate(asks("navigation_prompt"))
    await bench.settle()
    before = list(ear.words)
    await bench.refuse()
    with pytest.raises(DeniedError) as caught:
        await session.configure(recipe("recording"))
    assert caught.value.session == session.app_name == "app"
    await bench.settle()
    assert ear.words == before
    assert heard_by_other.words == []


async def test_a_session_says_whether_an_interruption_runs(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    session, _ = await bench.open()
    await session.activate(asks("music"))
    assert not session.interrupted
    for name in ("navigation_prompt", "alarm"):
        other, _ = await bench.other()
        await other.activate(asks(name))
        await bench.settle()
        assert session.interrupted is not (bench.lowers_in_silence and name != "alarm")
        await other.close()
        await bench.settle()
        assert not session.interrupted


async def test_giving_up_ends_an_interruption_without_a_word(bench: Bench) -> None:
    bench.needs(Capability.OTHER_APPS)
    session, ear = await bench.open()
    await session.activate(asks("music"))
    other, _ = await bench.other()
    await other.activate(asks("alarm"))
    await bench.settle()
    await session.deactivate(notify_others=True)
    assert not session.interrupted
    await other.deactivate(notify_others=True)
    await bench.settle()
    assert ear.words == bench.told("begin pause")


# -- devices -------------------------------------------------------------------------------------


async def test_devices_are_listed_and_changes_told(bench: Bench) -> None:
    bench.needs(Capability.DEVICES)
    session, ear = await bench.open()
    before = await session.devices()
    assert any(device.is_output for device in before)
    assert all(isinstance(device, AudioDevice) for device in before)
    await bench.plug_headphones()
    await bench.settle()
    added = await session.devices() - before
    assert ear.changes[0].devices_added == added
    await bench.pull_headphones()
    await bench.settle()
    assert ear.changes[-1].devices_removed == added
    assert await session.devices() == before


async def test_noise_is_told_once_and_before_the_device_is_gone(bench: Bench) -> None:
    bench.needs(Capability.BECOMING_NOISY, Capability.DEVICES)
    await bench.plug_headphones()
    session, ear = await bench.open()
    await session.activate(asks("music"))
    await bench.pull_headphones()
    await bench.settle()
    assert ear.words == ["noisy", "devices"]


async def test_noise_is_not_told_to_an_inactive_session(bench: Bench) -> None:
    bench.needs(Capability.BECOMING_NOISY)
    await bench.plug_headphones()
    session, ear = await bench.open()
    await session.configure(recipe("music"))
    await bench.pull_headphones()
    await bench.settle()
    assert "noisy" not in ear.words


async def test_noise_is_told_to_who_is_interrupted(bench: Bench) -> None:
    bench.needs(Capability.BECOMING_NOISY, Capability.OTHER_APPS)
    await bench.plug_headphones()
    session, ear = await bench.open()
    await session.activate(asks("music"))
    other, _ = await bench.other()
    await other.activate(asks("alarm"))
    await bench.settle()
    await bench.pull_headphones()
    await bench.settle()
    assert "noisy" in ear.words, "it may be about to resume"


# -- quiet and the user --------------------------------------------------------------------------


async def test_quiet_comes_when_the_others_are_down(bench: Bench) -> None:
    bench.needs(Capability.QUIET, Capability.OTHER_APPS)
    other, _ = await bench.other()
    await other.activate(asks("music"))
    session, _ = await bench.open()
    await session.activate(asks("navigation_prompt"))
    assert await session.quiet(0.0) is False
    assert await session.quiet(5.0) is True
    assert await session.quiet(0.0) is True


async def test_quiet_is_there_when_nobody_has_to_go_down(bench: Bench) -> None:
    bench.needs(Capability.QUIET)
    session, _ = await bench.open()
    assert await session.quiet(0.0) is True
    await session.activate(asks("navigation_prompt"))
    assert await session.quiet(0.0) is True


async def test_what_the_user_pauses_during_an_interruption_is_not_to_resume(
    bench: Bench,
) -> None:
    bench.needs(Capability.USER_ACTIONS, Capability.OTHER_APPS)
    session, ear = await bench.open()
    await session.activate(asks("music"))
    other, _ = await bench.other()
    await other.activate(asks("alarm"))
    await bench.settle()
    await session.user_action(paused=True)
    await other.deactivate(notify_others=True)
    await bench.settle()
    assert ear.interruptions[-1].begin is False
    assert ear.interruptions[-1].type is AudioInterruptionType.UNKNOWN
    assert not ear.interruptions[-1].should_resume


async def test_what_the_user_starts_during_an_interruption_is_to_resume(bench: Bench) -> None:
    bench.needs(Capability.USER_ACTIONS, Capability.OTHER_APPS)
    session, ear = await bench.open()
    await session.activate(asks("music"))
    await session.user_action(paused=True)
    other, _ = await bench.other()
    await other.activate(asks("alarm"))
    await bench.settle()
    await session.user_action(paused=False)
    await other.deactivate(notify_others=True)
    await bench.settle()
    assert ear.interruptions[-1].should_resume


# -- the end -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), [("navigation_prompt", "duck"), ("alarm", "pause")])
async def test_closing_gives_everything_back(bench: Bench, name: str, kind: str) -> None:
    bench.needs(Capability.OTHER_APPS)
    bench.needs_a_judge()
    other, heard_by_other = await bench.other()
    await other.activate(asks("music"))
    session, _ = await bench.open()
    await session.activate(asks(name))
    await session.close()
    await bench.settle()
    assert heard_by_other.words == bench.told(f"begin {kind}", f"end {kind}")


async def test_a_closed_session_hears_nothing(bench: Bench) -> None:
    session, ear = await bench.open()
    await session.activate(asks("music"))
    await session.close()
    await session.close()
    other, _ = await bench.other()
    await other.activate(asks("music"))
    await bench.plug_headphones()
    await bench.pull_headphones()
    await bench.settle()
    assert ear.words == []


@pytest.mark.parametrize(
    "use",
    [
        lambda session: session.configure(recipe("music")),
        lambda session: session.activate(asks("music")),
        lambda session: session.deactivate(notify_others=True),
        lambda session: session.devices(),
        lambda session: session.quiet(0.1),
        lambda session: session.user_action(paused=True),
    ],
    ids=["configure", "activate", "deactivate", "devices", "quiet", "user_action"],
)
async def test_a_closed_session_refuses_every_call(
    bench: Bench, use: Callable[[HostSession], Awaitable[object]]
) -> None:
    session, _ = await bench.open()
    await session.activate(asks("music"))
    await session.close()
    with pytest.raises(ClosedError):
        await use(session)

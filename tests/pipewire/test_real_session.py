"""The client with a real PipeWire, WirePlumber and pipewire-pulse."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from audiosession.errors import HostUnavailableError
from audiosession.pipewire import (
    ClientEvent,
    DefaultsChanged,
    DeviceProxy,
    Interface,
    MetadataProxy,
    NodeProxy,
    ObjectAdded,
    ObjectRemoved,
    ObjectType,
    Param,
    PipeWireClient,
    PortProxy,
    Props,
    Protocol,
    Received,
    RemoteError,
    ServerDown,
    ServerUp,
    messages,
)
from audiosession.pipewire.ids import NodeState
from audiosession.pipewire.pod import Array, Object, Opaque, PodType, Prop
from tests.linux.rig import DEADLINE_S, PipeWireRig

pytestmark = pytest.mark.timeout(240)


@asynccontextmanager
async def connected(rig: PipeWireRig) -> AsyncIterator[PipeWireClient]:
    async with PipeWireClient(rig.runtime_dir / "pipewire-0", timeout_s=DEADLINE_S) as client:
        yield client


class Heard:
    """Keeps the events of a client and waits for one."""

    def __init__(self, client: PipeWireClient) -> None:
        self.events: list[ClientEvent] = []
        self._changed = asyncio.Event()
        client.listen(self._take)

    def _take(self, event: ClientEvent) -> None:
        self.events.append(event)
        self._changed.set()

    async def until(self, check: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not check():
                self._changed.clear()
                await self._changed.wait()

    async def node(self, client: PipeWireClient, name: str) -> NodeProxy:
        """Waits for a node and returns a proxy that has its info."""
        await self.until(lambda: bool(client.find(Interface.NODE, node_name=name)))
        proxy = client.bind(client.find(Interface.NODE, node_name=name)[0])
        await client.sync()
        assert isinstance(proxy, NodeProxy)
        assert proxy.informed
        return proxy


def silence(rig: PipeWireRig, name: str) -> "subprocess.Popen[bytes]":
    """Plays nothing, without end, from a node of this name."""
    return rig.popen("pacat", "--playback", "--raw", f"--client-name={name}", "/dev/zero")


async def running(node: NodeProxy) -> None:
    """Waits until sound goes through a node."""
    changed = asyncio.Event()
    node.on_info = changed.set
    async with asyncio.timeout(DEADLINE_S):
        while node.state != NodeState.RUNNING:
            changed.clear()
            await changed.wait()


async def test_everything_a_session_says_is_understood(
    pipewire_rig: PipeWireRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Received] = []
    original = Protocol.next_message

    def watching(protocol: Protocol) -> Received | None:
        received = original(protocol)
        if received is not None:
            seen.append(received)
        return received

    monkeypatch.setattr(Protocol, "next_message", watching)
    known = {
        *(Interface.CLIENT, Interface.DEVICE, Interface.NODE, Interface.PORT, Interface.LINK),
        *(Interface.FACTORY, Interface.MODULE, Interface.METADATA),
    }
    async with connected(pipewire_rig) as client:
        bound: list[object] = []

        def bind(event: ClientEvent) -> None:
            if isinstance(event, ObjectAdded) and event.object.interface in known:
                proxy = client.bind(event.object)
                bound.append(proxy)
                if isinstance(proxy, NodeProxy | DeviceProxy | PortProxy):
                    proxy.subscribe_params(*Param)

        for target in tuple(client.objects.values()):
            bind(ObjectAdded(object=target))
        client.listen(bind)
        heard = Heard(client)
        # Streams of both ways, native and through PulseAudio's protocol, a virtual device, links.
        silence(pipewire_rig, "player")
        pipewire_rig.popen("parec", "--raw", "--client-name=recorder", stdout=subprocess.DEVNULL)
        loop = pipewire_rig.popen("pw-loopback", "--name=loop", "--channels=2")
        await pipewire_rig.add_sink("extra")
        await pipewire_rig.set_default_sink("extra")
        for name in ("player", "recorder", "extra"):
            await heard.node(client, name)
        await heard.until(lambda: len(client.find(Interface.LINK)) >= 4)
        index = next(iter(await pipewire_rig.stream_volumes()))
        await pipewire_rig.pactl(f"set-sink-input-volume {index} 40%")
        await pipewire_rig.pactl(f"set-sink-input-mute {index} 1")
        for target in client.find(Interface.METADATA):
            proxy = client.bind(target)
            assert isinstance(proxy, MetadataProxy)
            proxy.set(0, "audiosession.test", '{ "a": 1 }', "Spa:String:JSON")
            proxy.set(0, "audiosession.test", None)
        loop.kill()
        await pipewire_rig.remove_sink("extra")
        await client.sync()
    unknown = [r for r in seen if isinstance(r.message, messages.Other)]
    assert unknown == []
    # Everything there is an event for was said at least once.
    kinds = {type(received.message) for received in seen}
    rare = {
        # Answers to what was not asked, shared memory for clients that process sound, and
        # there is no card.
        *(messages.Ping, messages.Error, messages.AddMem, messages.RemoveMem),
        *(messages.ClientPermissions, messages.DeviceInfo, messages.DeviceParam),
        # Since 1.0; older servers send only BoundId.
        messages.BoundProps,
    }
    assert set(messages.EVENTS.values()) - rare <= kinds
    params = [r.message.param for r in seen if isinstance(r.message, messages.NodeParam)]
    assert len(params) > 20
    assert not any(opaque(param) for param in params)


def opaque(value: object) -> bool:
    """Whether a value of an unknown type is somewhere in it."""
    if isinstance(value, Opaque):
        return True
    inner = value if isinstance(value, tuple) else getattr(value, "values", ())
    props = getattr(value, "props", ())
    return any(map(opaque, inner)) or any(opaque(prop.value) for prop in props)


async def test_the_mirror_is_what_pw_dump_shows(pipewire_rig: PipeWireRig) -> None:
    if pipewire_rig.root() is not None:
        pytest.skip("pw-dump of this system may be older than the server")
    silence(pipewire_rig, "dumped")
    async with connected(pipewire_rig) as client:
        heard = Heard(client)
        player = await heard.node(client, "dumped")
        # Only once it runs do its properties stay as they are.
        await running(player)
        dumped = json.loads(await pipewire_rig.run("pw-dump", str(player.target.id)))
        (node,) = [item for item in dumped if item["type"] == Interface.NODE.value]
        assert node["info"]["props"]["object.serial"] == player.target.serial
        shown = {key: str(value).lower() for key, value in node["info"]["props"].items()}
        assert shown == {key: value.lower() for key, value in player.properties.items()}
        assert NodeState[node["info"]["state"].upper()] == player.state
        (props,) = [
            found
            for found in await player.enum_params(Param.PROPS)
            if found.get(Props.CHANNEL_VOLUMES) is not None
        ]
        volumes = props.get(Props.CHANNEL_VOLUMES)
        assert isinstance(volumes, Array)
        shown_volumes = node["info"]["params"]["Props"][0]["channelVolumes"]
        assert shown_volumes == pytest.approx(list(volumes.values), abs=1e-5)


async def test_a_parameter_is_set_followed_and_read(pipewire_rig: PipeWireRig) -> None:
    silence(pipewire_rig, "followed")
    async with connected(pipewire_rig) as client:
        player = await Heard(client).node(client, "followed")
        await running(player)
        told: asyncio.Queue[Object] = asyncio.Queue()
        player.on_param = lambda param, index, value: told.put_nowait(value)
        player.subscribe_params(Param.PROPS)
        async with asyncio.timeout(DEADLINE_S):
            first = await told.get()
            assert first.get(Props.CHANNEL_VOLUMES) == Array(PodType.FLOAT, (1.0, 1.0))
            volumes = Array(PodType.FLOAT, (0.25, 0.5))
            player.set_param(
                Param.PROPS,
                Object(ObjectType.PROPS, Param.PROPS, (Prop(Props.CHANNEL_VOLUMES, volumes),)),
            )
            while (await told.get()).get(Props.CHANNEL_VOLUMES) != volumes:
                pass
        found = await player.enum_params(Param.PROPS)
        assert volumes in [value.get(Props.CHANNEL_VOLUMES) for value in found]
        (raw,) = (await pipewire_rig.stream_volumes()).values()
        assert [round(65536 * 0.25 ** (1 / 3)), round(65536 * 0.5 ** (1 / 3))] == list(raw)


async def test_a_refusal_names_the_object(pipewire_rig: PipeWireRig) -> None:
    async with connected(pipewire_rig) as client:
        (sink,) = client.find(Interface.NODE, node_name=pipewire_rig.sink)
        node = client.bind(sink)
        assert isinstance(node, NodeProxy)
        with pytest.raises(RemoteError, match=pipewire_rig.sink) as caught:
            await node.enum_params(9999)
        assert caught.value.what == f"node {sink.id} ({pipewire_rig.sink})"
        assert caught.value.code > 0
        # The connection goes on.
        assert await node.enum_params(Param.PROPS)


async def test_what_is_gone_says_so(pipewire_rig: PipeWireRig) -> None:
    async with connected(pipewire_rig) as client:
        heard = Heard(client)
        process = silence(pipewire_rig, "player")
        player = await heard.node(client, "player")
        process.kill()
        gone = player.target
        await heard.until(lambda: ObjectRemoved(object=gone) in heard.events)
        await client.sync()
        assert not player.alive
        with pytest.raises(HostUnavailableError, match="player"):
            await player.enum_params(Param.PROPS)
        late = client.bind(gone)
        await client.sync()
        assert not late.alive
        player.release()
        silence(pipewire_rig, "player")
        again = await heard.node(client, "player")
        assert again.target.serial > gone.serial


async def test_released_numbers_are_used_again(pipewire_rig: PipeWireRig) -> None:
    async with connected(pipewire_rig) as client:
        (sink,) = client.find(Interface.NODE, node_name=pipewire_rig.sink)
        numbers = set()
        for _ in range(50):
            proxy = client.bind(sink)
            await client.sync()
            assert proxy.informed
            numbers.add(proxy.number)
            proxy.release()
            await client.sync()
        assert len(numbers) <= 2


async def test_defaults_are_followed(pipewire_rig: PipeWireRig) -> None:
    async with connected(pipewire_rig) as client:
        heard = Heard(client)
        assert client.default_sink == pipewire_rig.sink
        await pipewire_rig.add_sink("extra")
        await pipewire_rig.set_default_sink("extra")
        await heard.until(lambda: client.default_sink == "extra")
        await pipewire_rig.remove_sink("extra")
        await heard.until(lambda: client.default_sink == pipewire_rig.sink)
        changes = [e.sink for e in heard.events if isinstance(e, DefaultsChanged)]
        assert changes[0] == "extra"
        assert changes[-1] == pipewire_rig.sink


async def test_a_lost_server_is_connected_to_again() -> None:
    async with PipeWireRig() as rig, connected(rig) as client:
        heard = Heard(client)
        assert client.info is not None
        cookie = client.info.cookie
        (sink,) = client.find(Interface.NODE, node_name=rig.sink)
        node = client.bind(sink)
        assert isinstance(node, NodeProxy)
        # A stopped server answers nothing any more, and is killed before it could.
        rig._servers["pipewire"].send_signal(signal.SIGSTOP)
        waiting = client.sync()
        rig.kill_server()
        with pytest.raises(HostUnavailableError):
            await waiting
        await heard.until(lambda: any(isinstance(e, ServerDown) for e in heard.events))
        assert not node.alive
        with pytest.raises(HostUnavailableError):
            await client.sync()
        assert not client.objects
        assert client.default_sink == ""
        await rig.restart_server()
        await heard.until(lambda: any(isinstance(e, ServerUp) for e in heard.events))
        assert client.info is not None
        assert client.info.cookie != cookie
        await heard.until(lambda: client.default_sink == rig.sink)


async def test_no_session_manager_no_globals_is_waited_for(tmp_path: Path) -> None:
    """PipeWire 1.x shows nothing until the session manager agrees; it may come later."""
    async with PipeWireRig() as rig:
        wireplumber = rig._servers["wireplumber"]
        wireplumber.terminate()
        await asyncio.to_thread(wireplumber.wait)
        del rig._servers["wireplumber"]
        client = PipeWireClient(rig.runtime_dir / "pipewire-0")
        async with asyncio.TaskGroup() as group:
            connecting = group.create_task(client.connect(timeout_s=DEADLINE_S))
            rig.spawn_server("wireplumber")
            await connecting
        assert client.find(Interface.NODE, node_name=rig.sink)
        client.close()


def test_it_loads_nothing_outside_of_python_and_itself() -> None:
    code = (
        "import sys; before = set(sys.modules); import audiosession;"
        "assert not any('pipewire' in name for name in sys.modules);"
        "import audiosession.pipewire;"
        "tops = {n.partition('.')[0] for n in set(sys.modules) - before};"
        "print(sorted(tops - set(sys.stdlib_module_names) - {'audiosession'}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"

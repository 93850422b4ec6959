"""BlueZ and oFono on a bus, with one headset, as far as PulseAudio and PipeWire use them.

The interfaces are those of https://git.kernel.org/pub/scm/bluetooth/bluez.git/tree/doc
(Adapter1, Device1, Media1, MediaEndpoint1, MediaTransport1) and
https://git.kernel.org/pub/scm/network/ofono/ofono.git/tree/doc (handsfree-audio-api.txt).
oFono is there because it hands over the socket for speech; the servers' own backends would open
one of the kernel's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from tests.linux.bluez_links import A2DP_MTU, A2dpLink, Link, ScoLink
from tests.linux.rig import DEADLINE_S, RigError

Profile = Literal["a2dp", "hfp"]

ADDRESS = "00:1B:66:AA:BB:01"
LOUDEST = 127
"""The highest volume of a headset that has one of its own."""

_BLUEZ = "org.bluez"
_OFONO = "org.ofono"
_ADAPTER_PATH = "/org/bluez/hci0"
_DEVICE_PATH = f"{_ADAPTER_PATH}/dev_{ADDRESS.replace(':', '_')}"
_ENDPOINT_PATH = f"{_DEVICE_PATH}/sep1"
_CARD_PATH = f"/hfp{_DEVICE_PATH}"
_ADAPTER_ADDRESS = "00:1B:66:00:00:01"

_ADAPTER = "org.bluez.Adapter1"
_DEVICE = "org.bluez.Device1"
_MEDIA = "org.bluez.Media1"
_ENDPOINT = "org.bluez.MediaEndpoint1"
_TRANSPORT = "org.bluez.MediaTransport1"
_MANAGER = "org.freedesktop.DBus.ObjectManager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
_HANDSFREE = "org.ofono.HandsfreeAudioManager"
_HANDSFREE_CARD = "org.ofono.HandsfreeAudioCard"
_DBUS = "org.freedesktop.DBus"

_A2DP_SOURCE = "0000110a-0000-1000-8000-00805f9b34fb"
_A2DP_SINK = "0000110b-0000-1000-8000-00805f9b34fb"
_HFP_UNIT = "0000111e-0000-1000-8000-00805f9b34fb"
_HFP_GATEWAY = "0000111f-0000-1000-8000-00805f9b34fb"

_SBC = 0
# Every rate, channel mode, block length, number of bands and allocation; bitpool 2 to 53.
_SBC_ABILITIES = bytes((0xFF, 0xFF, 2, 53))
_CVSD = 1
# Classes of devices: audio, and what kind of it.
_HEADSET = 0x240404
_HEADPHONES = 0x240418

_SPEECH_AFTER_S = 0.5
_SPEECH_REST_S = 3.0
_SPEECH_ROOM_S = 0.1
"""PipeWire takes speech half a second after it hears of it, but not before three seconds have
passed since it last saw anything new of the headset. Music that comes meanwhile makes it wait for
three seconds more; so music waits for speech.
"""

Interfaces = dict[str, dict[str, Variant]]


@dataclass(slots=True, kw_only=True)
class _Transport:
    """A way for music that is agreed on with one server."""

    path: str
    owner: str
    endpoint: str
    configuration: bytes
    link: A2dpLink | None = None


class Headset:
    """BlueZ, oFono and the headset behind them; everything in the thread's loop."""

    def __init__(self, address: str, *, speech: bool, knob: bool, speech_rests: bool) -> None:
        self._speech = speech
        self._knob = knob
        self.volume = LOUDEST
        """Of music, as the headset itself has it; 0 to 127."""
        self._speech_rests = speech_rests
        self._touched_s = 0.0
        self.refused: tuple[Profile, ...] = ()
        """What a server is not given the socket of."""
        self._bus: MessageBus = MessageBus(bus_address=address, negotiate_unix_fd=True)
        self._group: asyncio.TaskGroup | None = None
        self._end = asyncio.Event()
        self._changed = asyncio.Event()
        self._connected = False
        self._applications: dict[str, str] = {}
        """Where a server registered its endpoints, by its unique name."""
        self._agents: set[str] = set()
        """Which servers take sockets for speech, by their unique names.

        One that begins while oFono appears asks for that twice, and would take every card twice.
        """
        self._asked_for_cards: set[str] = set()
        """Which servers know the cards for speech, by their unique names."""
        self._transports: dict[str, _Transport] = {}
        self._sco: ScoLink | None = None
        self._counted = 0

    async def live(self, ready: Callable[[], None]) -> None:
        """Serves the bus until :meth:`end`."""
        await self._bus.connect()
        self._bus.add_message_handler(self._handle)
        await self._ask(_DBUS, "/org/freedesktop/DBus", _DBUS, "AddMatch", "s", _GONE_MATCH)
        async with asyncio.TaskGroup() as self._group:
            for name in (_BLUEZ, _OFONO):
                await self._bus.request_name(name)
            ready()
            await self._end.wait()
        self._close_links()
        self._bus.disconnect()

    async def end(self) -> None:
        """Lets :meth:`live` return."""
        self._end.set()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    # The headset

    async def connect(self) -> None:
        self._connected = True
        self._say_changed(_DEVICE_PATH, _DEVICE, {"Connected": Variant("b", True)})
        self._say_added(_ENDPOINT_PATH)
        if self._speech:
            # To one that has yet to ask, this would name the card twice: PulseAudio aborts then.
            if self._asked_for_cards:
                self._signal("/", _HANDSFREE, "CardAdded", "oa{sv}", _CARD_PATH, _card())
            if self._speech_rests:
                rest = self._touched_s + _SPEECH_REST_S - self._now()
                await asyncio.sleep(max(_SPEECH_AFTER_S, rest) + _SPEECH_ROOM_S)
        for owner in tuple(self._applications):
            await self._configure(owner)

    async def disconnect(self) -> None:
        if not self._connected:
            return
        self._connected = False
        transports = tuple(self._transports.values())
        self._transports.clear()
        self._close_links()
        for transport in transports:
            self._drop(transport)
            with self._may_be_gone(transport.owner):
                await self._ask(
                    *(transport.owner, transport.endpoint, _ENDPOINT, "ClearConfiguration"),
                    *("o", transport.path),
                )
            self._signal(*("/", _MANAGER, "InterfacesRemoved", "oas"), transport.path, [_TRANSPORT])
        if self._speech:
            self._signal("/", _HANDSFREE, "CardRemoved", "o", _CARD_PATH)
        self._say_removed(_ENDPOINT_PATH, _ENDPOINT)
        self._say_changed(_DEVICE_PATH, _DEVICE, {"Connected": Variant("b", False)})

    async def turn(self, volume: int) -> None:
        """Sets the volume of music at the headset and tells of it."""
        self.volume = volume
        self._say_volume()

    def in_use(self) -> Profile | None:
        """Returns whose socket a server holds."""
        if self._link("hfp") is not None:
            return "hfp"
        return "a2dp" if self._link("a2dp") is not None else None

    async def streaming(self, profile: Profile, *, sound: bool, size: int) -> None:
        """Waits until more bytes have come on one link."""
        marks: dict[Link, int] = {}

        def enough() -> bool:
            link = self._link(profile)
            if link is None:
                return False
            count = link.sounding if sound else link.received
            return count - marks.setdefault(link, count) >= size

        await self.until(f"{size} bytes of {'sound' if sound else 'anything'} by {profile}", enough)

    def sounding(self, profile: Profile) -> int:
        """Returns the bytes with sound that came by the link that is open."""
        link = self._link(profile)
        return 0 if link is None else link.sounding

    async def until(self, what: str, true: Callable[[], bool]) -> None:
        """Waits for something that a packet or a call brings about."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise RigError(f"{what}: not within {DEADLINE_S} s, but {self._state()}") from None

    def _state(self) -> str:
        links = ((name, self._link(name)) for name in ("a2dp", "hfp"))
        parts = [
            f"{name} got {link.received} bytes, {link.sounding} with sound"
            for name, link in links
            if link is not None
        ]
        return "; ".join(parts) or "no socket is held"

    def _link(self, profile: Profile) -> Link | None:
        if profile == "hfp":
            links: list[Link | None] = [self._sco]
        else:
            # Asked by other threads too.
            links = [transport.link for transport in tuple(self._transports.values())]
        return next((link for link in links if link is not None and link.open), None)

    def _close_links(self) -> None:
        for transport in self._transports.values():
            if transport.link is not None:
                transport.link.close()
        if self._sco is not None:
            self._sco.close()
            self._sco = None

    def _drop(self, transport: _Transport) -> None:
        if transport.link is not None:
            transport.link.close()
            transport.link = None

    @contextmanager
    def _may_be_gone(self, owner: str) -> Iterator[None]:
        """Lets an error pass when the server is dead that did not answer."""
        try:
            yield
        except RigError:
            if owner in self._applications:
                raise

    async def _configure(self, owner: str) -> None:
        """Agrees with a server's endpoint on how music is sent, as BlueZ does."""
        with self._may_be_gone(owner):
            (objects,) = await self._ask(
                *(owner, self._applications[owner], _MANAGER, "GetManagedObjects"), ""
            )
            endpoint = next(
                path
                for path, interfaces in objects.items()
                if path.endswith("/sbc") and interfaces[_ENDPOINT]["UUID"].value == _A2DP_SOURCE
            )
            (chosen,) = await self._ask(
                *(owner, endpoint, _ENDPOINT, "SelectConfiguration"), "ay", _SBC_ABILITIES
            )
            transport = _Transport(
                path=f"{_ENDPOINT_PATH}/fd{self._counted}",
                owner=owner,
                endpoint=endpoint,
                configuration=bytes(chosen),
            )
            self._counted += 1
            self._transports[transport.path] = transport
            properties = self._properties(transport)
            self._touched_s = self._now()
            self._say_added(transport.path)
            await self._ask(
                *(owner, endpoint, _ENDPOINT, "SetConfiguration"),
                *("oa{sv}", transport.path, properties),
            )

    # What the servers may ask

    def _handle(self, message: Message) -> Message | bool | None:
        if message.message_type is MessageType.SIGNAL:
            if message.member == "NameOwnerChanged" and not message.body[2]:
                self._forget(message.body[0])
            return None
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        key = (message.interface, message.member)
        if key == (_INTROSPECTABLE, "Introspect"):
            return Message.new_method_return(message, "s", ["<node/>"])
        if key == (_MANAGER, "GetManagedObjects"):
            return Message.new_method_return(message, "a{oa{sa{sv}}}", [self._objects()])
        if key == (_PROPERTIES, "Get"):
            return self._get(message)
        if key == (_PROPERTIES, "Set"):
            return self._set(message)
        if key == (_MEDIA, "RegisterApplication"):
            return self._register(message)
        if message.interface == _TRANSPORT:
            return self._transport_call(message)
        if message.interface == _HANDSFREE:
            return self._speech_call(message)
        if key == (_HANDSFREE_CARD, "Acquire"):
            return self._acquire_speech(message)
        if key in _AGREED:
            return Message.new_method_return(message)
        return None

    def _speech_call(self, message: Message) -> Message:
        assert message.sender is not None
        if message.member == "Register":
            if message.sender in self._agents:
                return Message.new_error(message, f"{_OFONO}.Error.InUse", "In use already")
            self._agents.add(message.sender)
        elif message.member == "Unregister":
            self._agents.discard(message.sender)
        elif message.member == "GetCards":
            self._asked_for_cards.add(message.sender)
            shown = self._connected and self._speech
            cards = [[_CARD_PATH, _card()]] if shown else []
            return Message.new_method_return(message, "a(oa{sv})", [cards])
        return Message.new_method_return(message)

    def _register(self, message: Message) -> Message:
        assert message.sender is not None
        self._touched_s = self._now()
        self._applications[message.sender] = message.body[0]
        if self._connected:
            assert self._group is not None
            self._group.create_task(self._configure(message.sender))
        return Message.new_method_return(message)

    def _forget(self, name: str) -> None:
        """A server is gone, and what was agreed with it."""
        self._agents.discard(name)
        self._asked_for_cards.discard(name)
        if self._applications.pop(name, None) is None:
            return
        for path, transport in tuple(self._transports.items()):
            if transport.owner == name:
                self._drop(transport)
                del self._transports[path]
        self._changed.set()

    def _get(self, message: Message) -> Message:
        interface, name = message.body
        value = self._objects().get(message.path or "", {}).get(interface, {}).get(name)
        if value is None:
            return Message.new_error(
                message, "org.freedesktop.DBus.Error.InvalidArgs", f"No such property '{name}'"
            )
        return Message.new_method_return(message, "v", [value])

    def _set(self, message: Message) -> Message:
        if not self._knob or message.body[:2] != [_TRANSPORT, "Volume"]:
            return Message.new_error(message, f"{_BLUEZ}.Error.NotSupported", "Not supported")
        self.volume = message.body[2].value
        self._say_volume()
        return Message.new_method_return(message)

    def _transport_call(self, message: Message) -> Message | bool:
        transport = self._transports.get(message.path or "")
        if transport is None:
            return Message.new_error(message, f"{_BLUEZ}.Error.DoesNotExist", "No such transport")
        held = transport.link is not None and transport.link.open
        if message.member == "Release":
            self._drop(transport)
            self._say_state(transport)
            return Message.new_method_return(message)
        # TryAcquire is for a transport that waits for somebody to take it; ours never does.
        if held or message.member == "TryAcquire" or "a2dp" in self.refused:
            return Message.new_error(message, f"{_BLUEZ}.Error.NotAvailable", "Not available")
        transport.link = A2dpLink(lambda: self._heard(transport))
        self._hand_over(message, transport.link, "hqq", [0, A2DP_MTU, A2DP_MTU])
        self._say_state(transport)
        return True

    def _heard(self, transport: _Transport) -> None:
        if transport.link is not None and not transport.link.open:
            transport.link = None
            self._say_state(transport)
        self._changed.set()

    def _acquire_speech(self, message: Message) -> Message | bool:
        held = self._sco is not None and self._sco.open
        if not self._connected or held or "hfp" in self.refused:
            return Message.new_error(message, f"{_OFONO}.Error.InUse", "Not available")
        self._touched_s = self._now()
        self._sco = ScoLink(self._changed.set)
        self._hand_over(message, self._sco, "hy", [0, _CVSD])
        return True

    def _hand_over(self, message: Message, link: Link, signature: str, body: list[Any]) -> None:
        answer = Message.new_method_return(message, signature, body, unix_fds=[link.fd()])
        self._bus.send(answer).add_done_callback(lambda _: link.given())
        self._changed.set()

    # What is told

    def _objects(self) -> dict[str, Interfaces]:
        adapter: dict[str, Variant] = {
            "Address": Variant("s", _ADAPTER_ADDRESS),
            "Name": Variant("s", "rig"),
            "Alias": Variant("s", "rig"),
            "Class": Variant("u", 0x0C010C),
            "Powered": Variant("b", True),
            "UUIDs": Variant("as", [_A2DP_SOURCE, _HFP_GATEWAY]),
        }
        device = {
            "Address": Variant("s", ADDRESS),
            "Name": Variant("s", "Test Headset"),
            "Alias": Variant("s", "Test Headset"),
            "Class": Variant("u", _HEADSET if self._speech else _HEADPHONES),
            "Icon": Variant("s", "audio-headset" if self._speech else "audio-headphones"),
            "Paired": Variant("b", True),
            # A trusted one the servers would connect by themselves.
            "Trusted": Variant("b", False),
            "Blocked": Variant("b", False),
            "Connected": Variant("b", self._connected),
            "UUIDs": Variant("as", [_A2DP_SINK, *([_HFP_UNIT] if self._speech else [])]),
            "Adapter": Variant("o", _ADAPTER_PATH),
        }
        objects: dict[str, Interfaces] = {
            _ADAPTER_PATH: {_ADAPTER: adapter, _MEDIA: {}},
            _DEVICE_PATH: {_DEVICE: device},
        }
        if self._connected:
            objects[_ENDPOINT_PATH] = self._sep()
        for transport in self._transports.values():
            objects[transport.path] = {_TRANSPORT: self._properties(transport)}
        return objects

    def _sep(self) -> Interfaces:
        return {
            _ENDPOINT: {
                "UUID": Variant("s", _A2DP_SINK),
                "Codec": Variant("y", _SBC),
                "Capabilities": Variant("ay", _SBC_ABILITIES),
                "Device": Variant("o", _DEVICE_PATH),
            }
        }

    def _properties(self, transport: _Transport) -> dict[str, Variant]:
        properties = {
            "Device": Variant("o", _DEVICE_PATH),
            "UUID": Variant("s", _A2DP_SOURCE),
            "Codec": Variant("y", _SBC),
            "Configuration": Variant("ay", transport.configuration),
            "State": self._transport_state(transport),
        }
        if self._knob:
            properties["Volume"] = Variant("q", self.volume)
        return properties

    def _transport_state(self, transport: _Transport) -> Variant:
        held = transport.link is not None and transport.link.open
        return Variant("s", "active" if held else "idle")

    def _say_state(self, transport: _Transport) -> None:
        self._say_changed(transport.path, _TRANSPORT, {"State": self._transport_state(transport)})
        self._changed.set()

    def _say_volume(self) -> None:
        for path in self._transports:
            self._say_changed(path, _TRANSPORT, {"Volume": Variant("q", self.volume)})
        self._changed.set()

    def _say_added(self, path: str) -> None:
        interfaces = self._objects()[path]
        self._signal("/", _MANAGER, "InterfacesAdded", "oa{sa{sv}}", path, interfaces)

    def _say_removed(self, path: str, interface: str) -> None:
        self._signal("/", _MANAGER, "InterfacesRemoved", "oas", path, [interface])

    def _say_changed(self, path: str, interface: str, properties: dict[str, Variant]) -> None:
        self._signal(path, _PROPERTIES, "PropertiesChanged", "sa{sv}as", interface, properties, [])

    def _signal(
        self, path: str, interface: str, member: str, signature: str, *body: object
    ) -> None:
        self._bus.send(Message.new_signal(path, interface, member, signature, list(body)))

    async def _ask(
        self, name: str, path: str, interface: str, member: str, signature: str, *body: object
    ) -> list[Any]:
        message = Message(
            destination=name,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
        answer = await self._bus.call(message)
        assert answer is not None
        if answer.message_type is MessageType.ERROR:
            raise RigError(f"{member} at {path}: {answer.error_name} {answer.body}")
        return list(answer.body)


def _card() -> dict[str, Variant]:
    """What oFono says of the headset; ``gateway`` is what this machine is to it."""
    return {
        "RemoteAddress": Variant("s", ADDRESS),
        "LocalAddress": Variant("s", _ADAPTER_ADDRESS),
        "Type": Variant("s", "gateway"),
    }


_GONE_MATCH = f"type='signal',sender='{_DBUS}',interface='{_DBUS}',member='NameOwnerChanged'"

_AGREED = {
    (_MEDIA, "UnregisterApplication"),
    (_MEDIA, "RegisterPlayer"),
    (_MEDIA, "UnregisterPlayer"),
    ("org.bluez.BatteryProviderManager1", "RegisterBatteryProvider"),
    ("org.bluez.BatteryProviderManager1", "UnregisterBatteryProvider"),
    (_DEVICE, "ConnectProfile"),
    (_DEVICE, "DisconnectProfile"),
}
"""What is answered and changes nothing here."""

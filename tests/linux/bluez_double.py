"""A Bluetooth headset for real sound servers on a machine without Bluetooth.

:class:`BluetoothDouble` owns the names of BlueZ and oFono on a rig's private system bus and
behaves like both with one paired headset: PulseAudio and PipeWire find it, make a card of it with
a profile for music (A2DP, codec SBC) and one for speech (HFP, codec CVSD), and send real sound to
the sockets they are handed::

    async with PipeWireRig(bluetooth=True) as rig, BluetoothDouble(rig) as headset:
        await headset.connect()
        names = profile_names(await headset.card_there())
        await rig.pactl(f"set-card-profile {CARD} {names['hfp']}")

It speaks in a thread of its own, for the servers wait for answers while a test may block.

What a test may stumble over:

- PipeWire takes up to three seconds to connect speech.
- After a change of profile WirePlumber sets the volume that it keeps for it a moment later. Until
  then it is whole or that of the profile before, and what others set is lost.
- WirePlumber 0.5 shows a source of the headset in every profile (``bluez5.loopback``).
- PulseAudio calls the headset's one port the same in both profiles, and sets the profile ``off``
  when the headset refuses the one that was asked for. PipeWire asks it when sound is to flow.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, Self, TypeVar

from tests.linux.bluez_bus import ADDRESS as ADDRESS
from tests.linux.bluez_bus import LOUDEST as LOUDEST
from tests.linux.bluez_bus import Headset
from tests.linux.bluez_bus import Profile as Profile
from tests.linux.rig import DEADLINE_S, RigError, SoundRig

T = TypeVar("T")

CARD = "bluez_card." + ADDRESS.replace(":", "_")
"""What both servers call the headset's card."""
_PREFIXES: dict[str, Profile] = {
    "a2dp": "a2dp",
    "headset-head-unit": "hfp",
    "handsfree_head_unit": "hfp",
}
"""How the servers' names of the profiles begin."""


class BluetoothDouble:
    """One headset, paired but not connected at first.

    Use it as an async context manager around what needs it, inside a rig that was made with
    ``bluetooth=True``. It outlives a server that is killed and started again: a connected headset
    is connected to the new one at once.

    Args:
        rig: Whose system bus it lives on.
        speech: Whether it has HFP; without it, it is a pair of headphones.
        knob: Whether it has a volume of its own for music (AVRCP's absolute volume), which the
            server then sets instead of making the sound softer itself.
    """

    def __init__(self, rig: SoundRig, *, speech: bool = True, knob: bool = False) -> None:
        self.rig = rig
        """Where it was made."""
        self._speech = speech
        self._knob = knob
        self._loop: asyncio.AbstractEventLoop | None = None
        self._headset: Headset | None = None
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="bluetooth", daemon=True)

    async def __aenter__(self) -> Self:
        if not self.rig.system_bus_address:
            raise RigError("the rig has no system bus: make it with bluetooth=True")
        self._thread.start()
        await asyncio.wrap_future(self._ready)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._headset is not None
        await self._call(self._headset.end())
        await asyncio.to_thread(self._thread.join, DEADLINE_S)

    async def connect(self) -> None:
        """Connects music and speech, and returns when the headset did its part of it.

        :meth:`card_there` waits for the server's part.
        """
        assert self._headset is not None
        await self._call(self._headset.connect())

    async def disconnect(self) -> None:
        """Ends both connections; :meth:`card_gone` waits for the server."""
        assert self._headset is not None
        await self._call(self._headset.disconnect())

    def refuse(self, *profiles: Profile) -> None:
        """Has the headset refuse these, and no others, from now on."""
        assert self._headset is not None
        self._headset.refused = profiles

    async def turn(self, volume: int) -> None:
        """Turns the headset's own knob, 0 to 127, and tells the server."""
        assert self._headset is not None
        await self._call(self._headset.turn(volume))

    async def turned(self, volume: int, *, within: int = 1) -> None:
        """Waits until the server has set the headset's own volume to about this."""
        headset = self._headset
        assert headset is not None
        await self._call(
            headset.until(
                f"the headset's volume {volume}", lambda: abs(headset.volume - volume) <= within
            )
        )

    @property
    def profile_in_use(self) -> Profile | None:
        """The profile whose socket a server holds; None for neither."""
        assert self._headset is not None
        return self._headset.in_use()

    async def used_as(self, profile: Profile | None) -> None:
        """Waits until a server holds the socket of this profile and of no other."""
        headset = self._headset
        assert headset is not None
        await self._call(
            headset.until(f"the headset used as {profile}", lambda: headset.in_use() == profile)
        )

    async def streaming(self, profile: Profile, *, sound: bool = False, size: int = 4096) -> None:
        """Waits until that many bytes more have come.

        Args:
            profile: On whose socket.
            sound: Whether only packets count that are not silent.
            size: How many bytes.
        """
        assert self._headset is not None
        await self._call(self._headset.streaming(profile, sound=sound, size=size))

    def sounding(self, profile: Profile) -> int:
        """Returns how many bytes with sound have come by the socket that a server holds now."""
        assert self._headset is not None
        return self._headset.sounding(profile)

    async def card_there(self) -> dict[str, Any]:
        """Waits until the server shows the card with its profiles; returns it as pactl does."""
        wanted = {"a2dp", "hfp"} if self._speech else {"a2dp"}
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            found[:] = [card for card in await self.rig.listed("cards") if card["name"] == CARD]
            return bool(found) and profile_names(found[0]).keys() == wanted

        await self.rig.wait_for("a card for the headset", there)
        return found[0]

    async def card_gone(self) -> None:
        """Waits until the server shows no card of the headset any more."""

        async def gone() -> bool:
            return all(card["name"] != CARD for card in await self.rig.listed("cards"))

        await self.rig.wait_for("the headset's card to go", gone)

    # The thread

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._headset = headset = Headset(
            self.rig.system_bus_address,
            speech=self._speech,
            knob=self._knob,
            speech_rests=self.rig.name == "pipewire",
        )
        await headset.live(lambda: self._ready.set_result(None))

    async def _call(self, work: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


def profile_names(card: dict[str, Any]) -> dict[Profile, str]:
    """Returns what the server calls the card's profiles; the ones it would choose itself.

    Args:
        card: As :meth:`BluetoothDouble.card_there` returns it.
    """
    names: dict[Profile, str] = {}
    for name in sorted(card["profiles"], key=lambda name: int(card["profiles"][name]["priority"])):
        for prefix, profile in _PREFIXES.items():
            if name.startswith(prefix):
                names[profile] = name
    return names

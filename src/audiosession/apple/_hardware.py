"""Rates, durations, channels, gain and latency of AVAudioSession."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from audiosession._checks import check_flag
from audiosession.apple._kept import kept
from audiosession.apple._routes import Routes
from audiosession.apple.constants import AVAudioSessionCategory
from audiosession.apple.device import AsksThePhone, Direction, PortFacts
from audiosession.apple.enums import (
    AVAudioSessionIOType,
    AVAudioSessionRenderingMode,
    AVAudioStereoOrientation,
)
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.errors import InvalidTypeError

_Code = AVAudioSessionErrorCode

_AGGREGATED: Final = (AVAudioSessionCategory.PLAY_AND_RECORD, AVAudioSessionCategory.MULTI_ROUTE)
"""The categories that have both directions, which an I/O type can join."""

_STEREO: Final = 2


class Hardware(Routes):
    """What an app would like of the hardware, and what it gets (apple 104 to 112)."""

    # -- rate and duration -------------------------------------------------------------------

    @property
    def preferred_sample_rate(self) -> float:
        """The rate wished for, in Hz; 0 when none is."""
        return self._wishes.sample_rate

    @property
    @kept
    def sample_rate(self) -> float:
        """The hardware's rate on the present route, in Hz; read it after a wish (apple 104).

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._need("hardware sample rate").sample_rate

    async def set_preferred_sample_rate(self, sample_rate: float) -> None:
        """Wishes for a rate, before or after the activation (apple 105).

        Args:
            sample_rate: In Hz, above 0; 0 takes the wish back.

        Raises:
            NSError: ``BAD_PARAM``, negative or not finite; ``MEDIA_SERVICES_FAILED``;
                ``EXPIRED_SESSION``.
            InvalidTypeError: no number.
            UnsupportedError: the host takes no wishes.
        """
        rate = _number("sample_rate", sample_rate)
        self._check_usable()
        if not (math.isfinite(rate) and rate >= 0.0):
            raise NSError(_Code.BAD_PARAM, f"{rate!r} Hz is no rate")
        await self._wish(sample_rate=rate)

    @property
    def preferred_io_buffer_duration(self) -> float:
        """The I/O cycle wished for, in seconds; 0 when none is."""
        return self._wishes.io_buffer_duration

    @property
    @kept
    def io_buffer_duration(self) -> float:
        """The length of one I/O cycle, in seconds.

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._need("I/O buffer duration").io_buffer_duration

    async def set_preferred_io_buffer_duration(self, duration: float) -> None:
        """Wishes for a length of the I/O cycle, before or after the activation (apple 105).

        Args:
            duration: In seconds, above 0; 0 takes the wish back. The hardware gives the
                nearest that it can (apple 108).

        Raises:
            NSError: as :meth:`set_preferred_sample_rate`.
            InvalidTypeError: no number.
            UnsupportedError: the host takes no wishes.
        """
        seconds = _number("duration", duration)
        self._check_usable()
        if not (math.isfinite(seconds) and seconds >= 0.0):
            raise NSError(_Code.BAD_PARAM, f"{seconds!r} s is no duration")
        await self._wish(io_buffer_duration=seconds)

    async def set_aggregated_io_preference(self, io_type: AVAudioSessionIOType) -> None:
        """Wishes that input and output run together or apart (apple 112).

        Raises:
            NSError: ``INCOMPATIBLE_CATEGORY``, the category has one direction only;
                ``IS_BUSY``, I/O is running; ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: not an I/O type.
            UnsupportedError: the host takes no wishes.
        """
        if not isinstance(io_type, AVAudioSessionIOType):
            raise InvalidTypeError("io_type", io_type, expected="of type AVAudioSessionIOType")
        self._check_usable()
        if self._now.category not in _AGGREGATED:
            raise NSError(
                _Code.INCOMPATIBLE_CATEGORY,
                f"the category {self._now.category.name} has no input and output to join",
            )
        if io_type is not self._wishes.io_type and self._io_running:
            raise NSError(_Code.IS_BUSY, "the I/O type cannot change while I/O runs")
        await self._wish(io_type=io_type)

    # -- channels ----------------------------------------------------------------------------

    @property
    @kept
    def maximum_input_number_of_channels(self) -> int:
        """Most input channels of the present route; 0 without input.

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._channels(Direction.INPUT)

    @property
    @kept
    def maximum_output_number_of_channels(self) -> int:
        """Most output channels of the present route; 0 without output.

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._channels(Direction.OUTPUT)

    @property
    def preferred_input_number_of_channels(self) -> int:
        """The number of input channels wished for; 0 when none is."""
        return self._wishes.input_channels

    @property
    def preferred_output_number_of_channels(self) -> int:
        """The number of output channels wished for; 0 when none is."""
        return self._wishes.output_channels

    @property
    @kept
    def input_number_of_channels(self) -> int:
        """Input channels in use; 0 when the category has no input (apple 110).

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._channels_in_use(Direction.INPUT, self._wishes.input_channels)

    @property
    @kept
    def output_number_of_channels(self) -> int:
        """Output channels in use: two where the route has more and nobody wished for them.

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._channels_in_use(Direction.OUTPUT, self._wishes.output_channels or _STEREO)

    async def set_preferred_input_number_of_channels(self, count: int) -> None:
        """Wishes for input channels, after category, mode and activation (apple 106).

        Args:
            count: From 1 to ``maximum_input_number_of_channels``.

        Raises:
            NSError: ``INCOMPATIBLE_CATEGORY``, the category has no input; ``BAD_PARAM``, the
                route has no such number (apple 107); ``MEDIA_SERVICES_FAILED``;
                ``EXPIRED_SESSION``.
            InvalidTypeError: no integer.
            UnsupportedError: the host takes no wishes.
        """
        count = await self._check_count(count, Direction.INPUT)
        await self._wish(input_channels=count)

    async def set_preferred_output_number_of_channels(self, count: int) -> None:
        """Wishes for output channels, after category, mode and activation (apple 106).

        Args:
            count: From 1 to ``maximum_output_number_of_channels``.

        Raises:
            NSError: as :meth:`set_preferred_input_number_of_channels`.
            InvalidTypeError: no integer.
            UnsupportedError: the host takes no wishes.
        """
        count = await self._check_count(count, Direction.OUTPUT)
        await self._wish(output_channels=count)

    @property
    def supported_output_channel_layouts(self) -> tuple[int, ...]:
        """Layout tags of a car's or AirPlay route of an active session; none simulated has any.

        A real phone is asked. Simulated receivers are stereo, which Apple leaves out of this
        list. Since iOS 17.2.

        Raises:
            UnsupportedError: the host does not say.
        """
        if self._device is None:
            self._need("output channel layouts")
        phone = self._phone
        return () if phone is None else phone.output_channel_layouts

    # -- orientation -------------------------------------------------------------------------

    @property
    def preferred_input_orientation(self) -> AVAudioStereoOrientation:
        """How the device is held, as the app wishes stereo input to be."""
        return self._wishes.input_orientation

    @property
    @kept
    def input_orientation(self) -> AVAudioStereoOrientation:
        """The orientation of stereo input in force; ``NONE`` where input is not stereo."""
        if (phone := self._phone) is not None:
            return phone.input_orientation
        port = self._routed(Direction.INPUT)
        source = None if port is None else port.selected_data_source
        if source is None or source.selected_polar_pattern != "Stereo":
            return AVAudioStereoOrientation.NONE
        return self._wishes.input_orientation

    async def set_preferred_input_orientation(self, orientation: AVAudioStereoOrientation) -> None:
        """Says how the device is held, which stereo input needs to know (apple 101).

        Raises:
            NSError: ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: not an orientation.
            UnsupportedError: the host takes no wishes.
        """
        if not isinstance(orientation, AVAudioStereoOrientation):
            raise InvalidTypeError(
                "orientation", orientation, expected="of type AVAudioStereoOrientation"
            )
        self._check_usable()
        await self._wish(input_orientation=orientation)

    # -- gain, latency, volume ---------------------------------------------------------------

    @property
    @kept
    def is_input_gain_settable(self) -> bool:
        """Whether the input in use lets its gain be set.

        Raises:
            UnsupportedError: the host does not say.
        """
        facts = self._facts(Direction.INPUT)
        return bool(facts) and all(each.gain_settable for each in facts)

    @property
    @kept
    def input_gain(self) -> float:
        """Gain of the input in use, 0.0 to 1.0; the same for all apps (apple 111).

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._need("input gain").input_gain

    async def set_input_gain(self, gain: float) -> None:
        """Sets the gain of the input in use, for all apps, until nobody uses it (apple 111).

        Args:
            gain: What lies outside 0.0 to 1.0 is brought to the nearer end.

        Raises:
            NSError: ``BAD_PARAM``, not a number, or the gain of the input in use cannot be
                set; ``INCOMPATIBLE_CATEGORY``, the category has no input;
                ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: no number.
            UnsupportedError: the host cannot.
        """
        value = _number("gain", gain)
        self._check_usable()
        self._check_direction(Direction.INPUT)
        with await self._seen_now():
            settable = self._unseen or self.is_input_gain_settable
        if math.isnan(value) or not settable:
            raise NSError(_Code.BAD_PARAM, "the gain of the input in use cannot be set to this")
        await self._need("input gain").set_input_gain(min(max(value, 0.0), 1.0))
        self._look()

    @property
    @kept
    def input_latency(self) -> float:
        """How long sound takes into the app, in seconds; 0 without input (apple 110).

        Raises:
            UnsupportedError: the host does not say.
        """
        return max((each.latency_s for each in self._facts(Direction.INPUT)), default=0.0)

    @property
    @kept
    def output_latency(self) -> float:
        """How long sound takes out of the app, in seconds; 0 without output (apple 110).

        Raises:
            UnsupportedError: the host does not say.
        """
        return max((each.latency_s for each in self._facts(Direction.OUTPUT)), default=0.0)

    @property
    @kept
    def output_volume(self) -> float:
        """The system's output volume, 0.0 to 1.0.

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._need("output volume").output_volume

    # -- many channels -----------------------------------------------------------------------

    @property
    @kept
    def rendering_mode(self) -> AVAudioSessionRenderingMode:
        """What the route makes of the content; since iOS 17.2.

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._need("rendering mode").rendering_mode

    @property
    def supports_multichannel_content(self) -> bool:
        """Whether the app said that it has more than two channels to offer; not at first."""
        return self._wishes.multichannel_content

    async def set_supports_multichannel_content(self, supports: bool) -> None:
        """Says whether the app has more than two channels to offer; since iOS 15.0.

        Raises:
            NSError: ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: neither True nor False.
            UnsupportedError: the host takes no wishes.
        """
        await self._wish_flag("supports", supports, "multichannel_content")

    # -- inside ------------------------------------------------------------------------------

    async def _wish_flag(self, name: str, flag: bool, wish: str) -> None:
        """Wishes for something that is true or false.

        Args:
            name: What the app's argument is called.
            flag: What the app gave.
            wish: Which field of :class:`~audiosession.apple.device.AppleWishes` it is.
        """
        check_flag(name, flag)
        self._check_usable()
        await self._wish(**{wish: flag})

    async def _wish(self, **wished: Any) -> None:
        """Wishes for these, and for what was wished before."""
        device = self._need("hardware wishes")
        before = self._wishes
        # At once, so that a wish made while the device answers does not lose this one.
        self._wishes = replace(before, **wished)
        try:
            if isinstance(device, AsksThePhone):
                await device.wish_for(self._wishes, wished)
            else:
                await device.wish(self._wishes)
        except BaseException:
            undone = {
                name: getattr(before, name)
                for name, value in wished.items()
                if getattr(self._wishes, name) == value
            }
            self._wishes = replace(self._wishes, **undone)
            raise
        self._look()

    def _facts(self, direction: Direction) -> tuple[PortFacts, ...]:
        device = self._need("hardware properties")
        self._keep_ports()
        route = device.route
        ids = route.inputs if direction is Direction.INPUT else route.outputs
        return tuple(device.facts(self._ports[id], direction) for id in ids)

    def _channels(self, direction: Direction) -> int:
        return _most(self._facts(direction))

    def _channels_in_use(self, direction: Direction, wished: int) -> int:
        facts = self._facts(direction)
        said = [each.channels_in_use for each in facts if each.channels_in_use is not None]
        if said:
            return sum(said)
        most = _most(facts)
        return min(wished or most, most)

    def _check_direction(self, direction: Direction) -> None:
        there = self._now.kind.records if direction is Direction.INPUT else self._now.kind.plays
        if not there:
            raise NSError(
                _Code.INCOMPATIBLE_CATEGORY,
                f"the category {self._now.category.name} has no {direction.value}",
            )

    async def _check_count(self, count: int, direction: Direction) -> int:
        if isinstance(count, bool) or not isinstance(count, int):
            raise InvalidTypeError("count", count, expected="a number of channels")
        self._check_usable()
        self._check_direction(direction)
        with await self._seen_now():
            most = self._channels(direction)
            unseen = self._unseen
        if count < 1 or (count > most and not unseen):
            raise NSError(
                _Code.BAD_PARAM, f"the route has {most} {direction.value} channels, not {count}"
            )
        return count


def _most(facts: Iterable[PortFacts]) -> int:
    return sum(
        len(each.channels) if each.most_channels is None else each.most_channels for each in facts
    )


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidTypeError(name, value, expected="a number")
    return float(value)

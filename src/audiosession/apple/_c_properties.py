"""The 29 properties of Audio Session Services: one table of what each is and does.

Types, sizes and what may be done with a property are those of AudioToolbox/AudioSession.h.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from audiosession.apple import c_constants as c
from audiosession.apple._c_cells import CFRef, Float32, Float64, Kind, Refusal, UInt32
from audiosession.apple._c_words import (
    CATEGORIES,
    MODES,
    category_number,
    mode_number,
    old_route,
    route_dictionary,
)
from audiosession.apple.avaudiosession import AVAudioSession
from audiosession.apple.constants import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
)
from audiosession.apple.enums import AVAudioSessionPortOverride
from audiosession.apple.names import AVAudioSessionPort
from audiosession.apple.ports import AVAudioSessionPortDescription

_Category = AVAudioSessionCategory
_Options = AVAudioSessionCategoryOptions
_UNSUPPORTED = c.kAudioSessionUnsupportedPropertyError


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a property is read from and written to."""

    session: AVAudioSession
    """The app's session."""
    interruption_type: int | None = None
    """How the interruption ended whose end is being told; ``None`` at any other time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property."""

    name: str
    """Its name, without ``kAudioSessionProperty_``."""
    id: int
    """Its selector."""
    kind: Kind
    """The type of its value."""
    get: Callable[[View], Any] | None = None
    """Reads it; ``None`` where it cannot be read."""
    set: Callable[[View, Any], Awaitable[None]] | None = None
    """Writes it; ``None`` where it cannot be written."""
    listens: bool = False
    """Whether its changes can be listened to."""


# -- category, mode and what overrides them --------------------------------------------------


def _get_category(view: View) -> int:
    return _known(category_number(view.session.category))


async def _set_category(view: View, value: int) -> None:
    session = view.session
    category = CATEGORIES.get(value)
    if category is None:
        raise Refusal(_UNSUPPORTED)
    # The same one again is no change, so what overrides it stays.
    if category is not session.category or session.audio_session.configuration is None:
        await session.set_category(category)


def _get_mode(view: View) -> int:
    return _known(mode_number(view.session.mode))


async def _set_mode(view: View, value: int) -> None:
    session = view.session
    mode = MODES.get(value)
    # GameKit sets that one, apps do not.
    if mode is None or mode is AVAudioSessionMode.GAME_CHAT or session.is_active:
        raise Refusal(_UNSUPPORTED)
    if _Options.MIX_WITH_OTHERS in session.category_options:
        raise Refusal(c.kAudioSessionIncompatibleCategory)
    await session.set_mode(mode)


def _known(number: int | None) -> int:
    if number is None:
        raise Refusal(_UNSUPPORTED)
    return number


def _get_mixing(view: View) -> int:
    session = view.session
    # What always mixes does not mix because of this.
    overrides = session.category is not _Category.AMBIENT
    return int(overrides and _Options.MIX_WITH_OTHERS in session.category_options)


async def _set_mixing(view: View, value: int) -> None:
    _need_category(view, _Category.PLAY_AND_RECORD, _Category.PLAYBACK)
    add = remove = _Options.NONE
    if value:
        add = _Options.MIX_WITH_OTHERS
    else:
        # Those mix by themselves.
        remove = (
            _Options.MIX_WITH_OTHERS
            | _Options.DUCK_OTHERS
            | _Options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS
        )
    await _set_options(view, add=add, remove=remove)


def _get_ducking(view: View) -> int:
    return int(_Options.DUCK_OTHERS in view.session.category_options)


async def _set_ducking(view: View, value: int) -> None:
    session = view.session
    add, remove = _Options.DUCK_OTHERS, _Options.NONE
    if session.category is _Category.PLAYBACK:
        add |= _Options.MIX_WITH_OTHERS
    elif _Options.MIX_WITH_OTHERS not in session.category_options:
        raise Refusal(c.kAudioSessionIncompatibleCategory)
    if not value:
        add, remove = _Options.NONE, _Options.DUCK_OTHERS
    await _set_options(view, add=add, remove=remove)


def _get_speaker(view: View) -> int:
    return int(_Options.DEFAULT_TO_SPEAKER in view.session.category_options)


async def _set_speaker(view: View, value: int) -> None:
    _need_category(view, _Category.PLAY_AND_RECORD)
    await _switch(view, _Options.DEFAULT_TO_SPEAKER, value)


def _get_bluetooth(view: View) -> int:
    return int(_Options.ALLOW_BLUETOOTH_HFP in view.session.category_options)


async def _set_bluetooth(view: View, value: int) -> None:
    _need_category(view, _Category.PLAY_AND_RECORD, _Category.RECORD)
    await _switch(view, _Options.ALLOW_BLUETOOTH_HFP, value)


async def _set_override(view: View, value: int) -> None:
    overrides = {
        c.kAudioSessionOverrideAudioRoute_None: AVAudioSessionPortOverride.NONE,
        c.kAudioSessionOverrideAudioRoute_Speaker: AVAudioSessionPortOverride.SPEAKER,
    }
    if value not in overrides:
        raise Refusal(_UNSUPPORTED)
    await view.session.override_output_audio_port(overrides[value])


def _need_category(view: View, *categories: AVAudioSessionCategory) -> None:
    if view.session.category not in categories:
        raise Refusal(c.kAudioSessionIncompatibleCategory)


async def _switch(view: View, option: AVAudioSessionCategoryOptions, value: int) -> None:
    none = _Options.NONE
    await _set_options(view, add=option if value else none, remove=none if value else option)


async def _set_options(
    view: View, *, add: AVAudioSessionCategoryOptions, remove: AVAudioSessionCategoryOptions
) -> None:
    session = view.session
    given = session._now.given
    options = (given & ~remove) | add
    if options != given:
        await session.set_category(
            session.category, policy=session.route_sharing_policy, options=options
        )


# -- routes and hardware ---------------------------------------------------------------------


def _get_gain(view: View) -> float:
    _need_input(view)
    if not view.session.is_input_gain_settable:
        raise Refusal(_UNSUPPORTED)
    return view.session.input_gain


async def _set_gain(view: View, value: float) -> None:
    _need_input(view)
    await view.session.set_input_gain(value)


def _need_input(view: View) -> None:
    if not view.session.is_input_available:
        raise Refusal(c.kAudioServicesNoHardwareError)


def _usb(
    ports: tuple[AVAudioSessionPortDescription, ...],
) -> AVAudioSessionPortDescription | None:
    return next((port for port in ports if port.port_type is AVAudioSessionPort.USB_AUDIO), None)


def _sources(
    port: AVAudioSessionPortDescription | None, id: str, description: str
) -> list[dict[str, Any]]:
    sources = () if port is None else port.data_sources or ()
    return [{id: each.data_source_id, description: each.data_source_name} for each in sources]


def _chosen(port: AVAudioSessionPortDescription | None) -> int:
    source = None if port is None else port.selected_data_source
    return _known(None if source is None else source.data_source_id)


async def _choose(view: View, port: AVAudioSessionPortDescription | None, id: object) -> None:
    if not view.session.is_active:
        raise Refusal(c.kAudioSessionNotActiveError)
    sources = () if port is None else port.data_sources or ()
    # True is no number here, although Python takes it for 1.
    found = [each for each in sources if type(id) is int and each.data_source_id == id]
    if port is None or not found:
        raise Refusal(_UNSUPPORTED)
    # Of the accessory itself, which need not be the first port of the route.
    await port.set_preferred_data_source(found[0])
    view.session._look()


def _get_input_sources(view: View) -> list[dict[str, Any]]:
    return _sources(
        _usb(view.session.current_route.inputs),
        c.kAudioSession_InputSourceKey_ID,
        c.kAudioSession_InputSourceKey_Description,
    )


def _get_destinations(view: View) -> list[dict[str, Any]]:
    return _sources(
        _usb(view.session.current_route.outputs),
        c.kAudioSession_OutputDestinationKey_ID,
        c.kAudioSession_OutputDestinationKey_Description,
    )


def _get_input_source(view: View) -> int:
    return _chosen(_usb(view.session.current_route.inputs))


async def _set_input_source(view: View, id: object) -> None:
    _need_input(view)
    await _choose(view, _usb(view.session.current_route.inputs), id)


def _get_destination(view: View) -> int:
    return _chosen(_usb(view.session.current_route.outputs))


async def _set_destination(view: View, id: object) -> None:
    await _choose(view, _usb(view.session.current_route.outputs), id)


def _get_route(view: View) -> str:
    session = view.session
    switch = session._need("current route").ring_switch_silent
    if switch and session._now.kind.silenced_by_switch:
        return ""
    return old_route(session.current_route)


async def _set_rate(view: View, value: float) -> None:
    await view.session.set_preferred_sample_rate(value)


async def _set_duration(view: View, value: float) -> None:
    await view.session.set_preferred_io_buffer_duration(value)


_ALL: Final = (
    Property(
        name="PreferredHardwareSampleRate",
        id=c.kAudioSessionProperty_PreferredHardwareSampleRate,
        kind=Float64,
        get=lambda view: view.session.preferred_sample_rate,
        set=_set_rate,
    ),
    Property(
        name="PreferredHardwareIOBufferDuration",
        id=c.kAudioSessionProperty_PreferredHardwareIOBufferDuration,
        kind=Float32,
        get=lambda view: view.session.preferred_io_buffer_duration,
        set=_set_duration,
    ),
    Property(
        name="AudioCategory",
        id=c.kAudioSessionProperty_AudioCategory,
        kind=UInt32,
        get=_get_category,
        set=_set_category,
    ),
    Property(
        name="AudioRouteChange",
        id=c.kAudioSessionProperty_AudioRouteChange,
        kind=CFRef,
        listens=True,
    ),
    Property(
        name="CurrentHardwareSampleRate",
        id=c.kAudioSessionProperty_CurrentHardwareSampleRate,
        kind=Float64,
        get=lambda view: view.session.sample_rate,
    ),
    Property(
        name="CurrentHardwareInputNumberChannels",
        id=c.kAudioSessionProperty_CurrentHardwareInputNumberChannels,
        kind=UInt32,
        get=lambda view: view.session.input_number_of_channels,
        listens=True,
    ),
    Property(
        name="CurrentHardwareOutputNumberChannels",
        id=c.kAudioSessionProperty_CurrentHardwareOutputNumberChannels,
        kind=UInt32,
        get=lambda view: view.session.output_number_of_channels,
        listens=True,
    ),
    Property(
        name="CurrentHardwareOutputVolume",
        id=c.kAudioSessionProperty_CurrentHardwareOutputVolume,
        kind=Float32,
        get=lambda view: view.session.output_volume,
        listens=True,
    ),
    Property(
        name="CurrentHardwareInputLatency",
        id=c.kAudioSessionProperty_CurrentHardwareInputLatency,
        kind=Float32,
        get=lambda view: view.session.input_latency,
    ),
    Property(
        name="CurrentHardwareOutputLatency",
        id=c.kAudioSessionProperty_CurrentHardwareOutputLatency,
        kind=Float32,
        get=lambda view: view.session.output_latency,
    ),
    Property(
        name="CurrentHardwareIOBufferDuration",
        id=c.kAudioSessionProperty_CurrentHardwareIOBufferDuration,
        kind=Float32,
        get=lambda view: view.session.io_buffer_duration,
    ),
    Property(
        name="OtherAudioIsPlaying",
        id=c.kAudioSessionProperty_OtherAudioIsPlaying,
        kind=UInt32,
        get=lambda view: int(view.session.is_other_audio_playing),
    ),
    Property(
        name="OverrideAudioRoute",
        id=c.kAudioSessionProperty_OverrideAudioRoute,
        kind=UInt32,
        set=_set_override,
    ),
    Property(
        name="AudioInputAvailable",
        id=c.kAudioSessionProperty_AudioInputAvailable,
        kind=UInt32,
        get=lambda view: int(view.session.is_input_available),
        listens=True,
    ),
    Property(
        name="ServerDied",
        id=c.kAudioSessionProperty_ServerDied,
        kind=UInt32,
        listens=True,
    ),
    Property(
        name="OtherMixableAudioShouldDuck",
        id=c.kAudioSessionProperty_OtherMixableAudioShouldDuck,
        kind=UInt32,
        get=_get_ducking,
        set=_set_ducking,
    ),
    Property(
        name="OverrideCategoryMixWithOthers",
        id=c.kAudioSessionProperty_OverrideCategoryMixWithOthers,
        kind=UInt32,
        get=_get_mixing,
        set=_set_mixing,
    ),
    Property(
        name="OverrideCategoryDefaultToSpeaker",
        id=c.kAudioSessionProperty_OverrideCategoryDefaultToSpeaker,
        kind=UInt32,
        get=_get_speaker,
        set=_set_speaker,
    ),
    Property(
        name="OverrideCategoryEnableBluetoothInput",
        id=c.kAudioSessionProperty_OverrideCategoryEnableBluetoothInput,
        kind=UInt32,
        get=_get_bluetooth,
        set=_set_bluetooth,
    ),
    Property(
        name="InterruptionType",
        id=c.kAudioSessionProperty_InterruptionType,
        kind=UInt32,
        get=lambda view: _known(view.interruption_type),
    ),
    Property(
        name="Mode",
        id=c.kAudioSessionProperty_Mode,
        kind=UInt32,
        get=_get_mode,
        set=_set_mode,
    ),
    Property(
        name="InputSources",
        id=c.kAudioSessionProperty_InputSources,
        kind=CFRef,
        get=_get_input_sources,
        listens=True,
    ),
    Property(
        name="OutputDestinations",
        id=c.kAudioSessionProperty_OutputDestinations,
        kind=CFRef,
        get=_get_destinations,
        listens=True,
    ),
    Property(
        name="InputSource",
        id=c.kAudioSessionProperty_InputSource,
        kind=CFRef,
        get=_get_input_source,
        set=_set_input_source,
    ),
    Property(
        name="OutputDestination",
        id=c.kAudioSessionProperty_OutputDestination,
        kind=CFRef,
        get=_get_destination,
        set=_set_destination,
    ),
    Property(
        name="InputGainAvailable",
        id=c.kAudioSessionProperty_InputGainAvailable,
        kind=UInt32,
        get=lambda view: int(view.session.is_input_gain_settable),
        listens=True,
    ),
    Property(
        name="InputGainScalar",
        id=c.kAudioSessionProperty_InputGainScalar,
        kind=Float32,
        get=_get_gain,
        set=_set_gain,
        listens=True,
    ),
    Property(
        name="AudioRouteDescription",
        id=c.kAudioSessionProperty_AudioRouteDescription,
        kind=CFRef,
        get=lambda view: route_dictionary(view.session.current_route),
    ),
    Property(
        name="AudioRoute",
        id=c.kAudioSessionProperty_AudioRoute,
        kind=CFRef,
        get=_get_route,
    ),
)

PROPERTIES: Final[Mapping[int, Property]] = MappingProxyType({each.id: each for each in _ALL})
"""The properties by selector."""


def property_of(id: int) -> Property:
    """The property of a selector; refuses one that nobody has."""
    found = PROPERTIES.get(id)
    if found is None:
        raise Refusal(_UNSUPPORTED)
    return found

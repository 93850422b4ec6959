"""One app's view of a simulated device, as AVAudioSession needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...apple.device import (
    AppleAppState,
    AppleDeviceEvents,
    AppleStanding,
    AppleWishes,
    DataSourceFacts,
    Direction,
    PortFacts,
)
from ...apple.enums import (
    AVAudioApplicationMicrophoneInjectionPermission,
    AVAudioApplicationRecordPermission,
    AVAudioSessionInterruptionReason,
    AVAudioSessionPromptStyle,
    AVAudioSessionRenderingMode,
    AVAudioStereoOrientation,
)
from ...apple.names import AVAudioSessionPolarPattern
from ...core.claims import Claim
from ...core.effects import Standing
from ...core.events import StreamChanged, StreamGone
from ...core.gains import SILENCE_DB
from ...core.routing import Port, RoutePorts, RouteRequest
from .apple_ports import (
    LONGEST_BUFFER,
    MICROPHONES,
    SHORTEST_BUFFER,
    USUAL_BUFFER,
    data_sources,
    port_facts,
)
from .changes import Counted

if TYPE_CHECKING:
    from .app import SimulatedApp
    from .player import SimulatedPlayer

_Injection = AVAudioApplicationMicrophoneInjectionPermission

_RECORDS = Claim(records=True, plays=False)


class SimulatedApple(Counted):
    """What Apple's system knows of an app; an :class:`~audiosession.apple.device.AppleDevice`.

    ``app.apple`` gives it. What an app declares about itself is set here.
    """

    def __init__(self, app: SimulatedApp) -> None:
        super().__init__(app.device.changes)
        self.app = app
        self.background_audio = False
        """Whether the app declares background audio (UIBackgroundModes)."""
        self.inter_app_audio = False
        """Whether another app drives it through inter-app audio."""
        self.remote_commands = False
        """Whether it handles a remote command, as a Now Playing app does (apple 35)."""
        self.wishes = AppleWishes()
        """What the app would like."""
        self.interruption_reason = AVAudioSessionInterruptionReason.DEFAULT
        """Why the interruption that is being reported happens."""
        self.introducing = False
        """Whether its first request for ports is being made, which is no change."""
        self._events: AppleDeviceEvents | None = None
        self._request = RouteRequest()
        self._session = ""
        self._io: dict[str, tuple[bool, bool]] = {}
        self._sources: dict[str, int] = {}
        self._patterns: dict[tuple[str, int], AVAudioSessionPolarPattern] = {}
        self._injection = _Injection.UNDETERMINED

    # -- for the device ----------------------------------------------------------------------

    def tell(self, what: Callable[[AppleDeviceEvents], None]) -> None:
        """Tells the app's session, if it has one."""
        if self._events is not None:
            what(self._events)

    def forget(self) -> None:
        """The media services are lost, or the session is another: what was wished for is gone."""
        self.wishes = AppleWishes()
        for player in self.app.players:
            self.mute(player)
        self._sources.clear()
        self._patterns.clear()
        self._altered()

    def mute(self, player: SimulatedPlayer) -> None:
        """Silences a player where the app has muted its output, and frees it elsewhere."""
        level = SILENCE_DB if self.wishes.output_muted else 0.0
        player.gain.move("mute", level, self.app.device.now, 0.0)

    @property
    def plays(self) -> bool:
        """Whether I/O of its session plays."""
        return any(output for _, output in self._io.values())

    @property
    def records_built_in(self) -> bool:
        """Whether I/O of its session records from the built-in microphone."""
        recording = any(input for input, _ in self._io.values())
        return recording and any(
            port.kind == "builtInMic" for port in self.ports if port.id in self.route.inputs
        )

    # -- what is so --------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.changes.count

    @property
    def system_version(self) -> tuple[int, int]:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.apple.system_version

    @property
    def standing(self) -> AppleStanding:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        device = self.app.device
        state = self.app.state.value
        return AppleStanding(
            app_state=AppleAppState(state if self.app.alive else "suspended"),
            background_audio=self.background_audio,
            inter_app_audio=self.inter_app_audio,
            now_playing=device.apple.now_playing == self.app.id,
            media_services=device.media_services_running,
            assistant_records=device.apple.assistant_records,
            has_input=any(port.is_input for port in self.ports),
        )

    @property
    def other_audio_playing(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.apple.others_play(self.app, primary=False)

    @property
    def primary_audio_playing(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.apple.others_play(self.app, primary=True)

    @property
    def prompt_style(self) -> AVAudioSessionPromptStyle:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.apple.prompt_style(self.app)

    @property
    def output_volume(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.volume

    @property
    def ring_switch_silent(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.silent_switch

    @property
    def rendering_mode(self) -> AVAudioSessionRenderingMode:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.apple.rendering_mode

    @property
    def echo_cancelled_input_possible(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.apple.echo_free_possible

    @property
    def microphone_injection_possible(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        granted = self.microphone_injection_permission is _Injection.GRANTED
        return granted and self.app.device.apple.microphone_injection

    # -- permission --------------------------------------------------------------------------

    @property
    def record_permission(self) -> AVAudioApplicationRecordPermission:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return AVAudioApplicationRecordPermission[self.app.microphone.name]

    async def request_record_permission(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        self.app.check_alive()
        self.app.ask_for_microphone(_RECORDS)
        return self.record_permission is AVAudioApplicationRecordPermission.GRANTED

    @property
    def microphone_injection_permission(self) -> AVAudioApplicationMicrophoneInjectionPermission:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        if not self.app.device.apple.microphone_injection_service:
            return _Injection.SERVICE_DISABLED
        return self._injection

    async def request_microphone_injection_permission(
        self,
    ) -> AVAudioApplicationMicrophoneInjectionPermission:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        self.app.check_alive()
        if self.microphone_injection_permission is _Injection.UNDETERMINED:
            granted = self.app.device.apple.grants_microphone_injection
            self._injection = _Injection.GRANTED if granted else _Injection.DENIED
        return self.microphone_injection_permission

    # -- routes ------------------------------------------------------------------------------

    @property
    def ports(self) -> tuple[Port, ...]:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.plugs.ports

    @property
    def route(self) -> RoutePorts:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.plugs.route(self._session_id())

    @property
    def preferred_input(self) -> str:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.plugs.preferred_input(self._session_id())

    async def request_route(self, request: RouteRequest) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        id = self._session_id()
        if request != self._request:
            self._request = request
            self.app.device.set_route_request(id, request)

    async def override_output(self, speaker: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        self.app.device.plugs.override_output(self._session_id(), speaker)

    async def prefer_input(self, port: str) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        self.app.device.plugs.prefer_input(self._session_id(), port)

    # -- hardware ----------------------------------------------------------------------------

    def facts(self, port: Port, direction: Direction) -> PortFacts:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        facts = port_facts(port.kind, direction)
        sources = data_sources(port, direction, self.app.device.profile.name)
        if sources:
            facts = replace(facts, sources=sources)
            if self._is_stereo(port.id):
                facts = replace(facts, channels=("Left", "Right"))
        if facts.high_quality is not None:
            facts = replace(
                facts,
                high_quality=port.high_quality,
                records_high_quality=port.high_quality and self._request.high_quality,
            )
        return replace(
            facts, spatial_audio=facts.spatial_audio and self.app.device.apple.spatial_audio
        )

    def selected_source(self, port: str) -> int | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        sources = self._sources_of(port)
        if not sources:
            return None
        return self._sources.get(port, sources[0].id) if self._in_use(port) else sources[0].id

    def preferred_source(self, port: str) -> int | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._sources.get(port)

    async def prefer_source(self, port: str, source: int | None) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        before = self.selected_source(port)
        if source is None:
            self._sources.pop(port, None)
        else:
            self._sources[port] = source
        self._altered()
        if self.selected_source(port) != before:
            self.app.device.plugs.reconfigure(port)

    def selected_pattern(self, port: str, source: int) -> AVAudioSessionPolarPattern | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        sources = self._sources_of(port)
        patterns = next((each.patterns for each in sources if each.id == source), ())
        if not patterns:
            return None
        wished = self._patterns.get((port, source), patterns[0])
        if not self._in_use(port) or self.selected_source(port) != source:
            return patterns[0]
        # Stereo needs to know which way the device is held (apple 101).
        held = self.wishes.input_orientation is not AVAudioStereoOrientation.NONE
        return wished if held or wished is not AVAudioSessionPolarPattern.STEREO else patterns[0]

    def preferred_pattern(self, port: str, source: int) -> AVAudioSessionPolarPattern | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._patterns.get((port, source))

    async def prefer_pattern(
        self, port: str, source: int, pattern: AVAudioSessionPolarPattern | None
    ) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        before = self.selected_pattern(port, source)
        if pattern is None:
            self._patterns.pop((port, source), None)
        else:
            self._patterns[port, source] = pattern
        self._altered()
        if self.selected_pattern(port, source) is not before:
            self.app.device.plugs.reconfigure(port)

    @property
    def sample_rate(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        wished = self.app.device.apple.wished(self, "sample_rate")
        rates = self._rates()
        return min(rates, key=lambda rate: abs(rate - wished)) if wished else rates[0]

    @property
    def io_buffer_duration(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        rate = self.sample_rate
        wished = self.app.device.apple.wished(self, "io_buffer_duration")
        frames = USUAL_BUFFER
        if wished:
            # Hardware runs in powers of two.
            frames = SHORTEST_BUFFER
            while frames < LONGEST_BUFFER and frames * 1.5 < wished * rate:
                frames *= 2
        return frames / rate

    @property
    def input_gain(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        inputs = self.route.inputs
        return self.app.device.apple.gain(inputs[0]) if inputs else 0.0

    async def set_input_gain(self, gain: float) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        for port in self.route.inputs:
            self.app.device.apple.set_gain(port, gain)

    async def wish(self, wishes: AppleWishes) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        before, self.wishes = self.wishes, wishes
        if wishes.output_muted is not before.output_muted:
            for player in self.app.players:
                self.mute(player)
        if wishes.input_orientation is not before.input_orientation:
            for port in self.route.inputs:
                if AVAudioSessionPolarPattern.STEREO in self._patterns.values():
                    self.app.device.plugs.reconfigure(port)

    # -- sound -------------------------------------------------------------------------------

    @property
    def microphone_muted(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self.app.device.apple.microphone_muted

    @property
    def io_running(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return bool(self._io) or any(player.playing for player in self.app.players)

    async def start_io(self, name: str, *, input: bool, output: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        if input:
            self.app.ask_for_microphone(_RECORDS)
        self._io[name] = input, output
        self._altered()
        if output:
            id = self._session_id()
            self.app.device.report_stream(
                StreamChanged(session=id, stream=f"{id}/{name}", playing=True)
            )

    def end_io(self, name: str) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        input_output = self._io.pop(name, None)
        self._altered()
        if input_output is not None and input_output[1] and self.app.alive:
            self.app.device.forget_stream(
                StreamGone(session=self._session, stream=f"{self._session}/{name}")
            )

    async def stop_all_io(self) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        for name in tuple(self._io):
            self.end_io(name)
        for player in self.app.players:
            player.pause()

    def attach(self, events: AppleDeviceEvents, request: RouteRequest) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        self.forget()
        self._io.clear()
        self._altered()
        self._events = events
        self._request = request

    # -- inside ------------------------------------------------------------------------------

    def _session_id(self) -> str:
        id = self.app.session_id()
        if id != self._session:
            self._session = id
            self.introducing = True
            try:
                self.app.device.plugs.set_request(id, self._request)
            finally:
                self.introducing = False
        return id

    def _in_use(self, port: str) -> bool:
        active = self.app.device.arbiter.standing(self._session_id()) is not Standing.INACTIVE
        return active and port in self.route.inputs + self.route.outputs

    def _sources_of(self, port: str) -> tuple[DataSourceFacts, ...]:
        found = self.app.device.plugs.port(port)
        if found is None:
            return ()
        # What has data sources has one direction.
        direction = Direction.INPUT if found.is_input else Direction.OUTPUT
        return data_sources(found, direction, self.app.device.profile.name)

    def _is_stereo(self, port: str) -> bool:
        # Asked by facts(), so it must not ask for them.
        source = self._sources.get(port, MICROPHONES[0].id)
        stereo = self._patterns.get((port, source)) is AVAudioSessionPolarPattern.STEREO
        held = self.wishes.input_orientation is not AVAudioStereoOrientation.NONE
        return stereo and held and self._in_use(port)

    def _rates(self) -> tuple[float, ...]:
        route = self.route
        for ids, direction in (
            (route.outputs, Direction.OUTPUT),
            (route.inputs, Direction.INPUT),
        ):
            for port in self.ports:
                if port.id in ids:
                    return self.facts(port, direction).sample_rates
        return PortFacts().sample_rates

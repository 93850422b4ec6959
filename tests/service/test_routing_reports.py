"""What sessions are told of ports and routes, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession.core.routing import RouteChangeReason, RoutePorts, RouteRequest
from audiosession.errors import (
    ClosedError,
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    UnknownNameError,
    UnsupportedError,
)

from .fake_server import activate
from .routing_kit import (
    CALLING,
    CALLS_MIC_PORT,
    CALLS_PORT,
    HEADPHONES_PORT,
    IN,
    JOINED,
    MIC,
    MIC_PORT,
    MUSIC_PORT,
    PLAYS,
    SPEAKER,
    SPEAKER_PORT,
    USB,
    USB_MIC,
    Guest,
    desk,
    turns,
)

_Reason = RouteChangeReason
NONE, SHORT, NORMAL = 0x6E6F6E65, 0x73687274, 0x6E726D6C


async def test_a_session_is_told_of_every_port_and_its_route() -> None:
    async with desk() as stage:
        _, guest = stage.guest(JOINED)
        ports = {each.port.id: each for each in guest.report.ports}
        assert set(ports) == {SPEAKER_PORT, MIC_PORT}
        speaker = ports[SPEAKER_PORT]
        assert (speaker.port.kind, speaker.port.order) == ("builtInSpeaker", 0)
        assert speaker.input is None
        assert speaker.output is not None
        assert speaker.output.channels == ("FL", "FR")
        assert speaker.output.sample_rate == 48000.0
        assert (speaker.output.buffer_s, speaker.output.latency_s) == (0.01, 0.02)
        assert speaker.output.volume == pytest.approx(0.5)
        assert guest.report.route == RoutePorts(inputs=(MIC_PORT,), outputs=(SPEAKER_PORT,))
        assert guest.report.output_volume == pytest.approx(0.5)
        assert guest.report.input_gain == pytest.approx(0.3)
        assert guest.report.up


async def test_the_first_request_is_no_change_and_the_next_one_is() -> None:
    async with desk() as stage:
        session, guest = stage.guest(JOINED)
        assert guest.changes == []
        assert guest.inputs() == (MIC_PORT,)
        stage.engine.routing.request(session, PLAYS)
        (change,) = guest.changes
        assert change.reason is _Reason.CATEGORY_CHANGE
        assert guest.words[-2:] == ["report", "route CATEGORY_CHANGE"]
        stage.engine.routing.request(session, PLAYS)
        assert len(guest.changes) == 1


async def test_who_never_asked_hears_nothing_and_is_not_moved() -> None:
    async with desk(headset=True) as stage:
        session, ear = stage.open()
        stream = stage.server.play(pid=100, endpoint=SPEAKER.id)
        await activate(session, "voice_call")
        await turns()
        assert stage.server.calls == []
        assert stage.server.where(stream) == SPEAKER.id
        assert ear.words == []
        with pytest.raises(IllegalRequestError):
            stage.engine.routing.request(session, JOINED)
        with pytest.raises(IllegalRequestError):
            stage.engine.routing.override(session, True)


async def test_the_last_in_wins_and_what_goes_is_told_before_it_is_noisy() -> None:
    async with desk() as stage:
        session, guest = stage.guest()
        await activate(session, "music")
        stage.server.plug_headphones(True)
        assert guest.changes[-1].reason is _Reason.NEW_DEVICE_AVAILABLE
        assert guest.outputs() == (HEADPHONES_PORT,)
        guest.words.clear()
        stage.server.plug_headphones(False)
        assert guest.words[:3] == ["report", "route OLD_DEVICE_UNAVAILABLE", "noisy"]
        change = guest.changes[-1]
        assert change.lost == (HEADPHONES_PORT,)
        assert change.noisy
        assert guest.outputs() == (SPEAKER_PORT,)


async def test_the_users_default_is_the_route_of_a_session_that_plays() -> None:
    async with desk() as stage:
        _, guest = stage.guest()
        stage.server.show_endpoints(*stage.server.endpoints, USB)
        stage.server.connect_headset()
        assert guest.outputs() == (MUSIC_PORT,)
        stage.server.choose(USB.id)
        assert guest.outputs() == (USB.id,)
        assert guest.changes[-1].reason is _Reason.OVERRIDE
        stage.server.choose(SPEAKER.id)
        assert guest.outputs() == (SPEAKER_PORT,)
        stage.server.lose_headset()
        assert guest.outputs() == (SPEAKER_PORT,)
        stage.server.connect_headset()
        assert guest.outputs() == (MUSIC_PORT,)
        speaker = next(p.port for p in guest.report.ports if p.port.id == SPEAKER_PORT)
        assert speaker.built_in


async def test_the_default_at_the_start_came_last() -> None:
    stage = desk()
    stage.server.endpoints += (USB, USB_MIC)
    async with stage:
        _, guest = stage.guest(JOINED)
        assert guest.outputs() == (SPEAKER_PORT,)
        assert guest.inputs() == (MIC_PORT,)


async def test_a_headset_has_the_same_ports_in_every_profile() -> None:
    async with desk(headset=True) as stage:
        _, guest = stage.guest(CALLING)
        there = {MUSIC_PORT, CALLS_PORT, CALLS_MIC_PORT}
        assert {p.port.id for p in guest.report.ports if p.port.device == "bluez_card"} == there
        assert guest.report.route == RoutePorts(inputs=(CALLS_MIC_PORT,), outputs=(CALLS_PORT,))
        kinds = {each.port.id: each.port.kind for each in guest.report.ports}
        assert kinds[MUSIC_PORT] == "bluetoothA2dp"
        assert kinds[CALLS_PORT] == kinds[CALLS_MIC_PORT] == "bluetoothSco"
        stage.server.show_profile("bluez_card", "hfp")
        assert {p.port.id for p in guest.report.ports if p.port.device == "bluez_card"} == there
        assert guest.changes == []
        stage.server.show_profile("bluez_card", "off")
        await turns()
        assert not {p.port.id for p in guest.report.ports} & there


async def test_no_input_at_all_is_told_so() -> None:
    async with desk() as stage:
        stage.server.show_cards()
        stage.server.show_endpoints(replace(SPEAKER, card=""))
        _, guest = stage.guest(PLAYS)
        session, other = stage.guest(JOINED, app="recorder", pid=200)
        assert other.inputs() == ()
        assert other.report.input_gain == 0.0
        stage.server.show_endpoints(replace(SPEAKER, card=""), replace(MIC, card=""))
        assert other.inputs() == (MIC.id,)
        stage.server.show_endpoints(replace(SPEAKER, card=""))
        assert other.changes[-1].reason is _Reason.NO_SUITABLE_ROUTE_FOR_CATEGORY
        assert guest.changes == []
        with pytest.raises(IllegalRequestError):
            await stage.engine.routing.set_input_gain(session, 0.5)


async def test_an_override_is_for_those_that_play_and_record_and_ends_when_held() -> None:
    async with desk() as stage:
        session, guest = stage.guest(JOINED)
        await activate(session, "music")
        stage.server.plug_headphones(True)
        assert guest.outputs() == (HEADPHONES_PORT,)
        stage.engine.routing.override(session, True)
        assert guest.report.overridden
        assert guest.outputs() == (SPEAKER_PORT,)
        assert guest.changes[-1].reason is _Reason.OVERRIDE
        ringing, _ = stage.open("phone", pid=300)
        await activate(ringing, "voice_call")
        assert not guest.report.overridden
        assert guest.outputs() == (HEADPHONES_PORT,)
        player, other = stage.guest(app="player", pid=200)
        before = other.report
        with pytest.raises(IllegalRequestError):
            stage.engine.routing.override(player, True)
        with pytest.raises(InvalidTypeError):
            stage.engine.routing.override(player, 1)
        assert other.report == before


async def test_a_preferred_input_is_one_that_is_available() -> None:
    async with desk() as stage:
        session, guest = stage.guest(JOINED)
        stage.server.show_endpoints(*stage.server.endpoints, USB_MIC)
        assert guest.inputs() == (USB_MIC.id,)
        stage.engine.routing.prefer_input(session, MIC_PORT)
        assert guest.report.preferred_input == MIC_PORT
        assert guest.inputs() == (MIC_PORT,)
        with pytest.raises(UnknownNameError) as error:
            stage.engine.routing.prefer_input(session, CALLS_MIC_PORT)
        assert set(error.value.known) == {MIC_PORT, USB_MIC.id}
        assert guest.report.preferred_input == MIC_PORT
        stage.engine.routing.prefer_input(session, "")
        assert guest.inputs() == (USB_MIC.id,)


async def test_the_gain_of_the_input_is_a_knob_that_all_share() -> None:
    async with desk() as stage:
        session, guest = stage.guest(JOINED)
        _, other = stage.guest(JOINED, app="other", pid=200)
        await stage.engine.routing.set_input_gain(session, 0.5)
        assert stage.server.did("set_volume") == [(MIC.id, pytest.approx(0.125))]
        await turns()
        assert guest.report.input_gain == pytest.approx(0.5)
        assert other.report.input_gain == pytest.approx(0.5)
        for wrong in (-0.1, 1.1, float("nan")):
            with pytest.raises(InvalidValueError):
                await stage.engine.routing.set_input_gain(session, wrong)
        with pytest.raises(InvalidTypeError):
            await stage.engine.routing.set_input_gain(session, True)
        stage.server.refuses = True
        with pytest.raises(UnsupportedError):
            await stage.engine.routing.set_input_gain(session, 0.7)


async def test_muted_streams_are_silent_whatever_the_system_does_and_come_back() -> None:
    async with desk() as stage:
        session, _ = stage.guest(JOINED)
        playing = stage.server.play(pid=100)
        recording = stage.server.play(pid=100, direction=IN, endpoint=MIC.id)
        await activate(session, "voice_call")
        stage.engine.routing.mute(session, input=False, output=True)
        assert (stage.factor(playing), stage.factor(recording)) == (0.0, 1.0)
        stage.engine.routing.mute(session, input=True, output=False)
        assert (stage.factor(playing), stage.factor(recording)) == (1.0, 0.0)
        late = stage.server.play(pid=100, direction=IN, endpoint=MIC.id)
        assert stage.factor(late) == 0.0
        with pytest.raises(InvalidTypeError):
            stage.engine.routing.mute(session, input=1, output=False)  # type: ignore[arg-type]
        assert not stage.engine.idle
        await session.close()
        assert (stage.factor(recording), stage.factor(late)) == (1.0, 1.0)


async def test_a_fade_does_not_unmute_and_reset_does() -> None:
    async with desk() as stage:
        session, _ = stage.guest()
        stream = stage.server.play(pid=100)
        await activate(session, "music")
        stage.engine.routing.mute(session, input=False, output=True)
        prompt, _ = stage.open("prompt", pid=200)
        await activate(prompt, "navigation_prompt")
        stage.clock.advance(5.0)
        assert stage.factor(stream) == 0.0
        stage.engine.routing.mute(session, input=False, output=False)
        assert 0.0 < stage.factor(stream) < 1.0
        stage.engine.routing.mute(session, input=False, output=True)
        stage.engine.reset()
        assert stage.factor(stream) == 1.0


async def test_others_that_play_are_told_and_how_prompts_sound() -> None:
    async with desk() as stage:
        _, guest = stage.guest()
        assert (guest.report.other_audio, guest.report.prompt_style) == (False, NORMAL)
        music = stage.server.play(pid=7, media_role="Music")
        await turns()
        assert guest.report.other_audio
        assert guest.report.primary_audio
        assert guest.words.count("report") == 1
        stage.server.change(music, running=False)
        stage.clock.advance(60.0)
        await turns()
        assert not guest.report.other_audio
        call, _ = stage.open("phone", pid=300)
        await activate(call, "voice_call")
        await turns()
        assert guest.report.prompt_style == SHORT
        await call.deactivate(notify_others=True)
        recorder, _ = stage.open("recorder", pid=301)
        await activate(recorder, "recording")
        await turns()
        assert guest.report.prompt_style == NONE
        await recorder.close()
        await turns()
        assert guest.report.prompt_style == NORMAL


async def test_its_own_streams_are_told_and_are_nobody_elses_audio() -> None:
    async with desk() as stage:
        session, guest = stage.guest(JOINED)
        await activate(session, "voice_call")
        playing = stage.server.play(pid=100)
        recording = stage.server.play(pid=100, direction=IN, endpoint=MIC.id)
        await turns()
        assert (guest.report.plays, guest.report.records) == (True, True)
        assert not guest.report.other_audio
        stage.server.end(playing)
        stage.server.end(recording)
        await turns()
        assert (guest.report.plays, guest.report.records) == (False, False)


async def test_a_server_that_dies_takes_the_ports_with_it() -> None:
    async with desk() as stage:
        _, guest = stage.guest()
        stage.server.die()
        await turns()
        assert not guest.report.up
        assert guest.report.ports == ()
        stage.server.live()
        await turns()
        assert guest.report.up
        assert guest.outputs() == (SPEAKER_PORT,)


async def test_what_a_listener_raises_disturbs_nobody() -> None:
    class Deaf(Guest):
        def routing_changed(self, report: object) -> None:
            raise RuntimeError("deaf")

        def route_changed(self, change: object) -> None:
            raise RuntimeError("deaf")

    async with desk() as stage:
        session, _ = stage.open()
        stage.engine.routing.join(session, Deaf())
        _, guest = stage.guest(app="other", pid=200)
        stage.server.plug_headphones(True)
        assert guest.outputs() == (HEADPHONES_PORT,)


async def test_a_closed_session_hears_no_more() -> None:
    async with desk() as stage:
        session, guest = stage.guest()
        await session.close()
        count = len(guest.words)
        stage.server.plug_headphones(True)
        await turns()
        assert guest.words[count:] == []
        with pytest.raises(ClosedError):
            stage.engine.routing.join(session, guest)


async def test_requests_are_kept_while_the_ports_cannot_serve_them() -> None:
    async with desk() as stage:
        _, guest = stage.guest(RouteRequest(several=True))
        assert guest.outputs() == (SPEAKER_PORT,)
        stage.server.plug_headphones(True)
        stage.server.show_endpoints(*stage.server.endpoints, USB)
        assert guest.outputs() == (USB.id, HEADPHONES_PORT)


async def test_the_status_says_where_a_session_is_routed() -> None:
    async with desk() as stage:
        _, guest = stage.guest(JOINED)
        stage.open("other", pid=200)
        assert [each.route for each in stage.engine.status().sessions] == [
            ("Speaker", "Microphone"),
            (),
        ]
        assert guest.changes == []


async def test_joining_anew_takes_the_place_of_who_heard_before() -> None:
    async with desk() as stage:
        session, guest = stage.guest(JOINED)
        other = Guest()
        other.reports.append(stage.engine.routing.join(session, other))
        assert other.inputs() == (MIC_PORT,)
        count = len(guest.words)
        stage.server.plug_headphones(True)
        assert other.words == ["report", "route NEW_DEVICE_AVAILABLE"]
        assert guest.words[count:] == ["devices"]

"""Ports of cards by what they are in each profile, and PulseAudio's cards and sinks as values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession.devices import AudioDeviceType
from audiosession.service.servers.base import Card, CardPort, CardProfile, Direction
from audiosession.service.servers.card_ports import own_name, port_name
from audiosession.service.servers.pulse_cards import card
from audiosession.service.servers.pulse_endpoints import endpoints
from audiosession.service.servers.pulse_values import Node, Port, PortOnCard, Server, SoundCard

SERVER = Server(cookie=1, name="pulseaudio", default_sink="sink", default_source="")
HEADSET = SoundCard(
    index=3,
    name="bluez_card.00",
    profile="a2dp_sink",
    profiles=(
        CardProfile(name="off", text="Off"),
        CardProfile(name="headset_head_unit", text="Speech", priority=30),
        CardProfile(name="a2dp_sink", text="Music", priority=40),
        CardProfile(name="handsfree_head_unit", text="Speech", priority=35),
    ),
    ports=(
        PortOnCard(
            name="headset-output",
            text="Headset",
            playback=True,
            available=True,
            profiles=("headset_head_unit", "a2dp_sink", "handsfree_head_unit"),
        ),
        PortOnCard(
            name="headset-input",
            text="Headset",
            playback=False,
            available=None,
            profiles=("headset_head_unit", "handsfree_head_unit"),
        ),
    ),
    properties={"device.bus": "bluetooth", "device.api": "bluez", "device.description": "Buds"},
)
SINK = Node(
    index=5,
    direction=Direction.PLAYBACK,
    name="sink",
    text="Buds",
    ports=(Port(name="headset-output", text="Headset", available=True),),
    active_port="headset-output",
    properties=HEADSET.properties,
    profile="a2dp_sink",
    card=HEADSET.name,
    hardware=True,
    channels=("front-left", "front-right"),
    rate=44100,
    buffer_us=40_000,
    latency_us=50_000,
    volume=(65536, 32768),
    muted=True,
)


def test_a_headset_is_one_port_for_music_and_another_for_speech() -> None:
    found = card(HEADSET)
    assert (found.id, found.text, found.profile) == ("bluez_card.00", "Buds", "a2dp_sink")
    assert found.removable
    assert found.ports == (
        CardPort(
            name="headset-output",
            text="Headset",
            direction=Direction.PLAYBACK,
            type=AudioDeviceType.BLUETOOTH_A2DP,
            profiles=("a2dp_sink",),
        ),
        CardPort(
            name="headset-output@hfp",
            text="Headset",
            direction=Direction.PLAYBACK,
            type=AudioDeviceType.BLUETOOTH_SCO,
            profiles=("handsfree_head_unit", "headset_head_unit"),
        ),
        CardPort(
            name="headset-input",
            text="Headset",
            direction=Direction.CAPTURE,
            type=AudioDeviceType.BLUETOOTH_SCO,
            profiles=("handsfree_head_unit", "headset_head_unit"),
        ),
    )


def test_a_headset_for_speech_alone_keeps_its_ports_name() -> None:
    (port, _) = HEADSET.ports
    only = replace(HEADSET, ports=(replace(port, profiles=("headset_head_unit",)),))
    (found,) = card(only).ports
    assert (found.name, found.type) == ("headset-output", AudioDeviceType.BLUETOOTH_SCO)


def test_a_port_of_a_sound_card_is_one_in_all_its_profiles() -> None:
    built_in = SoundCard(
        index=1,
        name="alsa_card.pci",
        profile="",
        profiles=(CardProfile(name="duplex", text=""), CardProfile(name="output", text="")),
        ports=(
            PortOnCard(
                name="analog-output-speaker",
                text="Speaker",
                playback=True,
                available=False,
                profiles=("output", "duplex"),
            ),
            PortOnCard(name="none", text="", playback=True, available=None, profiles=()),
        ),
        properties={"device.bus": "pci"},
    )
    found = card(built_in)
    speaker, none = found.ports
    assert (speaker.type, speaker.available) == (AudioDeviceType.BUILT_IN_SPEAKER, False)
    assert speaker.profiles == ("output", "duplex")
    assert (none.name, none.profiles) == ("none", ())
    assert (found.text, found.removable) == ("alsa_card.pci", False)


def test_a_port_is_found_under_the_name_of_its_profile() -> None:
    found = card(HEADSET)
    out = Direction.PLAYBACK
    assert port_name(found, out, "headset-output") == "headset-output"
    assert port_name(found, out, "headset-output", "headset_head_unit") == "headset-output@hfp"
    assert port_name(found, out, "headset-output", "off") == "headset-output"
    assert port_name(None, out, "other") == "other"
    assert own_name("headset-output@hfp") == own_name("headset-output") == "headset-output"


@pytest.mark.parametrize(
    ("profile", "name", "type"),
    [
        ("a2dp_sink", "headset-output", AudioDeviceType.BLUETOOTH_A2DP),
        ("handsfree_head_unit", "headset-output@hfp", AudioDeviceType.BLUETOOTH_SCO),
    ],
)
def test_an_endpoint_says_all_of_its_sink(profile: str, name: str, type: AudioDeviceType) -> None:
    cards: tuple[Card, ...] = (card(HEADSET),)
    (found,) = endpoints([replace(SINK, profile=profile)], SERVER, cards)
    assert (found.port, found.type, found.card) == (name, type, HEADSET.name)
    # Its id is the same under either name.
    assert found.id == "sink#headset-output"
    assert (found.channels, found.sample_rate) == (("FL", "FR"), 44100.0)
    assert (found.buffer_s, found.latency_s) == (0.04, 0.05)
    assert (found.volumes, found.muted) == ((1.0, 0.125), True)


@pytest.mark.parametrize(
    ("latency_us", "told_s"),
    [(50_000, 0.05), (62_000, 0.05), (0, 0.05), (200_000, 0.2), (10_000, 0.01)],
)
def test_a_latency_that_wavers_is_the_same(latency_us: int, told_s: float) -> None:
    before = endpoints([SINK], SERVER)
    (found,) = endpoints([replace(SINK, latency_us=latency_us)], SERVER, (), before)
    assert found.latency_s == told_s
    assert (found == before[0]) is (told_s == 0.05)


def test_every_channel_has_a_short_name() -> None:
    names = ("mono", "front-left-of-center", "rear-center", "lfe", "top-rear-left", "aux12")
    (found,) = endpoints([replace(SINK, channels=names)], SERVER)
    assert found.channels == ("MONO", "FLC", "RC", "LFE", "TRL", "AUX12")

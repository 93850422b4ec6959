"""The platforms' constants: names by the mechanical rule, values by the platforms' headers."""

from __future__ import annotations

import ast
import inspect
import re
from enum import Enum
from types import ModuleType

import pytest

from audiosession import devices, errors, interruptions
from audiosession.android import constants as android
from audiosession.apple import constants as apple
from audiosession.apple import legality

# Swift's names with the values of AVAudioSessionTypes.h.
APPLE: dict[type[Enum], dict[str, str | int]] = {
    apple.AVAudioSessionCategory: {
        name: f"AVAudioSessionCategory{name[0].upper()}{name[1:]}"
        for name in (
            "ambient",
            "soloAmbient",
            "playback",
            "record",
            "playAndRecord",
            "audioProcessing",
            "multiRoute",
        )
    },
    apple.AVAudioSessionMode: {
        name: f"AVAudioSessionMode{name[0].upper()}{name[1:]}"
        for name in (
            "default",
            "gameChat",
            "measurement",
            "moviePlayback",
            "spokenAudio",
            "videoChat",
            "videoRecording",
            "voiceChat",
            "voicePrompt",
            "shortFormVideo",
            "dualRoute",
        )
    },
    apple.AVAudioSessionCategoryOptions: {
        "none": 0,
        "mixWithOthers": 0x1,
        "duckOthers": 0x2,
        "allowBluetooth": 0x4,
        "allowBluetoothHFP": 0x4,
        "defaultToSpeaker": 0x8,
        "interruptSpokenAudioAndMixWithOthers": 0x11,
        "allowBluetoothA2DP": 0x20,
        "allowAirPlay": 0x40,
        "overrideMutedMicrophoneInterruption": 0x80,
        "farFieldInput": 0x40000,
        "bluetoothHighQualityRecording": 0x80000,
    },
    apple.AVAudioSessionRouteSharingPolicy: {
        "default": 0,
        "longFormAudio": 1,
        "longForm": 1,
        "independent": 2,
        "longFormVideo": 3,
    },
    apple.AVAudioSessionSetActiveOptions: {"none": 0, "notifyOthersOnDeactivation": 1},
}

# android.media.AudioAttributes and AudioManager.
ANDROID: dict[type[Enum], dict[str, int]] = {
    android.AndroidAudioContentType: {
        "UNKNOWN": 0,
        "SPEECH": 1,
        "MUSIC": 2,
        "MOVIE": 3,
        "SONIFICATION": 4,
    },
    android.AndroidAudioUsage: {
        "UNKNOWN": 0,
        "MEDIA": 1,
        "VOICE_COMMUNICATION": 2,
        "VOICE_COMMUNICATION_SIGNALLING": 3,
        "ALARM": 4,
        "NOTIFICATION": 5,
        "NOTIFICATION_RINGTONE": 6,
        "NOTIFICATION_COMMUNICATION_REQUEST": 7,
        "NOTIFICATION_COMMUNICATION_INSTANT": 8,
        "NOTIFICATION_COMMUNICATION_DELAYED": 9,
        "NOTIFICATION_EVENT": 10,
        "ASSISTANCE_ACCESSIBILITY": 11,
        "ASSISTANCE_NAVIGATION_GUIDANCE": 12,
        "ASSISTANCE_SONIFICATION": 13,
        "GAME": 14,
        "ASSISTANT": 16,
        "CALL_ASSISTANT": 17,
        "EMERGENCY": 1000,
        "SAFETY": 1001,
        "VEHICLE_STATUS": 1002,
        "ANNOUNCEMENT": 1003,
        "SPEAKER_CLEANUP": 1004,
    },
    android.AndroidAudioFlags: {
        "NONE": 0,
        "AUDIBILITY_ENFORCED": 1,
        "HW_AV_SYNC": 16,
        "LOW_LATENCY": 256,
    },
    android.AndroidAudioFocusGainType: {
        "GAIN": 1,
        "GAIN_TRANSIENT": 2,
        "GAIN_TRANSIENT_MAY_DUCK": 3,
        "GAIN_TRANSIENT_EXCLUSIVE": 4,
    },
}


def upper_snake(swift: str) -> str:
    """Applies the naming rule: a word begins at each capital that follows a small letter."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", swift).upper()


@pytest.mark.parametrize("kind", APPLE, ids=lambda kind: kind.__name__)
def test_apple_names_follow_swift_and_values_are_apples(kind: type[Enum]) -> None:
    expected = {upper_snake(name): value for name, value in APPLE[kind].items()}
    public = {name: member for name, member in kind.__members__.items() if name[0] != "_"}
    assert {name: member.value for name, member in public.items()} == expected


@pytest.mark.parametrize("kind", ANDROID, ids=lambda kind: kind.__name__)
def test_android_names_and_numbers_are_androids(kind: type[Enum]) -> None:
    assert {name: member.value for name, member in kind.__members__.items()} == ANDROID[kind]


@pytest.mark.parametrize(
    "module",
    [apple, android, legality, devices, interruptions, errors],
    ids=lambda module: module.__name__,
)
def test_every_enum_member_has_a_docstring(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module))
    undocumented: list[str] = []
    seen = 0
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        kind = getattr(module, node.name)
        if not issubclass(kind, Enum):
            continue
        for statement, following in zip(node.body, [*node.body[1:], None], strict=True):
            if not isinstance(statement, ast.Assign):
                continue
            seen += 1
            if not (
                isinstance(following, ast.Expr)
                and isinstance(following.value, ast.Constant)
                and isinstance(following.value.value, str)
            ):
                undocumented.append(f"{node.name}.{ast.unparse(statement.targets[0])}")
    assert seen > 0
    assert undocumented == []


def test_interrupting_spoken_audio_holds_the_mixing_bit() -> None:
    options = apple.AVAudioSessionCategoryOptions
    assert options.MIX_WITH_OTHERS in options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS
    joined = options.DUCK_OTHERS | options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS
    assert joined.value == 0x13
    assert options(0x13) == joined
    assert (joined & ~options.DUCK_OTHERS).value == 0x11
    assert (joined & ~options.MIX_WITH_OTHERS).value == 0x12


def test_old_bluetooth_name_is_the_same_member() -> None:
    members = apple.AVAudioSessionCategoryOptions.__members__
    assert members["ALLOW_BLUETOOTH"] is members["ALLOW_BLUETOOTH_HFP"]


@pytest.mark.parametrize("value", [0x100, 0x20000, -1])
def test_apple_options_refuse_bits_without_meaning(value: int) -> None:
    with pytest.raises(ValueError, match="invalid value"):
        apple.AVAudioSessionCategoryOptions(value)


def test_android_flags_keep_bits_that_are_not_public() -> None:
    flags = android.AndroidAudioFlags(0x801)
    assert android.AndroidAudioFlags.AUDIBILITY_ENFORCED in flags
    assert flags.value == 0x801

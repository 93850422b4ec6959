"""What a rig's servers find written in their settings, and where their parts lie."""

from __future__ import annotations

# Floats, so that nothing is rounded that a test measures.
NULL_SINK = "rate=48000 channels=2 format=float32le"

BLUETOOTH_PARTS = {
    "pipewire": (
        "usr/lib/*/spa-0.2/bluez5/libspa-bluez5.so",
        "usr/lib*/spa-0.2/bluez5/libspa-bluez5.so",
    ),
    "pulseaudio": (
        "usr/lib*/pulse-*/modules/module-bluez5-discover.so",
        "usr/lib*/*/pulse-*/modules/module-bluez5-discover.so",
        "usr/lib*/pulseaudio/modules/module-bluez5-discover.so",
    ),
}
"""Where the part of a server may lie that knows BlueZ, by the server's name."""

# Before the discovery, so that they know the cards and devices it makes.
_PULSE_MODULES = (
    "load-module module-device-restore",
    "load-module module-card-restore",
    "load-module module-bluez5-discover headset=ofono",
)

_BACKEND = "bluez5.hfphsp-backend"
# One, so that it is always the same.
_CODECS = "bluez5.codecs"


def pipewire_files(*, sink: str, quantum: int | None, bluetooth: bool) -> dict[str, str]:
    """Returns the settings of PipeWire and WirePlumber by their paths below XDG_CONFIG_HOME.

    Args:
        sink: Name of the one null sink.
        quantum: Samples a cycle of the graph; None for the server's choice.
        bluetooth: Whether WirePlumber looks for BlueZ. For all other hardware it never does.
    """
    rates = ""
    if quantum is not None:
        names = ("quantum", "min-quantum", "max-quantum")
        rates = " ".join(f"default.clock.{name} = {quantum}" for name in names)
        rates = f"context.properties = {{ {rates} }}\n"
    return {
        "pipewire/pipewire.conf.d/rig.conf": rates + _pipewire_sink(sink),
        **_wireplumber_04(bluetooth=bluetooth),
        **_wireplumber_05(bluetooth=bluetooth),
    }


def _pipewire_sink(name: str) -> str:
    return (
        "context.objects = [ { factory = adapter args = {\n"
        "  factory.name = support.null-audio-sink\n"
        f"  node.name = {name}\n"
        '  node.description = "Main"\n'
        "  media.class = Audio/Sink\n"
        "  audio.position = [ FL FR ]\n"
        "  audio.rate = 48000\n"
        "  monitor.channel-volumes = true\n"
        # A sink that falls asleep would cut the first sound of a recording short.
        "  session.suspend-timeout-seconds = 0\n"
        "} } ]\n"
    )


def _wireplumber_04(*, bluetooth: bool) -> dict[str, str]:
    monitors = ("alsa", "v4l2", "libcamera")
    off = "".join(f"{kind}_monitor.enabled = false\n" for kind in monitors)
    # Nobody is logged in at any seat.
    settings = {_BACKEND: '"ofono"', _CODECS: '"[ sbc ]"', "with-logind": "false"}
    on = "".join(f'bluez_monitor.properties["{k}"] = {v}\n' for k, v in settings.items())
    return {
        "wireplumber/main.lua.d/80-rig.lua": off,
        "wireplumber/bluetooth.lua.d/80-rig.lua": (
            on if bluetooth else "bluez_monitor.enabled = false\n"
        ),
    }


def _wireplumber_05(*, bluetooth: bool) -> dict[str, str]:
    off = "monitor.bluez.seat-monitoring" if bluetooth else "hardware.bluetooth"
    features = ("hardware.audio", "hardware.video-capture", off)
    profile = " ".join(f"{feature} = disabled" for feature in features)
    return {
        "wireplumber/wireplumber.conf.d/80-rig.conf": (
            f"wireplumber.profiles = {{ main = {{ {profile} }} }}\n"
            f"monitor.bluez.properties = {{ {_BACKEND} = ofono {_CODECS} = [ sbc ] }}\n"
        )
    }


def pulse_script(*, sink: str, modules: tuple[str, ...], bluetooth: bool) -> str:
    """Returns PulseAudio's start script.

    Args:
        sink: Name of the one null sink.
        modules: Lines to add.
        bluetooth: Whether it looks for BlueZ, and keeps what a desktop keeps of cards and devices.
    """
    lines = (
        ".fail",
        "load-module module-stream-restore restore_device=false",
        "load-module module-native-protocol-unix",
        f"load-module module-null-sink sink_name={sink} {NULL_SINK}",
        f"set-default-sink {sink}",
        *(_PULSE_MODULES if bluetooth else ()),
        *modules,
    )
    return "\n".join(lines) + "\n"

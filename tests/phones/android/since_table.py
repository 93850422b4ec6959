"""Writes the table of levels that the package keeps; run it to make the table anew::

python -m tests.phones.android.since_table src/audiosession/hosts/android/since.py
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from .declarations import OLDEST, Declared, read

USED = (
    "android.content.BroadcastReceiver",
    "android.content.Context",
    "android.content.Intent",
    "android.content.IntentFilter",
    "android.content.pm.PackageManager",
    "android.media.AudioAttributes",
    "android.media.AudioAttributes$Builder",
    "android.media.AudioDescriptor",
    "android.media.AudioDeviceCallback",
    "android.media.AudioDeviceInfo",
    "android.media.AudioFocusRequest",
    "android.media.AudioFocusRequest$Builder",
    "android.media.AudioFormat",
    "android.media.AudioFormat$Builder",
    "android.media.AudioManager",
    "android.media.AudioManager$OnAudioFocusChangeListener",
    "android.media.AudioManager$OnCommunicationDeviceChangedListener",
    "android.media.AudioManager$OnModeChangedListener",
    "android.media.AudioProfile",
    "android.media.MicrophoneInfo",
    "android.media.MicrophoneInfo$Coordinate3F",
    "android.os.Build$VERSION",
    "android.os.Handler",
    "android.os.Looper",
    "android.util.Pair",
    "android.view.KeyEvent",
)
"""The classes of Android that the host uses."""

KEPT = {
    "Context": (
        "AUDIO_SERVICE",
        "RECEIVER_EXPORTED",
        "RECEIVER_NOT_EXPORTED",
        "checkCallingOrSelfPermission",
        "checkSelfPermission",
        "getApplicationContext",
        "getMainExecutor",
        "getPackageName",
        "getSystemService",
        "registerReceiver",
        "sendBroadcast",
        "unregisterReceiver",
    ),
    "Intent": (
        "getAction",
        "getBooleanExtra",
        "getIntArrayExtra",
        "getIntExtra",
        "getStringExtra",
        "putExtra",
    ),
    "IntentFilter": ("addAction",),
    "BroadcastReceiver": ("onReceive",),
    "PackageManager": ("PERMISSION_DENIED", "PERMISSION_GRANTED"),
    "Build.VERSION": ("SDK_INT",),
    "Handler": (),
    "Looper": ("getMainLooper", "myLooper"),
    "KeyEvent": ("getAction", "getDownTime", "getEventTime", "getKeyCode", "getRepeatCount"),
    "Pair": ("first", "second"),
}
"""The members that the host may use of classes that have little to do with sound."""

_HEAD = '''"""Which of Android's classes the host uses, and the API levels of their members.

Made by ``tests/phones/android/since_table.py``, not by hand. Source: the ``@since`` of the
declarations in the npm package ``@nativescript/types-android`` 9.1.1, which has them from the
platform's api-versions.xml.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["CLASSES", "OLDEST", "SINCE"]

OLDEST: Final = {oldest}
"""What is in no table is at least as old as this level."""

'''

_CLASSES = '''CLASSES: Final[Mapping[str, str]] = {
    name.rpartition(".")[2].replace("$", "."): name for name in _NAMES
}
"""The classes, by the names that members are called by here."""

'''


def levels(declared: Declared) -> dict[str, int]:
    """The level of a class and of those members that are younger, by the names of the table.

    Overloads that differ in their level stand with the number of their arguments.
    """
    found: dict[str, int] = {}
    if declared.since > OLDEST:
        found[declared.short] = declared.since
    younger = defaultdict(set)
    for method in declared.methods:
        younger[method.name].add((len(method.parameters), method.since))
    for each in declared.fields:
        younger[each.name].add((0, each.since))
    kept = KEPT.get(declared.short)
    for name, members in younger.items():
        if kept is not None and name not in kept:
            continue
        if len({level for _, level in members}) == 1:
            (level,) = {level for _, level in members}
            if level > max(OLDEST, declared.since):
                found[f"{declared.short}.{name}"] = level
            continue
        for count in sorted({count for count, _ in members}):
            # Of overloads with as many arguments the oldest counts; Java tells them apart.
            level = min(level for number, level in members if number == count)
            if level > max(OLDEST, declared.since):
                found[f"{declared.short}.{name}/{count}"] = level
    return found


def table() -> str:
    """The module's source."""
    known = read()
    lines = [_HEAD.format(oldest=OLDEST), "_NAMES: Final = (\n"]
    lines += [f'    "{name}",\n' for name in USED]
    lines.append(")\n\n" + _CLASSES)
    lines.append("SINCE: Final[Mapping[str, int]] = {\n")
    for name in USED:
        lines += [f'    "{key}": {level},\n' for key, level in levels(known[name]).items()]
    lines.append('}\n"""The levels of classes and members that came later."""\n')
    return "".join(lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(table(), encoding="utf-8")

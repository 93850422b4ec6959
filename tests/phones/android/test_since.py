"""The table of levels is that of the declarations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audiosession.hosts.android import since as kept
from audiosession.hosts.android.api import since

from .declarations import OLDEST, read
from .since_table import KEPT, USED, table

PACKAGE = Path(kept.__file__).parent
_MEMBER = re.compile(r'"((?:[A-Z]\w+\.)+\w+)"')


def test_the_table_is_that_of_the_declarations() -> None:
    assert Path(kept.__file__).read_text(encoding="utf-8") == table()


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_each_member_named_is_declared(path: Path) -> None:
    for member in _MEMBER.findall(path.read_text(encoding="utf-8")):
        owner, _, name = member.rpartition(".")
        if owner not in kept.CLASSES:
            assert member in kept.CLASSES or path.stem == "since", member
            continue
        declared = read()[kept.CLASSES[owner]]
        names = {each.name for each in declared.methods}
        names |= {each.name for each in declared.fields}
        assert name in names or member in kept.CLASSES, member
        assert owner not in KEPT or name in KEPT[owner], f"{member} is not in the table"


def test_a_member_is_as_young_as_its_class_and_itself() -> None:
    assert since("AudioManager.getMode") == OLDEST
    assert since("AudioFocusRequest.Builder.setFocusGain") == 26
    assert since("AudioFocusRequest.Builder.setForceDucking") == 28
    assert since("AudioManager.requestAudioFocus/3") == OLDEST
    assert since("AudioManager.requestAudioFocus/1") == 26
    with pytest.raises(KeyError):
        since("MediaPlayer.start")


def test_every_class_used_is_declared() -> None:
    assert set(USED) <= set(read())
    assert set(kept.CLASSES.values()) == set(USED)

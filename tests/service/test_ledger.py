"""What is in the ledger outlives the process; what is damaged is never believed."""

import json
import logging
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiosession.errors import InvalidTypeError, LimitError
from audiosession.service.ledger import MAX_BYTES, MAX_ENTRIES, Ledger

ENTRIES: dict[str, dict[str, object]] = {
    "one": {"volumes": [65536, 40001], "name": "Musik ♪"},
    "two": {"volumes": [1], "nested": {"a": None, "b": 0.1}},
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.json"


def test_what_was_put_is_there_for_the_next_process(path: Path) -> None:
    Ledger(path).put_all(ENTRIES)
    assert Ledger(path).entries() == ENTRIES


def test_removed_entries_are_gone_and_others_stay(path: Path) -> None:
    ledger = Ledger(path)
    ledger.put_all(ENTRIES)
    ledger.remove(["one", "never there"])
    assert ledger.entries() == Ledger(path).entries() == {"two": ENTRIES["two"]}


def test_a_later_put_wins_and_keeps_the_others(path: Path) -> None:
    ledger = Ledger(path)
    ledger.put_all(ENTRIES)
    ledger.put_all({"one": {"volumes": [7]}})
    assert Ledger(path).entries() == ENTRIES | {"one": {"volumes": [7]}}


def test_nothing_is_written_when_nothing_changes(path: Path) -> None:
    ledger = Ledger(path)
    ledger.put_all(ENTRIES)
    before = path.stat().st_ino
    ledger.put_all({"two": ENTRIES["two"]})
    ledger.remove(["three"])
    assert path.stat().st_ino == before


def test_reading_makes_no_file(path: Path) -> None:
    assert Ledger(path).entries() == {}
    assert not path.parent.exists()


def test_what_is_handed_out_is_a_copy(path: Path) -> None:
    ledger = Ledger(path)
    ledger.put_all(ENTRIES)
    ledger.entries()["one"]["volumes"] = []
    assert ledger.entries() == ENTRIES


def test_only_the_user_may_read_it_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        Ledger(path).put_all(ENTRIES)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_link_put_in_its_way_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("mine")
    path.with_name("ledger.json.new").symlink_to(victim)
    Ledger(path).put_all(ENTRIES)
    assert victim.read_text() == "mine"
    assert Ledger(path).entries() == ENTRIES


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut off"),
        pytest.param(lambda data: data.replace(b"40001", b"40002"), id="a digit differs"),
        pytest.param(lambda data: data.replace(b'"version":1', b'"version":2'), id="later version"),
        pytest.param(lambda data: data + b" ", id="something follows"),
        pytest.param(lambda data: b"[" * 100_000, id="nested too deeply"),
        pytest.param(lambda data: b"\x00\xff\xfe" * 10, id="not text"),
        pytest.param(lambda data: b'{"version":1,"check":0,"entries":[]}', id="no mapping"),
        pytest.param(lambda data: b'{"version":1,"check":0,"entries":{"a":1}}', id="no entry"),
        pytest.param(lambda data: b" " * (MAX_BYTES + 1), id="too big"),
    ],
)
def test_a_damaged_file_is_set_aside_and_said_so(
    path: Path, damage: "object", caplog: pytest.LogCaptureFixture
) -> None:
    Ledger(path).put_all(ENTRIES)
    assert callable(damage)
    broken = damage(path.read_bytes())
    path.write_bytes(broken)
    with caplog.at_level(logging.WARNING, "audiosession.service"):
        ledger = Ledger(path)
        assert ledger.entries() == {}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert path.with_name("ledger.json.damaged-0").read_bytes() == broken
    ledger.put_all(ENTRIES)
    assert Ledger(path).entries() == ENTRIES


def test_few_damaged_files_are_kept(path: Path) -> None:
    path.parent.mkdir()
    for number in range(10):
        path.write_text(f"damage {number}")
        assert Ledger(path).entries() == {}
    kept = sorted(path.parent.iterdir())
    assert [file.name for file in kept] == [f"ledger.json.damaged-{n}" for n in range(3)]
    assert "damage 9" in {file.read_text() for file in kept}


def test_a_directory_in_its_place_is_not_fatal(path: Path) -> None:
    path.mkdir(parents=True)
    assert Ledger(path).entries() == {}


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        ({str(n): {} for n in range(MAX_ENTRIES + 1)}, LimitError),
        ({"big": {"text": "x" * MAX_BYTES}}, LimitError),
        ({"odd": {"value": object()}}, InvalidTypeError),
        ({"odd": {"value": float("nan")}}, InvalidTypeError),
    ],
)
def test_what_cannot_be_written_changes_nothing(
    path: Path, entries: dict[str, dict[str, object]], error: type[Exception]
) -> None:
    ledger = Ledger(path)
    ledger.put_all(ENTRIES)
    with pytest.raises(error):
        ledger.put_all(entries)
    assert ledger.entries() == Ledger(path).entries() == ENTRIES


def test_a_disk_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(path)
    ledger.put_all(ENTRIES)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        ledger.put_all({"three": {}})
    assert ledger.entries() == ENTRIES
    assert [file.name for file in path.parent.iterdir()] == ["ledger.json"]


_WRITER = """
import sys
from pathlib import Path
from audiosession.service.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
for number in range(1, 1_000_000):
    ledger.put_all({str(n): {"volumes": [number] * 50} for n in range(20)})
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 50])
def test_killed_at_any_moment_it_holds_what_was_put_whole(path: Path, after: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as writer:
        assert writer.stdout is not None
        for _ in range(after):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        said = [int(line) for line in writer.stdout.read().split()]
    last = max([after, *said])
    entries = Ledger(path).entries()
    assert len(entries) == 20
    numbers: set[tuple[int, ...]] = {tuple(entry["volumes"]) for entry in entries.values()}  # type: ignore[arg-type]
    # Killed between the file and the word that it is written, it is one ahead.
    assert numbers <= {(last,) * 50, (last + 1,) * 50}
    assert len(numbers) == 1


@given(
    st.dictionaries(
        st.text(max_size=20),
        st.dictionaries(
            st.text(max_size=10),
            st.recursive(
                st.none()
                | st.booleans()
                | st.integers()
                | st.floats(allow_nan=False, allow_infinity=False)
                | st.text(),
                lambda inner: (
                    st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
                ),
                max_leaves=5,
            ),
            max_size=4,
        ),
        max_size=5,
    )
)
def test_every_entry_comes_back_as_it_was(entries: dict[str, dict[str, object]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.json"
        Ledger(path).put_all(entries)
        assert Ledger(path).entries() == entries
        if entries:
            assert json.loads(path.read_text())["version"] == 1


def test_what_is_put_later_is_added_and_the_file_stays_small(path: Path) -> None:
    ledger = Ledger(path)
    ledger.put_all(ENTRIES)
    whole = path.read_bytes()
    ledger.put_all({"three": {"volumes": [3]}})
    assert path.read_bytes().startswith(whole)
    for number in range(5000):
        ledger.put_all({"many": {"volumes": [number]}})
    assert path.stat().st_size < 100_000
    assert Ledger(path).entries() == ENTRIES | {
        "three": {"volumes": [3]},
        "many": {"volumes": [4999]},
    }
    ledger.remove(["one", "two", "many"])
    assert len(path.read_bytes().splitlines()) == 1


def test_a_line_cut_off_by_a_kill_is_passed_over(path: Path) -> None:
    ledger = Ledger(path)
    ledger.put_all(ENTRIES)
    whole = len(path.read_bytes())
    ledger.put_all({"three": {"volumes": [3]}})
    data = path.read_bytes()
    for end in range(whole, len(data)):
        path.write_bytes(data[:end])
        after = Ledger(path)
        assert after.entries() == ENTRIES
        after.put_all({"four": {}})
        assert Ledger(path).entries() == ENTRIES | {"four": {}}


def test_a_damaged_line_in_the_middle_is_not_passed_over(path: Path) -> None:
    ledger = Ledger(path)
    ledger.put_all(ENTRIES)
    ledger.put_all({"three": {"volumes": [3]}})
    ledger.put_all({"four": {"volumes": [4]}})
    path.write_bytes(path.read_bytes().replace(b"[3]", b"[8]"))
    assert Ledger(path).entries() == {}
    assert path.with_name("ledger.json.damaged-0").exists()


def test_a_file_that_was_taken_away_is_made_again(path: Path) -> None:
    ledger = Ledger(path)
    ledger.put_all(ENTRIES)
    path.unlink()
    ledger.put_all({"three": {}})
    assert Ledger(path).entries() == ENTRIES | {"three": {}}


def test_a_disk_that_fills_up_within_a_line_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(path)
    ledger.put_all(ENTRIES)
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: write(fd, data[: len(data) // 2], at))
    ledger.put_all({"three": {"volumes": [3]}})
    assert Ledger(path).entries() == ENTRIES | {"three": {"volumes": [3]}}

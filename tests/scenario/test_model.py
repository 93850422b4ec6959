"""Reading scenarios: what is refused, with which words and at which line."""

import os
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audiosession.errors import (
    AudioFileError,
    AudioFileReason,
    InvalidTypeError,
    ScenarioError,
)
from audiosession.policies import parse_policy, read_policy
from audiosession.scenario import Scenario, parse_scenario, read_scenario, run_scenario
from audiosession.scenario.model import MAX_BYTES

MUSIC = """\
[[app]]
id = "music"
recipe = "music"
"""
WithSong = Callable[[str], Scenario]


def song(path: Path, seconds: float = 3.0, rate: int = 8000) -> Path:
    """A silent sound file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(2 * int(seconds * rate)))
    return path


@pytest.fixture
def with_song(tmp_path: Path) -> WithSong:
    """Parses a text beside a song of three seconds; the app's keys begin at line 4."""
    song(tmp_path / "song.wav")

    def parse(text: str) -> Scenario:
        return parse_scenario(MUSIC + text, file=tmp_path / "own.toml")

    return parse


def refused(text: str, **options: Any) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, **options)
    return caught.value


# -- audio files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", AudioFileReason.EMPTY),
        (b"RIFF", AudioFileReason.TRUNCATED),
        (b"ID3 and more", AudioFileReason.UNSUPPORTED),
    ],
)
@pytest.mark.parametrize("own_key", [True, False])
def test_a_file_of_no_use_is_named_with_its_line(
    tmp_path: Path, content: bytes, reason: AudioFileReason, own_key: bool
) -> None:
    (tmp_path / "bad.wav").write_bytes(content)
    text = MUSIC + 'audio = "bad.wav"\n'
    if not own_key:
        text = MUSIC + '[[step]]\nat = 1\ndo = "alarm"\naudio = "bad.wav"\n'
    error = refused(text, file=tmp_path / "own.toml")
    assert (error.file, error.line) == (str(tmp_path / "own.toml"), 4 if own_key else 7)
    cause = error.__cause__
    assert isinstance(cause, AudioFileError)
    assert (cause.path, cause.reason) == (tmp_path / "bad.wav", reason)
    assert error.message == f"audio: {cause}"


def test_a_file_of_another_rate_than_declared_is_named_with_its_line(
    with_song: WithSong,
) -> None:
    assert with_song('audio = "song.wav"\nsample_rate = 8000\n').lengths_s
    with pytest.raises(ScenarioError) as caught:
        with_song('sample_rate = 44100\naudio = "song.wav"\n')
    assert caught.value.line == 5
    assert isinstance(caught.value.__cause__, AudioFileError)
    assert caught.value.__cause__.reason is AudioFileReason.WRONG_RATE


def test_a_file_the_caller_gave_is_the_callers_fault(tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"")
    with pytest.raises(AudioFileError) as caught:
        parse_scenario(MUSIC, audio={"music": bad})
    assert caught.value.path == bad


@pytest.mark.parametrize("name", [".", "..", "folder"])
def test_a_folder_is_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    error = refused(MUSIC + f'audio = "{name}"\n', file=tmp_path / "own.toml")
    assert (error.message, error.line) == (f"audio: {name!r} is no file but a folder", 4)


def test_an_offset_beyond_the_end_is_named_with_its_line(with_song: WithSong) -> None:
    play = '[[step]]\nat = 1.0\napp = "music"\ndo = "play"\n'
    with_song('audio = "song.wav"\n' + play + "offset = 2.9\n")
    with pytest.raises(ScenarioError, match=r"offset is 3 s, .* 3 s long") as caught:
        with_song('audio = "song.wav"\n' + play + "offset = 3.0\n")
    assert caught.value.line == 9
    with pytest.raises(ScenarioError, match=r"offset is 5 s, .* 2 s long"):
        with_song(play + "seconds = 2.0\noffset = 5\n")


# -- how long it takes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "duration"),
    [
        ('do = "play"', 6.0),
        ('do = "play"\noffset = 1.0', 5.0),
        ('do = "play"\nseconds = 9.0', 12.0),
        ('do = "play"\nloop = true', 3.0),
        ('do = "say"', 6.0),
        ('do = "say"\nseconds = 0.5', 3.5),
        ('do = "pause"', 3.0),
    ],
)
def test_it_lasts_until_what_it_plays_is_over(
    with_song: WithSong, step: str, duration: float
) -> None:
    text = f'audio = "song.wav"\n[[step]]\nat = 1.0\napp = "music"\n{step}\n'
    assert with_song(text).duration_s == duration
    assert parse_scenario("duration = 1.5\n" + MUSIC).duration_s == 1.5


def test_without_a_length_nothing_is_waited_for() -> None:
    text = MUSIC + '[[step]]\nat = 1.0\napp = "music"\ndo = "play"\n'
    assert parse_scenario(text).duration_s == 3.0
    assert parse_scenario(MUSIC).duration_s == 2.0


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[[step]]\nat = 1\ndo = "plug in"\n', 6, "no action is called 'plug in'; did you mean"),
        (
            '[[step]]\nat = 1\napp = "musik"\ndo = "play"\n',
            6,
            "no app is called 'musik'; did you mean 'music'?",
        ),
        (
            '[[expect]]\nat = 1\napp = "musik"\nplaying = true\n',
            6,
            "no app is called 'musik'; did you mean 'music'?",
        ),
        ('recipee = "music"\n', 4, "no key is called 'recipee'; did you mean 'recipe'?"),
        ('[[step]]\nat = 1\napp = 1\ndo = "play"\n', 6, "app must be a text, not 1"),
        ('[device]\nprofile = "fone"\n', 5, "no profile is called 'fone'; did you mean 'phone'?"),
        (
            '[[expect]]\nat = 1\napp = "music"\nheard = "begin ducking"\n',
            7,
            "heard must be one of begin pause, begin duck, begin unknown, end pause, end duck, "
            "end unknown, becoming noisy, not 'begin ducking'",
        ),
        (
            '[[expect]]\nat = 1\napp = "music"\nstanding = "duck"\n',
            7,
            "standing must be one of inactive, waiting, active, ducked, interrupted, not 'duck'",
        ),
    ],
)
def test_a_name_that_nothing_bears_is_helped_with(text: str, line: int, words: str) -> None:
    error = refused(MUSIC + text)
    assert error.line == line
    assert error.message.startswith(words)


def test_a_mistyped_recipe_is_helped_with() -> None:
    error = refused(MUSIC.replace('"music"', '"musik"'))
    assert (error.line, error.message) == (
        3,
        "no recipe is called 'musik'; did you mean 'music'?",
    )


def test_a_mistyped_policy_is_helped_with(tmp_path: Path) -> None:
    text = '[device]\npolicy = "aple"\n' + MUSIC
    error = refused(text, file=tmp_path / "own.toml")
    assert (error.line, error.message) == (
        2,
        "no policy is called 'aple'; did you mean 'apple'? and there is no file "
        f"{tmp_path / 'aple'}",
    )


def test_nothing_heard_yet_can_be_expected() -> None:
    text = MUSIC + '[[expect]]\nat = 1\napp = "music"\nheard = ""\n'
    assert run_scenario(parse_scenario(text)).failures == ()


# -- what is given -------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["", 'title = "Mine"\n'])
def test_without_a_title_the_files_name_is_the_heading(tmp_path: Path, title: str) -> None:
    path = tmp_path / "a-day.toml"
    path.write_text(title + MUSIC, "utf-8")
    scenario = read_scenario(str(path))
    assert scenario.title == ("Mine" if title else "a-day")
    assert run_scenario(scenario).recording.title == scenario.title
    assert parse_scenario(title + MUSIC, file=str(path)) == scenario
    assert parse_scenario(MUSIC).title == "Scenario"


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "bom.toml"
    path.write_text(MUSIC, "utf-8-sig")
    assert read_scenario(path).apps[0].id == "music"
    policy = tmp_path / "policy.toml"
    policy.write_text('name = "x"\n', "utf-8-sig")
    with pytest.raises(ValueError, match="discipline"):
        read_policy(policy)


def test_only_a_regular_file_of_bounded_size_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    large = tmp_path / "large.toml"
    large.write_bytes(MUSIC.encode() + b"#" * (MAX_BYTES - len(MUSIC) + 1))
    cases = (
        (pipe, "cannot be read: .*not a regular file"),
        (tmp_path, "cannot be read: .*directory"),
        (large, f"larger than {MAX_BYTES} bytes"),
    )
    for path, problem in cases:
        with pytest.raises(ScenarioError, match=problem) as caught:
            read_scenario(path)
        assert caught.value.file == str(path)
    os.truncate(large, MAX_BYTES)
    assert read_scenario(large).apps[0].id == "music"


def test_a_policy_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    error = refused('[device]\npolicy = "pipe.toml"\n' + MUSIC, file=tmp_path / "own.toml")
    assert "not a regular file" in str(error)
    assert error.line == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (MUSIC + "audio = [\n\n", 4, "at line 4, the end of the document"),
        (MUSIC + "audio = \n\n", 4, "at line 4, column"),
        (MUSIC + "audio = " + "[" * 100_000, None, "nested too deeply"),
    ],
)
def test_a_text_that_is_no_toml_is_named_with_its_line(
    text: str, line: int | None, words: str
) -> None:
    error = refused(text)
    assert error.line == line
    assert error.message.startswith("is not TOML: ")
    assert words in error.message


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: parse_scenario(b""), "text"),  # type: ignore[arg-type]
        (lambda: parse_scenario("", file=1), "file"),  # type: ignore[arg-type]
        (lambda: parse_scenario("", audio=[]), "audio"),  # type: ignore[arg-type]
        (lambda: parse_scenario("", audio={1: Path()}), "audio"),  # type: ignore[dict-item]
        (lambda: parse_scenario("", audio={"music": 1}), "audio.music"),  # type: ignore[dict-item]
        (lambda: read_scenario(None), "path"),  # type: ignore[arg-type]
        (lambda: parse_policy(None), "text"),  # type: ignore[arg-type]
        (lambda: parse_policy("", source=Path()), "source"),  # type: ignore[arg-type]
        (lambda: read_policy(3), "path"),  # type: ignore[arg-type]
    ],
)
def test_an_argument_of_the_wrong_type_is_named(call: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidTypeError) as caught:
        call()
    assert caught.value.field == field


# -- running -------------------------------------------------------------------------------------


@pytest.mark.parametrize("do", ["stop", "deactivate"])
def test_one_that_never_said_what_it_is_for_does_not_say_so_when_it_stops(do: str) -> None:
    step = f'[[step]]\nat = 1.0\napp = "idle"\ndo = "{do}"\n'
    result = run_scenario(parse_scenario('[[app]]\nid = "idle"\n' + step))
    assert not result.device.app("idle").session.is_configured
    assert result.device.app("idle").standing == "inactive"

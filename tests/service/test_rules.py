"""Rules for apps that know nothing of audio sessions: what fits, what follows, what is wrong."""

import asyncio
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiosession.configuration import RECIPES, recipe
from audiosession.core.claims import Press, Role
from audiosession.core.translate.streams import STREAM_ROLES, claim_from_stream_role
from audiosession.errors import PolicyError
from audiosession.hosts.arbitrated import claim_of
from audiosession.hosts.base import ActivationRequest
from audiosession.policies import POLICIES, load_policy
from audiosession.service import rules_source
from audiosession.service.identity import ProcessIdentity
from audiosession.service.rules import ROLES, RuleBook, Verdict, WhenHeld, parse_rules
from audiosession.service.rules_match import CONDITIONS, Glob, StreamFacts
from audiosession.service.rules_source import RuleSource, RuleWatcher, rules_path
from audiosession.service.servers.base import Direction

SPEECH = '[[rule]]\ntitle = "mine"\nbinary = "player"\nas = "speech"\nwhen_held = "pause"\n'


def facts(
    *,
    binary: str = "",
    script: str = "",
    parents: tuple[str, ...] = (),
    flatpak: str = "",
    mpris: tuple[str, ...] = (),
    direction: Direction = Direction.PLAYBACK,
    **properties: str,
) -> StreamFacts:
    identity = None
    if binary or parents or flatpak:
        identity = ProcessIdentity(
            pid=7,
            start_time=1,
            binary=binary,
            script=script,
            ancestor_names=parents,
            flatpak_app=flatpak,
        )
    return StreamFacts(
        properties={name.replace("__", "."): value for name, value in properties.items()},
        identity=identity,
        mpris=mpris,
        direction=direction,
    )


def book(text: str) -> RuleBook:
    return RuleBook.of(parse_rules(text, source="policy.toml"))


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as caught:
        parse_rules(text, source="policy.toml")
    assert caught.value.source == "policy.toml"
    return caught.value.problems


# ---- patterns ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("mpv", "mpv", True),
        ("mpv", "MPV", True),
        ("mpv", "mpv2", False),
        ("*", "anything", True),
        ("a*", "a", True),
        ("*a", "ba", True),
        ("a*a", "a", False),
        ("a*b*c", "a--b--c", True),
        ("a*b*c", "a--c--b", False),
        ("*ab*ab*", "abab", True),
        ("*ab*ab*", "abaab"[:3], False),
        ("[a]", "a", False),
        ("a?c", "abc", False),
        (".*", "abc", False),
    ],
)
def test_patterns(pattern: str, value: str, fits: bool) -> None:
    assert Glob(pattern).matches(value) is fits


@given(st.lists(st.text("ab", max_size=4), min_size=1, max_size=6), st.text("ab", max_size=4))
def test_pattern_made_of_a_text_fits_it(parts: list[str], between: str) -> None:
    assert Glob("*".join(parts)).matches(between.join(parts))


def test_pattern_full_of_stars_is_quick() -> None:
    # Backtracking would take longer than anybody lives.
    assert not Glob("a*" * 100 + "b").matches("a" * 1024)


# ---- what fits ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "fitting", "other"),
    [
        ('role = "phone"', facts(media__role="Phone"), facts(media__role="music")),
        ('role = "none"', facts(), facts(media__role="music")),
        ('app_id = "org.x.*"', facts(application__id="org.x.Y"), facts(application__id="org.y")),
        ('app_id = "org.x.Y"', facts(flatpak="org.x.Y"), facts(flatpak="org.x.Z")),
        ('binary = ["a", "b"]', facts(binary="b"), facts(binary="c")),
        ('binary = "player"', facts(binary="python3", script="player"), facts(binary="python3")),
        ('binary = "x"', facts(application__process__binary="x"), facts()),
        ('process_tree = "steam"', facts(parents=("sh", "steam")), facts(binary="steam")),
        ('flatpak = "org.x.Y"', facts(flatpak="org.x.Y"), facts(application__id="org.x.Y")),
        ('mpris = "vlc*"', facts(mpris=("org.mpris.x", "VLC media player")), facts()),
        ('name = "Music"', facts(application__name="Music"), facts(application__name="Musical")),
        ('direction = "capture"', facts(direction=Direction.CAPTURE), facts()),
        (
            'property = { "media.name" = "Peak*", "x" = "*" }',
            facts(media__name="Peak detect", x="1"),
            facts(media__name="Peak detect"),
        ),
        ('binary = "a"\nrole = "music"', facts(binary="a", media__role="music"), facts(binary="a")),
    ],
)
def test_conditions(condition: str, fitting: StreamFacts, other: StreamFacts) -> None:
    rules = book(f'[[rule]]\ntitle = "it"\n{condition}\nlevel_db = -3\n')
    assert rules.decide(fitting).rule == "it"
    assert rules.decide(other).rule != "it"


def test_what_the_kernel_says_of_the_program_wins_over_what_the_stream_says() -> None:
    rules = book('[[rule]]\ntitle = "it"\nbinary = "bank"\nlevel_db = -3\n')
    assert rules.decide(facts(binary="thief", application__process__binary="bank")).rule != "it"


def test_the_first_rule_that_fits_decides() -> None:
    rules = book(SPEECH + SPEECH.replace("mine", "second"))
    assert rules.decide(facts(binary="player")).rule == "mine"


def test_users_rule_comes_before_those_that_ship() -> None:
    assert RuleBook.of().decide(facts(binary="orca")).claim.role is Role.SCREEN_READER
    rules = book('[[rule]]\nbinary = "orca"\nas = "game"\n')
    assert rules.decide(facts(binary="orca")).claim.role is Role.GAME


# ---- what follows ------------------------------------------------------------------------------


def test_a_verdict_says_which_rule_of_which_file_and_line() -> None:
    found = book("# mine\n\n" + SPEECH + "level_db = -20\nholds = false\n")
    assert found.decide(facts(binary="player")) == Verdict(
        claim=claim_from_stream_role("speech"),
        when_held=WhenHeld.PAUSE,
        level_db=-20.0,
        holds=False,
        rule="mine",
        source="policy.toml",
        line=3,
    )


@pytest.mark.parametrize("role", [None, *STREAM_ROLES])
def test_without_a_rule_the_streams_own_role_decides(role: str | None) -> None:
    stream = facts(binary="never-heard-of", media__role=role or "")
    verdict = RuleBook.of().decide(stream)
    assert verdict.claim == claim_from_stream_role(role)
    assert not verdict.claim.declared
    assert (verdict.source, verdict.holds, verdict.level_db) == ("", True, None)


def test_a_rule_without_a_role_keeps_the_streams_own() -> None:
    rules = book('[[rule]]\nbinary = "x"\nlevel_db = -6.5\n')
    verdict = rules.decide(facts(binary="x", media__role="phone"))
    assert verdict.claim.role is Role.CALL
    assert verdict.level_db == -6.5


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_gives_the_claim_an_app_would_make_and_stays_a_guess(name: str) -> None:
    claim = book(f'[[rule]]\nbinary = "x"\nrecipe = "{name}"\n').decide(facts(binary="x")).claim
    declared = claim_of(ActivationRequest.of(recipe(name)))
    assert not claim.declared
    assert (claim.role, claim.press, claim.spoken) == (
        declared.role,
        declared.press,
        declared.spoken,
    )


@pytest.mark.parametrize("name", ROLES)
def test_every_role_word_means_a_role(name: str) -> None:
    claim = book(f'[[rule]]\nbinary = "x"\nas = "{name}"\n').decide(facts(binary="x")).claim
    if name in {role.value for role in Role}:
        assert claim.role is Role(name)
    else:
        assert claim == claim_from_stream_role(name)


def test_who_is_ignored_neither_holds_nor_is_held() -> None:
    verdict = book('[[rule]]\nbinary = "x"\nwhen_held = "ignore"\n').decide(facts(binary="x"))
    assert verdict.ignored
    assert not verdict.holds


def test_a_microphone_without_a_role_disturbs_nobody_and_a_call_does() -> None:
    rules = RuleBook.of()
    assert rules.decide(facts(binary="x", direction=Direction.CAPTURE)).ignored
    call = rules.decide(facts(binary="x", direction=Direction.CAPTURE, media__role="phone"))
    assert not call.ignored
    assert (call.claim.role, call.claim.records, call.claim.plays) == (Role.CALL, True, False)


# ---- the rules that ship -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "role", "when_held"),
    [
        (facts(binary="python3", script="orca"), Role.SCREEN_READER, WhenHeld.POLICY),
        (facts(binary="sd_espeak-ng"), Role.SCREEN_READER, WhenHeld.POLICY),
        (facts(binary="espeak-ng"), Role.SCREEN_READER, WhenHeld.POLICY),
        (facts(binary="Discord", media__role="phone"), Role.CALL, WhenHeld.POLICY),
        (facts(flatpak="us.zoom.Zoom", media__role="phone"), Role.CALL, WhenHeld.POLICY),
        (facts(binary="Discord"), Role.UNKNOWN, WhenHeld.POLICY),
        (facts(binary="firefox"), Role.UNKNOWN, WhenHeld.POLICY),
        (facts(binary="firefox", media__role="phone"), Role.CALL, WhenHeld.POLICY),
        (facts(binary="mpv"), Role.MUSIC, WhenHeld.POLICY),
        (facts(binary="mpv", media__role="phone"), Role.CALL, WhenHeld.POLICY),
        (facts(flatpak="org.gnome.Podcasts"), Role.SPEECH, WhenHeld.PAUSE),
        (facts(binary="hl2", parents=("sh", "steam")), Role.GAME, WhenHeld.DUCK),
        (facts(binary="x", application__name="libcanberra"), Role.NOTIFICATION, WhenHeld.POLICY),
        (facts(binary="gnome-maps"), Role.PROMPT, WhenHeld.POLICY),
        (
            facts(binary="x", flatpak="org.gnome.SoundRecorder", direction=Direction.CAPTURE),
            Role.RECORDING,
            WhenHeld.POLICY,
        ),
        (facts(binary="pavucontrol", media__name="Peak detect"), Role.UNKNOWN, WhenHeld.IGNORE),
        (facts(binary="x", stream__monitor="true"), Role.UNKNOWN, WhenHeld.IGNORE),
        (facts(binary="pipewire", node__virtual="true"), Role.UNKNOWN, WhenHeld.IGNORE),
        (facts(media__role="filter"), Role.UNKNOWN, WhenHeld.IGNORE),
        (
            facts(media__role="abstract", media__name="Loopback from Line In"),
            Role.UNKNOWN,
            WhenHeld.IGNORE,
        ),
    ],
)
def test_shipped_rules(stream: StreamFacts, role: Role, when_held: WhenHeld) -> None:
    verdict = RuleBook.of().decide(stream)
    assert (verdict.claim.role, verdict.when_held) == (role, when_held)
    assert not verdict.claim.declared


def test_every_shipped_rule_has_a_title_of_its_own_and_a_reason() -> None:
    rules = RuleBook.of().rules
    assert len({rule.title for rule in rules}) == len(rules)
    assert all(rule.because and rule.line and rule.source == "rules.toml" for rule in rules)


def test_open_players_do_not_stop_each_other() -> None:
    for binary in ("mpv", "firefox", "gnome-podcasts"):
        assert RuleBook.of().decide(facts(binary=binary)).claim.press is Press.NONE


# ---- what is wrong with a file -----------------------------------------------------------------


def test_all_problems_are_named_at_once_each_with_its_line() -> None:
    found = problems(
        """[[rule]]
title = "a"
binray = "x"
as = "cal"

[[rule]]
title = "b"
binary = 5
recipe = "musik"
when_held = "dukc"
level_db = 3
holds = "no"

[[rule]]
title = "c"
direction = "up"
property = { "media.name" = [] }
recipe = "music"
as = "music"

[polici]
"""
    )
    expected = [
        "polici is not a known field; did you mean 'policy'",
        "line 3: binray is not a known field; did you mean 'binary'",
        "line 1: 'a' has no condition; one of: role, app_id, binary",
        "line 4: no role is called 'cal'; did you mean 'call'",
        "line 8: binary must be a text or a list of texts, not int",
        "line 9: no recipe is called 'musik'; did you mean 'music'",
        "line 10: when_held must be one of 'policy', 'duck', 'pause', 'ignore', not 'dukc'",
        "line 11: level_db must be from -120 to 0 dB, not 3",
        "line 12: holds must be true or false, not str",
        "line 16: direction must be one of 'playback', 'capture', not 'up'",
        "line 17: property.media.name must be a text or texts, at least one, not []",
        "line 19: as: a rule has either a recipe or a role, not both",
    ]
    assert len(found) == len(expected)
    for problem, start in zip(found, expected, strict=True):
        assert start in problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[rule]\n", "is not TOML: .*line 1"),
        ("[[rule]]\nas = [\n\n", r"is not TOML: .*\(at line 2, the end of the document\)"),
        ("a = " + "[" * 100_000, "is not TOML"),
        ('rule = "x"', r"line 1: rule must be written \[\[rule\]\]"),
        ('[[rule]]\nbinary = "x"\n', "line 1: 'rule 1' says nothing; one of: recipe, as"),
        ('[[rule]]\nbinary = ""\nas = "music"\n', "line 2: binary must be a text of 1 to 256"),
        ('[[rule]]\nbinary = "x"\nlevel_db = nan\n', "line 3: level_db must be from -120 to 0"),
        ('[[rule]]\nbinary = "x"\nlevel_db = true\n', "line 3: level_db must be a number of dB"),
        ('[[rule]]\nproperty = "x"\nas = "music"\n', "line 2: property must be a mapping"),
        ("policy = 1\n", "line 1: policy must be a table"),
        ('[policy]\nname = "defalt"\n', "line 2: no policy is called 'defalt'; did you mean"),
        ('[policy]\nnam = "x"\n', "line 2: nam is not a known field; did you mean 'name'"),
        ('[policy]\nname = "web"\nfile = "x"\n', "line 1: file: a policy is chosen by name or"),
        ('[policy]\nfile = "/nowhere/x.toml"\n', "line 2: /nowhere/x.toml: there is no such file"),
    ],
)
def test_what_can_be_wrong(text: str, problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        parse_rules(text, source="policy.toml")


def test_rules_and_patterns_are_bounded() -> None:
    with pytest.raises(PolicyError, match="too many rules: the limit is 1000"):
        parse_rules('[[rule]]\nbinary = "x"\nas = "music"\n' * 1001, source="x")
    many = ", ".join(['"x"'] * 257)
    with pytest.raises(PolicyError, match="line 2: too many texts in binary: the limit is 256"):
        parse_rules(f'[[rule]]\nbinary = [{many}]\nas = "music"\n', source="x")


@given(st.text(max_size=60))
def test_any_text_is_either_rules_or_a_policy_error(text: str) -> None:
    try:
        parse_rules(text, source="x")
    except PolicyError as error:
        assert error.problems  # noqa: PT017 - most texts are wrong, some are not


# ---- the policy that the file chooses ----------------------------------------------------------


def test_policy_by_name() -> None:
    assert RuleBook.of().policy == load_policy("default")
    assert book('[policy]\nname = "android"\n').policy == load_policy("android")


def test_policy_by_file_beside_the_rules(tmp_path: Path) -> None:
    own = _policy_file(tmp_path / "own.toml", -9.0)
    path = tmp_path / "policy.toml"
    path.write_text('[policy]\nfile = "own.toml"\n')
    source = RuleSource(path)
    assert source.book.policy.settings.levels_db["duck"] == -9.0
    assert source.paths == (path, own)


def _policy_file(path: Path, duck_db: float) -> Path:
    shipped = Path(rules_source.__file__).parents[1] / "policies" / "default.toml"
    text = shipped.read_text(encoding="utf-8")
    path.write_text(text.replace("duck = -14.0", f"duck = {duck_db}"), encoding="utf-8")
    return path


# ---- the user's file ---------------------------------------------------------------------------


def test_where_the_users_rules_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert rules_path() == tmp_path / "audiosession" / "policy.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert rules_path() == tmp_path / "home" / ".config" / "audiosession" / "policy.toml"


def test_a_bad_file_keeps_the_old_rules_and_is_reported_once(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(SPEECH)
    errors: list[PolicyError] = []
    source = RuleSource(path, errors.append)
    assert source.book.rules[0].title == "mine"
    path.write_text('[[rule]]\nbinary = "player"\nas = "nonsense"\n')
    assert not source.reload_if_changed()
    assert not source.reload_if_changed()
    assert len(errors) == 1
    assert source.error is errors[0]
    assert source.book.rules[0].title == "mine"
    path.write_text(SPEECH.replace("mine", "new"))
    assert source.reload_if_changed()
    assert source.error is None
    assert source.book.rules[0].title == "new"
    path.unlink()
    assert source.reload_if_changed()
    assert source.book == RuleBook.of()


def test_a_file_that_is_bad_from_the_start_leaves_the_shipped_rules(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xff\xfe")
    errors: list[PolicyError] = []
    assert RuleSource(path, errors.append).book == RuleBook.of()
    assert "cannot be read" in errors[0].problems[0]


class Watched:
    """A source that is being watched, and what it reported."""

    def __init__(self, path: Path) -> None:
        self.errors: list[PolicyError] = []
        self.source = RuleSource(path, self._error)
        self.watcher = RuleWatcher(self.source, self._changed)
        self._happened = asyncio.Event()

    def _error(self, error: PolicyError) -> None:
        self.errors.append(error)
        if hasattr(self, "_happened"):
            self._happened.set()

    def _changed(self, book: RuleBook) -> None:
        assert book is self.source.book
        self._happened.set()

    @property
    def first(self) -> str:
        return self.source.book.rules[0].title

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                self._happened.clear()
                await self._happened.wait()

    async def becomes(self, title: str) -> None:
        await self.until(lambda: self.first == title)


def named(title: str) -> str:
    return SPEECH.replace("mine", title)


SHIPPED_FIRST = RuleBook.of().rules[0].title


async def test_changes_are_noticed_however_they_are_made(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    watched = Watched(path)
    with watched.watcher:
        assert not watched.watcher.by_signal
        path.write_text(named("written"))
        await watched.becomes("written")
        (tmp_path / ".policy.toml.swp").write_text(named("renamed"))
        (tmp_path / ".policy.toml.swp").rename(path)
        await watched.becomes("renamed")
        path.rename(tmp_path / "away")
        await watched.becomes(SHIPPED_FIRST)
        (tmp_path / "away").rename(path)
        await watched.becomes("renamed")
        path.write_text("[[rule]\n")
        await watched.until(lambda: bool(watched.errors))
        assert watched.first == "renamed"
        path.unlink()
        await watched.becomes(SHIPPED_FIRST)
    assert len(watched.errors) == 1


async def test_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "audiosession"
    watched = Watched(folder / "policy.toml")
    with watched.watcher:
        for title in ("first", "again"):
            folder.mkdir(parents=True)
            (folder / "policy.toml").write_text(named(title))
            await watched.becomes(title)
            (folder / "policy.toml").unlink()
            folder.rmdir()
            folder.parent.rmdir()
            await watched.becomes(SHIPPED_FIRST)


async def test_a_folder_that_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "audiosession"
    path = folder / "policy.toml"
    folder.mkdir()
    path.write_text(named("old"))
    watched = Watched(path)
    with watched.watcher:
        path.unlink()
        await watched.becomes(SHIPPED_FIRST)
        folder.rmdir()
        folder.mkdir()
        path.write_text(named("new"))
        await watched.becomes("new")


async def test_a_link_to_a_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "dotfiles").mkdir()
    real = tmp_path / "dotfiles" / "rules.toml"
    real.write_text(named("linked"))
    path = tmp_path / "config" / "policy.toml"
    watched = Watched(path)
    with watched.watcher:
        path.symlink_to(real)
        await watched.becomes("linked")
        real.write_text(named("edited"))
        await watched.becomes("edited")


async def test_the_policys_own_file(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    own = _policy_file(tmp_path / "elsewhere" / "own.toml", -9.0)
    (tmp_path / "config").mkdir()
    path = tmp_path / "config" / "policy.toml"
    watched = Watched(path)
    with watched.watcher:
        path.write_text(f'[policy]\nfile = "{own}"\n')
        await watched.until(lambda: watched.source.book.policy != load_policy())
        _policy_file(own, -10.0)
        await watched.until(lambda: watched.source.book.policy.settings.levels_db["duck"] == -10.0)


async def test_change_between_reading_and_watching(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    watched = Watched(path)
    path.write_text(named("early"))
    with watched.watcher:
        assert watched.first == "early"


async def test_without_inotify_a_signal_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_here() -> None:
        raise OSError("too many")

    monkeypatch.setattr(rules_source, "_Inotify", none_here)
    path = tmp_path / "policy.toml"
    watched = Watched(path)
    with watched.watcher:
        assert watched.watcher.by_signal
        path.write_text(named("signalled"))
        os.kill(os.getpid(), signal.SIGHUP)
        await watched.becomes("signalled")
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


async def test_closing_leaves_no_file_open(tmp_path: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    with Watched(tmp_path / "policy.toml").watcher:
        assert set(os.listdir("/proc/self/fd")) != before
    assert set(os.listdir("/proc/self/fd")) == before


# ---- the page that documents all this ----------------------------------------------------------

PAGE = (Path(__file__).parents[2] / "docs" / "rules-file.md").read_text("utf-8")


def test_the_pages_file_is_right_and_does_what_it_says() -> None:
    text = PAGE.partition(":caption: policy.toml\n\n")[2].partition("```")[0]
    rules = book(text)
    own = [rule for rule in rules.rules if rule.source == "policy.toml"]
    assert [rule.title for rule in own] == [
        "audiobooks",
        "kitchen radio",
        "screen recorder",
        "games",
    ]
    found = rules.decide(facts(binary="mpv", media__name="An audiobook - mpv"))
    assert (found.rule, found.when_held) == ("audiobooks", WhenHeld.PAUSE)
    assert rules.decide(facts(flatpak="org.example.Radio")).level_db == -30.0
    assert rules.decide(facts(flatpak="com.obsproject.Studio")).ignored
    assert not rules.decide(facts(binary="x", parents=("my-launcher",))).holds


def test_the_page_names_every_key_and_word() -> None:
    named_there = set(re.findall(r"`([\w-]+)`", PAGE))
    assert {*CONDITIONS, "property", "recipe", "as", "when_held", "level_db"} <= named_there
    assert {*RECIPES, *POLICIES, *(each.value for each in WhenHeld)} <= named_there
    assert {name for name in ROLES if name in {role.value for role in Role}} <= named_there


def test_the_pages_mistakes_are_reported_as_shown() -> None:
    shown = PAGE.partition("has 2 problems:\n")[2].partition("```")[0]
    text = '\n[[rule]]\ntitle = "x"\nbinray = "mpv"\nas = "speach"\nname = "x"\n'
    assert shown == "".join(f"  {problem}\n" for problem in problems(text))

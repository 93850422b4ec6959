"""What the service decided about audio focus, by its own record, and what apps heard of it.

The record says in which order things were done, whoever did them at once. So it says of each
app word for word what it is to hear, and when: not before it asked, and before it is answered.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from audiosession.android import AndroidAudioFocus
from audiosession.core import (
    Activate,
    Arbiter,
    ClientGone,
    CloseSession,
    Deactivate,
    Delayed,
    Denied,
    Effect,
    Event,
    Granted,
    HoldKind,
    Interrupted,
    OpenSession,
    Released,
    StandingChanged,
    Stopped,
)
from audiosession.core.codec import from_plain
from audiosession.hosts.linux import ServiceClient
from audiosession.policies import load_policy
from tests.android.test_focus_stress import Life

Words = list[dict[str, Any]]
"""What an app said, in order: that it asks, is answered, is told something, or a mark."""
_SAID = (Granted, Denied, Delayed, Interrupted, Released, Stopped, StandingChanged)
_STANDINGS = {
    None: ("active", "ducked"),
    AndroidAudioFocus.LOSS_TRANSIENT_CAN_DUCK: ("ducked",),
    AndroidAudioFocus.LOSS_TRANSIENT: ("interrupted",),
}
"""How an app may stand that was told that; who is lowered by the system is told nothing."""


class Done(Enum):
    """What can happen to a session."""

    ASKS = "asks"
    """It is granted focus."""
    LEAVES = "leaves"
    """It gives focus back, or is gone."""
    TOLD = "told"
    """Its app is told something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that happened to a session."""

    number: int
    """The decision by which it did."""
    done: Done
    """What."""
    word: str = ""
    """What its app is told, by Android's name for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One entry of the record."""

    event: Event
    """What happened."""
    effects: tuple[Effect, ...]
    """What came of it."""
    at: float
    """When, in seconds; as far as can be told from outside."""


class FocusRecord:
    """The service's record, from its first decision on.

    Args:
        client: Asks the service for it.
    """

    def __init__(self, client: ServiceClient) -> None:
        self._client = client
        self._decisions: list[Decision] = []
        self._app_of: dict[str, str] = {}
        self._session_of: dict[str, str] = {}

    async def take(self, *, most_left: int = 0) -> None:
        """Takes in what was decided since, all of which must be kept still.

        Args:
            most_left: As few as these may wait until the next time.
        """
        (last,) = await self._client.decisions(1)
        if last["number"] - len(self._decisions) <= most_left:
            return
        now = time.monotonic()
        for each in await self._client.decisions(0):
            if each["number"] <= len(self._decisions):
                continue
            assert each["number"] == len(self._decisions) + 1, "a decision that nobody can see"
            before = self._decisions[-1].at if self._decisions else 0.0
            self._decisions.append(
                Decision(
                    event=from_plain(each["event"]),
                    effects=tuple(map(from_plain, each["effects"])),
                    at=max(before, now - each["ago_s"]),
                )
            )

    async def status(self) -> dict[str, Any]:
        """The service's status as of the last decision taken.

        The streams of who was killed still end or are adopted, which is decided as well.
        """
        while True:
            status = await self._client.status()
            before = len(self._decisions)
            await self.take()
            if len(self._decisions) == before:
                return status

    def name(self, status: Mapping[str, Any]) -> None:
        """Learns whose session is which; each app has one."""
        for each in status["sessions"]:
            if not each["adopted"]:
                self._app_of[each["id"]] = each["app"]
                assert self._session_of.setdefault(each["app"], each["id"]) == each["id"]

    # -- what must be so by it ---------------------------------------------------------------

    def items(self) -> dict[str, list[Item]]:
        """What happened to each app, in order; each gets what Android's rules let it hear.

        The words follow from the interruptions that were decided: a loss by the system's own
        ducking is not told, and a gain only to who was told of a loss (android 17, 32).
        """
        found: dict[str, list[Item]] = {}
        lives: dict[str, Life] = {}
        clients: dict[str, list[str]] = {}

        def add(session: str, number: int, done: Done, word: str = "") -> None:
            items = found.setdefault(self._app_of[session], [])
            items.append(Item(number=number, done=done, word=word))

        def leave(session: str, number: int) -> None:
            if session in self._app_of:
                lives.setdefault(session, Life()).ends()
                add(session, number, Done.LEAVES)

        for number, decision in enumerate(self._decisions, start=1):
            event = decision.event
            if isinstance(event, OpenSession):
                clients.setdefault(event.client, []).append(event.session)
            elif isinstance(event, Deactivate | CloseSession):
                leave(event.session, number)
            elif isinstance(event, ClientGone):
                for session in clients.get(event.client, []):
                    leave(session, number)
            for effect in decision.effects:
                session = effect.session
                if session not in self._app_of:
                    continue
                life = lives.setdefault(session, Life())
                if isinstance(effect, Granted):
                    assert isinstance(event, Activate)
                    assert event.session == session
                    assert not effect.late
                    life.asks()
                    add(session, number, Done.ASKS)
                    continue
                assert not isinstance(effect, Denied | Delayed), effect
                word = _word(effect, life)
                if word is not None:
                    # Fails where Android would not say that now.
                    life.hear(word)
                    add(session, number, Done.TOLD, word.name)
        return found

    def check_standings(self, status: Mapping[str, Any]) -> None:
        """Everybody stands as follows from the last word, and as the record comes to.

        The events of the record, judged once more, are decided as they were.

        Args:
            status: The service's; see :meth:`status`.
        """
        again = Arbiter(load_policy("android"))
        for number, decision in enumerate(self._decisions, start=1):
            effects = again.handle(decision.event, decision.at)
            assert _said(effects) == _said(decision.effects), (number, decision.event)
        stands = {each["id"]: each["standing"] for each in status["sessions"]}
        judged = {each.session: each.standing.value for each in again.snapshot().sessions}
        assert stands == judged, sorted(stands.items() ^ judged.items())
        items = self.items()
        for session, app in self._app_of.items():
            if session not in stands:
                continue
            life = Life()
            for item in items.get(app, []):
                if item.done is Done.ASKS:
                    life.asks()
                elif item.done is Done.LEAVES:
                    life.ends()
                else:
                    life.hear(AndroidAudioFocus[item.word])
            legal = _STANDINGS[life.received] if life.has else ("inactive",)
            assert stands[session] in legal, (app, stands[session], items.get(app))


def check_heard(items: list[Item], heard: Words, *, lives: bool) -> int:
    """An app heard exactly what was decided about it: no less, no more, in that order.

    What is decided while an app gives focus back it does not hear any more.

    Args:
        items: What happened to it, by the record.
        heard: All that it said.
        lives: Whether it is there still, and said a mark last.

    Returns:
        How many words it did not hear for that.
    """
    return _Hearing(items).follow(heard, lives=lives)


class _Hearing:
    """How far an app has come in what was decided about it."""

    def __init__(self, items: list[Item]) -> None:
        self._items = items
        self._at = 0
        self._has = False
        self._asks = 0
        self._answered = 0
        self._overtaken = 0

    def follow(self, heard: Words, *, lives: bool) -> int:
        """See :func:`check_heard`."""
        asks_for = 0
        for number, each in enumerate(heard):
            what = each["event"]
            said = (
                heard[max(0, number - 16) : number + 1],
                self._items[max(0, self._at - 6) : self._at + 4],
            )
            if what == "asks":
                asks_for = each["gain"]
                self._asks += asks_for != 0
            elif what == "told":
                # Of what it asked for it may be told before it is answered.
                if self._next(Done.ASKS) and self._answered < self._asks:
                    self._pass()
                assert self._next(Done.TOLD), said
                assert self._items[self._at].word == each["word"], said
                self._pass()
            elif what == "answer":
                assert each["word"] == "GRANTED", said
                assert each["gain"] == asks_for, said
                if asks_for and self._answered < self._asks:
                    # What was decided before it asked it has heard.
                    assert self._next(Done.ASKS), said
                    self._pass()
                elif not asks_for and self._has:
                    while self._next(Done.TOLD):
                        self._overtaken += 1
                        self._pass()
                    assert self._next(Done.LEAVES), said
                    self._pass()
                assert self._answered == self._asks, said
            elif what == "mark":
                left = self._items[self._at :]
                assert not left or left[0].number > each["number"], said
        if lives:
            assert self._items[self._at :] == []
        else:
            left = self._items[self._at :]
            assert not self._items or left[-1].done is Done.LEAVES, left
            # What it asked for last it may not have lived to know.
            asked = [item.done for item in left].count(Done.ASKS)
            assert self._asks - self._answered in (asked, asked + 1), left
        return self._overtaken

    def _next(self, done: Done) -> bool:
        return self._at < len(self._items) and self._items[self._at].done is done

    def _pass(self) -> None:
        item = self._items[self._at]
        self._at += 1
        if item.done is Done.ASKS:
            self._has = True
            self._answered += 1
        elif item.done is Done.LEAVES or item.word == AndroidAudioFocus.LOSS.name:
            self._has = False


def _word(effect: Effect, life: Life) -> AndroidAudioFocus | None:
    """What an app is told that has been told that; ``None``: nothing."""
    if isinstance(effect, Stopped):
        return AndroidAudioFocus.LOSS if effect.told else None
    if isinstance(effect, Released):
        heard = effect.told and life.received is not None
        return AndroidAudioFocus.GAIN if heard else None
    if not isinstance(effect, Interrupted) or not effect.told:
        return None
    if effect.kind is HoldKind.PAUSE:
        return AndroidAudioFocus.LOSS_TRANSIENT
    return None if effect.enforced else AndroidAudioFocus.LOSS_TRANSIENT_CAN_DUCK


def _said(effects: tuple[Effect, ...]) -> list[Effect]:
    """All but where levels go, which follows from when it was."""
    return [effect for effect in effects if isinstance(effect, _SAID)]

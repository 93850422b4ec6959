"""What a session asks for, in one normal form for every vocabulary.

The one API, Apple's category/mode/options, Android's focus request, the W3C types and the
roles of unmodified streams are all translated into a :class:`Claim` (see
:mod:`audiosession.core.translate`); the arbiter and the policy tables know nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a sound is for. The policy gives each role its rank."""

    EMERGENCY = "emergency"
    """A message about danger to life; nothing lowers it."""
    SAFETY = "safety"
    """A vehicle's safety sound, ranked with emergencies."""
    CALL = "call"
    """A conversation: telephone, video call, intercom."""
    RINGTONE = "ringtone"
    """The sound that announces a call."""
    ALARM = "alarm"
    """An alarm clock or timer."""
    SCREEN_READER = "screen_reader"
    """Speech that stands in for the screen."""
    ASSISTANT = "assistant"
    """A voice assistant that listens or speaks."""
    RECORDING = "recording"
    """A recording in progress: voice memo, dictation."""
    PROMPT = "prompt"
    """A short spoken instruction, such as turn-by-turn navigation."""
    ANNOUNCEMENT = "announcement"
    """A public announcement, for example traffic news."""
    VEHICLE_STATUS = "vehicle_status"
    """A vehicle's state, such as an open door."""
    NOTIFICATION = "notification"
    """A short sound that says something happened."""
    SYSTEM_SOUND = "system_sound"
    """A sound of the user interface: key clicks, selection."""
    MUSIC = "music"
    """Music, long-form."""
    SPEECH = "speech"
    """Podcast, audiobook, radio talk: long-form speech."""
    MOVIE = "movie"
    """The sound of a film or a video."""
    GAME = "game"
    """A game's sound."""
    AMBIENT = "ambient"
    """Background sound that nobody misses when it is not heard."""
    UNKNOWN = "unknown"
    """Nothing was said; treated as media."""


class Press(Enum):
    """How hard a claim presses on whoever sounds already."""

    NONE = "none"
    """Mixes with others."""
    DUCK = "duck"
    """Others are to be lowered for a while."""
    PAUSE = "pause"
    """Others are to pause for a while."""
    STOP = "stop"
    """Others are to stop; an open-ended claim."""
    SILENCE = "silence"
    """Others are to be silent for a while, notifications included."""

    @property
    def displaces(self) -> bool:
        """Whether the claim asks others to fall silent rather than to go lower."""
        return self in (Press.PAUSE, Press.STOP, Press.SILENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a session asks for when it becomes active.

    Every field has a neutral default, so that a vocabulary sets what it can express.
    """

    role: Role = Role.UNKNOWN
    """What the sound is for."""
    press: Press = Press.STOP
    """How hard it presses on whoever sounds already."""
    pauses_spoken: bool = False
    """Pauses holders that speak, whatever ``press`` says of the rest."""
    spoken: bool = False
    """Continuous or short speech: makes no sense when talked over."""
    pause_when_ducked: bool = False
    """The app pauses itself where others would be lowered."""
    mixable: bool = False
    """Not interrupted by another app's ordinary claim."""
    plays: bool = True
    """Produces sound."""
    records: bool = False
    """Uses a microphone."""
    accepts_delay: bool = False
    """Would rather wait than be refused."""
    locked: bool = False
    """While it is on top nobody else is granted (telephony)."""
    force_duck: bool = False
    """May lower even what refuses to be lowered (accessibility)."""
    system_duck: bool = True
    """The system may lower it by itself; ``False``: the app is told and does it."""
    duck_events: bool = False
    """Told of ducking where the discipline otherwise does it unsaid (car)."""
    auto: bool = False
    """Its kind was computed, not declared (W3C type ``auto``)."""
    scope: str = ""
    """Where sessions are judged against each other (page, zone, route); empty: everywhere."""
    page: str = ""
    """The web page that it is of, which judges its own sessions; empty: none."""
    silenced_by_switch: bool = False
    """Falls silent with the ring switch and the locked screen."""
    declared: bool = True
    """Said by the app itself; ``False`` for a claim guessed from a stream."""
    system: bool = False
    """Belongs to the system: a call, an alarm, an assistant."""

    @property
    def yields(self) -> bool:
        """Whether it wants to pause rather than be lowered."""
        return self.spoken or self.pause_when_ducked

    @property
    def exclusive(self) -> bool:
        """Whether two such claims cannot sound together."""
        return self.press.displaces


def page_scope(page: str, group: str) -> str:
    """The scope of a web page's claims; ``page`` has no slash in it."""
    return f"{group}/{page}" if group else page


def page_group(scope: str) -> str:
    """The group of the page that has that scope; empty: none."""
    return scope.rpartition("/")[0]

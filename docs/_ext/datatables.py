"""Tables of what scenarios, simulated devices, vocabularies and errors consist of."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Iterable
from enum import Enum
from inspect import cleandoc

from generated import (
    Generated,
    code,
    codes,
    field_docs,
    first_sentence,
    look_up,
    members,
    table,
    tick,
    words,
)
from sphinx.application import Sphinx

from audiosession import RECIPES, recipe
from audiosession.android.constants import (
    AndroidAudioContentType,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
)
from audiosession.apple.constants import AVAudioSessionCategoryOptions as Options
from audiosession.core import effects, events
from audiosession.core.claims import Claim, Press
from audiosession.core.translate import android, apple, streams, w3c
from audiosession.errors import AudioSessionError
from audiosession.hosts.arbitrated import claim_of
from audiosession.hosts.base import ActivationRequest
from audiosession.hosts.simulated.profiles import PLUGGABLE, PROFILES
from audiosession.scenario.actions import ACTIONS, Argument
from audiosession.web.webkit import WEBKIT_CATEGORIES

_KINDS = {str: "text", float: "number", bool: "true or false", dict: "table", int: "whole number"}


def role(claim: Claim) -> str:
    """The role of a claim, in code type."""
    return code(claim.role.value)


def press(value: Press) -> str:
    """How hard a claim presses, in code type."""
    return code(value.value)


# ---- scenarios and devices ------------------------------------------------------------------


def _argument(name: str, argument: Argument) -> str:
    text = code(name) + ("" if argument.required else " (optional)")
    return f"{text}: {codes(argument.choices) or _KINDS[argument.kind]}"


def actions(on_app: bool) -> str:
    """What a step can do, to an app or to the device."""
    return table(
        ("`do`", "what it does", "further keys"),
        (
            (
                code(name),
                words(action.text),
                "<br>".join(_argument(*item) for item in action.arguments.items()),
            )
            for name, action in ACTIONS.items()
            # A volume is the app's or the device's.
            if action.on_app is on_app or name == "volume"
        ),
    )


def profiles() -> str:
    """The devices that can be simulated."""
    return table(
        ("profile", "outputs", "inputs", "beside what every device can", "volume steps"),
        (
            (
                code(profile.name),
                codes(port.kind for port in profile.ports if port.is_output),
                codes(port.kind for port in profile.ports if port.is_input),
                ", ".join(sorted(extra.value for extra in profile.extras)) or "nothing",
                str(profile.volume_steps),
            )
            for profile in PROFILES.values()
        ),
    )


def pluggable() -> str:
    """What can be plugged in."""
    return table(
        ("name", "ports"),
        (
            (
                code(name),
                "<br>".join(
                    f"{code(kind)}, {'in and out' if takes and gives else 'in' if takes else 'out'}"
                    for _, kind, takes, gives in ports
                ),
            )
            for name, ports in PLUGGABLE.items()
        ),
    )


# ---- vocabularies ---------------------------------------------------------------------------


def apple_categories() -> str:
    """Apple's categories."""
    return table(
        ("category", "plays", "records", "mixes by itself", "minds the ring switch", "role"),
        (
            (
                code(name),
                tick(facts.plays),
                tick(facts.records),
                tick(facts.mixes),
                tick(facts.silenced_by_switch),
                code(facts.role.value),
            )
            for name, facts in apple.CATEGORIES.items()
        ),
    )


def apple_modes() -> str:
    """Apple's modes that say what the sound is for."""
    return table(
        ("mode", "role"),
        ((code(name), code(role.value)) for name, role in apple.MODE_ROLES.items()),
    )


def apple_options() -> str:
    """What Apple's mixing options come to, on a category that does not mix by itself."""
    spoken = Options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS
    rows = []
    for options in (
        Options.NONE,
        Options.MIX_WITH_OTHERS,
        Options.DUCK_OTHERS,
        spoken,
        Options.DUCK_OTHERS | spoken,
    ):
        claim = apple.claim_from_category("AVAudioSessionCategoryPlayback", options=options.value)
        given = [
            option
            for option in (Options.DUCK_OTHERS, spoken, Options.MIX_WITH_OTHERS)
            if option in options
        ]
        if spoken in given and Options.MIX_WITH_OTHERS in given:
            given.remove(Options.MIX_WITH_OTHERS)
        rows.append(
            (
                codes(option.name for option in given) or "none of them",
                press(claim.press),
                tick(claim.pauses_spoken),
                tick(claim.mixable),
            )
        )
    return table(("options", "press", "pauses who speaks", "is mixed with"), rows)


def android_usages() -> str:
    """Android's usages."""
    return table(
        ("number", "usage", "role"),
        (
            (
                str(number),
                code(AndroidAudioUsage(number).name),
                "the content type's" if number in (0, 1) else code(found.value),
            )
            for number, found in android.USAGES.items()
        ),
    )


def android_content_types() -> str:
    """Android's content types."""
    return table(
        ("number", "content type", "role where the usage leaves it open", "speaks"),
        (
            (
                str(kind.value),
                code(kind.name),
                role(android.claim_from_focus_request(content_type=kind)),
                tick(android.claim_from_focus_request(content_type=kind).spoken),
            )
            for kind in AndroidAudioContentType
        ),
    )


def android_gains() -> str:
    """Android's gains."""
    docs = {item.value: item.name for item in AndroidAudioFocusGainType}
    return table(
        ("number", "gain", "press"),
        (
            (str(number), code(docs.get(number, "")), press(found))
            for number, found in android.GAINS.items()
        ),
    )


def w3c_types() -> str:
    """The W3C's types."""
    return table(
        ("type", "press", "role", "records", "is mixed with"),
        (
            (
                code(name),
                press(found),
                code(what.value),
                tick(records),
                tick(w3c.claim_from_type(name).mixable),
            )
            for name, (found, what, records) in w3c.TYPES.items()
        ),
    )


def w3c_elements() -> str:
    """The types that elements of a page count as."""
    return table(
        ("element", "counts as"),
        ((code(kind), code(name)) for kind, name in w3c.ELEMENT_TYPES.items()),
    )


def webkit_categories() -> str:
    """The categories that WebKit sets for the W3C's types."""
    return table(
        ("type", "category"),
        ((code(type.value), code(category.name)) for type, category in WEBKIT_CATEGORIES.items()),
    )


def stream_roles() -> str:
    """Roles of streams that say nothing themselves."""
    return table(
        ("role of the stream", "role", "press", "records"),
        (
            (code(name), code(what.value), press(found), tick(records))
            for name, (what, found, records) in streams.STREAM_ROLES.items()
        ),
    )


def recipes() -> str:
    """What each recipe of the one API comes to."""
    rows = []
    for name in RECIPES:
        claim = claim_of(ActivationRequest.of(recipe(name)))
        rows.append(
            (
                code(name),
                role(claim),
                press(claim.press),
                tick(claim.pauses_spoken),
                tick(claim.yields),
                tick(claim.mixable),
                tick(claim.plays),
                tick(claim.records),
            )
        )
    return table(
        (
            "recipe",
            "role",
            "press",
            "pauses who speaks",
            "would rather pause than go lower",
            "is mixed with",
            "plays",
            "records",
        ),
        rows,
    )


# ---- values ---------------------------------------------------------------------------------


def enum_table(path: str) -> str:
    """The members of an enumeration."""
    kind = look_up(path)
    assert issubclass(kind, Enum), path
    return table(("value", "meaning"), ((code(value), text) for value, text in members(kind)))


def _type(hint: object) -> str:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return codes(member.value for member in hint) if len(hint) <= 6 else "text"
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return "object"
    return _KINDS[hint] if isinstance(hint, type) else str(hint)


def _shape(kind: type) -> str:
    hints = typing.get_type_hints(kind)
    docs = field_docs(kind)
    lines = []
    for name in hints:
        text = docs.get(name, "")
        lines.append(f"{code(name)}: {_type(hints[name])}" + (f". {text}" if text else ""))
    return "<br>".join(lines)


def _shapes(kinds: Iterable[type]) -> str:
    return table(
        ("`type`", "what it says", "fields"),
        ((code(kind.__name__), first_sentence(kind.__doc__), _shape(kind)) for kind in kinds),
    )


def arbiter_events() -> str:
    """The events of decisions."""
    return _shapes(typing.get_args(events.Event))


def arbiter_effects() -> str:
    """The effects of decisions."""
    return _shapes(typing.get_args(effects.Effect))


def claim_fields() -> str:
    """The fields of a claim."""
    docs = field_docs(Claim)
    defaults = {field.name: field.default for field in dataclasses.fields(Claim)}
    rows = []
    for name, text in docs.items():
        value = defaults[name]
        shown = getattr(value, "value", str(value).lower() if value != "" else "empty")
        rows.append((code(name), code(shown), text))
    return table(("field", "unless said", "meaning"), rows)


def error_tree() -> str:
    """Every error, with what it carries."""
    rows: list[tuple[str, str, str]] = []

    def add(kind: type[Exception], depth: int) -> None:
        others = [
            code(base.__name__)
            for base in kind.__bases__
            if not issubclass(base, AudioSessionError) and base is not Exception
        ]
        name = "&nbsp;" * 4 * depth + f"{{py:class}}`~audiosession.errors.{kind.__name__}`"
        also = f" Also a {' and a '.join(others)}." if others else ""
        own = [name for name in vars(kind).get("__annotations__", {}) if not name.startswith("_")]
        rows.append((name, first_sentence(cleandoc(kind.__doc__ or "")) + also, codes(own)))
        for below in kind.__subclasses__():
            if below.__module__ == "audiosession.errors":
                add(below, depth + 1)

    add(AudioSessionError, 0)
    return table(("error", "means", "carries"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "actions-on-apps": lambda: actions(True),
    "actions-on-the-device": lambda: actions(False),
    "profiles": profiles,
    "pluggable": pluggable,
    "apple-categories": apple_categories,
    "apple-modes": apple_modes,
    "apple-options": apple_options,
    "android-usages": android_usages,
    "android-content-types": android_content_types,
    "android-gains": android_gains,
    "w3c-types": w3c_types,
    "w3c-elements": w3c_elements,
    "webkit-categories": webkit_categories,
    "stream-roles": stream_roles,
    "recipes": recipes,
    "events": arbiter_events,
    "effects": arbiter_effects,
    "claim": claim_fields,
    "errors": error_tree,
}
"""What the directive ``data-table`` can draw."""


class DataTable(Generated):
    """``data-table:: name``."""

    required_arguments = 1

    def markdown(self) -> str:
        """One of the tables above."""
        return TABLES[self.arguments[0]]()


class EnumTable(Generated):
    """``enum-table:: dotted.name.of.an.Enum``."""

    required_arguments = 1

    def markdown(self) -> str:
        """Its members and what they mean."""
        return enum_table(self.arguments[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Adds the directives."""
    app.add_directive("data-table", DataTable)
    app.add_directive("enum-table", EnumTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

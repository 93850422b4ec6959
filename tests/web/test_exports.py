"""What the web's package gives, and that its session has the shape of the W3C's interface."""

from __future__ import annotations

from importlib import import_module

import pytest

from audiosession import web
from audiosession.core.translate.w3c import TYPES, PageState
from audiosession.web import AudioSession, AudioSessionState, AudioSessionType, EventTarget, types
from tests.api import test_constants as rules
from tests.web.web_kit import Stage

IDL = {"type": True, "state": False, "onstatechange": True}
"""The draft's attributes of AudioSession, and whether they can be set."""

MODULES = ("audio_session", "errors", "page_audio", "types", "window")


@pytest.mark.parametrize("name", web.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(web, name) is vars(web)[name]
    assert name in dir(web)


@pytest.mark.parametrize("module", MODULES)
def test_the_package_gives_every_name_of_its_modules(module: str) -> None:
    assert {*import_module(f"audiosession.web.{module}").__all__} <= {*web.__all__}


def test_a_name_that_is_not_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="AudioWorklet"):
        web.AudioWorklet  # noqa: B018


def test_every_enum_member_has_a_docstring() -> None:
    rules.test_every_enum_member_has_a_docstring(types)


def test_the_words_are_those_of_the_rules() -> None:
    assert {str(type) for type in AudioSessionType} == {"auto", *TYPES}
    assert [str(state) for state in AudioSessionState] == [state.value for state in PageState]


@pytest.mark.parametrize(("attribute", "settable"), IDL.items())
async def test_a_session_has_the_attributes_of_the_draft(attribute: str, settable: bool) -> None:
    found = getattr(AudioSession, attribute)
    assert isinstance(found, property)
    assert (found.fset is not None) is settable
    if not settable:
        with pytest.raises(AttributeError):
            setattr(Stage().session, attribute, "active")


def test_a_session_is_an_event_target() -> None:
    assert issubclass(AudioSession, EventTarget)
    assert callable(AudioSession.add_event_listener)
    assert callable(AudioSession.remove_event_listener)

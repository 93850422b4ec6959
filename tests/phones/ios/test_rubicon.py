"""The bridge where rubicon-objc is missing; ``real`` tries it over the real one."""

from __future__ import annotations

import sys

import pytest

from audiosession.errors import ExtraMissingError
from audiosession.hosts.ios.rubicon import RubiconBridge


def test_without_rubicon_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rubicon", None)
    with pytest.raises(ExtraMissingError, match=r"audiosession\[ios\]"):
        RubiconBridge()

"""The facts about Apple's capture session, as the tests compare them."""

from __future__ import annotations

from functools import cache
from typing import Any

from audiosession.capture.facts import avcapturesession


@cache
def facts() -> dict[str, Any]:
    """The facts about AVCaptureSession and the classes around it, by table."""
    return avcapturesession()


def row(table: str, name: str) -> dict[str, Any]:
    """One entry."""
    (found,) = (each for each in facts()[table] if each["name"] == name)
    return dict(found)

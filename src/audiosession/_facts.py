"""Reading what is known about a platform's API, which the package carries as data."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

__all__ = ["read"]


@cache
def read(package: str, name: str) -> dict[str, Any]:
    """Returns a TOML file of a package, read once; the caller must not change it."""
    # Imported here because the rest of the package gets along without it.
    import tomllib

    return tomllib.loads(resources.files(package).joinpath(name).read_text("utf-8"))

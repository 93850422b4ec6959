"""The policies that ship, and reading one's own from a file."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path

from .._reading import read_bounded
from .._toml_lines import not_toml
from ..core.policy import Policy
from ..errors import InvalidTypeError, PolicyError, UnknownNameError

POLICIES = ("default", "apple", "android", "android-car", "web")
"""The names of the policies that ship."""

_MAX_BYTES = 1_000_000


@cache
def load_policy(name: str = "default") -> Policy:
    """A policy that ships, by name. Loaded once; immutable.

    Raises:
        UnknownNameError: no policy has that name.
    """
    if name not in POLICIES:
        raise UnknownNameError("policy", name, POLICIES)
    text = resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return parse_policy(text, source=f"{name}.toml")


def read_policy(path: str | Path) -> Policy:
    """A policy from a TOML file of the same form as those that ship.

    Raises:
        PolicyError: the file cannot be read or is no regular file, is no TOML (the message has
            the line), or does not hold together; every problem is named.
        InvalidTypeError: ``path`` is neither text nor Path.
    """
    if not isinstance(path, str | Path):
        raise InvalidTypeError("path", path, expected="a text or a Path")
    path = Path(path)
    try:
        data = read_bounded(path, _MAX_BYTES)
        if len(data) > _MAX_BYTES:
            raise PolicyError((f"the file is larger than {_MAX_BYTES} bytes",), str(path))
        text = data.decode("utf-8")
    except FileNotFoundError as error:
        close = get_close_matches(path.stem, POLICIES, n=1)
        hint = f"; a policy that ships is called {close[0]!r}" if close else ""
        raise PolicyError((f"there is no such file{hint}",), str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError((f"cannot be read: {error}",), str(path)) from error
    return parse_policy(text, source=str(path))


def parse_policy(text: str, *, source: str | None = None) -> Policy:
    """A policy from TOML text; a byte order mark at its beginning is passed over.

    Args:
        text: The policy.
        source: Where it came from, for messages.

    Raises:
        PolicyError: as :func:`read_policy` does.
        InvalidTypeError: an argument has the wrong type.
    """
    if not isinstance(text, str):
        raise InvalidTypeError("text", text, expected="a text")
    if source is not None and not isinstance(source, str):
        raise InvalidTypeError("source", source, expected="a text or None")
    from ..core.policy_check import check_policy

    try:
        data = tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        problem, _ = not_toml(error, text)
        raise PolicyError((problem,), source) from error
    policy = Policy.from_mapping(data, source=source)
    problems = check_policy(policy)
    if problems:
        raise PolicyError(problems, source)
    return policy

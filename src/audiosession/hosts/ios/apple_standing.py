"""How an app stands on a real phone, which knows better."""

from __future__ import annotations

from collections.abc import Callable

from ...apple.device import AppleStanding

__all__ = ["PhoneStanding"]


class PhoneStanding(AppleStanding):
    """As if nothing stood in the way: the phone answers by itself.

    Whether there is an input is looked at when somebody asks, and not before: an app that only
    plays never touches what belongs to inputs.

    Args:
        media_services: Whether the media services run, as far as the phone has said.
        has_input: Asks the phone whether there is an input.
    """

    __slots__ = ("_ask",)

    def __init__(self, *, media_services: bool, has_input: Callable[[], bool]) -> None:
        super().__init__(
            background_audio=True,
            inter_app_audio=True,
            now_playing=True,
            decides=False,
            media_services=media_services,
        )
        object.__setattr__(self, "_ask", has_input)

    @property
    def has_input(self) -> bool:
        """Whether there is a microphone of any kind."""
        ask: Callable[[], bool] = object.__getattribute__(self, "_ask")
        return ask()

    @has_input.setter
    def has_input(self, has_input: bool) -> None:
        """The value that the fields begin with stands for nothing here."""

"""A recorder of what a session hears."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..devices import AudioDevicesChangedEvent
    from ..interruptions import AudioInterruptionEvent
    from ..session import AudioSession


class Heard:
    """Collects a session's events from now on, until :meth:`stop` or the end of ``with``.

    Example::

        heard = Heard(AudioSession.instance())
        simulated_device.unplug("wired headphones")
        assert heard.noisy == 1

    Args:
        session: Whose events to collect; one that is not closed.

    Raises:
        InvalidTypeError: It is no session of the one API. Another surface's events are heard by
            its own listeners.
        ClosedError: The session is closed.
    """

    interruptions: list[AudioInterruptionEvent]
    """The interruptions that began and ended, in order."""
    devices_changed: list[AudioDevicesChangedEvent]
    """The changes of devices, in order."""
    noisy: int
    """How often the output became noisy."""
    words: list[str]
    """All of it in words and in order: ``begin duck``, ``end pause``, ``becoming noisy``,
    ``devices changed``."""

    def __init__(self, session: AudioSession) -> None:
        self.clear()
        if not hasattr(session, "interruption_event_stream"):
            from ..errors import InvalidTypeError

            raise InvalidTypeError("session", session, expected="an AudioSession")
        self._subscriptions = (
            session.interruption_event_stream.listen(self._on_interruption),
            session.becoming_noisy_event_stream.listen(self._on_noisy),
            session.devices_changed_event_stream.listen(self._on_devices_changed),
        )

    def clear(self) -> None:
        """Forgets what was collected and goes on."""
        self.interruptions = []
        self.devices_changed = []
        self.noisy = 0
        self.words = []

    def stop(self) -> None:
        """Collects no more; stopping twice does nothing."""
        for subscription in self._subscriptions:
            subscription.cancel()

    def __enter__(self) -> Heard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Heard {', '.join(self.words) or 'nothing'}>"

    def _on_interruption(self, event: AudioInterruptionEvent) -> None:
        self.interruptions.append(event)
        self.words.append(f"{'begin' if event.begin else 'end'} {event.type.value}")

    def _on_noisy(self, _: None) -> None:
        self.noisy += 1
        self.words.append("becoming noisy")

    def _on_devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        self.devices_changed.append(event)
        self.words.append("devices changed")


__all__ = ["Heard"]

"""How much one client may ask."""

from __future__ import annotations

from ...errors import LimitError

_MOST_BUCKETS = 256


class TokenBucket:
    """Lets a burst through, and then so many a second.

    Args:
        rate: Tokens that come back a second.
        burst: Tokens there are at most.
        now: The time, in seconds of any clock.
    """

    __slots__ = ("_burst", "_left", "_rate", "_then")

    def __init__(self, *, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._then = now

    def take(self, now: float) -> bool:
        """Takes a token; False where there is none."""
        self._refill(now)
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    def full(self, now: float) -> bool:
        """Whether it is as good as new."""
        self._refill(now)
        return self._left >= self._burst

    def _refill(self, now: float) -> None:
        self._left = min(self._burst, self._left + max(0.0, now - self._then) * self._rate)
        self._then = now


class Rates:
    """A bucket for each client; those that are full again are forgotten.

    Args:
        rate: Requests a second.
        burst: Requests at once.
    """

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[str, TokenBucket] = {}
        self._look_at = _MOST_BUCKETS

    def check(self, client: str, now: float) -> None:
        """Counts a request.

        Raises:
            LimitError: there were too many.
        """
        bucket = self._buckets.get(client)
        if bucket is None:
            if len(self._buckets) >= self._look_at:
                self._forget_full(now)
            bucket = TokenBucket(rate=self._rate, burst=self._burst, now=now)
            self._buckets[client] = bucket
        if not bucket.take(now):
            raise LimitError("requests per second", int(self._rate))

    def __len__(self) -> int:
        return len(self._buckets)

    def _forget_full(self, now: float) -> None:
        self._buckets = {
            client: bucket for client, bucket in self._buckets.items() if not bucket.full(now)
        }
        # Looking at all of them each time would cost more than it spares.
        self._look_at = max(_MOST_BUCKETS, 2 * len(self._buckets))


__all__ = ["Rates", "TokenBucket"]

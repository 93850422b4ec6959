"""How much one client may ask."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiosession.errors import LimitError
from audiosession.service.bus.rates import Rates, TokenBucket


def test_a_burst_and_then_so_many_a_second() -> None:
    rates = Rates(rate=10.0, burst=5)
    for _ in range(5):
        rates.check("a", 0.0)
    with pytest.raises(LimitError) as caught:
        rates.check("a", 0.0)
    assert (caught.value.what, caught.value.limit) == ("requests per second", 10)
    rates.check("a", 0.1)
    with pytest.raises(LimitError):
        rates.check("a", 0.1)


def test_one_client_does_not_use_up_what_is_anothers() -> None:
    rates = Rates(rate=1.0, burst=1)
    rates.check("a", 0.0)
    rates.check("b", 0.0)


def test_clients_that_ask_no_more_are_forgotten() -> None:
    rates = Rates(rate=100.0, burst=2)
    for number in range(10_000):
        rates.check(f"client {number}", number * 0.1)
    assert len(rates) <= 257


@given(st.lists(st.floats(0, 1), max_size=200))
def test_never_more_than_burst_and_rate_allow(pauses: list[float]) -> None:
    bucket, now, taken = TokenBucket(rate=5.0, burst=3, now=0.0), 0.0, 0
    for pause in pauses:
        now += pause
        taken += bucket.take(now)
    assert taken <= 3 + 5.0 * now + 1e-6

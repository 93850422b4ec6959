"""How often it makes sense to move a volume on PipeWire.

A node takes a volume over at the start of a cycle of the graph, and in between sets are lost.
The graph goes round as fast as the stream that wants the least latency asks for (``node.latency``,
a fraction of a second, `pipewire-client.conf
<https://docs.pipewire.org/page_man_pipewire-client_conf_5.html>`__); where nobody asks it takes
1024 samples at 48000 a second (``default.clock.quantum``, `pipewire.conf
<https://docs.pipewire.org/page_man_pipewire_conf_5.html>`__).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from .numbers import number_of

USUAL_S = 0.02
"""When nobody asks for less: the usual cycle takes 21 ms."""
LEAST_S = 0.001
"""The event loop's own timers are no finer."""
PER_STREAM_S = 0.0005
"""A set wakes the server, the app's side, the session manager and this process, which together
take about that long; with many streams the steps grow."""


def step_s(latencies: Iterable[str], lowered: int) -> float:
    """Returns how long a step of a fade is to last, in seconds.

    Args:
        latencies: What running streams ask for, as in ``node.latency``; empty for nothing.
        lowered: How many streams are lowered.
    """
    asked_s = min(map(_seconds, latencies), default=USUAL_S)
    return max(LEAST_S, PER_STREAM_S * lowered, min(asked_s, USUAL_S))


@lru_cache(maxsize=64)
def _seconds(latency: str) -> float:
    samples, rate = map(number_of, latency.partition("/")[::2])
    return samples / rate if samples and rate else USUAL_S


__all__ = ["LEAST_S", "PER_STREAM_S", "USUAL_S", "step_s"]

"""Which nodes of PipeWire are connected."""

from __future__ import annotations

from collections.abc import Collection

from ...pipewire import GlobalObject
from .numbers import number_of


class Links:
    """The links there are, by the nodes at their ends."""

    def __init__(self) -> None:
        self._links: dict[int, tuple[int, int]] = {}
        self._peers: dict[int, dict[int, int]] = {}

    def add(self, target: GlobalObject) -> tuple[int, ...]:
        """Takes a link; returns the ids of its nodes, none for one that says nothing of them."""
        output = number_of(target.properties.get("link.output.node"))
        input_ = number_of(target.properties.get("link.input.node"))
        if output is None or input_ is None:
            return ()
        self._links[target.id] = output, input_
        self._peers.setdefault(output, {})[target.id] = input_
        self._peers.setdefault(input_, {})[target.id] = output
        return output, input_

    def remove(self, number: int) -> tuple[int, ...]:
        """Forgets a link; returns the ids of its nodes."""
        ends = self._links.pop(number, ())
        for node in ends:
            peers = self._peers.get(node, {})
            peers.pop(number, None)
            if not peers:
                self._peers.pop(node, None)
        return ends

    def clear(self) -> None:
        """Forgets everything."""
        self._links.clear()
        self._peers.clear()

    def peers(self, node: int) -> Collection[int]:
        """Returns the ids of the nodes that a node is linked to, in the order of the links."""
        return self._peers.get(node, {}).values()


__all__ = ["Links"]

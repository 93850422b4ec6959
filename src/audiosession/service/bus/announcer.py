"""Tells everyone on the wires what changed, a few times a second at most."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from dbus_fast import Message, MessageType, Variant

from ...devices import AudioDevicesChangedEvent
from ..report import DecisionReport
from .names import MANAGER, OBJECT_MANAGER, PROPERTIES, ROOT, path_of
from .objects import (
    DEVICE_INTERFACE,
    STREAM_INTERFACE,
    DeviceObject,
    StreamObject,
)
from .tree import Changes, Exported, WireError
from .values import devices_changed_to_text

if TYPE_CHECKING:
    from .service import BusService

INTERVAL_S = 0.05
"""Changes within this time are told together, those of more where there is much to tell; nothing
wakes up where nothing changes. In seconds."""
_MOST_DECISIONS = 64
_SHARE = 20
_DECISIONS_S = 0.01
_LEAST_DECISION_S = 1e-5
_DECISION_FIELDS = fields(DecisionReport)


class Announcer:
    """Hears the engine and tells the wires. Implements EngineObserver.

    Args:
        service: Whose objects they are.
    """

    def __init__(self, service: BusService) -> None:
        self._service = service
        self._announced: dict[str, dict[str, Any]] = {}
        self._new: dict[str, None] = {}
        self._changed: dict[str, None] = {}
        self._last_decision = 0
        self._told_decision = 0
        self._devices_differ = True
        self._timer: asyncio.TimerHandle | None = None
        self._pause_s = INTERVAL_S
        self._decision_s = _LEAST_DECISION_S
        self._closed = False

    def close(self) -> None:
        """Tells nothing any more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    # -- what the engine reports -------------------------------------------------------------

    def session_opened(self, id: str) -> None:
        """A session opened."""
        self._service.session_opened(id)

    def session_changed(self, id: str) -> None:
        """A session's report differs."""
        self._change(path_of("session", id))

    def session_closed(self, id: str) -> None:
        """A session closed."""
        self._service.session_closed(id)

    def stream_changed(self, id: str) -> None:
        """A stream appeared, or its report differs."""
        path = path_of("stream", id)
        if path in self._service.tree:
            self._change(path)
            return
        target = StreamObject(self._service, id)
        self._service.tree.add(Exported(path=path, interface=STREAM_INTERFACE, target=target))
        self.added(path)

    def stream_closed(self, id: str) -> None:
        """A stream ended."""
        self.removed(path_of("stream", id))

    def decided(self, number: int) -> None:
        """A decision was written into the journal."""
        self._last_decision = max(self._last_decision, number)
        self._soon()

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """Devices came or went."""
        self._devices_differ = True
        self._tell(ROOT, MANAGER, "DevicesChanged", "s", [devices_changed_to_text(event)])
        self._soon()

    def became_noisy(self) -> None:
        """The output became noisy."""
        self._tell(ROOT, MANAGER, "BecameNoisy", "", [])

    def idle_changed(self, idle: bool) -> None:
        """The engine became idle, or busy."""

    # -- objects -----------------------------------------------------------------------------

    def added(self, path: str) -> None:
        """An object is there."""
        self._new[path] = None
        self._soon()

    def removed(self, path: str) -> Exported | None:
        """An object is gone; gives what it was."""
        self._service.engine_changed()
        exported = self._service.tree.remove(path)
        self._changed.pop(path, None)
        self._new.pop(path, None)
        if exported is not None and self._announced.pop(path, None) is not None:
            body = [path, [exported.interface.name]]
            self._tell(ROOT, OBJECT_MANAGER, "InterfacesRemoved", "oas", body)
        return exported

    def _change(self, path: str) -> None:
        self._changed[path] = None
        self._soon()

    def _soon(self) -> None:
        self._service.engine_changed()
        if self._timer is None and not self._closed:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._pause_s, self.flush)

    def flush(self) -> None:
        """Tells what is waiting to be told."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        began = time.monotonic()
        if self._devices_differ:
            self._devices_differ = False
            self._compare_devices()
        new, self._new = self._new, {}
        changed, self._changed = self._changed, {}
        tree = self._service.tree
        for path in new:
            if path in tree:
                self._introduce(tree[path])
        # The manager's properties change with the servers, of which streams come and go.
        for path in (ROOT, *changed):
            if path in tree and path not in new:
                self._compare(tree[path])
        self._decisions()
        # Who tells more than there is time for tells it less often.
        self._pause_s = max(INTERVAL_S, _SHARE * (time.monotonic() - began))

    def _introduce(self, exported: Exported) -> None:
        try:
            values = exported.values()
        except WireError:
            # It is gone again, which its removal will say, or has said.
            return
        self._announced[exported.path] = self._told_values(exported)
        self._tell(ROOT, OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [exported.path, values])

    def _compare(self, exported: Exported) -> None:
        try:
            now = self._told_values(exported)
        except WireError:
            return
        before = self._announced.get(exported.path)
        self._announced[exported.path] = now
        if before is None:
            return
        signatures = {each.name: each.signature for each in exported.interface.properties}
        differ = {
            name: Variant(signatures[name], value)
            for name, value in now.items()
            if value != before.get(name)
        }
        if differ:
            self._tell(
                exported.path,
                PROPERTIES,
                "PropertiesChanged",
                "sa{sv}as",
                [exported.interface.name, differ, []],
            )

    def _told_values(self, exported: Exported) -> dict[str, Any]:
        return {
            each.name: each.value(exported.target)
            for each in exported.interface.properties
            if each.changes is Changes.TOLD
        }

    def _compare_devices(self) -> None:
        tree = self._service.tree
        there = {path_of("device", id): id for id in self._service.snapshot().endpoints}
        for path in tree.below(f"{ROOT}/device"):
            if path not in there:
                self.removed(path)
        for path, id in there.items():
            if path in tree:
                self._changed[path] = None
            else:
                target = DeviceObject(self._service, id)
                tree.add(Exported(path=path, interface=DEVICE_INTERFACE, target=target))
                self._new[path] = None

    def _decisions(self) -> None:
        """Tells the latest decisions; where they are long, fewer of them."""
        most = max(1, min(_MOST_DECISIONS, int(_DECISIONS_S / self._decision_s)))
        count = min(self._last_decision - self._told_decision, most)
        self._told_decision = self._last_decision
        if count <= 0:
            return
        began = time.monotonic()
        for decision in self._service.engine.decisions(count):
            # Event and effects are plain already, and may be long.
            plain = {each.name: getattr(decision, each.name) for each in _DECISION_FIELDS}
            self._tell(ROOT, MANAGER, "Decided", "s", [json.dumps(plain)])
        self._decision_s = max(_LEAST_DECISION_S, (time.monotonic() - began) / count)

    def _tell(
        self, path: str, interface: str, member: str, signature: str, body: list[Any]
    ) -> None:
        if self._closed:
            return
        self._service.send(
            Message(
                message_type=MessageType.SIGNAL,
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=body,
            )
        )


__all__ = ["INTERVAL_S", "Announcer"]

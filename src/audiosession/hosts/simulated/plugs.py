"""The ports of a simulated device: what is plugged in, and everybody's route over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...core.routing import (
    Port,
    RouteChange,
    RouteChangeReason,
    RoutePorts,
    Router,
    RouteRequest,
)
from ...devices import AudioDevice, AudioDeviceType
from ...errors import IllegalRequestError, InvalidTypeError, UnknownNameError
from .changes import Changes, Counted
from .placing import Placing
from .profiles import HIGH_QUALITY, MIRRORED, PLUGGABLE


class Plugs(Counted):
    """What is plugged into a device, and who is routed where.

    A session's route follows what it was configured with, until its surface asks for more than
    that can say (:meth:`set_request`). Changes of the routes of such sessions are told to
    listeners, before the one API's events of the same happening.

    Args:
        built_in: The ports of the device itself.
        placing: What the sessions ask of the ports.
        changes: Of the device.
    """

    def __init__(
        self,
        built_in: Iterable[Port],
        placing: Placing,
        changes: Changes,
    ) -> None:
        super().__init__(changes)
        self._router = Router(built_in)
        self._placing = placing
        self._requests: dict[str, RouteRequest] = {}
        self._listeners: list[list[Callable[[RouteChange], None]]] = []
        self._connections = 0

    # -- ports -------------------------------------------------------------------------------

    @property
    def ports(self) -> tuple[Port, ...]:
        """The ports there are, in the order in which they came."""
        return self._router.ports

    def port(self, id: str) -> Port | None:
        """The port by that id; ``None`` where it is not there."""
        return next((port for port in self.ports if port.id == id), None)

    def audio_devices(self) -> frozenset[AudioDevice]:
        """The ports in the words of the one API."""
        return frozenset(map(audio_device, self.ports))

    def plug(self, what: str) -> tuple[tuple[Port, ...], tuple[RouteChange, ...]]:
        """What the device's ``plug`` does to the ports, without telling anybody.

        Returns:
            The ports that came, and the changes to be told with :meth:`tell`.

        Raises:
            InvalidTypeError, UnknownNameError: no such thing can be plugged in.
            IllegalRequestError: it is plugged in already.
        """
        if not isinstance(what, str):
            raise InvalidTypeError("what", what, expected="a text")
        kinds = PLUGGABLE.get(what)
        if kinds is None:
            raise UnknownNameError("device", what, PLUGGABLE)
        if any(port.device == what for port in self.ports):
            raise IllegalRequestError(f"{what} is connected already", field="what")
        self._connections += 1
        added = tuple(
            Port(
                id=what if number == 0 else f"{what} {number + 1}",
                name=name,
                kind=kind,
                is_input=is_input,
                is_output=is_output,
                device=what,
                order=self._connections,
                mirrored=what in MIRRORED,
                high_quality=what in HIGH_QUALITY and kind == "bluetoothSco",
            )
            for number, (name, kind, is_input, is_output) in enumerate(kinds)
        )
        self._follow()
        changes = self._router.connect(added)
        self._altered()
        return added, changes

    def unplug(self, what: str) -> tuple[tuple[Port, ...], tuple[RouteChange, ...]]:
        """What the device's ``unplug`` does to the ports, without telling anybody.

        Returns:
            The ports that went, and the changes of all routes, to be told with :meth:`tell`.

        Raises:
            InvalidTypeError, UnknownNameError: it is not plugged in.
        """
        if not isinstance(what, str):
            raise InvalidTypeError("what", what, expected="a text")
        removed = tuple(port for port in self.ports if port.device == what and not port.built_in)
        self._follow()
        changes = self._router.disconnect(what)
        self._altered()
        return removed, changes

    def reconfigure(self, port: str) -> tuple[RouteChange, ...]:
        """A port works differently: another data source, another polar pattern.

        Raises:
            UnknownNameError: there is no such port.
        """
        self._follow()
        return self.tell(self._router.reconfigured(port))

    def wake(self) -> tuple[RouteChange, ...]:
        """The device wakes up from sleep."""
        self._follow()
        return self.tell(self._router.woke())

    def share_output(self, port: str) -> tuple[RouteChange, ...]:
        """The user chooses where long-form sessions sound; empty: the last one in.

        Raises:
            UnknownNameError: there is no such output.
        """
        self._follow()
        changes = self.tell(self._router.share_output(port))
        self._placing.judge_again()
        return changes

    # -- sessions ----------------------------------------------------------------------------

    def set_request(self, session: str, request: RouteRequest | None) -> tuple[RouteChange, ...]:
        """What a session's surface asks of the ports, from now on; ``None``: as it was configured.

        Raises:
            InvalidTypeError: not a request.
            UnknownNameError: there is no such session.
        """
        if request is not None and not isinstance(request, RouteRequest):
            raise InvalidTypeError("request", request, expected="a RouteRequest or None")
        self._known(session)
        if request is None:
            self._requests.pop(session, None)
            self._follow()
            return ()
        self._requests[session] = request
        return self.tell(
            self._router.request(session, request, reason=RouteChangeReason.CATEGORY_CHANGE)
        )

    def override_output(self, session: str, speaker: bool) -> tuple[RouteChange, ...]:
        """A session sends its sound to the loudspeaker, or takes that back.

        Raises:
            UnknownNameError: there is no such session.
            IllegalRequestError: it does not play and record.
        """
        self._known(session)
        return self.tell(self._router.override(session, speaker))

    def prefer_input(self, session: str, port: str) -> tuple[RouteChange, ...]:
        """A session would rather record from that port; empty: it has no wish.

        Raises:
            UnknownNameError: there is no such session, or the port is not available to it.
        """
        self._known(session)
        return self.tell(self._router.prefer_input(session, port))

    def interrupted(self, session: str) -> tuple[RouteChange, ...]:
        """A session is interrupted, which ends its override."""
        return self.tell(self._router.interrupted(session))

    def route(self, session: str) -> RoutePorts:
        """The ports a session uses, or would use when it sounds.

        Raises:
            UnknownNameError: there is no such session.
        """
        if session not in self._requests:
            self._known(session)
        return self._router.route(session)

    def available_inputs(self, session: str) -> tuple[str, ...]:
        """The inputs a session may prefer.

        Raises:
            UnknownNameError: there is no such session.
        """
        if session not in self._requests:
            self._known(session)
        return self._router.available_inputs(session)

    def preferred_input(self, session: str) -> str:
        """The port a session would rather record from; empty where it has no wish."""
        return self._router.preferred_input(session)

    def overridden(self, session: str) -> bool:
        """Whether a session's override of the output is in force."""
        return self._router.overridden(session)

    def surface_request(self, session: str) -> RouteRequest | None:
        """What a session's surface asks, where it does (:meth:`set_request`)."""
        return self._requests.get(session)

    def apart(self, request: RouteRequest) -> bool:
        """Whether a long-form request sounds elsewhere than the rest does (apple 102)."""
        return self._router.apart(request)

    @property
    def shared_output(self) -> str:
        """The port chosen for long-form sessions; empty: they follow the last one in."""
        return self._router.shared_output

    # -- telling -----------------------------------------------------------------------------

    def listen(self, listener: Callable[[RouteChange], None]) -> Callable[[], None]:
        """Has changes of the routes of sessions with a request told; call the result to end it."""
        entry = [listener]
        self._listeners.append(entry)

        def end() -> None:
            self._listeners = [one for one in self._listeners if one is not entry]

        return end

    def tell(self, changes: tuple[RouteChange, ...]) -> tuple[RouteChange, ...]:
        """Tells listeners of the changes that concern them; gives the changes back."""
        self._altered()
        for change in changes:
            if change.session in self._requests:
                for (listener,) in tuple(self._listeners):
                    listener(change)
        return changes

    # -- inside ------------------------------------------------------------------------------

    def _known(self, session: str) -> None:
        self._follow()
        if session not in self._router.sessions:
            raise UnknownNameError("session", session, self._router.sessions)

    def _follow(self) -> None:
        """Brings the router up to what the sessions ask now."""
        asked = self._placing.requests()
        for gone in set(self._router.sessions) - asked.keys():
            self._router.request(gone, None)
            self._requests.pop(gone, None)
            self._altered()
        for session, request in asked.items():
            if session not in self._requests:
                self._router.request(session, request)


def audio_device(port: Port) -> AudioDevice:
    """A port in the words of the one API."""
    return AudioDevice(
        id=port.id,
        name=port.name,
        is_input=port.is_input,
        is_output=port.is_output,
        type=AudioDeviceType(port.kind),
    )

"""How commands reach the service: one place, so that tests can put another one there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

from ..errors import (
    AudioSessionError,
    ExtraMissingError,
    HostUnavailableError,
    HostUnavailableReason,
)
from ..hosts.base import Host

T = TypeVar("T")

_STOPPED = (HostUnavailableReason.NO_SERVICE, HostUnavailableReason.NO_SESSION_BUS)


class Client(Protocol):
    """What commands ask of the service."""

    async def status(self) -> dict[str, Any]:
        """All of it, a plain :class:`~audiosession.service.report.StatusReport`."""

    async def why(self, app: str | None) -> dict[str, Any]:
        """A plain :class:`~audiosession.service.report.WhyReport`, of all apps for ``None``.

        Raises:
            UnknownNameError: nothing is called so.
        """

    async def endpoints(self) -> list[dict[str, Any]]:
        """Plain values of :class:`~audiosession.service.report.EndpointReport`."""

    async def reset(self) -> dict[str, Any]:
        """Gives everything back; the status after it."""

    def events(self) -> AsyncIterator[dict[str, Any]]:
        """What happens from now on."""

    async def close(self) -> None:
        """Ends the connection."""


async def open_client(*, start: bool) -> Client:
    """A connection to the service.

    Args:
        start: Whether to start the service where it is not running.

    Raises:
        HostUnavailableError: the service is not there, or cannot be started.
        ExtraMissingError: the packages for Linux are not installed.
    """
    try:
        from ..hosts.linux.client import ServiceClient
    except ImportError as missing:
        raise _extra_missing(missing) from missing
    return await ServiceClient.connect(start=start)


def make_host(app: str) -> Host:
    """The service as the host of one app.

    Raises:
        ExtraMissingError: the packages for Linux are not installed.
    """
    try:
        from ..hosts.linux.host import LinuxHost
    except ImportError as missing:
        raise _extra_missing(missing) from missing
    return LinuxHost(app=app)


async def without_sound(host: Host) -> bool:
    """Whether the host is the service and that is connected to no sound server."""
    connected: Client | None = getattr(host, "client", None)
    if connected is None:
        return False
    try:
        servers = (await connected.status())["servers"]
    except AudioSessionError:
        # Whatever comes next will say so.
        return False
    return not any(server["up"] for server in servers)


@asynccontextmanager
async def client(*, start: bool) -> AsyncIterator[Client]:
    """A connection to the service within ``async with``.

    Raises:
        HostUnavailableError, ExtraMissingError: as :func:`open_client`.
    """
    connected = await open_client(start=start)
    try:
        yield connected
    finally:
        await connected.close()


def if_running(
    work: Callable[[Client], Awaitable[T]], *, start: bool
) -> Callable[[], Coroutine[Any, Any, T | None]]:
    """Work with the service, for :func:`asyncio.run`; gives ``None`` where it is not running.

    Raises:
        HostUnavailableError: it was to be started and cannot be, or it does not answer.
    """

    async def done() -> T | None:
        try:
            connected = await open_client(start=start)
        except HostUnavailableError as error:
            if start or error.reason not in _STOPPED:
                raise
            return None
        try:
            return await work(connected)
        finally:
            await connected.close()

    return done


def _extra_missing(error: ImportError) -> ImportError:
    """The error to raise: another one where a package is missing that an extra brings."""
    if (error.name or "").partition(".")[0] == "dbus_fast":
        return ExtraMissingError("linux", "the audio session service")
    return error


__all__ = ["Client", "client", "if_running", "make_host", "open_client", "without_sound"]

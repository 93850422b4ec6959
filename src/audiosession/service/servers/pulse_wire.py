"""A connection to PulseAudio in this package's own values; the only module that knows pulsectl.

Importing it raises ExtraMissingError without pulsectl, HostUnavailableError without libpulse.

Volumes are read and set without a task or a future each: a fade is thousands of them. Answers
come as callbacks in the event loop, in the order of the calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from ...errors import ExtraMissingError, HostUnavailableError, HostUnavailableReason
from .base import Direction
from .pulse_values import (
    UNSET,
    Node,
    Saved,
    Server,
    SoundCard,
    State,
    Stream,
    card_of,
    node_of,
    raw_of_floats,
    stream_of,
    texts,
)
from .pulse_volume import Raw

try:
    from pulsectl import (
        PulseCardInfo,
        PulseClientInfo,
        PulseError,
        PulseExtStreamRestoreInfo,
        PulseServerInfo,
        PulseSinkInfo,
        PulseSinkInputInfo,
        PulseSourceInfo,
        PulseSourceOutputInfo,
    )
    from pulsectl import _pulsectl as lib
    from pulsectl_asyncio import PulseAsync
except ImportError as missing:
    raise ExtraMissingError("linux", "speaking to PulseAudio") from missing
except OSError as missing:
    # pulsectl loads the library when it is imported.
    raise HostUnavailableError(
        HostUnavailableReason.NO_SOUND_SERVER, f"libpulse is not installed: {missing}"
    ) from missing

_CONNECT_S = 5.0
_ADJUSTABLE = " has_volume volume_writable"


class _SinkInput(PulseSinkInputInfo):  # type: ignore[misc]
    c_struct_fields = PulseSinkInputInfo.c_struct_fields + _ADJUSTABLE


class _SourceOutput(PulseSourceOutputInfo):  # type: ignore[misc]
    c_struct_fields = PulseSourceOutputInfo.c_struct_fields + _ADJUSTABLE


class _Sink(PulseSinkInfo):  # type: ignore[misc]
    def _init_from_struct(self, struct: Any) -> None:
        # What it points to is gone when the callback returns.
        self.rate = struct.sample_spec.rate


class _Source(PulseSourceInfo):  # type: ignore[misc]
    def _init_from_struct(self, struct: Any) -> None:
        self.rate = struct.sample_spec.rate


_PLAYING = lib.PA_SINK_INPUT_INFO_CB_T, _SinkInput
_RECORDING = lib.PA_SOURCE_OUTPUT_INFO_CB_T, _SourceOutput

_EVENTS = (
    lib.PA_SUBSCRIPTION_MASK_SINK_INPUT
    | lib.PA_SUBSCRIPTION_MASK_SOURCE_OUTPUT
    | lib.PA_SUBSCRIPTION_MASK_CLIENT
    | lib.PA_SUBSCRIPTION_MASK_SINK
    | lib.PA_SUBSCRIPTION_MASK_SOURCE
    | lib.PA_SUBSCRIPTION_MASK_CARD
    | lib.PA_SUBSCRIPTION_MASK_SERVER
)

_REPLACE = 2
"""Write these entries and leave the others (PA_UPDATE_REPLACE)."""


class Subject(Enum):
    """What an event of the server is about."""

    PLAYBACK = "sink_input"
    """A playback stream."""
    CAPTURE = "source_output"
    """A recording stream."""
    CLIENT = "client"
    """An app's connection."""
    ENDPOINTS = "sink"
    """A sink, a source, a card, or which of them is the default."""


_SUBJECTS = {subject.value: subject for subject in Subject} | dict.fromkeys(
    ("source", "card", "server"), Subject.ENDPOINTS
)


class Change(Enum):
    """What happened to the subject of an event."""

    NEW = "new"
    """It appeared."""
    CHANGED = "change"
    """Something about it differs."""
    REMOVED = "remove"
    """It is gone."""


class _Connection(PulseAsync):  # type: ignore[misc]
    """libpulse in the event loop; says when it ends.

    Questions are asked past it: its own answer into futures that may be cancelled already, and
    never free what libpulse keeps of a call that sets something.
    """

    on_end: Callable[[], None] | None = None

    def _pulse_state_cb(self, ctx: Any, _userdata: Any) -> None:
        state = lib.pa.context_get_state(ctx)
        if state == lib.PA_CONTEXT_READY:
            self._disconnected.clear()
            self._connected.set()
        elif state in (lib.PA_CONTEXT_FAILED, lib.PA_CONTEXT_TERMINATED):
            self._connected.clear()
            self._disconnected.set()
            if self.on_end is not None:
                self.on_end()


class PulseLink:
    """One connection to a server, from :meth:`connect` until it is lost or closed.

    Args:
        server: Where, in libpulse's words; None for libpulse's own choice.
        on_event: Called with every event of the server.
        on_end: Called once when the connection is lost; not by :meth:`close`.
    """

    def __init__(
        self,
        server: str | None,
        *,
        on_event: Callable[[Subject, Change, int], None],
        on_end: Callable[[], None],
    ) -> None:
        self._server = server
        self._on_event = on_event
        self._on_end = on_end
        self._pulse: Any = None
        self._tokens = 0
        self._waiting: dict[int, Callable[[State | None], None]] = {}
        self._found: dict[int, State] = {}
        self._done: dict[int, Callable[[bool], None]] = {}
        self._asked: dict[asyncio.Future[Any], Any] = {}
        # They must live as long as libpulse may call them.
        self._on_sink_input = lib.PA_SINK_INPUT_INFO_CB_T(self._on_state("sink"))
        self._on_source_output = lib.PA_SOURCE_OUTPUT_INFO_CB_T(self._on_state("source"))
        self._on_done = lib.PA_CONTEXT_SUCCESS_CB_T(self._on_success)
        self.has_saved = False

    async def connect(self) -> Server:
        """Connects, hears every event from then on, and returns what the server is.

        Raises:
            HostUnavailableError: no server answers, or not in time.
        """
        self._pulse = _Connection("audiosession", server=self._server)
        try:
            await self._pulse.connect(timeout=_CONNECT_S)
            self._pulse.on_end = self._ended
            self._pulse.event_callback = self._heard
            async with asyncio.timeout(_CONNECT_S):
                await self._do(lib.pa.context_subscribe, _EVENTS)
                self.has_saved = await self._has_saved()
                return await self.server()
        except TimeoutError as error:
            self.close()
            raise HostUnavailableError(HostUnavailableReason.TIMED_OUT, "PulseAudio") from error
        except (PulseError, ConnectionError) as error:
            self.close()
            detail = f"PulseAudio: {error or 'it hung up'}"
            raise HostUnavailableError(HostUnavailableReason.NO_SOUND_SERVER, detail) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Disconnects at once; nothing is called back any more."""
        pulse, self._pulse = self._pulse, None
        self._waiting.clear()
        self._done.clear()
        if pulse is not None:
            pulse.on_end = pulse.event_callback = None
            pulse.close()
        self._fail_asked()

    async def _has_saved(self) -> bool:
        def answered(future: asyncio.Future[Any]) -> Any:
            def heard(_: Any, version: int, __: Any) -> None:
                if not future.done():
                    future.set_result(version != UNSET)

            return lib.PA_EXT_STREAM_RESTORE_TEST_CB_T(heard)

        return bool(await self._question(answered, lib.pa.ext_stream_restore_test))

    def _ended(self) -> None:
        if self._pulse is not None:
            self._fail_asked()
            self._on_end()

    def _fail_asked(self) -> None:
        for future in self._asked:
            if not future.done():
                future.set_exception(ConnectionError("PulseAudio hung up"))
        # Their callbacks may be called as long as the connection's memory is there.
        if self._pulse is None:
            self._asked.clear()

    def _heard(self, event: Any) -> None:
        subject = _SUBJECTS.get(str(event.facility._value))
        if subject is not None and self._pulse is not None:
            self._on_event(subject, Change(event.t._value), event.index)

    # What takes a while

    async def server(self) -> Server:
        """Returns which server it is and its default nodes.

        Raises:
            ConnectionError: the connection is lost; so also from the methods below.
        """
        [found] = await self._ask(
            lib.PA_SERVER_INFO_CB_T, PulseServerInfo, lib.pa.context_get_server_info
        )
        return Server(
            cookie=found.cookie,
            name=found.server_name or "",
            default_sink=found.default_sink_name or "",
            default_source=found.default_source_name or "",
        )

    async def streams(self) -> list[Stream]:
        """Returns all streams."""
        playing = await self._ask(*_PLAYING, lib.pa.context_get_sink_input_info_list)
        recording = await self._ask(*_RECORDING, lib.pa.context_get_source_output_info_list)
        return [
            *(stream_of(found, Direction.PLAYBACK) for found in playing),
            *(stream_of(found, Direction.CAPTURE) for found in recording),
        ]

    async def stream(self, direction: Direction, index: int) -> Stream | None:
        """Returns one stream, None when it is gone."""
        if direction is Direction.PLAYBACK:
            found = await self._ask(*_PLAYING, lib.pa.context_get_sink_input_info, index)
        else:
            found = await self._ask(*_RECORDING, lib.pa.context_get_source_output_info, index)
        return stream_of(found[0], direction) if found else None

    async def client_properties(self, index: int) -> dict[str, str]:
        """Returns what an app says of itself; nothing when it is gone."""
        found = await self._ask(
            lib.PA_CLIENT_INFO_CB_T, PulseClientInfo, lib.pa.context_get_client_info, index
        )
        return texts(found[0].proplist) if found else {}

    async def places(self) -> tuple[list[Node], list[SoundCard]]:
        """Returns all sinks, and all sources but monitors; and all cards."""
        found_cards = await self._ask(
            lib.PA_CARD_INFO_CB_T, PulseCardInfo, lib.pa.context_get_card_info_list
        )
        sinks = await self._ask(lib.PA_SINK_INFO_CB_T, _Sink, lib.pa.context_get_sink_info_list)
        sources = await self._ask(
            lib.PA_SOURCE_INFO_CB_T, _Source, lib.pa.context_get_source_info_list
        )
        cards = {card.index: card for card in found_cards}
        nodes = [
            *(node_of(found, Direction.PLAYBACK, cards) for found in sinks),
            *(
                node_of(found, Direction.CAPTURE, cards)
                for found in sources
                if found.monitor_of_sink == UNSET
            ),
        ]
        return nodes, [card_of(card) for card in found_cards]

    async def set_profile(self, card: int, profile: str) -> bool:
        """Has a card work in a profile; returns whether the server agrees. So below."""
        return await self._do(lib.pa.context_set_card_profile_by_index, card, profile)

    async def set_port(self, direction: Direction, node: int, port: str) -> bool:
        """Has a sink or source use a port."""
        if direction is Direction.PLAYBACK:
            return await self._do(lib.pa.context_set_sink_port_by_index, node, port)
        return await self._do(lib.pa.context_set_source_port_by_index, node, port)

    async def move(self, direction: Direction, stream: int, node: int) -> bool:
        """Moves a stream to a sink or source."""
        if direction is Direction.PLAYBACK:
            return await self._do(lib.pa.context_move_sink_input_by_index, stream, node)
        return await self._do(lib.pa.context_move_source_output_by_index, stream, node)

    async def set_node_volume(self, direction: Direction, node: int, raw: Raw) -> bool:
        """Sets the volume of a sink or source and frees its mute."""
        if direction is Direction.PLAYBACK:
            volume, mute = (
                lib.pa.context_set_sink_volume_by_index,
                lib.pa.context_set_sink_mute_by_index,
            )
        else:
            volume, mute = (
                lib.pa.context_set_source_volume_by_index,
                lib.pa.context_set_source_mute_by_index,
            )
        return await self._do(volume, node, _cvolume(raw)) and await self._do(mute, node, 0)

    async def saved(self) -> dict[str, Saved]:
        """Returns what the server remembers for the next streams, by name."""
        if not self.has_saved:
            return {}
        entries = await self._ask(
            lib.PA_EXT_STREAM_RESTORE_READ_CB_T,
            PulseExtStreamRestoreInfo,
            lib.pa.ext_stream_restore_read,
        )
        return {
            entry.name: Saved(
                name=entry.name,
                channels=tuple(entry.channel_list),
                volume=raw_of_floats(entry.volume.values),
                muted=bool(entry.mute),
                device=entry.device,
            )
            for entry in entries
        }

    async def save(self, entries: Iterable[Saved]) -> None:
        """Has the server remember these, without touching any stream."""
        written = [_entry(entry) for entry in entries]
        if written and self.has_saved:
            array = (lib.PA_EXT_STREAM_RESTORE_INFO * len(written))(*written)
            await self._do(lib.pa.ext_stream_restore_write, _REPLACE, array, len(written), 0)

    async def _ask(self, callback: Any, kind: Any, function: Any, *arguments: Any) -> list[Any]:
        """Returns the objects that the server lists, none when what was asked about is gone."""

        def answered(future: asyncio.Future[Any]) -> Any:
            found: list[Any] = []

            def heard(_: Any, info: Any, *rest: Any) -> None:
                # The server itself is one object without an end after it.
                eof = rest[0] if len(rest) == 2 else 0
                if not eof:
                    found.append(kind(info[0]))
                if (eof or len(rest) == 1) and not future.done():
                    future.set_result(found)

            return callback(heard)

        found: list[Any] = await self._question(answered, function, *arguments)
        return found

    async def _question(
        self, answered: Callable[[asyncio.Future[Any]], Any], function: Any, *arguments: Any
    ) -> Any:
        if self._pulse is None or not self._pulse.connected:
            raise ConnectionError("PulseAudio hung up")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        # It stays when the caller is cancelled: libpulse will call it all the same.
        self._asked[future] = callback = answered(future)
        try:
            lib.pa.operation_unref(function(self._pulse._ctx, *arguments, callback, None))
        except lib.pa.CallError as error:
            del self._asked[future]
            raise ConnectionError(f"PulseAudio: {error}") from error
        future.add_done_callback(self._answered)
        return await future

    def _answered(self, future: asyncio.Future[Any]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._asked.pop(future, None)

    async def _do(self, function: Any, *arguments: Any) -> bool:
        """Has the server do something; returns whether it did."""

        def answered(future: asyncio.Future[Any]) -> Any:
            def heard(_: Any, success: int, __: Any) -> None:
                if not future.done():
                    future.set_result(bool(success))

            return lib.PA_CONTEXT_SUCCESS_CB_T(heard)

        return bool(await self._question(answered, function, *arguments))

    # What must be quick

    def read(self, direction: Direction, index: int, then: Callable[[State | None], None]) -> None:
        """Asks for a stream's state; ``then`` gets None when it is gone; not after the end."""
        token = self._token()
        self._waiting[token] = then
        if direction is Direction.PLAYBACK:
            self._call(lib.pa.context_get_sink_input_info, index, self._on_sink_input, token=token)
        else:
            self._call(
                lib.pa.context_get_source_output_info, index, self._on_source_output, token=token
            )

    def set_volume(
        self, direction: Direction, index: int, raw: Raw, then: Callable[[bool], None]
    ) -> None:
        """Sets a stream's volume; ``then`` gets whether it did. Not called after the end."""
        token = self._token()
        self._done[token] = then
        function = (
            lib.pa.context_set_sink_input_volume
            if direction is Direction.PLAYBACK
            else lib.pa.context_set_source_output_volume
        )
        self._call(function, index, _cvolume(raw), self._on_done, token=token)

    def _token(self) -> int:
        # Zero would reach the callback as None.
        self._tokens = self._tokens % 0x7FFFFFFF + 1
        return self._tokens

    def _call(self, function: Any, *arguments: Any, token: int) -> None:
        try:
            operation = function(self._pulse._ctx, *arguments, token)
        except lib.pa.CallError:
            # The connection is ending; its end is told by the state.
            self._waiting.pop(token, None)
            self._done.pop(token, None)
        else:
            lib.pa.operation_unref(operation)

    def _on_state(self, node: str) -> Callable[[Any, Any, int, int], None]:
        def heard(_: Any, info: Any, eof: int, token: int) -> None:
            if not eof:
                found = info[0]
                volume = found.volume
                self._found[token] = State(
                    volume=tuple(volume.values[: volume.channels]),
                    muted=bool(found.mute),
                    corked=bool(found.corked),
                    node=getattr(found, node),
                )
                return
            state = self._found.pop(token, None)
            if (then := self._waiting.pop(token, None)) is not None:
                then(state)

        return heard

    def _on_success(self, _: Any, success: int, token: int) -> None:
        if (then := self._done.pop(token, None)) is not None:
            then(bool(success))


def _cvolume(raw: Raw) -> Any:
    # pulsectl's own volumes go through floats and end at 153 %.
    return lib.PA_CVOLUME(len(raw), raw)


def _entry(saved: Saved) -> Any:
    channels = lib.PA_CHANNEL_MAP()
    # Of a stream whose volume nobody has touched only the device is remembered.
    if saved.channels:
        lib.pa.channel_map_parse(channels, ",".join(saved.channels).encode())
    return lib.PA_EXT_STREAM_RESTORE_INFO(
        name=saved.name.encode(),
        mute=int(saved.muted),
        device=None if saved.device is None else saved.device.encode(),
        channel_map=channels,
        volume=_cvolume(saved.volume),
    )


__all__ = ["Change", "PulseLink", "Subject"]

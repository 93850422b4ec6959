"""``audiosession record``: microphone and camera to a file, with a level meter, until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._tasks import to_the_end
from ..errors import (
    AudioSessionError,
    ExtraMissingError,
    IllegalRequestError,
    UnknownNameError,
)
from . import access
from .exits import Exit, report
from .meter import ChannelLevel
from .outputs import check_folder
from .recording import Finished, Progress, Show, show_on

if TYPE_CHECKING:
    from ..apple.notifications import Notification, NotificationToken
    from ..capture import AVCaptureDevice, AVCaptureFileOutput, CaptureError
    from ..session import AudioSession

_APP = "audiosession record"
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals that end a recording in good order; a second one ends the command at once."""
_REASONS = {
    "VIDEO_DEVICE_NOT_AVAILABLE_IN_BACKGROUND": "no camera in the background",
    "AUDIO_DEVICE_IN_USE_BY_ANOTHER_CLIENT": "somebody else has the audio, as in a call",
    "VIDEO_DEVICE_IN_USE_BY_ANOTHER_CLIENT": "somebody else has the camera",
    "VIDEO_DEVICE_NOT_AVAILABLE_DUE_TO_SYSTEM_PRESSURE": "the device is too hot for a camera",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to record, from where and to where."""

    out: Path
    """The new file; the ending of its name says of what type."""
    camera: bool = False
    """Whether pictures are wanted."""
    mix: bool = False
    """Whether others go on sounding."""
    duration_s: float | None = None
    """How long it may become; ``None``: until it is stopped."""
    sources: tuple[str, ...] = ()
    """Microphones and cameras by name or id, instead of the usual ones."""

    def check(self) -> None:
        """Finds out before anything starts that there would be no file.

        Raises:
            IllegalRequestError: the name, the folder or the length cannot be used.
        """
        from ..capture.outputs.settings import file_type_of

        if self.out.is_dir():
            raise IllegalRequestError(
                f"{self.out}: is a folder; give the name of a file", field="out"
            )
        file_type_of(self.out, video=self.camera)
        check_folder("the file's folder", self.out.parent)
        if self.out.exists():
            raise IllegalRequestError(
                f"{self.out}: is there already; choose another name, or remove it", field="out"
            )
        if self.duration_s is not None and not 0.0 < self.duration_s < float("inf"):
            raise IllegalRequestError(
                f"--duration {self.duration_s:g}: must be a number of seconds above 0",
                field="duration",
            )


def record(wanted: Wanted, *, as_json: bool) -> Exit:
    """Records until it is as long as wanted, or a signal ends it; the file is whole either way.

    Args:
        wanted: What to record.
        as_json: JSON Lines: ``{"type": "started", ...}``, progress, what interrupts it, and
            ``{"type": "finished", ...}``.

    Returns:
        FAILED when something else ended it; the file holds what came before.

    Raises:
        IllegalRequestError: something given cannot be used.
        CaptureError: the devices cannot be used.
        HostUnavailableError: the service cannot be had.
        ExtraMissingError: a package is missing that the extra ``capture`` brings.
        KeyboardInterrupt: Ctrl-C before it had begun.
    """
    wanted.check()
    _check_packages()
    return asyncio.run(_record(wanted, as_json))


def _check_packages() -> None:
    """Raises ExtraMissingError now rather than when the first sample comes."""
    try:
        import av  # noqa: F401
        import miniaudio  # noqa: F401
        import numpy  # noqa: F401
    except ImportError as missing:
        raise ExtraMissingError("capture", "recording") from missing


async def _record(wanted: Wanted, as_json: bool) -> Exit:
    from ..session import AudioSession

    audio = AudioSession(lambda: access.make_host(_APP))
    try:
        await audio
        recording = _Recording(wanted, audio)
        with _ended_by_signals(recording.stop), show_on(wanted.out, as_json=as_json) as show:
            finished = await recording.run(show)
    finally:
        await audio.close()
    if finished is None:
        raise KeyboardInterrupt
    if finished.error is not None:
        report(finished.error)
        return Exit.FAILED
    return Exit.OK


class _Recording:
    """One recording, from its devices to the end of its file; a delegate of its output."""

    def __init__(self, wanted: Wanted, audio: AudioSession) -> None:
        from ..capture import AVCaptureSession

        self._wanted, self._audio = wanted, audio
        self._session = AVCaptureSession(audio)
        self._session.configures_application_audio_session_to_mix_with_others = wanted.mix
        self._output: AVCaptureFileOutput = _output_for(wanted)
        self._stopping = False
        self._failed: AudioSessionError | None = None
        self._ended = False
        self._error: CaptureError | None = None
        # Something has happened that decides how it goes on.
        self._news = asyncio.Event()

    def stop(self) -> None:
        """Ends it in good order."""
        self._stopping = True
        self._news.set()

    async def run(self, show: Show) -> Finished | None:
        """Records; ``None`` when it was stopped before it had begun.

        Raises:
            CaptureError: it cannot begin.
        """
        devices = self._connect()
        tokens = self._observe(show)
        try:
            await self._session.start_running()
            if not await self._runs():
                return None
            self._output.max_recorded_duration = self._wanted.duration_s
            self._output.start_recording(self._wanted.out, self)
            show.started(devices)
            await self._until_it_ends(show)
            error = await self._output.recording_finished()
        finally:
            for token in tokens:
                _center().remove_observer(token)
            self._output.stop_recording()
            try:
                await self._session.stop_running()
            finally:
                # The file is written in a thread that ends with the program.
                await to_the_end(self._output.recording_finished())
        finished = Finished(
            path=self._wanted.out, progress=self._progress(), error=self._unwanted(error)
        )
        show.finished(finished)
        return finished

    # -- devices -----------------------------------------------------------------------------

    def _connect(self) -> dict[str, str]:
        """Adds inputs and the output; the devices' names by medium.

        Raises:
            CaptureError: there is no such device, or it cannot be used.
            UnknownNameError: no device is called as one that was asked for.
        """
        from ..capture import AVCaptureDeviceInput, AVCaptureSessionPreset

        devices = self._devices()
        for device in devices.values():
            self._session.add_input(AVCaptureDeviceInput(device))
        self._session.add_output(self._output)
        # What every machine can encode while it records; a session's own wish is larger.
        preset = AVCaptureSessionPreset.HD1280X720
        if "video" in devices and self._session.can_set_session_preset(preset):
            self._session.session_preset = preset
        return {medium: device.localized_name for medium, device in devices.items()}

    def _devices(self) -> dict[str, AVCaptureDevice]:
        from ..capture import AVCaptureDevice, AVError, AVMediaType, CaptureError

        there = AVCaptureDevice.devices(audio_session=self._audio)
        named = [_device(name, there) for name in self._wanted.sources]
        kinds = {"audio": AVMediaType.AUDIO}
        if self._wanted.camera:
            kinds["video"] = AVMediaType.VIDEO
        found = {}
        for medium, kind in kinds.items():
            able = (each for each in named if each.has_media_type(kind))
            # Who wants what is made up, or an output's sound, says so.
            device = next(able, None) or AVCaptureDevice.default(kind, audio_session=self._audio)
            if device is None:
                what = "microphone" if medium == "audio" else "camera"
                raise CaptureError(
                    AVError.DEVICE_NOT_CONNECTED,
                    f"there is no {what}",
                    advice="connect it, or name with --from what to record",
                )
            found[medium] = device
        for device in named:
            if device not in found.values():
                raise IllegalRequestError(
                    f"--from {device.localized_name!r}: is not needed; one microphone is "
                    "recorded, and with --camera one camera",
                    field="from",
                )
        return found

    # -- what happens ------------------------------------------------------------------------

    def _observe(self, show: Show) -> list[NotificationToken]:
        from ..capture import AVCaptureSessionNotificationName as Name
        from ..capture import AVCaptureSessionUserInfoKey as Key

        def failed(notification: Notification) -> None:
            self._failed = notification.user_info[Key.ERROR]
            self._news.set()

        def interrupted(notification: Notification) -> None:
            reason = notification.user_info[Key.INTERRUPTION_REASON]
            words = _REASONS.get(reason.name, reason.name.lower().replace("_", " "))
            show.interrupted(reason.name, words)

        observers = {
            Name.RUNTIME_ERROR: failed,
            Name.WAS_INTERRUPTED: interrupted,
            Name.INTERRUPTION_ENDED: lambda _: show.goes_on(),
            Name.DID_START_RUNNING: lambda _: self._news.set(),
        }
        return [
            _center().add_observer(name, observer, self._session)
            for name, observer in observers.items()
        ]

    async def _runs(self) -> bool:
        """Waits until it does, as where a call is in the way; false when it was stopped first.

        Raises:
            AudioSessionError: it cannot run.
        """
        while not self._session.is_running:
            if self._failed is not None:
                raise self._failed
            if self._stopping:
                return False
            self._news.clear()
            await self._news.wait()
        return not self._stopping

    async def _until_it_ends(self, show: Show) -> None:
        while not (self._stopping or self._ended):
            if show.every_s is not None:
                show.progress(self._progress())
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(show.every_s):
                    await self._news.wait()
        self._output.stop_recording()

    def file_output_did_finish_recording_to(
        self,
        output: AVCaptureFileOutput,
        url: Path,
        connections: tuple[Any, ...],
        error: CaptureError | None,
    ) -> None:
        """For the output: the file is closed."""
        self._ended = True
        self._news.set()

    def _unwanted(self, error: CaptureError | None) -> CaptureError | None:
        """What ended it, unless that was asked for."""
        from ..capture import AVError

        asked = error is not None and error.code == AVError.MAXIMUM_DURATION_REACHED
        return None if asked else error

    def _progress(self) -> Progress:
        from ..capture import AVMediaType

        heard = self._output.connection(AVMediaType.AUDIO)
        channels = () if heard is None else heard.audio_channels
        return Progress(
            seconds=self._output.recorded_duration,
            size=self._output.recorded_file_size,
            levels=tuple(
                ChannelLevel(each.average_power_level, each.peak_hold_level) for each in channels
            ),
            dropped=self._output.dropped_frames,
        )


def _center() -> Any:
    from ..apple.notifications import NotificationCenter

    return NotificationCenter.default()


def _output_for(wanted: Wanted) -> AVCaptureFileOutput:
    from ..capture import AVCaptureAudioFileOutput, AVCaptureMovieFileOutput

    return AVCaptureMovieFileOutput() if wanted.camera else AVCaptureAudioFileOutput()


def _device(name: str, there: tuple[AVCaptureDevice, ...]) -> AVCaptureDevice:
    """The device that is called so, by its id or by its name, whatever its capitals."""
    for device in there:
        if name == device.unique_id or name.casefold() == device.localized_name.casefold():
            return device
    raise UnknownNameError("microphone or camera", name, [each.localized_name for each in there])


@contextmanager
def _ended_by_signals(stop: Any) -> Iterator[None]:
    """Has the first signal end the recording, and a second one do what it always does."""
    loop = asyncio.get_running_loop()
    installed: list[int] = []

    def restore() -> None:
        while installed:
            loop.remove_signal_handler(installed.pop())

    def received() -> None:
        restore()
        stop()

    for number in (getattr(signal, name) for name in _ENDING if hasattr(signal, name)):
        # What is ignored, as by nohup, stays so.
        if signal.getsignal(number) is signal.SIG_IGN:
            continue
        # Neither in another thread than the main one, nor on Windows.
        with suppress(RuntimeError, ValueError, NotImplementedError):
            loop.add_signal_handler(number, received)
            installed.append(number)
    try:
        yield
    finally:
        restore()


__all__ = ["Wanted", "record"]

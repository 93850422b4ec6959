"""Voice memos: records what is said, through calls and alarms, with or without the music.

A call ends a file, and the next one begins when the call is over, so nothing that was said is
lost and no file has a hole. Run it with `python examples/voice_memo/memo.py FOLDER`, start music
before, and try it again with `--mix`.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path
from typing import Any

from audiosession.apple import Notification, NotificationCenter
from audiosession.capture import (
    AVCaptureAudioFileOutput,
    AVCaptureDevice,
    AVCaptureDeviceInput,
    AVCaptureSession,
    AVCaptureSessionNotificationName,
    AVCaptureSessionUserInfoKey,
    AVMediaType,
    CaptureError,
)


class NoMicrophoneError(Exception):
    """There is nothing to record with."""


class MemoRecorder:
    """Records memos to files `memo 1.flac`, `memo 2.flac` and so on.

    Args:
        folder: Where they go.
        mix: Whether other apps go on sounding meanwhile.
    """

    def __init__(self, folder: Path, *, mix: bool = False) -> None:
        self.folder = folder
        self.files: list[Path] = []
        """Those that are finished, in order."""
        self.log: list[str] = []
        """What happened, for whoever looks."""
        self.session = AVCaptureSession()
        self.session.configures_application_audio_session_to_mix_with_others = mix
        self.output = AVCaptureAudioFileOutput()
        self._recording = False
        self._failed: CaptureError | None = None
        center, names = NotificationCenter.default(), AVCaptureSessionNotificationName
        self._tokens = [
            center.add_observer(names.DID_START_RUNNING, self._runs, self.session),
            center.add_observer(names.WAS_INTERRUPTED, self._interrupted, self.session),
            center.add_observer(names.RUNTIME_ERROR, self._stopped, self.session),
        ]

    async def start(self) -> None:
        """Starts to record.

        Raises:
            NoMicrophoneError: there is none.
            CaptureError: it cannot be used now, as during a call.
        """
        if not self.session.inputs:
            microphone = AVCaptureDevice.default(AVMediaType.AUDIO)
            if microphone is None:
                raise NoMicrophoneError
            with self.session.configuration():
                self.session.add_input(AVCaptureDeviceInput(microphone))
                self.session.add_output(self.output)
        self._recording, self._failed = True, None
        await self.session.start_running()
        if self._failed is not None:
            self._recording = False
            raise self._failed

    async def stop(self) -> None:
        """Ends the memo; its last file is whole when this has returned."""
        self._recording = False
        self.output.stop_recording()
        await self.output.recording_finished()
        await self.session.stop_running()

    def close(self) -> None:
        """Hears of nothing more."""
        for token in self._tokens:
            NotificationCenter.default().remove_observer(token)

    # What happens to the session.

    def _runs(self, notification: Notification) -> None:
        if self._recording:
            self.output.start_recording(self._next_file(), self)

    def _interrupted(self, notification: Notification) -> None:
        reason = notification.user_info[AVCaptureSessionUserInfoKey.INTERRUPTION_REASON]
        self.log.append(f"interrupted: {reason.name}")

    def _stopped(self, notification: Notification) -> None:
        self._failed = notification.user_info[AVCaptureSessionUserInfoKey.ERROR]

    def _next_file(self) -> Path:
        number = 1
        while (path := self.folder / f"memo {number}.flac").exists():
            number += 1
        return path

    # What happens to a file.

    def file_output_did_finish_recording_to(
        self, output: Any, url: Path, connections: Any, error: CaptureError | None
    ) -> None:
        if url.exists():
            self.files.append(url)
        self.log.append(f"finished {url.name}")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mix", action="store_true", help="let the music go on")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    memos, over = MemoRecorder(arguments.folder, mix=arguments.mix), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, over.set)
    await memos.start()
    print("recording; Ctrl-C ends it")
    await over.wait()
    await memos.stop()
    print(*memos.log, sep="\n")


if __name__ == "__main__":
    asyncio.run(main())

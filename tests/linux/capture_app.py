"""An app that captures, in a process of its own: ``python -m tests.linux.capture_app NAME``.

It does what lines of JSON ask, and says what is posted and what its delegate hears. What this
process starts itself would count as the test's own, so music has to be another's child.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from audiosession import AudioSession
from audiosession.apple import AVAudioSession, AVAudioSessionNotificationName
from audiosession.apple.notifications import Notification, NotificationCenter
from audiosession.capture import AVCaptureDevice, AVCaptureDeviceInput, AVCaptureSession
from audiosession.capture.errors import CaptureError
from audiosession.capture.notifications import (
    AVCaptureDeviceNotificationName,
    AVCaptureSessionUserInfoKey,
)
from audiosession.capture.outputs.audio_file import AVCaptureAudioFileOutput
from audiosession.capture.outputs.file_output import AVCaptureFileOutput
from audiosession.capture.outputs.movie_file import AVCaptureMovieFileOutput
from audiosession.hosts.linux import LinuxHost


def say(**words: object) -> None:
    """Says a line."""
    print(json.dumps(words), flush=True)


class CaptureApp:
    """The app; its methods are what can be asked of it."""

    def __init__(self, name: str) -> None:
        self.audio = AudioSession(LinuxHost(name, start=False))
        self.session = AVCaptureSession(self.audio)
        self.output: AVCaptureFileOutput = AVCaptureAudioFileOutput()
        center = NotificationCenter.default()
        center.add_observer(None, self._posted, self.session)
        center.add_observer(
            AVAudioSessionNotificationName.MEDIA_SERVICES_WERE_LOST, lambda _: say(event="lost")
        )

    def _posted(self, notification: Notification) -> None:
        info = notification.user_info
        reason = info.get(AVCaptureSessionUserInfoKey.INTERRUPTION_REASON)
        error = info.get(AVCaptureSessionUserInfoKey.ERROR)
        say(
            event="posted",
            name=str(notification.name),
            reason=getattr(reason, "value", reason),
            error=None if error is None else int(error.code),
        )

    def file_output_did_finish_recording_to(
        self, output: Any, url: Path, connections: Any, error: CaptureError | None
    ) -> None:
        """See the delegate's protocol."""
        say(event="finished", path=str(url), code=None if error is None else int(error.code))

    async def ids(self) -> list[str]:
        """The devices there are."""
        return [each.unique_id for each in AVCaptureDevice.devices(audio_session=self.audio)]

    async def ports(self) -> dict[str, str | None]:
        """The routing port of each device."""
        there = AVCaptureDevice.devices(audio_session=self.audio)
        return {each.unique_id: each._facts.port for each in there}

    async def routing_ports(self) -> list[str]:
        """The ids of the ports of the app's audio session."""
        shared = AVAudioSession(self.audio)
        return [port.uid for port in shared.available_inputs or ()]

    async def set_up(self, devices: list[str], mix: bool, movie: bool) -> None:
        """Inputs and the output."""
        self.session.configures_application_audio_session_to_mix_with_others = mix
        there = {e.unique_id: e for e in AVCaptureDevice.devices(audio_session=self.audio)}
        for unique_id in devices:
            self.session.add_input(AVCaptureDeviceInput(there[unique_id]))
        if movie:
            self.output = AVCaptureMovieFileOutput()
        self.session.add_output(self.output)

    async def start(self) -> bool:
        """Starts the session; whether it runs."""
        await self.session.start_running()
        return self.session.is_running

    async def start_when_connected(self, unique_id: str) -> bool:
        """Starts the session as soon as a device is told connected; whether it runs."""
        told = NotificationCenter.default().notifications(
            AVCaptureDeviceNotificationName.WAS_CONNECTED
        )
        say(event="waits")
        async for notification in told:
            device = notification.object
            assert isinstance(device, AVCaptureDevice)
            if device.unique_id == unique_id:
                break
        return await self.start()

    async def stop(self) -> None:
        """Stops the session."""
        await self.session.stop_running()

    async def state(self) -> dict[str, Any]:
        """What can be seen of it now."""
        channels = [
            channel.average_power_level
            for connection in self.output.connections
            for channel in connection.audio_channels
        ]
        return {
            "running": self.session.is_running,
            "interrupted": self.session.is_interrupted,
            "recorded_s": self.output.recorded_duration,
            "dropped": self.output.dropped_frames,
            "levels": channels,
        }

    async def record(self, path: str) -> None:
        """Begins a file."""
        self.output.start_recording(path, self)

    async def end_recording(self) -> None:
        """Ends it, and waits for its end."""
        self.output.stop_recording()
        await self.output.recording_finished()

    async def give_up(self) -> bool:
        """Deactivates the audio session."""
        return await self.audio.set_active(False)


async def main() -> None:
    """Reads and does."""
    app = CaptureApp(sys.argv[1])
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )

    async def answer(number: int, do: str, words: dict[str, Any]) -> None:
        try:
            say(answer=number, value=await getattr(app, do)(**words))
        except Exception as error:
            say(answer=number, error=f"{type(error).__name__}: {error}")

    async with asyncio.TaskGroup() as group:
        say(event="ready")
        while line := await reader.readline():
            number, do, words = json.loads(line)
            group.create_task(answer(number, do, words))
        await app.session.stop_running()
        await app.audio.close()


if __name__ == "__main__":
    asyncio.run(main())

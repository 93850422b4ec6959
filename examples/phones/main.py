# mypy: ignore-errors
# Kivy is where the app is built, not where this is checked.
"""Shows the player's screen with Kivy, and runs the checklist; see buildozer/buildozer.spec."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kivy.app import App
from kivy.core.audio import SoundLoader
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.button import Button
from kivy.uix.label import Label
from podcast import Checklist, Output, PodcastPlayer, Screen, SilentOutput, Step
from podcast.episode import episode


class KivyOutput:
    """Plays with what Kivy plays with; on Android that is a MediaPlayer."""

    def __init__(self, sound) -> None:
        self._sound = sound
        self._paused_at_s: float | None = 0.0

    @property
    def position_s(self) -> float:
        if self._paused_at_s is not None:
            return self._paused_at_s
        return max(0.0, self._sound.get_pos())

    def play(self, *, offset_s: float) -> None:
        self._paused_at_s = None
        self._sound.play()
        self._sound.seek(offset_s)

    def pause(self) -> None:
        # Kivy's sounds stop and begin anew.
        self._paused_at_s = self.position_s
        self._sound.stop()

    def set_volume(self, volume: float) -> None:
        self._sound.volume = volume


def output_for(file: Path) -> Output:
    """A player for one file; a silent one where Kivy has none."""
    sound = SoundLoader.load(str(file))
    return SilentOutput() if sound is None else KivyOutput(sound)


class Podcasts(App):
    """The app."""

    def build(self) -> BoxLayout:
        self.labels = {name: Label() for name in ("title", "position", "status", "devices")}
        self.button = Button(text="Play", on_release=lambda _: self.do(self.player.toggle()))
        self.checks = Button(
            text="Run the checklist", on_release=lambda _: self.do(self.run_checks())
        )
        self.skipping = Button(text="Skip this step", disabled=True, on_release=self.skip)
        self.report = Label()
        room = BoxLayout(orientation="vertical")
        for widget in (
            *self.labels.values(),
            self.button,
            self.checks,
            self.skipping,
            self.report,
        ):
            room.add_widget(widget)
        self.checklist = None
        self.player = PodcastPlayer(
            output_for(episode(Path(self.user_data_dir))), title="A tone", show=self.show
        )
        return room

    async def serve(self) -> None:
        """Runs Kivy and the session in one event loop."""
        self.started = asyncio.Event()
        async with asyncio.TaskGroup() as self.group:
            widgets = self.group.create_task(self.async_run(async_lib="asyncio"))
            await self.started.wait()
            await self.player.open()
            while not widgets.done():
                await asyncio.sleep(1.0)
                if self.player.playing:
                    self.player.refresh()
            await self.player.close()

    def on_start(self) -> None:
        """Kivy has built the widgets."""
        self.started.set()

    def do(self, work) -> None:
        """Something the user wants, which takes a moment."""
        self.group.create_task(work)

    def show(self, screen: Screen) -> None:
        self.labels["title"].text = screen.title
        self.labels["position"].text = screen.position
        self.labels["status"].text = screen.status
        self.labels["devices"].text = ", ".join(screen.devices)
        self.button.text = screen.button

    def skip(self, _) -> None:
        if self.checklist is not None:
            self.checklist.skip()

    async def run_checks(self) -> None:
        if self.player.playing:
            await self.player.stop_by_hand()
        self.checks.disabled, self.skipping.disabled = True, False
        self.checklist = Checklist(show=self.show_step)
        try:
            self.keep((await self.checklist.run()).text())
        finally:
            self.checks.disabled, self.skipping.disabled = False, True
            self.checklist = None
            # The checklist plays music; the podcast is speech.
            await self.player.reopen()

    def keep(self, report: str) -> None:
        """Shows the report, and keeps it where a computer can fetch it."""
        Path(self.user_data_dir, "report.txt").write_text(report, encoding="utf-8")
        self.report.text = report

    def show_step(self, step: Step, left: int) -> None:
        self.report.text = f"{step.title}\n{step.instruction or 'Wait.'}\n{left} more"


if __name__ == "__main__":
    asyncio.run(Podcasts().serve())

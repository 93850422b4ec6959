# mypy: ignore-errors
# Toga is where the app is built, not where this is checked.
"""Shows the player's screen with Toga, and runs the checklist."""

from __future__ import annotations

import asyncio

import toga
from podcast import Checklist, PodcastPlayer, Screen, Step
from podcast.episode import episode
from toga.style import Pack
from toga.style.pack import COLUMN

from .sound import output_for

_ROOM = Pack(direction=COLUMN, margin=16)


class Podcasts(toga.App):
    """The app."""

    def startup(self) -> None:
        self.title_label = toga.Label("")
        self.position = toga.Label("")
        self.status = toga.Label("")
        self.devices = toga.Label("")
        self.button = toga.Button("Play", on_press=self.pressed)
        self.checks = toga.Button("Run the checklist", on_press=self.run_checks)
        self.skipping = toga.Button("Skip this step", on_press=self.skip, enabled=False)
        self.report = toga.MultilineTextInput(readonly=True, style=Pack(flex=1))
        self.main_window = toga.MainWindow(title=self.formal_name)
        self.main_window.content = toga.Box(
            children=[
                self.title_label,
                self.position,
                self.button,
                self.status,
                self.devices,
                self.checks,
                self.skipping,
                self.report,
            ],
            style=_ROOM,
        )
        self.main_window.show()
        self.checklist: Checklist | None = None
        self.player = PodcastPlayer(
            output_for(episode(self.paths.data)), title="A tone", show=self.show
        )

    async def on_running(self) -> None:
        """The event loop runs: from here on the session may be used."""
        await self.player.open()
        while True:
            await asyncio.sleep(1.0)
            if self.player.playing:
                self.player.refresh()

    def show(self, screen: Screen) -> None:
        self.title_label.text = screen.title
        self.position.text = screen.position
        self.status.text = screen.status
        self.button.text = screen.button
        self.devices.text = ", ".join(screen.devices)

    async def pressed(self, widget: toga.Button) -> None:
        await self.player.toggle()

    def skip(self, widget: toga.Button) -> None:
        if self.checklist is not None:
            self.checklist.skip()

    async def run_checks(self, widget: toga.Button) -> None:
        if self.player.playing:
            await self.player.stop_by_hand()
        self.checks.enabled, self.skipping.enabled = False, True
        self.checklist = Checklist(show=self.show_step)
        try:
            self.keep((await self.checklist.run()).text())
        finally:
            self.checks.enabled, self.skipping.enabled = True, False
            self.checklist = None
            # The checklist plays music; the podcast is speech.
            await self.player.reopen()

    def keep(self, report: str) -> None:
        """Shows the report, and keeps it where a computer can fetch it."""
        (self.paths.data / "report.txt").write_text(report, encoding="utf-8")
        self.report.value = report

    def show_step(self, step: Step, left: int) -> None:
        self.report.value = f"{step.title}\n\n{step.instruction or 'Wait.'}\n\n{left} more"


def main() -> Podcasts:
    return Podcasts()

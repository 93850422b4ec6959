# mypy: ignore-errors
# Toga is where the app is built, not where this is checked.
"""Shows the player's screen with Toga, and runs the checklist."""

from __future__ import annotations

import asyncio

import toga
from podcast import Checklist, PodcastPlayer, Screen, Step
from podcast.episode import episode
from toga.style import Pack
from toga.style.pack import COLUMN, ROW

from .sound import ANDROID, output_for

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
        self.yes = toga.Button("Yes", on_press=self.says_yes, enabled=False)
        self.no = toga.Button("No", on_press=self.says_no, enabled=False)
        self.skipping = toga.Button("Skip", on_press=self.skip, enabled=False)
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
                toga.Box(children=[self.yes, self.no, self.skipping], style=Pack(direction=ROW)),
                self.report,
            ],
            style=_ROOM,
        )
        self.main_window.on_hide = self.hidden
        self.main_window.show()
        self.checklist: Checklist | None = None
        self.output = output_for(episode(self.paths.data))
        self.player = PodcastPlayer(self.output, title="A tone", show=self.show)

    async def on_running(self) -> None:
        """The event loop runs: from here on the session may be used."""
        await self.player.open()
        while True:
            await asyncio.sleep(1.0)
            await self.player.tick()

    async def hidden(self, widget: toga.Window) -> None:
        """The app left the screen.

        iOS lets it go on there, since it says so. Android soon stops a process that has no
        service in the foreground, but not what its MediaPlayer plays.
        """
        if ANDROID and self.checklist is None:
            await self.player.leave()

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

    def says_yes(self, widget: toga.Button) -> None:
        if self.checklist is not None:
            self.checklist.answer(True)

    def says_no(self, widget: toga.Button) -> None:
        if self.checklist is not None:
            self.checklist.answer(False)

    async def run_checks(self, widget: toga.Button) -> None:
        await self.player.stop_by_hand()
        self.button.enabled = self.checks.enabled = False
        self.skipping.enabled = True
        self.checklist = Checklist(show=self.show_step, output=self.output)
        try:
            self.keep((await self.checklist.run()).text())
        except Exception as error:
            self.report.value = f"The checklist failed: {type(error).__name__}: {error}"
            raise
        finally:
            self.button.enabled = self.checks.enabled = True
            self.skipping.enabled = self.yes.enabled = self.no.enabled = False
            self.checklist = None
            # The checklist plays music; the podcast is speech.
            await self.player.reopen()

    def keep(self, report: str) -> None:
        """Shows the report, and keeps it where a computer can fetch it."""
        self.report.value = report
        # This is in the phone's log, too.
        print(report)
        (self.paths.data / "report.txt").write_text(report, encoding="utf-8")

    def show_step(self, step: Step, left: int) -> None:
        self.yes.enabled = self.no.enabled = step.asks
        self.report.value = f"{step.title}\n\n{step.instruction or 'Wait.'}\n\n{left} more"


def main() -> Podcasts:
    return Podcasts()

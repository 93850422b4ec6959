# mypy: ignore-errors
# Kivy is where the app is built, not where this is checked.
"""Shows the player's screen with Kivy, and runs the checklist; see buildozer/buildozer.spec.

Off the screen Kivy stands still, and so would an event loop that Kivy runs in. So the session has
its event loop on a thread of its own, and Kivy's thread asks it.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path

from kivy.app import App
from kivy.clock import mainthread
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.button import Button
from kivy.uix.label import Label
from kivy.utils import platform
from podcast import Checklist, MediaPlayerOutput, Output, PodcastPlayer, Screen, SilentOutput, Step
from podcast.episode import SECONDS, episode

from audiosession import AudioSession

LEAVING_S = 2.0
"""How long Android is kept waiting when the app leaves the screen."""


def session_of_the_phone() -> AudioSession:
    """The app's session, made ready for the other thread."""
    if platform != "android":
        return AudioSession.instance()
    from audiosession.hosts.android import AndroidHost

    # pyjnius finds an app's own classes on this thread alone, and keeps what it has found.
    return AudioSession(AndroidHost())


def output_for(file: Path) -> Output:
    """Android's player for one file, configured as the session is; elsewhere a silent one."""
    if platform != "android":
        return SilentOutput(length_s=SECONDS)
    from jnius import autoclass

    return MediaPlayerOutput(autoclass, file)


class Podcasts(App):
    """The app."""

    def build(self) -> BoxLayout:
        self.labels = {name: Label() for name in ("title", "position", "status", "devices")}
        self.button = Button(text="Play", on_release=lambda _: self.do(self.player.toggle()))
        self.checks = Button(
            text="Run the checklist", on_release=lambda _: self.do(self.run_checks())
        )
        self.yes = Button(text="Yes", disabled=True, on_release=lambda _: self.answer(True))
        self.no = Button(text="No", disabled=True, on_release=lambda _: self.answer(False))
        self.skipping = Button(text="Skip", disabled=True, on_release=self.skip)
        self.report = Label()
        answers = BoxLayout()
        for widget in (self.yes, self.no, self.skipping):
            answers.add_widget(widget)
        room = BoxLayout(orientation="vertical")
        for widget in (*self.labels.values(), self.button, self.checks, answers, self.report):
            room.add_widget(widget)
        self.checklist = None
        self.output = output_for(episode(Path(self.user_data_dir)))
        self.session = session_of_the_phone()
        self.player = PodcastPlayer(
            self.output, title="A tone", show=self.show, session=self.session
        )
        return room

    # -- on Kivy's thread ------------------------------------------------------------------------

    def on_start(self) -> None:
        """Kivy has built the widgets: from here on the session may be used."""
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="session", daemon=True)
        self.thread.start()
        self.serving = self.do(self.serve())

    def on_pause(self) -> bool:
        """The app leaves the screen, and Android soon stops it, but not what it plays.

        What sounds is paused before that. While the checklist runs it is what the user was told
        to do.
        """
        if self.checklist is None:
            leaving = self.do(self.player.leave())
            try:
                leaving.result(LEAVING_S)
            except Exception:
                # Whatever it was, Android does not wait.
                self.output.pause()
        return True

    def on_stop(self) -> None:
        """The app ends."""
        self.serving.cancel()
        self.do(self.player.close()).result(LEAVING_S)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(LEAVING_S)

    def do(self, work) -> Future:
        """Has the session's thread do something the user wants."""
        return asyncio.run_coroutine_threadsafe(self.shown(work), self.loop)

    def skip(self, _) -> None:
        if self.checklist is not None:
            self.loop.call_soon_threadsafe(self.checklist.skip)

    def answer(self, yes: bool) -> None:
        if self.checklist is not None:
            self.loop.call_soon_threadsafe(self.checklist.answer, yes)

    # -- on the session's thread -----------------------------------------------------------------

    async def serve(self) -> None:
        await self.player.open()
        while True:
            await asyncio.sleep(1.0)
            await self.player.tick()

    async def shown(self, work) -> None:
        """What fails is said on the screen, since nobody waits for it."""
        try:
            await work
        except Exception as error:
            self.show_text(f"{type(error).__name__}: {error}")
            raise

    async def run_checks(self) -> None:
        await self.player.stop_by_hand()
        self.checklist = Checklist(show=self.show_step, session=self.session, output=self.output)
        self.allow(checking=True)
        try:
            self.keep((await self.checklist.run()).text())
        finally:
            self.checklist = None
            self.allow(checking=False)
            # The checklist plays music; the podcast is speech.
            await self.player.reopen()

    def keep(self, report: str) -> None:
        """Shows the report, and keeps it where a computer can fetch it."""
        self.show_text(report)
        # This is in the phone's log, too.
        print(report)
        Path(self.user_data_dir, "report.txt").write_text(report, encoding="utf-8")

    # -- from any thread -------------------------------------------------------------------------

    @mainthread
    def show(self, screen: Screen) -> None:
        self.labels["title"].text = screen.title
        self.labels["position"].text = screen.position
        self.labels["status"].text = screen.status
        self.labels["devices"].text = ", ".join(screen.devices)
        self.button.text = screen.button

    @mainthread
    def show_step(self, step: Step, left: int) -> None:
        self.yes.disabled = self.no.disabled = not step.asks
        self.report.text = f"{step.title}\n{step.instruction or 'Wait.'}\n{left} more"

    @mainthread
    def show_text(self, text: str) -> None:
        self.report.text = text

    @mainthread
    def allow(self, *, checking: bool) -> None:
        """Which buttons may be pressed."""
        self.button.disabled = self.checks.disabled = checking
        self.skipping.disabled = not checking
        if not checking:
            self.yes.disabled = self.no.disabled = True


if __name__ == "__main__":
    Podcasts().run()

"""A museum's kiosk: a film in the page, and a guide's voice in a frame of it.

The page says what its sound is for, as a web page does with `navigator.audioSession`; what
sounds activates it. Run it with `AUDIOSESSION_HOST=simulated python examples/web_page/kiosk.py`.
"""

import asyncio

from audiosession import Host
from audiosession.web import AudioSessionState, Event, MediaElement, Page


class Kiosk:
    """The page and its two players; a real kiosk's players pause and play when they are told."""

    def __init__(self, host: Host | None = None) -> None:
        self.page = Page(host)
        self.film = MediaElement(self.page.window, on_suspend=self._dim, on_resume=self._light)
        self.guide = MediaElement(self.page.window.open_frame())
        self.log: list[str] = []
        session = self.page.window.audio_session
        session.type = "playback"
        session.onstatechange = self._changed

    def start(self) -> None:
        """A visitor starts the film."""
        self.film.play()

    def ask(self) -> None:
        """A visitor asks the guide, who is heard alone."""
        guide = self.guide.window
        assert guide is not None
        guide.audio_session.type = "transient-solo"
        self.guide.play()

    def _changed(self, event: Event) -> None:
        state = self.page.window.audio_session.state
        self.log.append(f"the film is {state}")
        if state is AudioSessionState.INACTIVE:
            # Whoever took its place does not give it back; the visitor starts it again.
            self.film.pause()

    def _dim(self) -> None:
        self.log.append("the screen goes dim")

    def _light(self) -> None:
        self.log.append("the screen goes light")


async def main() -> None:
    kiosk = Kiosk()
    kiosk.start()
    await kiosk.page.settled()
    kiosk.ask()
    await kiosk.page.settled()
    print(*kiosk.log, sep="\n")
    await kiosk.page.close()


if __name__ == "__main__":
    asyncio.run(main())

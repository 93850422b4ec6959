"""Four apps, each with another face of audio, on one simulated phone: what each of them hears.

A page plays a film, a podcast of an Apple app follows, an Android navigator speaks over it, and
an app of the one API calls. Run it with `python examples/four_faces/drive.py`, and with the name
of another policy to have another platform judge: `python examples/four_faces/drive.py android`.
"""

import asyncio
import sys

from audiosession import AudioInterruptionEvent, AudioSession, recipe
from audiosession.android import (
    AndroidAudioFocus,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
    AudioAttributes,
    AudioFocusRequest,
)
from audiosession.android.audio_manager import AudioManager
from audiosession.apple import (
    AVAudioSession,
    AVAudioSessionCategory,
    AVAudioSessionInterruptionType,
    AVAudioSessionMode,
    AVAudioSessionNotificationName,
    AVAudioSessionSetActiveOptions,
    AVAudioSessionUserInfoKey,
    Notification,
    NotificationCenter,
)
from audiosession.core import Role
from audiosession.testing import SimulatedDevice
from audiosession.web import Event, MediaElement, Page


class Drive:
    """The phone, the four apps, and a timeline of what they do and hear."""

    def __init__(self, policy: str) -> None:
        self.device = SimulatedDevice("phone", policy=policy)
        self.lines: list[str] = []
        self._again = False

        self.page = Page(self.device.app("film").host)
        self.film = MediaElement(self.page.window)
        self.page.window.audio_session.onstatechange = self._film

        self.podcast = AVAudioSession.of(self.device.app("podcast").session)
        self._center = NotificationCenter.default()
        name = AVAudioSessionNotificationName.INTERRUPTION
        self._token = self._center.add_observer(name, self._podcast, self.podcast)

        self.guide = AudioManager(self.device.app("guide").host)
        attributes = AudioAttributes.Builder()
        attributes.set_usage(AndroidAudioUsage.ASSISTANCE_NAVIGATION_GUIDANCE)
        builder = AudioFocusRequest.Builder(AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK)
        builder.set_audio_attributes(attributes.build())
        builder.set_on_audio_focus_change_listener(self._guide)
        self.prompt = builder.build()

        self.call: AudioSession = self.device.app("call").session
        self.call.interruption_event_stream.listen(self._call)

    async def run(self) -> None:
        """The whole drive."""
        self.film.play()
        await self._done("the page plays a film", sounds="film", role=Role.MOVIE)

        await self.podcast.set_category(
            AVAudioSessionCategory.PLAYBACK, mode=AVAudioSessionMode.SPOKEN_AUDIO
        )
        await self.podcast.set_active(True)
        await self._done("the podcast begins", sounds="podcast", role=Role.SPEECH)

        await self.guide.request_audio_focus(self.prompt)
        await self._done("the navigator speaks", sounds="guide", role=Role.PROMPT)
        self.device.app("guide").player().stop()
        await self.guide.abandon_audio_focus_request(self.prompt)
        await self._done("the navigator is done")

        await self.call.configure(recipe("voice_call"))
        await self.call.set_active(True)
        await self._done("a call begins", sounds="call", role=Role.CALL)
        self.device.app("call").player().stop()
        await self.call.set_active(False)
        await self._done("the call is over")

        self.device.app("podcast").player().stop()
        options = AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
        await self.podcast.set_active(False, options=options)
        await self._done("the podcast is over")

    async def close(self) -> None:
        """Every app ends."""
        self._center.remove_observer(self._token)
        await self.page.close()
        await self.guide.close()

    async def _done(self, what: str, *, sounds: str = "", role: Role = Role.UNKNOWN) -> None:
        if sounds:
            spoken = role is not Role.MOVIE
            self.device.app(sounds).player().play(role=role, spoken=spoken)
        await self._settled()
        heard, self.lines[:] = self.lines[:], []
        at = self.device.now
        self.device.advance(5.0)
        await self._settled()
        levels = [f"{app.name} {self._level(app.id)}" for app in self.device.apps if app.players]
        print(f"{at:5.1f} s  {what}")
        for line in (*heard, *self.lines):
            print(f"         {line}")
        print(f"         heard now: {', '.join(levels)}")
        self.lines.clear()

    async def _settled(self) -> None:
        await self.page.settled()
        if self._again:
            # An Apple app activates its session again before it goes on.
            self._again = False
            await self.podcast.set_active(True)
            self.device.app("podcast").player().resume()

    def _level(self, app: str) -> str:
        player = self.device.app(app).player()
        return f"{player.level_db:.0f} dB" if player.playing else "-"

    # -- what each of them hears, in the words of its face, and does about it ------------------

    def _film(self, event: Event) -> None:
        session = self.page.window.audio_session
        self.lines.append(f"the page's audioSession is {session.state}")
        player = self.device.app("film").player()
        if session.state == "active":
            player.resume()
        else:
            player.pause()
            if session.state == "inactive":
                self.film.pause()

    def _podcast(self, said: Notification) -> None:
        begins = AVAudioSessionInterruptionType.BEGAN
        began = said.user_info[AVAudioSessionUserInfoKey.INTERRUPTION_TYPE] is begins
        self.lines.append(f"the podcast's interruption {'began' if began else 'ended'}")
        if began:
            self.device.app("podcast").player().pause()
        self._again = not began

    def _guide(self, change: AndroidAudioFocus) -> None:
        self.lines.append(f"the navigator's listener is told {change.name}")

    def _call(self, event: AudioInterruptionEvent) -> None:
        self.lines.append(f"the call's interruption {'begins' if event.begin else 'ends'}")


async def main(policy: str = "default") -> None:
    """Runs the drive under a policy."""
    drive = Drive(policy)
    try:
        await drive.run()
    finally:
        await drive.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""What the tests of the Android host share: the host on a phone of each level, and its events."""

from __future__ import annotations

from audiosession import AudioDevicesChangedEvent, AudioInterruptionEvent, AudioSession
from audiosession.android import AndroidAudioFocusGainType, AudioFocusRequest, AudioManager
from audiosession.hosts.android import AndroidHost

from .phone import Phone, shown

GAIN, LOSS, LOSS_TRANSIENT, CAN_DUCK = 1, -1, -2, -3
NOISY = "android.media.AUDIO_BECOMING_NOISY"
TRANSIENT = AndroidAudioFocusGainType.GAIN_TRANSIENT
EXCLUSIVE = AndroidAudioFocusGainType.GAIN_TRANSIENT_EXCLUSIVE
MAY_DUCK = AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK


class Stage:
    """An app on a phone, with another app beside it.

    Args:
        phone: The phone.
    """

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.host = AndroidHost(phone.bridge())
        self.session = AudioSession(self.host)
        self.words: list[str] = []
        self.interruptions: list[AudioInterruptionEvent] = []
        self.changes: list[AudioDevicesChangedEvent] = []
        self.session.interruption_event_stream.listen(self._interrupted)
        self.session.becoming_noisy_event_stream.listen(lambda _: self.words.append("noisy"))
        self.session.devices_changed_event_stream.listen(self.changes.append)
        self._other_host = AndroidHost(phone.bridge("other"))
        self.other = AudioManager(self._other_host)

    async def other_asks(self, gain: AndroidAudioFocusGainType) -> None:
        """The other app takes focus."""
        await self.other.request_audio_focus(lambda change: None, 3, gain)
        await self.phone.settle()

    async def other_closes(self) -> None:
        """The other app ends."""
        await self.other.close()
        self.other = AudioManager(self._other_host)
        await self.phone.settle()

    async def close(self) -> None:
        """Both apps end."""
        await self.other.close()
        await self._other_host.close()
        await self.session.close()
        await self.host.close()

    def _interrupted(self, event: AudioInterruptionEvent) -> None:
        self.interruptions.append(event)
        resume = " resume" if event.should_resume else ""
        self.words.append(f"{'begin' if event.begin else 'end'} {event.type.value}{resume}")


def focus_request(
    heard: list[int], gain: int = 1, *, pauses: bool = False, patient: bool = False
) -> AudioFocusRequest:
    """A request whose listener writes down what it hears."""
    builder = AudioFocusRequest.Builder(gain)
    builder.set_on_audio_focus_change_listener(lambda change: heard.append(int(change)))
    builder.set_will_pause_when_ducked(pauses).set_accepts_delayed_focus_gain(patient)
    return builder.build()


def asked(phone: Phone) -> list[str]:
    """What the phone was asked about focus since the last look."""
    return [call for call in shown(phone.calls("AudioManager")) if "Focus" in call]


def give_back(phone: Phone) -> str:
    """The call with which focus goes back."""
    return f"AudioManager.abandonAudioFocus{'Request' if phone.level >= 26 else ''}"

"""The corpus of Apple's surfaces, played by AVAudioSession over the native session of a phone.

The phone behind the bridge is the simulated one, so what comes of every step has to be what
comes of it there: whatever AVAudioSession on this host adds, loses or refuses by itself shows.
"""

from __future__ import annotations

import pytest

from audiosession import AudioSession
from audiosession.hosts.ios import IOSHost
from tests.apple import stages
from tests.apple.corpus_kit import NO_WORD, Scenario, corpus
from tests.apple.faces_kit import face_of
from tests.apple.phone_kit import phone
from tests.phones.ios.apple_kit import Mirror, settled

FACE = "AVAudioSession"


class Stage(stages.Phone):
    """A phone whose app stands over the native session."""

    def __init__(self, *, routes: bool) -> None:
        super().__init__(FACE, routes=routes)
        # The newest system that the declarations know.
        self.device = phone(26, 2)
        self.app = self.device.app("app")

    async def play(self, scenario: Scenario) -> list[tuple[str, tuple[str, ...]]]:
        """Every step with what came of it, and how all is at the end."""
        self._mirror = Mirror(self.app)
        host = self._host = IOSHost(self._mirror.fake)
        session = AudioSession(host)
        await session
        self._face = await face_of(FACE, session)
        self._route = self._face.route()
        trace: list[tuple[str, tuple[str, ...]]] = []
        try:
            for step in scenario.steps:
                outcome = await self._step(step.words)
                trace.append((step.words, outcome))
                if outcome == (NO_WORD,):
                    return trace
        finally:
            self._face.close()
        trace.append(("end", self._end()))
        await session.close()
        await settled(host, self._mirror)
        await host.close()
        await self._mirror.close()
        return trace

    async def _do(self, who: str, does: str, words: list[str]) -> str:
        answer = await super()._do(who, does, words)
        await settled(self._host, self._mirror)
        return answer

    async def _resume_others(self) -> None:
        await super()._resume_others()
        await settled(self._host, self._mirror)


@pytest.mark.parametrize("scenario", corpus(), ids=lambda each: each.name)
async def test_the_corpus_on_a_phone(scenario: Scenario) -> None:
    assert await Stage(routes=scenario.routes).play(scenario) == scenario.expected(FACE)

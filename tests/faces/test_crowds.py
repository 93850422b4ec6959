"""A hundred apps of each face, ten thousand random requests, leaves and deaths.

What holds at every step is in the kit; the same for AudioManager is in
``tests/android/test_focus_stress.py``, and for pages in ``tests/web/test_web_stress.py``.
"""

from __future__ import annotations

import pytest

from tests.apple.faces_kit import BEGAN, ENDED, RESUME
from tests.faces.crowd_kit import AVAUDIOSESSION, C_API, ONE_API, crowd

APPS, STEPS, DEATHS = 100, 10_000, 200
CHECK_EVERY = 50


@pytest.mark.exhaustive
@pytest.mark.timeout(480)
@pytest.mark.parametrize(
    ("face", "policy", "seed"),
    [
        (ONE_API, "default", 1),
        (ONE_API, "android", 2),
        (AVAUDIOSESSION, "apple", 3),
        (C_API, "apple", 4),
    ],
)
async def test_a_hundred_apps_ask_leave_and_die(face: str, policy: str, seed: int) -> None:
    with crowd(face, policy, seed) as apps:
        for number in range(APPS):
            await apps.come(f"app {number}")
        for number in range(STEPS):
            await apps.step()
            if number % CHECK_EVERY == 0:
                await apps.check()
        await apps.end()
        # The steps did all there is to do.
        assert apps.deaths > DEATHS
        assert set(apps.told) == {BEGAN, ENDED, RESUME}

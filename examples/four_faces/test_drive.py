"""The example drive, run under three policies."""

from __future__ import annotations

import pytest

from .drive import main

SPEAKS = {
    "default": "heard now: film -, podcast -, guide 0 dB",
    "apple": "heard now: film -, podcast -14 dB, guide 0 dB",
    "android": "heard now: film -, podcast -, guide 0 dB",
}
"""Who is heard how while the navigator speaks."""


@pytest.mark.parametrize("policy", SPEAKS)
async def test_each_policy_has_its_own_timeline(
    policy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await main(policy)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    speaks, done = (
        lines.index(next(line for line in lines if line.endswith(words)))
        for words in ("the navigator speaks", "the navigator is done")
    )
    assert lines[speaks:done][-1] == SPEAKS[policy]
    over = lines.index(next(line for line in lines if line.endswith("the call is over")))
    assert "podcast 0 dB" in next(line for line in lines[over:] if line.startswith("heard now"))

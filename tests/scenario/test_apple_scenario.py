"""A scenario under Apple's policy: who resumes activates again first."""

from __future__ import annotations

from audiosession.scenario import parse_scenario, run_scenario

SCENARIO = """
[device]
policy = "apple"

[[app]]
id = "music"
recipe = "music"

[[step]]
at = 1
app = "music"
do = "play"
seconds = 60

[[step]]
at = 2
do = "ring"
call = "Mum"

[[step]]
at = 4
do = "decline"
call = "Mum"

[[expect]]
at = 3
app = "music"
standing = "interrupted"
playing = false

[[expect]]
at = 5
app = "music"
standing = "active"
playing = true
gain_db = 0.0
"""


def test_music_is_active_again_and_plays_after_a_declined_call() -> None:
    result = run_scenario(parse_scenario(SCENARIO))
    assert result.checked == 2
    assert result.failures == ()

"""Says a prompt over whatever plays: music goes lower for it, a podcast pauses.

Run it with `python examples/navigator.py`. Where there is no audio session service yet,
AUDIOSESSION_HOST=simulated lets it talk to a simulated device.
"""

import asyncio

from audiosession import AudioSession, recipe


async def say(text: str) -> None:
    session = AudioSession.instance()
    await session.configure(recipe("navigation_prompt"))
    async with session.activated():
        print(text)  # a real navigator speaks here, and the others are down by now


if __name__ == "__main__":
    asyncio.run(say("In two hundred metres, turn left."))

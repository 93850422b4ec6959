"""Shorthand for tests on a simulated device."""

from __future__ import annotations

from audiosession import recipe
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice


async def start(
    device: SimulatedDevice, id: str, recipe_name: str = "music", *, playing: bool = True
) -> SimulatedApp:
    """An app that is configured with a recipe, active, and plays."""
    app = device.app(id)
    await app.session.configure(recipe(recipe_name))
    assert await app.session.set_active(True)
    if playing:
        app.player().play()
    return app

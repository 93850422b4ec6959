"""AudioManager over the service, in a process of its own; :func:`~.routes_kit.player` runs it."""

from __future__ import annotations

# An app that does what lines of JSON ask with Android's surface, and says what it is told.
APP = """
import asyncio, json, sys
from audiosession import AudioSession, recipe
from audiosession.android import *
from audiosession.hosts.linux import LinuxHost

host = LinuxHost(sys.argv[1], start=sys.argv[2] == "start")
manager = AudioManager(host)
session = AudioSession(lambda: host)

def say(**words):
    print(json.dumps(words), flush=True)

def plain(device):
    return None if device is None else dict(
        id=device.id, type=device.type.name, name=device.product_name, sink=device.sink,
        rates=device.sample_rates, counts=device.channel_counts)

class Callback:
    def on_audio_devices_added(self, devices):
        say(event="added", devices=[plain(each) for each in devices])
    def on_audio_devices_removed(self, devices):
        say(event="removed", devices=[plain(each) for each in devices])

def received(intent):
    say(event="intent", action=intent.action, sticky=intent.sticky,
        extras={key: int(value) if isinstance(value, int) else str(value)
            for key, value in intent.extras.items()})

async def do(method, *arguments):
    value = await getattr(manager, method)(*arguments)
    return value if isinstance(value, (int, float, str, bool, type(None))) else repr(value)

async def devices(flags=3):
    return [plain(each) for each in await manager.get_devices(flags)]

async def listen():
    await manager.register_audio_device_callback(Callback())
    await manager.add_on_communication_device_changed_listener(
        lambda run: run(), lambda device: say(event="communication", device=plain(device)))

async def receive(action):
    await manager.register_receiver(received, action)

async def calls():
    return [plain(each) for each in await manager.get_available_communication_devices()]

async def choose(type):
    for each in await manager.get_available_communication_devices():
        if each.type.name == type:
            return await manager.set_communication_device(each)
    raise LookupError(type)

async def chosen():
    return plain(await manager.get_communication_device())

async def begin(recipe_name):
    await session.configure(recipe(recipe_name))
    assert await session.set_active(True)
    return session._session.token

async def token():
    # That of the session which chooses the output for calls.
    return host.android_device._session.token

async def lower_group():
    media = AudioAttributes.Builder().set_usage(AudioAttributes.USAGE_MEDIA).build()
    group = await manager.get_volume_group_id_for_attributes(media)
    await manager.adjust_volume_group_volume(group, manager.ADJUST_LOWER, 0)

async def key(code):
    await manager.dispatch_media_key_event(KeyEvent(KeyEvent.ACTION_DOWN, code))
    await manager.dispatch_media_key_event(KeyEvent(KeyEvent.ACTION_UP, code))

async def answer(number, do, words):
    try:
        say(answer=number, value=await globals()[do](**words))
    except Exception as error:
        say(answer=number, error=f"{type(error).__name__}: {error}")

async def one(method, arguments=()):
    return await do(method, *arguments)

async def main():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    say(event="ready")
    while line := await reader.readline():
        await answer(*json.loads(line))
    await manager.close()
    await host.close()

asyncio.run(main())
"""

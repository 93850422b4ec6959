"""What every host owes the one API, tried on the engine within this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from audiosession.hosts.base import Capability, Host, HostEvents, HostSession
from audiosession.policies import load_policy
from audiosession.service.engine import Engine
from audiosession.service.rules import RuleBook

from ..hosts import test_contract as contract
from ..hosts.contract import Bench
from .fake_server import HEADPHONES, SPEAKER, FakeServer


class EngineHost:
    """One app's view of an engine. Implements Host."""

    name = "linux"
    capabilities = frozenset(
        {
            Capability.OTHER_APPS,
            Capability.SYSTEM_DUCKING,
            Capability.DEVICES,
            Capability.BECOMING_NOISY,
            Capability.QUIET,
            Capability.USER_ACTIONS,
        }
    )

    def __init__(self, engine: Engine, app: str, pid: int) -> None:
        self._engine, self._app, self._pid = engine, app, pid

    async def open_session(self, events: HostEvents) -> HostSession:
        return self._engine.open_session(
            client=f":{self._app}", app=self._app, pid=self._pid, events=events
        )

    async def close(self) -> None:
        self._engine.client_gone(f":{self._app}")


class EngineBench(Bench):
    """The engine on a fake sound server, in real time."""

    name = "linux"

    def __init__(self) -> None:
        self.server = FakeServer()
        self.engine = Engine(policy=load_policy(), rules=RuleBook.of())
        self.engine.add_server(self.server)
        # Processes that no machine has.
        self._host = EngineHost(self.engine, "app", 2**30)
        self._other = EngineHost(self.engine, "other", 2**30 + 1)

    def host(self) -> Host:
        return self._host

    def other_host(self) -> Host:
        return self._other

    async def plug_headphones(self) -> None:
        self.server.link.endpoints_changed((replace(SPEAKER, default=False), HEADPHONES))

    async def pull_headphones(self) -> None:
        self.server.link.endpoints_changed((SPEAKER,))

    async def settle(self) -> None:
        """Everything is reported before a call returns."""

    async def close(self) -> None:
        await self.engine.close()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = EngineBench()
    await bench.engine.start()
    yield bench
    await bench.close()


globals().update(
    {name: value for name, value in vars(contract).items() if name.startswith("test_")}
)

"""The bare workflow's side of a measurement: its worker process and its starts."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client

from bench.bare import BARE, BEGIN, READY, Lead
from bench.house import CONNECTIONS, House, completed
from runtime.connect import address
from runtime.process import Child

STARTS_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class BareHouse:
    """A running bare worker on the house's server."""

    client: Client
    worker: Child
    database: Path
    task_queue: str

    async def start(self, lead: Lead) -> None:
        """Brings the event that starts a workflow: signal-with-start, as an event must."""
        await self.client.start_workflow(
            BARE, lead, id=f"bare/{uuid4()}", task_queue=self.task_queue, start_signal=BEGIN
        )

    async def flood(self, leads: Sequence[Lead]) -> None:
        """Starts workflows as fast as as many callers as the house has get through."""
        gate = asyncio.Semaphore(CONNECTIONS)

        async def one(lead: Lead) -> None:
            async with gate:
                await self.start(lead)

        await asyncio.gather(*(one(lead) for lead in leads))

    async def completed(self) -> int:
        """Counts workflows that completed."""
        return await completed(self.client, BARE)


@asynccontextmanager
async def bare_worker(folder: Path, house: House) -> AsyncIterator[BareHouse]:
    """Starts the bare worker on the house's Temporal server, with an outbox of its own."""
    queue, database = f"bare-{uuid4()}", folder / "outbox.db"
    command = (sys.executable, "-m", "bench.bare", address(house.settings), queue, str(database))
    child = Child(command, folder / "bare.log")
    await child.start()
    try:
        async with asyncio.timeout(STARTS_WITHIN):
            while READY not in "".join(child.last_lines()):
                if not child.running:
                    raise RuntimeError("\n".join(child.last_lines()))
                await asyncio.sleep(0.1)
        yield BareHouse(house.client, child, database, queue)
    finally:
        await child.stop(10)

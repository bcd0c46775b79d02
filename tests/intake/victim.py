"""A process that does its work up to a point and is killed there, as `kill -9` would.

Called as `python -m tests.intake.victim POINT DATABASE_URL TEMPORAL_ADDRESS TASK_QUEUE FOLDER`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from channels.outbox import OutboxChannel
from engine.run_input import RunInput
from intake.deliver import Deliverer
from intake.scanning import Scanner
from model.events import Delivery
from model.messages import Outgoing, Receipt
from model.scans import ScanStep
from runtime.connect import connect
from runtime.project import load_project
from settings import Settings
from store import Tx
from tests.house import House, house

KILLED = 9


def die() -> None:
    """Ends this process at once: nothing is flushed, closed or rolled back by us."""
    os._exit(KILLED)


async def after_inbox(world: House) -> None:
    """Dies after the event was accepted."""
    await world.accept("trial.started", plan="basic")
    die()


async def after_outbox(world: House) -> None:
    """Dies after the event was applied and its wake-ups queued."""
    await world.accept("trial.started", plan="basic")
    await world.intake.apply_waiting()
    die()


async def after_temporal(world: House) -> None:
    """Dies after Temporal took the wake-up, before that is written down."""
    reach = Deliverer._signal

    async def and_die(self: Deliverer, given: RunInput, deliveries: list[Delivery]) -> None:
        await reach(self, given, deliveries)
        die()

    Deliverer._signal = and_die  # type: ignore[method-assign]
    await world.accept("trial.started", plan="basic")
    await world.intake.apply_waiting()
    await world.intake.deliver_waiting()


async def after_provider(world: House) -> None:
    """Dies, as a worker, after the provider accepted a message, before the ledger knows."""
    send = OutboxChannel.send

    async def and_die(self: OutboxChannel, message: Outgoing) -> Receipt:
        await send(self, message)
        die()
        raise AssertionError("dead")

    OutboxChannel.send = and_die  # type: ignore[method-assign]
    await world.event("trial.started", plan="basic")


async def after_page(world: House) -> None:
    """Dies, as a worker, after the second page of a scan was committed, before Temporal knows."""
    for number in range(7):
        await world.event("lead.updated", f"lead{number}@example.com", plan="basic")
    look = Scanner.page
    pages: list[ScanStep] = []

    async def or_die(self: Scanner, tx: Tx, name: str, at: datetime) -> ScanStep:
        self._page = 3
        if sum(step.more for step in pages) == 2:
            die()
        pages.append(await look(self, tx, name, at))
        return pages[-1]

    Scanner.page = or_die  # type: ignore[method-assign]
    await world.pass_time(timedelta(hours=1))


POINTS = {
    point.__name__: point for point in (after_inbox, after_outbox, after_temporal, after_provider, after_page)
}


async def main(point: str, url: str, address: str, queue: str, folder: str) -> None:
    """Lives until the point."""
    client = await connect(Settings(temporal_address=address))
    project = load_project(Path(folder) / "defs")
    worker = point in ("after_provider", "after_page")
    async with house(Path(folder), client, project, url=url, task_queue=queue, worker=worker) as world:
        world.name = "victim"
        await POINTS[point](world)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

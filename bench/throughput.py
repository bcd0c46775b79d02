"""Journeys completed per second, ours and the bare workflow's, and what they cost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench import leads
from bench.bare import Lead
from bench.bare_house import BareHouse
from bench.history import events_of_latest
from bench.house import Cpu, House
from bench.machine import cpu_seconds
from bench.report import Row, judged, plain
from model.runs import JOURNEY

SHORT_WAIT = 1.0
"""Seconds between the two messages; also in the journey `short`."""

PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Flow:
    """A flood of journeys: from the first call to the last completion."""

    journeys: int
    seconds: float
    cpu: Cpu
    history_events: float

    @property
    def per_second(self) -> float:
        """Journeys completed each second, the wait between the messages included."""
        return self.journeys / self.seconds

    def milliseconds(self, seconds: float) -> float:
        """Spreads CPU seconds over the journeys."""
        return 1000 * seconds / self.journeys


async def of_house(house: House, count: int) -> Flow:
    """Floods the house with leads of the journey `short`."""
    emails = leads.addresses(count)
    before, cpu, began = await house.completed(JOURNEY), house.cpu(), time.monotonic()
    await house.wire.flood(leads.events("bench.short", emails))
    await until_completed(lambda: house.completed(JOURNEY), before + count)
    seconds = time.monotonic() - began
    return Flow(count, seconds, house.cpu().since(cpu), await events_of_latest(house.client, JOURNEY))


async def of_bare(house: House, bare: BareHouse, count: int) -> Flow:
    """Floods the bare worker with as many of the same journey."""
    people = [Lead(email, SHORT_WAIT) for email in leads.addresses(count)]
    before, cpu, worker = await bare.completed(), house.cpu(), cpu_seconds([bare.worker.pid])
    began = time.monotonic()
    await bare.flood(people)
    await until_completed(bare.completed, before + count)
    seconds = time.monotonic() - began
    spent = house.cpu().since(cpu)
    took = cpu_seconds([bare.worker.pid]) - worker
    return Flow(count, seconds, Cpu(spent.temporal, 0.0, took), await events_of_latest(house.client, "bare"))


async def until_completed(counted: Callable[[], Awaitable[int]], wanted: int) -> None:
    """Waits until as many workflows have completed; raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while await counted() < wanted:
            await asyncio.sleep(0.1)


def rows(ours: Flow, bare: Flow) -> list[Row]:
    """Sets both side by side."""
    ratio = ours.per_second / bare.per_second
    return [
        judged("journeys completed a second", ours.per_second, "1/s", ">=", 1.0, ratio=ratio),
        plain("  the bare workflow's", bare.per_second, "1/s"),
        plain("  worker CPU a journey", ours.milliseconds(ours.cpu.worker), "ms"),
        plain("  API and intake CPU a journey", ours.milliseconds(ours.cpu.api), "ms"),
        plain("  Temporal CPU a journey", ours.milliseconds(ours.cpu.temporal), "ms"),
        plain("  the bare workflow's worker CPU a journey", bare.milliseconds(bare.cpu.worker), "ms"),
        plain("  the bare workflow's Temporal CPU a journey", bare.milliseconds(bare.cpu.temporal), "ms"),
        plain("  history events a journey", ours.history_events, "events"),
        plain("  the bare workflow's history events a journey", bare.history_events, "events"),
    ]

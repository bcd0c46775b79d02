"""The journey that other open-source engines were measured with on such a machine, 2,000 leads at once."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from bench import leads
from bench.house import House, count, last_sent
from bench.latency import of_house
from bench.machine import percentile
from bench.report import Row, judged, plain

BEST_JOURNEYS, BEST_EVENTS, BEST_FIRST, BEST_CPU = 8.6, 244.0, 0.13, 45.0
"""The best figures of others: journeys a second, single events a second, seconds to the first message when
idle, CPU milliseconds a journey."""

AIM = 20.0
PATIENCE = 400.0


@dataclass(frozen=True, slots=True)
class Rush:
    """All leads at once, from the first API call to the last message, the minute of waiting included."""

    journeys: int
    seconds: float
    accepting: float
    cpu: float


async def rush(house: House, number: int) -> Rush:
    """Posts one event for each lead and waits until each has both messages."""
    messages = _messages(house.database)
    events = leads.events("bench.minute", leads.addresses(number))
    cpu, began = house.cpu(), time.time()
    posted = await house.wire.flood(events)
    accepting = max(sent.answered for sent in posted) - began
    async with asyncio.timeout(PATIENCE):
        while _messages(house.database) < messages + 2 * number:
            await asyncio.sleep(0.25)
    seconds = last_sent(house.database) - began
    await asyncio.sleep(2)
    return Rush(number, seconds, accepting, house.cpu().since(cpu).whole)


async def measure(house: House, number: int, samples: int) -> list[Row]:
    """Measures the rush, and the first message of single leads before it."""
    first = percentile((await of_house(house, samples)).from_call, 0.5)
    found = await rush(house, number)
    journeys, events = found.journeys / found.seconds, found.journeys / found.accepting
    return [
        judged(f"{number:,} leads at once: journeys a second", journeys, "1/s", ">=", BEST_JOURNEYS),
        plain("  against the aim", journeys, "1/s", ratio=journeys / AIM),
        judged("  single events accepted a second meanwhile", events, "1/s", ">=", BEST_EVENTS),
        judged("  first e-mail after its event, idle", first, "s", "<=", BEST_FIRST),
        judged("  CPU a journey, all processes", 1000 * found.cpu / number, "ms", "<=", BEST_CPU),
    ]


def _messages(database: Path) -> int:
    return count(database, "SELECT count(*) FROM outbox_messages")

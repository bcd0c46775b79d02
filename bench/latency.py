"""From an event to its first message on an idle machine, ours and the bare workflow's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import leads
from bench.bare import Lead
from bench.bare_house import BareHouse
from bench.house import House, count, sent_at
from bench.machine import percentile
from bench.report import Row, judged, plain
from bench.waiting import until
from bench.wire import Sent

GAP = 0.35
"""Seconds between two events: longer than anything is still at work."""

LONG_WAIT = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds to the first message, by event: from the call's begin, and from its acceptance."""

    from_call: list[float]
    from_acceptance: list[float]


async def of_house(house: House, samples: int) -> Delays:
    """Posts single events to the idle house."""
    calls = {}
    for email in leads.addresses(samples):
        calls[email] = await _post(house, email)
    return await _delays(house.database, calls)


async def side_by_side(house: House, bare: BareHouse, samples: int) -> tuple[Delays, Delays]:
    """Sends single events to the house and to the bare worker in turn, so that both meet the same machine."""
    ours, theirs = {}, {}
    for mine, other in zip(leads.addresses(samples), leads.addresses(samples), strict=True):
        ours[mine] = await _post(house, mine)
        theirs[other] = await _signal(bare, other)
    return await _delays(house.database, ours), await _delays(bare.database, theirs)


def rows(ours: Delays, bare: Delays) -> list[Row]:
    """Sets both side by side: ours from the acceptance, theirs from the signal's call."""
    mine, theirs = percentile(ours.from_acceptance, 0.95), percentile(bare.from_call, 0.95)
    whole = percentile(ours.from_call, 0.95)
    return [
        judged("event accepted to message, idle, p95", 1000 * mine, "ms", "<=", 1.3, ratio=mine / theirs),
        plain("  the bare workflow's, signal to message, p95", 1000 * theirs, "ms"),
        plain("  both from their call's begin: ours, p95", 1000 * whole, "ms", ratio=whole / theirs),
        plain("  event accepted to message, median", 1000 * percentile(ours.from_acceptance, 0.5), "ms"),
        plain("  the bare workflow's, median", 1000 * percentile(bare.from_call, 0.5), "ms"),
    ]


async def _post(house: House, email: str) -> Sent:
    call = await house.wire.post(leads.event("bench.first", email))
    await asyncio.sleep(GAP)
    return call


async def _signal(bare: BareHouse, email: str) -> Sent:
    began = time.time()
    await bare.start(Lead(email, LONG_WAIT))
    call = Sent(began, time.time())
    await asyncio.sleep(GAP)
    return call


async def _delays(database: Path, calls: Mapping[str, Sent]) -> Delays:
    sent = await _sent(database, list(calls))
    return Delays(
        [sent[email] - call.at for email, call in calls.items()],
        [sent[email] - call.answered for email, call in calls.items()],
    )


async def _sent(database: Path, emails: list[str]) -> dict[str, float]:
    async def all_there() -> bool:
        batch = f"{emails[0].rpartition('-')[0]}-%"
        query = 'SELECT count(DISTINCT "to") FROM outbox_messages WHERE "to" LIKE ?'
        return count(database, query, batch) >= len(emails)

    await until(all_there)
    return sent_at(database)

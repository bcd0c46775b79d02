"""From an event to its first message on an idle machine, ours and the bare workflow's."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from bench import leads
from bench.bare import Lead
from bench.bare_house import BareHouse
from bench.house import House, count, sent_at
from bench.machine import percentile
from bench.report import Row, judged, plain
from bench.waiting import until

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
    emails = leads.addresses(samples)
    calls = {}
    for email in emails:
        calls[email] = await house.wire.post(leads.event("bench.first", email))
        await asyncio.sleep(GAP)
    sent = await _sent(house.database, emails)
    return Delays(
        [sent[email] - calls[email].at for email in emails],
        [sent[email] - calls[email].answered for email in emails],
    )


async def of_bare(bare: BareHouse, samples: int) -> Delays:
    """Signals single workflows of the idle bare worker."""
    emails = leads.addresses(samples)
    begun, taken = {}, {}
    for email in emails:
        begun[email] = time.time()
        await bare.start(Lead(email, LONG_WAIT))
        taken[email] = time.time()
        await asyncio.sleep(GAP)
    sent = await _sent(bare.database, emails)
    return Delays(
        [sent[email] - begun[email] for email in emails], [sent[email] - taken[email] for email in emails]
    )


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


async def _sent(database: Path, emails: list[str]) -> dict[str, float]:
    async def all_there() -> bool:
        batch = f"{emails[0].rpartition('-')[0]}-%"
        query = 'SELECT count(DISTINCT "to") FROM outbox_messages WHERE "to" LIKE ?'
        return count(database, query, batch) >= len(emails)

    await until(all_there)
    return sent_at(database)

"""Splits with a winner: counts what converts, and names the winner once it can be said."""

from __future__ import annotations

from datetime import datetime

import structlog

from engine.experiments import best, converts, counting_ends, decided_at
from intake.catalog import Catalog
from intake.knowledge import as_event
from language.compiled import Split
from language.instructions import Winner
from model.records import InboxEvent, Lead
from store import Store, Tx

log = structlog.get_logger(__name__)


async def count_conversions(tx: Tx, catalog: Catalog, lead: Lead, event: InboxEvent) -> None:
    """Marks the draws of a lead that the event converts."""
    splits = await catalog.splits(tx)
    if not any(split.winner is not None and split.winner.event == event.type for split in splits.values()):
        return
    heard = as_event(event)
    for draw in await tx.figures.unconverted(lead.id):
        split = splits.get(draw.split)
        if split is not None and split.winner is not None and converts(split.winner, draw, heard):
            await tx.figures.convert(draw.split, lead.id, event.at)


async def decide_winners(store: Store, catalog: Catalog, now: datetime) -> int:
    """Names the winner of each split whose time has come; answers how many."""
    async with store.read() as tx:
        splits = await catalog.splits(tx)
        known = await tx.figures.winners(splits.keys()) if splits else {}
        found = {
            key: await _winner(tx, split, split.winner, now)
            for key, split in splits.items()
            if key not in known and split.winner is not None
        }
    decided = {key: arm for key, arm in found.items() if arm is not None}
    for key, arm in decided.items():
        async with store.begin() as tx:
            if await tx.figures.decide(key, arm, now):
                log.info("a split has its winner", split=key, arm=arm)
    return len(decided)


async def _winner(tx: Tx, split: Split, winner: Winner, now: datetime) -> str | None:
    """Says who wins at `now`; None as long as it is open."""
    figures = tx.figures
    if winner.after is not None:
        last = await figures.nth_draw(winner.key, winner.after)
        if last is None or decided_at(winner, last[0], None) > now:
            return None
        return best(split, await figures.arms(winner.key, last))
    first = await figures.first_draw(winner.key)
    ends = counting_ends(winner, first) if first is not None else None
    if ends is None or ends > now:
        return None
    latest = await figures.last_draw(winner.key, ends)
    if latest is None or decided_at(winner, latest, ends) > now:
        return None
    return best(split, await figures.arms(winner.key, (ends, LAST)))


LAST = "\U0010ffff"
"""Sorts behind every lead's id."""

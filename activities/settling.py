"""Events that an effect makes for its own lead: in force when the effect is done."""

from __future__ import annotations

from datetime import UTC, datetime

from activities.booking import book
from intake.apply import Applier
from model.records import NewEvent
from model.runs import EffectRequest
from store import Tx


class Settler:
    """Puts events of a run's lead into the inbox and applies them at once."""

    def __init__(self, applier: Applier, *, virtual: bool) -> None:
        self._applier = applier
        self._virtual = virtual

    async def take_in(self, tx: Tx, request: EffectRequest, *news: NewEvent) -> None:
        """Applies events, and what waits before them."""
        await tx.events.insert(news)
        shift = (request.at - datetime.now(UTC)).total_seconds() if self._virtual else 0.0
        await self._applier.settle(tx, request.run.lead_id, shift)
        await book(tx, request.run, request.progress)
        tx.notify("deliveries")

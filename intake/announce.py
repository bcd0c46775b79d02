"""Events of our own: through the inbox where anybody listens, straight into history where nobody does."""

from __future__ import annotations

from intake.catalog import Catalog
from intake.score import Scoring
from model.records import NewEvent
from store import Tx


class Announcer:
    """Tells what was sent, scored and ended."""

    def __init__(self, catalog: Catalog, scoring: Scoring) -> None:
        self._catalog = catalog
        self._scoring = scoring

    async def tell(self, tx: Tx, new: NewEvent) -> None:
        """Writes an event about a lead; a repeat of the same source and id changes nothing."""
        if await self._concerns_somebody(tx, new):
            await tx.events.insert([new])
            tx.notify("inbox")
        else:
            await tx.events.record(new)

    async def _concerns_somebody(self, tx: Tx, new: NewEvent) -> bool:
        if new.type in self._scoring.types or new.lead_id is None:
            return True
        return await self._catalog.is_heard(tx, new.type)

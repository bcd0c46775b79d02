"""What came of it: everything about one lead that the API tells and has not told before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from runtime.demo.house import Entry, House, Message

Seen = Entry | Message


@dataclass(frozen=True, slots=True)
class Totals:
    """What happened to one lead in all."""

    messages: int
    tasks: int
    outcomes: tuple[str, ...]


@dataclass(slots=True)
class Watcher:
    """Reads one lead's timeline and outbox again and again, each line once."""

    house: House
    lead_id: str
    _known: set[tuple[type, int]] = field(default_factory=set)

    async def news(self) -> list[Seen]:
        """Reads what is new, by business time."""
        sent = [message for message in await self.house.outbox() if message.lead_id == self.lead_id]
        found: list[Seen] = [*await self.house.timeline(self.lead_id), *sent]
        fresh = [one for one in found if (type(one), one.id) not in self._known]
        self._known |= {(type(one), one.id) for one in fresh}
        return sorted(fresh, key=_order)

    async def totals(self) -> Totals:
        """Counts messages in the outbox, tasks done, and outcomes told to the scorer."""
        sent = [message for message in await self.house.outbox() if message.lead_id == self.lead_id]
        done = [task for task in await self.house.tasks(self.lead_id) if task.state == "completed"]
        told = [entry for entry in await self.house.timeline(self.lead_id) if entry.kind == "outcome"]
        return Totals(len(sent), len(done), tuple(str(entry.data.get("type")) for entry in told))


def _order(seen: Seen) -> tuple[datetime, int, int]:
    """By instant; at the same one the timeline before the message's own text."""
    return seen.at, isinstance(seen, Message), seen.id

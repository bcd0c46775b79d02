"""Fills audiences by rule where they are new or changed, and judges all of them every night.

One page of leads at a time, in the caller's transaction, as scans do. Who is in a new audience from the start
does not join it; everybody else joins and leaves by events.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime

from engine.audiences import fact_of, rules_of, turned
from engine.facts import Asked, needs
from engine.schedule import last_of, next_of
from intake.audiences import move_event
from intake.crowd import gather_many
from intake.knowledge import Gatherer
from language.facts import to_text
from language.vocabulary import Vocabulary
from model.audiences import Member
from model.events import Delivery
from model.records import Lead, NewEvent
from model.scans import Scan, ScanStep
from model.time import Every
from store import Tx

GROUPING = "audiences"
"""The scan that does it."""

NIGHT = Every("day", 3 * 60)
"""When, in the company's zone."""


def version_of(vocabulary: Vocabulary) -> int:
    """Gives a number that changes with the rules; 0 where there are none."""
    text = "\n".join(f"{rule.audience}: {to_text(rule.condition)}" for rule in rules_of(vocabulary))
    return zlib.crc32(text.encode()) & 0x7FFFFFFF if text else 0


class Grouping:
    """Judges the rules for pages of leads."""

    def __init__(self, gatherer: Gatherer, page: int) -> None:
        self._gatherer = gatherer
        self._page = page
        self._rules = rules_of(gatherer.vocabulary)

    async def page(self, tx: Tx, scan: Scan, at: datetime) -> ScanStep:
        """Looks at the next page of leads, if it is time."""
        zone = self._gatherer.vocabulary.company.zone
        fills = scan.built != scan.version
        night = last_of(NIGHT, at, zone)
        due = night if night > (scan.last_at or scan.since) else None
        occurrence = scan.occurrence or (at if fills else due)
        if occurrence is None:
            return await self._rest(tx, scan, next_of(NIGHT, at, zone))
        leads = await tx.scans.everybody((scan.cursor or "") if scan.occurrence else "", self._page)
        moved = await self._judge(tx, leads, at, f"{scan.version}/{occurrence.isoformat()}")
        await self._note(tx, scan, occurrence, leads, moved, at, next_of(NIGHT, at, zone))
        return ScanStep(more=True)

    async def _note(
        self,
        tx: Tx,
        scan: Scan,
        occurrence: datetime,
        leads: Sequence[Lead],
        moved: int,
        at: datetime,
        next_at: datetime,
    ) -> None:
        """Writes down how far it is; with the last page all is found."""
        more = len(leads) == self._page
        begun = scan.occurrence is not None
        values: dict[str, object] = {
            "occurrence": occurrence if more else None, "cursor": leads[-1].id if more else None,
            "last_at": occurrence, "looked": len(leads) + (scan.looked if begun else 0),
            "found": moved + (scan.found if begun else 0),
        }  # fmt: skip
        if not more:
            await tx.audiences.mark_filled([rule.audience for rule in self._rules], at)
            values |= {"built": scan.version, "next_at": next_at}
        await tx.scans.change(scan.name, **values)

    async def _rest(self, tx: Tx, scan: Scan, next_at: datetime) -> ScanStep:
        if next_at != scan.next_at:
            await tx.scans.change(scan.name, next_at=next_at)
        return ScanStep(next_at=next_at)

    async def _judge(self, tx: Tx, leads: Sequence[Lead], at: datetime, cause: str) -> int:
        """Lets leads join and leave as the rules have it now; answers how many moves there were."""
        ids = [lead.id for lead in leads]
        filled = await tx.audiences.filled()
        members = await tx.audiences.of_many(ids)
        wanted = needs(rule.condition for rule in self._rules)
        known = await gather_many(tx, self._gatherer, leads, wanted, at)
        silent: list[Member] = []
        news: list[NewEvent] = []
        for lead in leads:
            moves = turned(self._rules, members.get(lead.id, frozenset()), known[lead.id], Asked(at))
            for name, joins in moves.items():
                if joins and name not in filled:
                    silent.append(Member(audience=name, lead_id=lead.id, at=at, by="rule"))
                else:
                    own = f"{cause}/{lead.id}"
                    news.append(move_event(name, lead.id, at, own, joins=joins, by="rule"))
        await tx.audiences.join_many(silent)
        await self._wake(tx, silent, at)
        if news:
            await tx.events.insert(news)
            tx.notify("inbox")
        return len(silent) + len(news)

    async def _wake(self, tx: Tx, members: Sequence[Member], at: datetime) -> None:
        """Tells the open runs that ask about an audience whom they are in now."""
        facts: dict[str, set[str]] = {}
        for member in members:
            facts.setdefault(member.lead_id, set()).add(fact_of(member.audience))
        for run in await tx.many.open_runs(list(facts)) if facts else ():
            if facts[run.lead_id] & set(run.watches):
                seq = await tx.enrolments.next_seq(run.id)
                await tx.deliveries.add(run.id, Delivery(seq, at, kind="facts"))
                tx.notify("deliveries")

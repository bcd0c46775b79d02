"""Who is in which audience: by rules, judged at each change of a fact, and by journeys, people and imports.

A membership changes when its event is applied, so that triggers, waits and conditions see it like any other
news. A rule that no longer holds by then changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from engine.audiences import Rule, concerned, fact_of, rules_of, turned
from engine.facts import Asked, judge, needs
from intake.knowledge import Gatherer
from model.audiences import JOINED, LEFT, By
from model.events import Fields
from model.records import InboxEvent, Lead, NewEvent
from store import Tx, digest

RULE = "rule"
_BY: dict[str, By] = {"rule": "rule", "journey": "journey", "api": "api", "import": "import"}


def move_event(audience: str, lead_id: str, at: datetime, cause: str, *, joins: bool, by: By) -> NewEvent:
    """Makes the event by which a lead joins or leaves an audience; `cause` makes repeats harmless."""
    body: Fields = {"audience": audience, "by": by}
    return NewEvent(
        source="cauce",
        event_id=f"audience/{cause}/{audience}",
        type=JOINED if joins else LEFT,
        at=at,
        body_hash=digest(body),
        body=body,
        lead_id=lead_id,
    )


class Audiences:
    """Keeps the audiences of one vocabulary, a lead at a time."""

    def __init__(self, gatherer: Gatherer) -> None:
        self._gatherer = gatherer
        self._rules = rules_of(gatherer.vocabulary)

    async def take(self, tx: Tx, lead: Lead, event: InboxEvent) -> frozenset[str]:
        """Applies an event of joining or leaving; gives `joins:NAME` or `leaves:NAME` where that is news."""
        if event.type not in (JOINED, LEFT):
            return frozenset()
        name, joins = str(event.body.get("audience")), event.type == JOINED
        by = _BY.get(str(event.body.get("by")), "api")
        rule = next((rule for rule in self._rules if rule.audience == name), None)
        if rule is not None and await self._holds(tx, lead, rule, event) != joins:
            return frozenset()
        if joins:
            moved = await tx.audiences.join(name, lead.id, event.at, by)
        else:
            moved = await tx.audiences.leave(name, lead.id)
        return frozenset({f"{'joins' if joins else 'leaves'}:{name}"} if moved else ())

    async def follow(
        self, tx: Tx, lead: Lead, event: InboxEvent, changed: frozenset[str], *, created: bool
    ) -> None:
        """Judges the rules that ask about what has changed; who is to join or leave is told by events."""
        rules = self._rules if created else concerned(self._rules, changed)
        if not rules:
            return
        known = await self._gatherer.gather(
            tx, lead, needs(rule.condition for rule in rules), event.at, through=event.id
        )
        members = await tx.audiences.of(lead.id)
        moves = turned(rules, members, known, Asked(event.at))
        news = [
            move_event(name, lead.id, event.at, str(event.id), joins=joins, by="rule")
            for name, joins in moves.items()
        ]
        if news:
            await tx.events.insert(news)
            tx.notify("inbox")

    async def _holds(self, tx: Tx, lead: Lead, rule: Rule, event: InboxEvent) -> bool:
        known = await self._gatherer.gather(tx, lead, needs([rule.condition]), event.at, through=event.id)
        return judge(rule.condition, known, Asked(event.at))


def facts_of(moved: frozenset[str]) -> frozenset[str]:
    """Names the facts that a move changes."""
    return frozenset(fact_of(name.partition(":")[2]) for name in moved)

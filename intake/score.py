"""Keeps the rules' score on the lead: after each event that counts, and when fading crosses a threshold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from intake.knowledge import as_event, attributes_of
from model.events import Fields
from model.records import InboxEvent, Lead, NewEvent
from model.results import NewEntry
from scoring.rules import EventRule, RuleModel
from scoring.score import Score, score
from store import Tx

ADJUSTED = "score.adjusted"
"""The event by which a journey's `score: +30` adds points; they do not fade."""

CHANGED = "score.changed"

SCORER = "scorer"
"""Source of the events by which an outside scorer answers."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """A lead with its score as it is now, and the event that tells of the change, if there was one."""

    lead: Lead
    told: NewEvent | None


class Scoring:
    """The rules at work on the store. With `outside` another scorer decides: the score is only marked as
    due."""

    def __init__(self, rules: RuleModel, *, outside: bool = False) -> None:
        self.rules = rules
        self.outside = outside
        events = [rule for rule in rules.rules if isinstance(rule, EventRule)]
        self.types = frozenset({rule.event for rule in events} | {ADJUSTED})
        self.interest = frozenset(rule.event for rule in events if rule.points > 0)

    async def judge(self, tx: Tx, lead: Lead, at: datetime, through: int | None = None) -> Score:
        """Scores a lead by the rules as of `at`."""
        rows = await tx.events.history(lead.id, self.types, through=through)
        consents = {
            word.channel: word.given for word in await tx.consents.latest(lead.id) if word.topic is None
        }
        found = score(
            self.rules, [as_event(row) for row in rows], attributes_of(lead, consents), at, lead.stage
        )
        return _adjusted(found, rows)

    async def rescore(
        self, tx: Tx, lead: Lead, at: datetime, cause: str, through: int | None = None
    ) -> Rescored:
        """Scores a lead anew and writes what changed: lead, timeline, an event `score.changed`."""
        if self.outside:
            return Rescored(await tx.leads.update(lead.id, {"score_due_at": at}, at), None)
        found = await self.judge(tx, lead, at, through)
        reasons: JsonValue = [reason.model_dump(mode="json") for reason in found.reasons]
        after = await tx.leads.update(
            lead.id,
            {
                "score": found.total,
                "tier": found.tier,
                "stage": found.stage,
                "reasons": reasons,
                "score_due_at": found.valid_until,
            },
            at,
        )
        if (lead.score or 0, lead.tier, lead.stage) == (found.total, found.tier, found.stage):
            return Rescored(after, None)
        if lead.score is None and found.total == 0:
            return Rescored(after, None)
        return Rescored(after, await _write_down(tx, lead, after, at, cause))


async def take_answer(tx: Tx, lead: Lead, event: InboxEvent) -> Lead:
    """Writes what the outside scorer answered."""
    body = event.body
    points, until = body.get("to"), body.get("valid_until")
    after = await tx.leads.update(
        lead.id,
        {
            "score": float(points) if isinstance(points, int | float) else lead.score,
            "tier": str(body.get("tier")),
            "stage": str(body.get("stage")) if body.get("stage") else lead.stage,
            "reasons": body.get("reasons"),
            "score_due_at": datetime.fromisoformat(until) if isinstance(until, str) else None,
        },
        event.at,
    )
    by = "the rules, for the scorer" if body.get("fallback") else "the scorer"
    data: Fields = {
        "from": lead.score,
        "to": after.score,
        "tier": after.tier,
        "fallback": body.get("fallback"),
    }
    text = f"score {_number(lead.score)} -> {_number(after.score)}, tier {after.tier}, by {by}"
    entry = NewEntry(
        lead_id=lead.id, at=event.at, kind="score", text=text, dedup=f"score/{event.id}", data=data
    )
    await tx.timeline.add_many([entry])
    return after


def _adjusted(found: Score, rows: tuple[InboxEvent, ...]) -> Score:
    points = [row.body.get("points") for row in rows if row.type == ADJUSTED]
    extra = sum(point for point in points if isinstance(point, int | float))
    return replace(found, total=round(found.total + extra, 1)) if extra else found


async def _write_down(tx: Tx, before: Lead, after: Lead, at: datetime, cause: str) -> NewEvent:
    """Writes the change into the timeline and gives the event that tells it."""
    data: Fields = {
        "from": before.score,
        "to": after.score,
        "tier": after.tier,
        "stage": after.stage,
        "reasons": after.reasons,
    }
    change = f"{_number(before.score)} -> {_number(after.score)}"
    text = f"score {change}, tier {after.tier}, {after.stage}{_why(after)}"
    entry = NewEntry(lead_id=after.id, at=at, kind="score", text=text, dedup=f"score/{cause}", data=data)
    await tx.timeline.add_many([entry])
    return NewEvent(
        source="cauce",
        event_id=f"score/{cause}",
        type=CHANGED,
        at=at,
        body_hash="",
        body={"from": before.score or 0, "to": after.score or 0, "tier": after.tier},
        lead_id=after.id,
    )


def _number(points: float | None) -> str:
    return "0" if points is None else f"{points:g}"


def _why(lead: Lead) -> str:
    reasons = lead.reasons if isinstance(lead.reasons, list) else []
    texts = [
        text["en"]
        for reason in reasons[:3]
        if isinstance(reason, dict) and isinstance(text := reason.get("text"), dict)
    ]
    return f" ({'; '.join(str(text) for text in texts)})" if texts else ""

"""What stands behind the tasks' routes: whom one may call now, which outcomes count, the events of work."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from api.ports import House
from engine.contact import may_call, may_contact
from intake.knowledge import Gatherer
from intake.tasks import of_task
from language.vocabulary import Vocabulary
from model.contact import Allow, Contactability, Deny, Hold, Intent, Verdict
from model.events import Fields
from model.records import NewEvent
from model.results import Task
from store import Tx

LOOKED_AT: Final = 200

Nothing = Literal["nothing_ready", "outside_hours", "stopped", "may_not_be_called"]
"""Why nobody was offered to an agent."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A leased task, or why there is none, and when there may be one."""

    task: Task | None = None
    reason: Nothing | None = None
    next_at: datetime | None = None


async def claim_best(
    tx: Tx, house: House, queue: str, agent: str, lease: timedelta, skills: Collection[str] = ()
) -> Offer:
    """Leases the best task that the agent may take and whose lead may be called now."""
    now = house.clock.now()
    known = house.vocabulary.queues.get(queue) if house.vocabulary else None
    able = {*skills, *(known.agents.get(agent, ()) if known is not None else ())}
    holds: list[Hold] = []
    candidates = await tx.tasks.candidates(queue, agent, now, LOOKED_AT, able)
    for task in candidates:
        match await _may_be_done(tx, house, task, now):
            case Allow():
                if (taken := await tx.tasks.take(task.id, agent, now, lease)) is not None:
                    return Offer(taken)
            case Hold() as hold:
                holds.append(hold)
            case Deny():
                pass
    return _nothing(bool(candidates), holds, await tx.tasks.next_ready(queue, now))


def _nothing(somebody: bool, holds: list[Hold], next_ready: datetime | None) -> Offer:
    if not holds:
        return Offer(None, "may_not_be_called" if somebody else "nothing_ready", next_ready)
    first = min(holds, key=lambda hold: hold.until)
    reason: Nothing = "outside_hours" if first.reason == "quiet" else "stopped"
    return Offer(None, reason, min(first.until, next_ready or first.until))


def allowed_outcomes(task: Task) -> tuple[str, ...]:
    """Lists the outcomes that an agent may give; `expired` is the clock's."""
    return tuple(code for code in task.outcomes if code != "expired")


def started(task: Task, at: datetime) -> NewEvent:
    """Makes the event that the work has begun."""
    kind = "call.started" if task.work == "call" else "task.started"
    more: Fields = {"direction": "outbound"} if task.work == "call" else {}
    return of_task(task, kind, at, more, once=f"/{task.fence}")


def completed(task: Task, at: datetime) -> list[NewEvent]:
    """Makes the events of a completion: the end of the call, if it was one, and the outcome."""
    body: Fields = {"outcome": task.outcome, "notes": task.notes}
    body |= {"callback_at": task.callback_at.isoformat()} if task.callback_at else {}
    done = of_task(task, "task.completed", at, body)
    if task.work != "call":
        return [done]
    call: Fields = {"direction": "outbound", "result": task.outcome}
    return [of_task(task, "call.ended", at, call), done]


async def _may_be_done(tx: Tx, house: House, task: Task, now: datetime) -> Verdict:
    lead = await tx.leads.get(task.lead_id) if task.work == "call" else None
    if lead is None:
        return Allow() if task.work == "task" else Deny("no_address")
    vocabulary = house.vocabulary or Vocabulary()
    contact = _as_called(await Gatherer(vocabulary).contact(tx, lead, now), task)
    call = Intent(
        channel="call",
        purpose="service",
        journey=task.journey,
        hours=task.contact_hours or vocabulary.contact_hours,
        own_hours=True,
    )
    refused = may_call(contact, now)
    return Deny(refused) if refused is not None else may_contact(contact, call, now)


def _as_called(contact: Contactability, task: Task) -> Contactability:
    """Takes the zone of the task's journey, and its own number, where it has them."""
    if task.zone is not None:
        contact = replace(contact, zones=(task.zone,))
    if task.number is not None and "call" not in contact.addresses:
        contact = replace(contact, addresses=(*contact.addresses, "call"))
    return contact

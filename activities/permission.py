"""Writes what a journey allows and suppresses; the event that tells of it is applied like the lead's own."""

from __future__ import annotations

from activities.booking import event, line
from engine.permission import lifted_by, source_of, told
from model.commands import Permit, Suppress
from model.records import NewEvent
from model.results import NewEntry
from model.runs import EffectRequest
from store import Tx


async def suppress(tx: Tx, request: EffectRequest, effect: Suppress) -> NewEntry:
    """Suppresses, and gives the line for the timeline."""
    run = request.run
    reason = source_of(run.journey, effect.step)
    await tx.suppressions.add(effect.what, reason, request.at, lead_id=run.lead_id, until=effect.until)
    ends = f" until {effect.until.isoformat()}" if effect.until is not None else ""
    return line(run, request.at, "set", f"suppressed {effect.what}{ends}", effect.id, effect.step)


async def permit(tx: Tx, request: EffectRequest, effect: Permit) -> NewEntry:
    """Lifts what journeys stopped, and gives the line for the timeline; the consent comes with the event."""
    run = request.run
    for what in sorted(lifted_by(effect.what)):
        await tx.suppressions.lift_of_journeys(what, request.at, run.lead_id)
    return line(run, request.at, "set", f"allowed {effect.what}", effect.id, effect.step)


def event_of(request: EffectRequest, effect: Suppress | Permit) -> NewEvent:
    """Words the event that tells of it."""
    kind, fields = told(effect, request.run)
    return event(request.run, kind, effect.id, request.at, fields)

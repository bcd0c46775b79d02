"""Counts what an event reaches of the goals of its lead's runs: open ones, ended ones, those held out."""

from __future__ import annotations

from engine.facts import needs
from engine.goals import goals_reached
from intake.catalog import Catalog
from intake.enrol import run_of
from intake.knowledge import Gatherer, as_event
from language.builtin import CONTROL
from model.figures import ReachedGoal
from model.records import Enrolment, InboxEvent, Lead
from model.results import NewEntry
from store import Tx


async def count_goals(tx: Tx, catalog: Catalog, gatherer: Gatherer, lead: Lead, event: InboxEvent) -> None:
    """Writes down each goal that the event reaches, once for each enrolment.

    Call it before the event opens runs: it is no goal of a run that it begins.
    """
    names = await catalog.with_goals(tx, event.type)
    for run in await tx.enrolments.all_of(lead.id) if names else ():
        if run.journey in names:
            await _count(tx, catalog, gatherer, lead, event, run)


async def _count(
    tx: Tx, catalog: Catalog, gatherer: Gatherer, lead: Lead, event: InboxEvent, run: Enrolment
) -> None:
    journey = await catalog.get(tx, run.journey, run.version)
    wheres = [goal.where for goal in journey.goals if goal.where is not None]
    known = await gatherer.gather(tx, lead, needs(wheres), event.at, run.id, through=event.id)
    constants = run_of(run, journey.key_field)
    for goal in goals_reached(journey, constants, as_event(event), known):
        reached = ReachedGoal(enrolment_id=run.id, goal=goal, at=event.at, event=event.id)
        if await tx.figures.reach(reached):
            await tx.timeline.add_many([_line(run, event, goal)])


def _line(run: Enrolment, event: InboxEvent, goal: str) -> NewEntry:
    return NewEntry(
        lead_id=run.lead_id, at=event.at, kind="goal", text=f"reached the goal {goal} of {run.journey}",
        dedup=f"goal/{run.id}/{goal}", enrolment_id=run.id, journey=run.journey,
        data={"goal": goal, "event": event.type, "control": run.ending == CONTROL},
    )  # fmt: skip

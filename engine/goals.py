"""Which goals an event reaches, for a run that is open, over, or held out as control (language.md §1).

An event counts from the entry on, within the goal's time. On a keyed journey one that carries the key's field
counts for the run with that value alone. A reaction, or the outcome of work, counts for the run that it
answers.
"""

from __future__ import annotations

from engine.calendar import add
from engine.facts import Asked, Knowledge, judge
from engine.reading import kept
from language.compiled import Goal, Journey
from language.facts import names_read
from language.reactions import is_reaction
from model.events import Event, Fields
from model.runs import Run


def goals_reached(journey: Journey, run: Run, event: Event, known: Knowledge) -> tuple[str, ...]:
    """Names the goals of a run that an event reaches; never raises."""
    if not _is_meant(run, event):
        return ()
    names: Fields = {f"event.{name}": value for name, value in event.fields.items()}
    asked = Asked(event.at, run, names)
    return tuple(
        goal.name
        for goal in journey.goals
        if _is_of_type(goal, event) and _in_time(goal, run, event, known) and _fits(goal, event, known, asked)
    )


def _is_meant(run: Run, event: Event) -> bool:
    if event.at < run.entered_at or event.id == run.start.id:
        return False
    if is_reaction(event.type) or event.task is not None:
        return event.run == run.enrolment_id
    return run.key_field is None or event.fields.get(run.key_field, run.key) == run.key


def _is_of_type(goal: Goal, event: Event) -> bool:
    return goal.event == event.type or (goal.event == "replied" and event.type.endswith(".replied"))


def _in_time(goal: Goal, run: Run, event: Event, known: Knowledge) -> bool:
    within, business = goal.within, known.hours.get("business")
    last = kept(lambda: add(run.entered_at, within, known.zone, business)) if within is not None else None
    return last is None or event.at <= last


def _fits(goal: Goal, event: Event, known: Knowledge, asked: Asked) -> bool:
    """Judges `where`; what a machine did counts only where `where` speaks of it."""
    by_machine = goal.where is not None and "event.machine" in names_read(goal.where)
    if event.fields.get("machine") is True and not by_machine:
        return False
    return goal.where is None or judge(goal.where, known, asked)

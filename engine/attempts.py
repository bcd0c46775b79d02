"""When work is tried again, is due and expires: for the run that waits for it and for the queue that finishes
it alone (language.md §3).

What these functions ask of a `Reading` raises MissingFacts where a fact is lacking.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import JsonValue

from engine.calendar import add
from engine.hours import business_add, next_day_opening, next_open
from engine.ids import task_id
from engine.reading import Reading, kept
from language.compiled import Effect, QueueForm, RetryPlan, Work
from language.moments import read_time
from language.terms import Queue
from model.commands import NoteKind
from model.time import Length
from model.work import Appointment, Job


def first_job(read: Reading, work: Work) -> Job:
    """Gives the first attempt: now, or on the first of its days."""
    job = Job("", read.now, begun=read.now)
    if work.on_days and work.on_days[0] > 1:
        return replace(job, ready_at=_day(read, work, job, work.on_days[0]))
    return job


def next_job(
    read: Reading, work: Work, job: Job, outcome: str, effect: Effect, agreed: JsonValue
) -> Job | None:
    """Gives the attempt that follows an outcome, None where the outcome ends the work.

    `agreed` is the time of a callback as the agent wrote it down.
    """
    match effect:
        case "retry":
            return _retry(read, work, job, outcome)
        case "callback":
            return _callback(read, work, job, agreed)
        case "number_dead" if work.work == "call" and not job.other_number:
            turn = replace(job, task="", ready_at=read.now, turns=job.turns + 1)
            return replace(turn, other_number=True, dead=outcome)
        case _:
            return None


def due(read: Reading, work: Work, ready: datetime) -> datetime | None:
    """Gives when somebody has to have begun, in the queue's own hours."""
    if work.due is None:
        return None
    length, hours, zone = work.due, read.hours(work.queue), read.company_zone()

    def count() -> datetime:
        days = Length(months=length.months, business_days=length.days + length.business_days)
        moment = add(next_open(hours, ready, zone), days, zone, hours)
        return business_add(moment, length.seconds, hours, zone) if length.seconds else moment

    return kept(count)


def expiry(read: Reading, work: Work, ready: datetime) -> datetime | None:
    """Gives when an attempt expires that expires after a length; None: never, or at an instant."""
    return read.add(ready, work.expires, work.queue) if isinstance(work.expires, Length) else None


def agenda(read: Reading, work: Work, job: Job) -> tuple[Appointment, ...]:
    """Lists what the queue has to do with an attempt, in order of time."""
    found = [Appointment(job.ready_at, "ready")]
    found += [Appointment(job.due_at, "overdue")] if job.due_at is not None else []
    found += [
        Appointment(read.add(job.ready_at, each.after, work.queue), "escalate", each.to)
        for each in work.escalate
    ]
    if job.expires_at is not None and not work.wait:
        found.append(Appointment(job.expires_at, "expire"))
    return tuple(sorted(found, key=lambda each: each.at))


def alone(
    read: Reading, work: Work, form: QueueForm, run: str, job: Job, outcome: str, agreed: JsonValue
) -> Job | None:
    """Gives the attempt that follows an outcome of work that no run waits for, ready to be opened.

    An instant at which it expires stays as it was when the work began.
    """
    effect = form.outcomes.get(outcome)
    again = next_job(read, work, job, outcome, effect, agreed) if effect is not None else None
    if again is None:
        return None
    of_length = isinstance(work.expires, Length)
    return replace(
        again,
        task=task_id(run, work.place.step, job.visit, again.attempt, again.turns),
        due_at=due(read, work, again.ready_at),
        expires_at=expiry(read, work, again.ready_at) if of_length else job.expires_at,
    )


def assigned(queue: Queue | None, to: str | None) -> tuple[str | None, str | None]:
    """Gives whom a task is for, and a note where the one named does not work in the queue: anybody."""
    if to is None or queue is None or not queue.agents or to in queue.agents:
        return to, None
    return None, f"{to} does not work in {queue.name}: anybody may take it"


def other_number(dead: str | None, numbers: Iterable[str | None]) -> str | None:
    """Gives the first number that is not the dead one, whatever spaces they are written with."""
    return next((number for number in numbers if number and _digits(number) != _digits(dead or "")), None)


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit())


def outcomes(work: Work, queue: QueueForm) -> tuple[str, ...]:
    """Lists how an attempt may end; nobody fails to answer a task, unless its step says so."""
    unlisted = work.work == "task" and "no_answer" not in work.outcomes
    return tuple(code for code in queue.outcomes if code != "no_answer" or not unlisted)


def told(read: Reading, step: str, outcome: str, effect: Effect, again: Job) -> tuple[NoteKind, str, str]:
    """Words for the timeline that another attempt follows: kind, step and text."""
    at = read.shown(again.ready_at)
    match effect:
        case "callback":
            return "callback", step, f"the lead asked to be called at {at}"
        case "number_dead":
            return "retry", step, f"{outcome}: the lead's other number is tried"
        case _:
            return "retry", step, f"{outcome}: attempt {again.attempt} at {at}"


def _retry(read: Reading, work: Work, job: Job, outcome: str) -> Job | None:
    ready = _on_the_next_day(read, work, job) if work.on_days else _after_delay(read, work, job, outcome)
    if ready is None:
        return None
    tried = {**job.tried, outcome: job.tried.get(outcome, 0) + 1}
    return replace(job, task="", ready_at=ready, attempt=job.attempt + 1, turns=0, tried=tried)


def _on_the_next_day(read: Reading, work: Work, job: Job) -> datetime | None:
    """Gives the opening of the next of its days; those that have passed meanwhile are left out."""
    for day in work.on_days:
        ready = _day(read, work, job, day)
        if day > 1 and ready > read.now:
            return ready
    return None


def _day(read: Reading, work: Work, job: Job, day: int) -> datetime:
    begun = job.begun or read.now
    hours, zone = read.hours(work.queue), read.company_zone()
    return kept(lambda: next_day_opening(begun, day - 1, hours, zone)) or begun + timedelta(days=day - 1)


def _after_delay(read: Reading, work: Work, job: Job, outcome: str) -> datetime | None:
    plan = next((each for each in work.retry if each.outcome == outcome), None)
    delay = _delay(plan, work, job) if plan is not None else None
    return _again_at(read, work, delay) if delay is not None else None


def _delay(plan: RetryPlan, work: Work, job: Job) -> Length | None:
    """How long until the next attempt; None: none is left."""
    times = job.tried.get(plan.outcome, 0)
    if (work.attempts is not None and job.attempt >= work.attempts) or not plan.delays:
        return None
    if plan.limit is not None and times >= plan.limit:
        return None
    if times < len(plan.delays):
        return plan.delays[times]
    return plan.delays[-1] if plan.repeat else None


def _again_at(read: Reading, work: Work, delay: Length) -> datetime:
    """The instant of the next attempt: from a day on, the queue's opening of that day."""
    if not (delay.days or delay.months or delay.business_days):
        return read.now + timedelta(seconds=delay.seconds)
    hours, zone = read.hours(work.queue), read.company_zone()
    moment = kept(lambda: add(read.now, delay, zone, hours)) or read.now
    return max(kept(lambda: next_day_opening(moment, 0, hours, zone)) or moment, read.now)


def _callback(read: Reading, work: Work, job: Job, agreed: JsonValue) -> Job:
    ready = read_time(agreed) if isinstance(agreed, str) else None
    if ready is None:
        ready = _again_at(read, work, Length(days=1))
    return replace(job, task="", ready_at=max(ready, read.now), turns=job.turns + 1)

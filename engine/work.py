"""Work for people: attempts, callbacks, due and expiry (language.md §3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.calendar import add
from engine.draft import Draft
from engine.hours import business_add, next_day_opening, next_open
from engine.ids import effect_id, task_id
from engine.position import Doing, Expiring, Job, Opening, Token, Worked, Working
from engine.reading import kept
from language.compiled import RetryPlan, Work
from language.moments import read_time
from model.commands import Done, OpenWork, Suppress, WithdrawWork
from model.events import Event
from model.time import Length

MAY_NOT_BE_CALLED = frozenset({"no_address", "no_consent", "suppressed"})
"""Reasons for which a call is not made; the branch `expired` is taken, since nobody can take it."""

SHORTEST_LEASE = timedelta(seconds=30)


def begin_work(draft: Draft, token: Token, work: Work) -> None:
    """Opens the first attempt; work that is expired already takes that branch at once."""
    if work.queue not in draft.journey.queues:
        draft.park(token, f"the queue {work.queue} is not known")
        return
    _open(draft, token, work, Job("", draft.now), first=True)


def opened(draft: Draft, token: Token, work: Work, job: Job, answer: Done) -> None:
    """Takes the answer to a task put into its queue: waits for it, or goes on."""
    before = (
        token.worked.tasks
        if token.worked is not None and _same_visit(token.worked, job, draft, token)
        else ()
    )
    token = draft.put(replace(token, worked=Worked(token.step, (*before, job.task))))
    if answer.reason in MAY_NOT_BE_CALLED:
        _not_made(draft, token, work, f"the lead may not be called: {answer.reason}")
    elif not answer.ok:
        draft.park(token, answer.reason or f"the queue {work.queue} did not take the work")
    elif work.wait:
        draft.begin_wait()
        draft.enter(token, Working(job, due=work.overdue is not None))
    else:
        draft.open_work = (*draft.open_work, job.task)
        draft.move(token, token.index + 1)


def _not_made(draft: Draft, token: Token, work: Work, why: str) -> None:
    """Goes on past a call that may not be made, as where nobody took it in time."""
    if work.wait:
        _branch(draft, token, work, "expired", why)
    else:
        draft.note("skipped", token.step, why)
        draft.move(token, token.index + 1)


def _same_visit(worked: Worked, job: Job, draft: Draft, token: Token) -> bool:
    first = task_id(draft.run.enrolment_id, token.step, token.visit, 1, 0)
    return worked.step == token.step and first in worked.tasks and job.task != first


def hear_work(draft: Draft, token: Token, work: Work, state: Working, event: Event) -> bool:
    """Takes an event about the present task; says whether it was one."""
    if event.task != state.job.task:
        return False
    match event.type:
        case "task.completed":
            draft.use(event)
            _completed(draft, replace(token, event=event), work, state.job, event)
        case "task.expired" | "task.canceled":
            draft.use(event)
            why = "nobody took it in time" if event.type == "task.expired" else "the task was canceled"
            _branch(draft, token, work, "expired", why)
        case "task.overdue":
            if state.due:
                _overdue(draft, token, work, state)
        case "call.started" | "task.started":
            draft.enter(token, replace(state, due=False))
        case _:
            return False
    return True


def time_is_up(draft: Draft, token: Token, work: Work, state: Working) -> None:
    """Does what is due: begins `overdue`, or takes expired work back."""
    job = state.job
    if state.due and job.due_at is not None and job.due_at <= draft.now:
        _overdue(draft, token, work, state)
    elif job.expires_at is not None and job.expires_at <= draft.now:
        draft.enter(token, Expiring(job, state.due))
        draft.emit(WithdrawWork(token.id, (job.task,), "expired"))


def taken_back(draft: Draft, token: Token, work: Work, state: Expiring, answer: Done) -> None:
    """Takes the answer to expired work: somebody is at it, so look again, or its branch `expired`."""
    job = state.job
    if job.task in answer.taken:
        until = max(answer.until or draft.now, draft.now + SHORTEST_LEASE)
        draft.enter(token, Working(replace(job, expires_at=until), due=False))
    else:
        _branch(draft, token, work, "expired", "nobody took it in time")


def move_expiry(draft: Draft, token: Token, work: Work, state: Working) -> None:
    """Reads an expiry that names a fact again."""
    if work.expires is not None and not isinstance(work.expires, Length):
        expires = draft.resolve(token, work.expires)
        draft.enter(token, replace(state, job=replace(state.job, expires_at=expires)))


def _overdue(draft: Draft, token: Token, work: Work, state: Working) -> None:
    draft.enter(token, replace(state, due=False))
    if work.overdue is not None:
        draft.note("branch", token.step, "overdue: nobody has begun", "overdue")
        draft.spawn(work.overdue, f"overdue:{token.index}", token.id, draft.event_of(token))


def _open(
    draft: Draft, token: Token, work: Work, job: Job, *, first: bool = False, callback: bool = False
) -> None:
    """Sends one attempt off, with `due` and `expires` counted from when it is ready."""
    expires = _expires(draft, token, work, job.ready_at)
    if first and expires is not None and expires <= draft.now:
        _branch(draft, token, work, "expired", f"{draft.read.shown(expires)} is past")
        return
    task = task_id(draft.run.enrolment_id, token.step, token.visit, job.attempt, job.turns)
    job = replace(job, task=task, due_at=_due(draft, work, job.ready_at), expires_at=expires)
    assign = draft.read.value(work.assign_to, draft.names(token)) if work.assign_to is not None else None
    draft.enter(token, Opening(job))
    draft.emit(
        OpenWork(
            token=token.id, step=token.step, task_id=task, work=work.work, name=work.name, queue=work.queue,
            attempt=job.attempt, ready_at=job.ready_at, due_at=job.due_at, expires_at=expires,
            assign_to=assign if isinstance(assign, str) else None, script=work.script,
            number="other" if job.other_number else None, priority=work.priority,
            callback=callback,
            outcomes=tuple(draft.journey.queues[work.queue].outcomes),
            bound=draft.bind(token, work.values),
        )
    )  # fmt: skip


def _due(draft: Draft, work: Work, ready: datetime) -> datetime | None:
    if work.due is None:
        return None
    due, hours, zone = work.due, draft.read.hours(work.queue), draft.read.company_zone()

    def count() -> datetime:
        days = Length(months=due.months, business_days=due.days + due.business_days)
        moment = add(next_open(hours, ready, zone), days, zone, hours)
        return business_add(moment, due.seconds, hours, zone) if due.seconds else moment

    return kept(count)


def _expires(draft: Draft, token: Token, work: Work, ready: datetime) -> datetime | None:
    if work.expires is None:
        return None
    if isinstance(work.expires, Length):
        return draft.read.add(ready, work.expires, work.queue)
    return draft.resolve(token, work.expires)


def _completed(draft: Draft, token: Token, work: Work, job: Job, event: Event) -> None:
    outcome = event.fields.get("outcome")
    effect = draft.journey.queues[work.queue].outcomes.get(outcome) if isinstance(outcome, str) else None
    if not isinstance(outcome, str) or effect is None:
        draft.park(token, f"the outcome {outcome} is not known in {work.queue}")
        return
    draft.drop_sides_of(token)
    match effect:
        case "retry":
            _retry(draft, token, work, job, outcome)
        case "callback":
            _call_back(draft, token, work, job, event)
        case "number_dead" if not job.other_number:
            draft.note("retry", token.step, f"{outcome}: the lead's other number is tried")
            _open(
                draft, token, work, replace(job, ready_at=draft.now, turns=job.turns + 1, other_number=True)
            )
        case "never_call":
            target = _target(draft, token, work, outcome, outcome)
            draft.enter(token, Doing(target))
            own = effect_id(draft.run.enrolment_id, f"{token.step}/{outcome}", token.visit)
            draft.emit(Suppress(token.id, token.step, own, "calls"))
        case _:
            _branch(draft, token, work, outcome, outcome)


def _retry(draft: Draft, token: Token, work: Work, job: Job, outcome: str) -> None:
    plan = next((each for each in work.retry if each.outcome == outcome), None)
    delay = _delay(plan, work, job) if plan is not None else None
    if delay is None:
        _branch(draft, token, work, outcome, f"{outcome}: no attempt is left")
        return
    ready = _again_at(draft, work, delay)
    tried = {**job.tried, outcome: job.tried.get(outcome, 0) + 1}
    draft.note("retry", token.step, f"{outcome}: attempt {job.attempt + 1} at {draft.read.shown(ready)}")
    again = Job("", ready, job.attempt + 1, other_number=job.other_number, tried=tried)
    _open(draft, token, work, again)


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


def _again_at(draft: Draft, work: Work, delay: Length) -> datetime:
    """The instant of the next attempt: from a day on, the queue's opening of that day."""
    if not (delay.days or delay.months or delay.business_days):
        return draft.now + timedelta(seconds=delay.seconds)
    hours, zone = draft.read.hours(work.queue), draft.read.company_zone()
    moment = kept(lambda: add(draft.now, delay, zone, hours)) or draft.now
    return max(kept(lambda: next_day_opening(moment, 0, hours, zone)) or moment, draft.now)


def _call_back(draft: Draft, token: Token, work: Work, job: Job, event: Event) -> None:
    agreed = event.fields.get("callback_at")
    ready = read_time(agreed) if isinstance(agreed, str) else None
    if ready is None:
        ready = _again_at(draft, work, Length(days=1))
    draft.note("callback", token.step, f"the lead asked to be called at {draft.read.shown(ready)}")
    again = replace(job, ready_at=max(ready, draft.now), turns=job.turns + 1)
    _open(draft, token, work, again, callback=True)


def _branch(draft: Draft, token: Token, work: Work, outcome: str, why: str) -> None:
    draft.drop_sides_of(token)
    draft.move(token, _target(draft, token, work, outcome, why))


def _target(draft: Draft, token: Token, work: Work, outcome: str, why: str) -> int:
    """Where an outcome leads; `expired` follows `no_answer` where only that is handled."""
    target = work.outcomes.get(outcome)
    if target is None and outcome == "expired":
        target = work.outcomes.get("no_answer")
    draft.note("branch", token.step, why, outcome)
    return target if target is not None else work.outcomes.get("expired", token.index + 1)

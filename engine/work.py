"""Work for people: attempts, callbacks, due and expiry (language.md §3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine import attempts
from engine.draft import Draft
from engine.ids import effect_id, task_id
from engine.position import Doing, Expiring, Opening, Token, Worked, Working
from engine.reading import NOTHING, moves
from language.compiled import Values, Work
from model.commands import Bound, Done, OpenWork, Suppress, WithdrawWork
from model.events import Event
from model.expressions import Expr
from model.time import Length
from model.work import Job

MAY_NOT_BE_CALLED = frozenset({"no_address", "no_consent", "suppressed", "snoozed"})
"""Reasons for which a call is not made; the branch `expired` is taken, since nobody can take it."""

NO_OTHER_NUMBER = "no_other_number"
"""The reason for which a call to the lead's other number is not made: there is none."""

NOT_KNOWN = "move the run to a version that does (`cauce move`), or skip the step"

SHORTEST_LEASE = timedelta(seconds=30)


def begin_work(draft: Draft, token: Token, work: Work) -> None:
    """Opens the first attempt; work that is expired already takes that branch at once."""
    if work.queue not in draft.journey.queues:
        draft.park(token, f"this version does not know the queue {work.queue}: {NOT_KNOWN}")
        return
    _open(draft, token, work, attempts.first_job(draft.read, work), first=True)


def opened(draft: Draft, token: Token, work: Work, job: Job, answer: Done) -> None:
    """Takes the answer to a task put into its queue: waits for it, or goes on."""
    if answer.reason == NO_OTHER_NUMBER:
        dead = job.dead or "expired"
        _branch(draft, token, work, dead, f"{dead}: the lead has no other number")
        return
    if not answer.ok and answer.reason not in MAY_NOT_BE_CALLED:
        reason = answer.reason or f"the queue {work.queue} did not take the work"
        draft.park(token, reason, Opening(job))
        return
    before = (
        token.worked.tasks
        if token.worked is not None and _same_visit(token.worked, job, draft, token)
        else ()
    )
    worked = Worked(token.step, (*before, job.task))
    token = draft.remember(token, lambda each: replace(each, worked=worked))
    if answer.reason in MAY_NOT_BE_CALLED:
        _not_made(draft, token, work, f"the lead may not be called: {answer.reason}")
    else:
        if answer.reason is not None:
            draft.note("missing", token.step, answer.reason)
        _in_its_queue(draft, token, work, job)


def is_first(job: Job) -> bool:
    """Says whether it is the first task of a step."""
    return job.attempt == 1 and job.turns == 0


def open_anew(draft: Draft, token: Token, work: Work, job: Job) -> None:
    """Puts work that its queue did not take into it once more: its times count from now on."""
    ready = replace(job, ready_at=max(job.ready_at, draft.now))
    callback = job.turns > 0 and not job.other_number
    _open(draft, token, work, ready, first=is_first(job), callback=callback)


def judge_again(draft: Draft, token: Token, work: Work, job: Job) -> None:
    """Takes an outcome once more that nobody knew."""
    _completed(draft, token, work, job, draft.event_of(token))


def leave_work(draft: Draft, token: Token, work: Work) -> None:
    """Goes on behind work as an operator says: by the branch of work that nobody took."""
    why = "skipped by an operator"
    if work.wait:
        _branch(draft, token, work, "expired", why)
    else:
        draft.drop_sides_of(token)
        draft.move(token, token.index + 1)


def _in_its_queue(draft: Draft, token: Token, work: Work, job: Job) -> None:
    if work.wait:
        draft.begin_wait()
        draft.enter(token, Working(job, due=work.overdue is not None and not job.late))
        return
    if token.step not in draft.open_work:
        draft.open_work = (*draft.open_work, token.step)
    draft.move(token, token.index + 1)


def _not_made(draft: Draft, token: Token, work: Work, why: str) -> None:
    """Goes on past a call that may not be made, as where nobody took it in time."""
    if work.wait:
        _branch(draft, token, work, "expired", why)
    else:
        draft.note("skipped", token.step, why)
        draft.move(token, token.index + 1)


def _same_visit(worked: Worked, job: Job, draft: Draft, token: Token) -> bool:
    first = task_id(draft.run.enrolment_id, token.begun_as, token.visit, 1, 0)
    return worked.step == token.step and first in worked.tasks and job.task != first


def with_again(draft: Draft, event: Event) -> Event:
    """Gives a completion that says `again` where another attempt of work that the run waits for follows."""
    if event.type != "task.completed" or "again" in event.fields:
        return event
    for token in draft.tokens.values():
        here, state = draft.at(token), token.state
        if isinstance(here, Work) and isinstance(state, Working) and state.job.task == event.task:
            again = _next(draft, here, state.job, event)
            return event if again is None else replace(event, fields={**event.fields, "again": True})
    return event


def hear_work(draft: Draft, token: Token, work: Work, state: Working, event: Event) -> bool:
    """Takes an event about the present task; says whether it has used it up."""
    if event.task != state.job.task:
        return False
    match event.type:
        case "task.completed":
            draft.use(event, token)
            _completed(draft, replace(token, event=event), work, state.job, event)
            return True
        case "task.expired" | "task.canceled":
            draft.use(event, token)
            why = "nobody took it in time" if event.type == "task.expired" else "the task was canceled"
            _branch(draft, token, work, "expired", why)
            return True
        case "task.overdue":
            if state.due:
                _overdue(draft, token, work, state)
        case "call.started" | "task.started":
            draft.enter(token, replace(state, due=False))
        case _:
            pass
    return False


def time_is_up(draft: Draft, token: Token, work: Work, state: Working) -> None:
    """Does what is due: begins `overdue`, or takes expired work back, unless its instant has moved."""
    job = state.job
    if state.due and job.due_at is not None and job.due_at <= draft.now:
        _overdue(draft, token, work, state)
        return
    expires = _expires(draft, token, work, job.ready_at) if _moves(work) else job.expires_at
    if expires is not None and expires <= draft.now:
        draft.enter(token, Expiring(job, state.due))
        draft.emit(WithdrawWork(token.id, (job.task,), "expired"))
    else:
        draft.enter(token, replace(state, job=replace(job, expires_at=expires)))


def _moves(work: Work) -> bool:
    return work.expires is not None and not isinstance(work.expires, Length) and moves(work.expires)


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
    if _moves(work):
        expires = _expires(draft, token, work, state.job.ready_at)
        draft.enter(token, replace(state, job=replace(state.job, expires_at=expires)))


def _overdue(draft: Draft, token: Token, work: Work, state: Working) -> None:
    draft.enter(token, replace(state, job=replace(state.job, late=True), due=False))
    if work.overdue is not None:
        draft.note("branch", token.step, "overdue: nobody has begun", "overdue")
        draft.spawn(work.overdue, f"overdue:{token.index}", token.id, draft.event_of(token))


def _open(
    draft: Draft, token: Token, work: Work, job: Job, *, first: bool = False, callback: bool = False
) -> None:
    """Sends one attempt off, with `due` and `expires` counted from when it is ready."""
    expires = _expires(draft, token, work, job.ready_at)
    if first and expires is not None and expires <= draft.now:
        _past(draft, token, work, expires)
        return
    task = task_id(draft.run.enrolment_id, token.begun_as, token.visit, job.attempt, job.turns)
    due = attempts.due(draft.read, work, job.ready_at)
    job = replace(job, task=task, due_at=due, expires_at=expires, visit=token.visit)
    assign = _assignee(draft, token, work) if work.assign_to is not None else None
    draft.enter(token, Opening(job))
    draft.emit(
        OpenWork(
            token=token.id, step=token.step, task_id=task, work=work.work, name=work.name, queue=work.queue,
            attempt=job.attempt, ready_at=job.ready_at, due_at=job.due_at, expires_at=expires,
            assign_to=assign, script=work.script,
            number="other" if job.other_number else None, priority=work.priority,
            callback=callback,
            outcomes=attempts.outcomes(work, draft.journey.queues[work.queue]),
            bound=draft.bind(token, work.values),
            skills=work.skills,
            dial=_dial(draft, token, work.number),
            agenda=attempts.agenda(draft.read, work, job),
            job=None if work.wait else job,
            contact_hours=draft.journey.contact_hours,
            zone=draft.journey.zone,
        )
    )  # fmt: skip


def _past(draft: Draft, token: Token, work: Work, expires: datetime) -> None:
    """Leaves out work whose time is over before it begins."""
    why = f"{draft.read.shown(expires)} is past"
    if work.wait:
        _branch(draft, token, work, "expired", why)
    else:
        draft.note("skipped", token.step, why)
        draft.move(token, token.index + 1)


def _assignee(draft: Draft, token: Token, work: Work) -> str | None:
    """Reads whom the work is for; nobody is anybody, with a note."""
    found = draft.read.value(work.assign_to, draft.names(token)) if work.assign_to is not None else None
    if isinstance(found, str) and found.strip():
        return found.strip()
    draft.note("missing", token.step, "nobody is named to do it: anybody may take it")
    return None


def _dial(draft: Draft, token: Token, number: Expr | None) -> Bound:
    """Gives the number to call, judged where the call is opened: it is personal."""
    return draft.bind(token, Values({"number": number})) if number is not None else NOTHING


def _expires(draft: Draft, token: Token, work: Work, ready: datetime) -> datetime | None:
    if work.expires is None or isinstance(work.expires, Length):
        return attempts.expiry(draft.read, work, ready)
    return draft.resolve(token, work.expires, ready)


def _completed(draft: Draft, token: Token, work: Work, job: Job, event: Event) -> None:
    outcome = event.fields.get("outcome")
    effect = draft.journey.queues[work.queue].outcomes.get(outcome) if isinstance(outcome, str) else None
    if not isinstance(outcome, str) or effect is None:
        reason = f"this version does not know the outcome {outcome} of {work.queue}: {NOT_KNOWN}"
        draft.park(token, reason, Working(job))
        return
    draft.drop_sides_of(token)
    again = _next(draft, work, job, event)
    if again is not None:
        draft.note(*attempts.told(draft.read, token.step, outcome, effect, again))
        _open(draft, token, work, again, callback=effect == "callback")
    elif effect == "retry":
        _branch(draft, token, work, outcome, f"{outcome}: no attempt is left")
    elif effect == "never_call":
        target = _target(draft, token, work, outcome, outcome)
        draft.enter(token, Doing(target))
        own = effect_id(draft.run.enrolment_id, f"{token.begun_as}/{outcome}", token.visit)
        draft.emit(Suppress(token.id, token.step, own, "calls"))
    else:
        _branch(draft, token, work, outcome, outcome)


def _next(draft: Draft, work: Work, job: Job, event: Event) -> Job | None:
    """Gives the attempt that follows a completion, None where it ends the work."""
    outcome = event.fields.get("outcome")
    effect = draft.journey.queues[work.queue].outcomes.get(outcome) if isinstance(outcome, str) else None
    if not isinstance(outcome, str) or effect is None:
        return None
    return attempts.next_job(draft.read, work, job, outcome, effect, event.fields.get("callback_at"))


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

"""`/v1/tasks`: work for people, pulled by agents and call centers under leases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Body as InBody
from fastapi import Path, Query, Response
from pydantic import Field, JsonValue, StringConstraints

from api import examples
from api.fields import ID, NAME, Answer, Body, Id, LongText, Moment, Name
from api.idempotency import IdempotencyKey, Once
from api.paging import Cursor, Limit, Paged
from api.ports import House, InHouse
from api.problems import Fault, Problem
from api.routing import Caller, needs, router
from api.strict_json import digest
from api.work import Nothing, allowed_outcomes, claim_best, completed, started
from model.results import Task, TaskState
from store import Tx
from store.errors import LeaseLost

routes = router("tasks")

TaskId = Annotated[str, Path(pattern=ID, max_length=64)]
Agent = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.@-]+$", max_length=100)]
Skill = Annotated[str, StringConstraints(pattern=r"^[^,\x00]+$", max_length=100)]
LeaseSeconds = Annotated[
    int, Field(ge=10, le=86400, description="How long the lease runs, by the wall clock.")
]
Fence = Annotated[int, Field(ge=1, lt=2**63, description="The number that came with the lease.")]


class PersonOut(Answer):
    """Whom the task is about: what an agent needs, never the score."""

    lead_id: str
    first_name: str | None
    last_name: str | None
    phone: str | None
    email: str | None
    language: str | None
    zone: str | None


class HistoryLine(Answer):
    """One line of what happened before."""

    at: datetime
    kind: str
    text: str


class TaskOut(Answer):
    """One attempt of a piece of work. Its times are business time, `lease_until` is wall time."""

    id: str
    queue: str
    work: Literal["call", "task"]
    name: str
    journey: str
    step: str
    lead_id: str
    enrolment_id: str
    state: TaskState
    attempt: int
    callback: bool = Field(description="Agreed with the lead; goes first.")
    priority: str | None
    ready_at: datetime
    due_at: datetime | None
    expires_at: datetime | None
    assign_to: str | None
    skills: tuple[str, ...] = Field(description="What the agent must know.")
    outcomes: tuple[str, ...] = Field(description="What `:complete` takes.")
    agent: str | None
    lease_until: datetime | None
    fence: int
    outcome: str | None
    notes: str | None
    callback_at: datetime | None
    began_at: datetime | None
    completed_at: datetime | None


class ClaimedTask(TaskOut):
    """A task in the hands of an agent, with all that is needed to do it."""

    person: PersonOut
    number: str | None = Field(description="The number to call, where it is not the person's own.")
    script: str | None
    values: dict[str, object]
    history: tuple[HistoryLine, ...] = Field(description="The latest lines, the newest last.")


class Claimed(Answer):
    """The claimed task; null where the queue has none that this agent may take and that may be done now, with
    the reason.
    """

    task: ClaimedTask | None
    reason: Nothing | None = Field(
        None,
        description="Why there is none: `nothing_ready`, `outside_hours` (those who wait may not be called"
        " now), `stopped`, `may_not_be_called` (they refused calls, or have no number).",
    )
    next_at: datetime | None = Field(None, description="When it is worth asking again, where that is known.")


class ClaimIn(Body):
    """Who asks for work of which queue."""

    queue: Name
    agent: Agent
    lease_seconds: LeaseSeconds = 300
    skills: tuple[Skill, ...] = Field(
        (), max_length=50, description="What the agent knows, beside what the vocabulary says of it."
    )


class HoldIn(Body):
    """The holder's word."""

    fence: Fence


class RenewIn(HoldIn):
    """The holder asks for more time."""

    lease_seconds: LeaseSeconds = 300


class CompleteIn(HoldIn):
    """How the work ended. The same `completion_id` again with the same words is harmless."""

    completion_id: Id
    outcome: Name
    notes: LongText | None = None
    callback_at: Moment | None = Field(None, description="For an outcome that agrees on another call.")


class Completed(Answer):
    """The outcome is recorded, and on its way to the run as an event."""

    task: TaskOut
    repeated: bool = Field(description="Whether this very completion was recorded before.")


@routes.get("/tasks", dependencies=[needs("tasks:read")], summary="List tasks")
async def list_tasks(
    house: InHouse,
    queue: Annotated[str | None, Query(pattern=NAME, max_length=100)] = None,
    state: TaskState | None = None,
    lead_id: Annotated[str | None, Query(pattern=ID, max_length=64)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Paged[TaskOut]:
    """Lists tasks by the time at which they are ready."""
    async with house.store.read() as tx:
        found = await tx.tasks.list(
            house.clock.now(), queue=queue, state=state, lead_id=lead_id, limit=limit, cursor=cursor
        )
    return Paged(items=tuple(_shown(task) for task in found.items), next=found.next)


@routes.get("/tasks/{task_id}", dependencies=[needs("tasks:read")], summary="Read a task")
async def read_task(house: InHouse, task_id: TaskId) -> TaskOut:
    """Reads one task."""
    async with house.store.read() as tx:
        return _shown(await _must(tx, task_id))


@routes.post("/tasks:claim", dependencies=[needs("tasks:work")], summary="Claim the best task of a queue")
async def claim(
    house: InHouse,
    caller: Caller,
    body: Annotated[ClaimIn, InBody(openapi_examples=examples.CLAIM)],
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Claimed:
    """Leases a task: callbacks due, then new leads within their due time, then the rest; by priority, of
    which a day's waiting is worth a band, and due time within each.

    Only people who may be called now: within the journey's contact hours where they are, not suppressed, not
    stopped; and only work whose skills the agent has. Without a task the answer says why, and until when.
    When the lease lapses the task is free again, and its next holder gets a higher `fence`.
    """
    once = Once(caller, "POST /v1/tasks:claim", idempotency_key, body.model_dump(mode="json"))

    async def work() -> Claimed:
        lease = timedelta(seconds=body.lease_seconds)
        offer = await claim_best(tx, house, body.queue, body.agent, lease, body.skills)
        task = None if offer.task is None else await _in_hand(tx, offer.task)
        return Claimed(task=task, reason=offer.reason, next_at=offer.next_at)

    async with house.store.begin() as tx:
        return await once.answer(tx, Claimed, response, work, status=200)


@routes.post("/tasks/{task_id}:start", dependencies=[needs("tasks:work")], summary="Begin a claimed task")
async def start(
    house: InHouse, task_id: TaskId, body: Annotated[HoldIn, InBody(openapi_examples=examples.HOLD)]
) -> TaskOut:
    """Says that the work has begun: the call is under way. The run hears of it, and is no longer overdue."""
    at = house.clock.now()

    async def work(tx: Tx) -> Task:
        before = await _must(tx, task_id)
        task = await tx.tasks.begin(task_id, body.fence, at)
        if before.state != "in_progress":
            await tx.events.insert([started(task, at)])
        return task

    return await _held(house, task_id, work)


@routes.post("/tasks/{task_id}:renew", dependencies=[needs("tasks:work")], summary="Renew a lease")
async def renew(
    house: InHouse, task_id: TaskId, body: Annotated[RenewIn, InBody(openapi_examples=examples.RENEW)]
) -> TaskOut:
    """Lets the lease run anew from now."""
    lease = timedelta(seconds=body.lease_seconds)
    return await _held(house, task_id, lambda tx: tx.tasks.renew(task_id, body.fence, lease))


@routes.post("/tasks/{task_id}:release", dependencies=[needs("tasks:work")], summary="Give a task back")
async def release(
    house: InHouse, task_id: TaskId, body: Annotated[HoldIn, InBody(openapi_examples=examples.HOLD)]
) -> TaskOut:
    """Gives a claimed task back to its queue."""
    return await _held(house, task_id, lambda tx: tx.tasks.release(task_id, body.fence))


@routes.post("/tasks/{task_id}:complete", dependencies=[needs("tasks:work")], summary="Complete a task")
async def complete(
    house: InHouse, task_id: TaskId, body: Annotated[CompleteIn, InBody(openapi_examples=examples.COMPLETE)]
) -> Completed:
    """Records the outcome, and in the same transaction the event `task.completed` for the run.

    409 `stale_lease` where somebody else holds the task by now or it is over, 422 `unknown_outcome` with the
    known ones. A lease that lapsed and that nobody took since still counts.
    """
    at = house.clock.now()
    async with house.inbox.accept() as tx:
        task = await _must(tx, task_id)
        _check(house, task, body, at)
        result = await tx.tasks.complete(
            task_id, body.fence, completion_id=body.completion_id, outcome=body.outcome, at=at,
            notes=body.notes, callback_at=body.callback_at,
        )  # fmt: skip
        done = await _must(tx, task_id)
        if result == "stale":
            raise Problem("stale_lease")
        if result == "repeat" and digest(_words(done)) != digest(_words(body)):
            raise Problem("completion_conflict")
        if result == "completed":
            await tx.events.insert(completed(done, at))
    return Completed(task=_shown(done), repeated=result == "repeat")


async def _held(house: House, task_id: str, work: Callable[[Tx], Awaitable[Task]]) -> TaskOut:
    """Does a holder's work; raises Problem `unknown_task` or `stale_lease`."""
    async with house.inbox.accept() as tx:
        await _must(tx, task_id)
        try:
            return _shown(await work(tx))
        except LeaseLost:
            raise Problem("stale_lease") from None


def _check(house: House, task: Task, body: CompleteIn, at: datetime) -> None:
    known = allowed_outcomes(task)
    if body.outcome not in known:
        message = f"is not one of {', '.join(known)}"
        raise Problem(
            "unknown_outcome", errors=[Fault(pointer="/outcome", message=message)], known=list(known)
        )
    queue = house.vocabulary.queues.get(task.queue) if house.vocabulary else None
    outcome = queue.outcomes.get(body.outcome) if queue else None
    agrees = outcome is not None and outcome.effect == "callback"
    if agrees and body.callback_at is None and task.state != "completed":
        fault = Fault(pointer="/callback_at", message="is required: this outcome agrees on another call")
        raise Problem("invalid_request", errors=[fault])
    if body.callback_at is not None and body.callback_at <= at and task.state != "completed":
        raise Problem("invalid_request", errors=[Fault(pointer="/callback_at", message="is in the past")])


def _words(said: Task | CompleteIn) -> list[JsonValue]:
    when = said.callback_at.isoformat() if said.callback_at else None
    return [said.outcome, said.notes, when]


async def _must(tx: Tx, task_id: str) -> Task:
    found = await tx.tasks.get(task_id)
    if found is None:
        raise Problem("unknown_task")
    return found


def _plain(task: Task) -> dict[str, object]:
    own = {name: getattr(task, name) for name in TaskOut.model_fields}
    skills = tuple(task.skills.split(",")) if task.skills else ()
    return {**own, "outcomes": allowed_outcomes(task), "skills": skills}


def _shown(task: Task) -> TaskOut:
    return TaskOut.model_validate(_plain(task))


async def _in_hand(tx: Tx, task: Task) -> ClaimedTask:
    lead = await tx.leads.get(task.lead_id)
    assert lead is not None, "a task belongs to a lead"
    lines = await tx.timeline.page(task.lead_id, enrolment_id=task.enrolment_id, limit=200)
    history = [
        HistoryLine.model_validate(line) for line in lines.items if line.kind not in ("score", "outcome")
    ]
    person = {name: getattr(lead, name) for name in PersonOut.model_fields if name != "lead_id"}
    return ClaimedTask.model_validate(
        {
            **_plain(task),
            "person": {**person, "lead_id": lead.id},
            "number": task.number,
            "script": task.script,
            "values": task.values,
            "history": history[-20:],
        }
    )

"""Work for people: queues, leases with fencing numbers, completions that count once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Table,
    and_,
    case,
    func,
    or_,
    select,
    update,
)

from model.records import Page
from model.results import Completion, NewTask, Task, TaskState, Withdrawn
from store.base import (
    Json,
    Repository,
    Shape,
    after,
    among,
    columns_of,
    given,
    given_limit,
    metadata,
    page,
    partial_index,
    text_column,
    time_column,
)
from store.errors import LeaseLost

tasks = Table(
    "tasks",
    metadata,
    Column("id", text_column("id").type, primary_key=True),
    Column("enrolment_id", ForeignKey("enrolments.id"), nullable=False),
    Column("lead_id", ForeignKey("leads.id"), nullable=False),
    *(text_column(name, null=False) for name in ("journey", "step", "work", "name", "queue", "state")),
    Column("attempt", Integer, nullable=False),
    Column("callback", Boolean, nullable=False),
    time_column("at"),
    time_column("recorded_at"),
    time_column("ready_at"),
    time_column("due_at", null=True),
    time_column("expires_at", null=True),
    *(text_column(name) for name in ("assign_to", "script", "priority", "number")),
    Column("values", Json, nullable=False),
    Column("outcomes", Json, nullable=False),
    text_column("skills", null=False),
    Column("agenda", Json, nullable=False),
    Column("job", Json, nullable=True),
    Column("contact_hours", Json, nullable=True),
    text_column("zone"),
    time_column("next_at", null=True),
    text_column("agent"),
    time_column("lease_until", null=True),
    Column("fence", BigInteger, nullable=False),
    *(text_column(name) for name in ("outcome", "notes", "completion_id")),
    time_column("callback_at", null=True),
    time_column("began_at", null=True),
    time_column("completed_at", null=True),
    Index(None, "queue", "state", "ready_at"),
    Index(None, "lead_id", "ready_at"),
    Index(None, "enrolment_id"),
    Index(None, "ready_at", "id"),
)

partial_index("ix_tasks_next_at", tasks.c.next_at.is_not(None), tasks.c.next_at)

A_BAND = timedelta(days=1)
"""How long a task has waited that counts as one band of priority higher."""

OPEN: tuple[TaskState, ...] = ("scheduled", "ready", "reserved", "in_progress")
_HELD: tuple[TaskState, ...] = ("reserved", "in_progress")
_TASK = Shape(Task)
_t = tasks.c
_by_readiness = (_t.ready_at, _t.id)
_held = among(_t.state, _HELD)
_lapsed = and_(_held, _t.lease_until <= given("wall"))
_loose = or_(among(_t.state, ("scheduled", "ready")), _lapsed)
_free = and_(
    _loose,
    _t.ready_at <= given("now"),
    or_(_t.expires_at.is_(None), _t.expires_at > given("now")),
    or_(_t.assign_to.is_(None), _t.assign_to == given("agent")),
)

_BY_ID = select(tasks).where(_t.id == given("id"))
_OPEN_OF_LEAD = (
    select(tasks).where(_t.lead_id == given("lead"), among(_t.state, OPEN)).order_by(*_by_readiness)
)
_OF_RUN = select(tasks).where(_t.enrolment_id == given("run")).order_by(*_by_readiness)
_on_time = or_(_t.due_at.is_(None), _t.due_at >= given("now"))
_CLAIMABLE = (
    select(tasks)
    .where(_t.queue == given("queue"), _free, or_(_t.skills == "", _t.skills.in_(given("able"))))
    .order_by(
        case((_t.callback.is_(True), 0), (and_(_t.attempt <= 1, _on_time), 1), else_=2),
        case((_t.priority == "high", 0), (_t.priority == "low", 2), else_=1)
        - case((_t.ready_at <= given("aged"), 1), else_=0),
        func.coalesce(_t.due_at, _t.ready_at),
        *_by_readiness,
    )
)
_CANDIDATES = _CLAIMABLE.limit(given_limit())
_CLAIM = (
    _CLAIMABLE.where(_t.id.not_in(given("skip"))).limit(1).with_for_update(skip_locked=True, key_share=True)
)
_TAKE = _BY_ID.where(_free).with_for_update(skip_locked=True, key_share=True)
_LEASE = update(tasks).where(_t.id == given("id")).values(fence=_t.fence + 1).returning(*_t)
_HOLDING = update(tasks).where(_t.id == given("id"), _t.fence == given("fence"), _held)
_CHANGE_HELD = _HOLDING.returning(*_t)
_WITHDRAW = update(tasks).where(_t.id.in_(given("ids")), _loose).returning(*_t)
_SKILLS = (
    select(_t.skills)
    .where(_t.queue == given("queue"), among(_t.state, OPEN), _t.skills != "")
    .distinct()
    .order_by(_t.skills)
)
_ALONE = (
    select(_t.id)
    .where(_t.enrolment_id == given("run"), _t.job.is_not(None), among(_t.state, OPEN))
    .order_by(_t.id)
)
_ALONE_OF_STEPS = _ALONE.where(_t.step.in_(given("steps")))
_NEXT_READY = select(func.min(_t.ready_at)).where(
    _t.queue == given("queue"), among(_t.state, ("scheduled", "ready")), _t.ready_at > given("now")
)
_HELD_OF = select(tasks).where(_t.id.in_(given("ids")), _held).order_by(_t.id)
_state_now = case((and_(_t.state == "scheduled", _t.ready_at <= given("now")), "ready"), else_=_t.state)
_COUNTS = (
    select(_t.queue, _state_now.label("state"), func.count().label("tasks"))
    .where(among(_t.state, OPEN))
    .group_by(_t.queue, _state_now)
    .order_by(_t.queue, _state_now)
)


class Tasks(Repository):
    """Tasks by id, by queue, by lead."""

    async def create(self, new: NewTask) -> bool:
        """Puts a task into its queue; False if one with this id is there, then nothing is changed."""
        row = {
            **columns_of(new), "recorded_at": self._wall(), "fence": 0,
            "state": "ready" if new.ready_at <= new.at else "scheduled",
            "next_at": new.agenda[0].at if new.agenda else None,
        }  # fmt: skip
        return bool(await self._add_new(tasks, [row], _t.id))

    async def get(self, task_id: str) -> Task | None:
        """Reads a task."""
        return await self._one(_TASK, _BY_ID, given_id=task_id)

    async def open_for(self, lead_id: str) -> tuple[Task, ...]:
        """Lists a lead's tasks that are not over, by the time at which they are ready."""
        return await self._all(_TASK, _OPEN_OF_LEAD, given_lead=lead_id)

    async def of_enrolment(self, enrolment_id: str) -> tuple[Task, ...]:
        """Lists all tasks of a run, by the time at which they are ready."""
        return await self._all(_TASK, _OF_RUN, given_run=enrolment_id)

    async def list(
        self,
        now: datetime,
        *,
        queue: str | None = None,
        state: TaskState | None = None,
        lead_id: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Task]:
        """Lists tasks by the time they are ready; a scheduled one whose time has come reads `ready`."""
        wanted = select(tasks).where(after(_by_readiness, cursor)).order_by(*_by_readiness).limit(limit + 1)
        if queue is not None:
            wanted = wanted.where(_t.queue == queue)
        if lead_id is not None:
            wanted = wanted.where(_t.lead_id == lead_id)
        if state is not None:
            wanted = wanted.where(_in_state(state, now))
        found = await self._all(_TASK, wanted)
        return page([_as_of(task, now) for task in found], limit, lambda task: (task.ready_at, task.id))

    async def candidates(
        self, queue: str, agent: str, now: datetime, limit: int = 20, skills: Collection[str] = ()
    ) -> tuple[Task, ...]:
        """Lists what an agent with these skills could claim, the best first; for the caller to judge who may
        be called.
        """
        mine = {**self._best_for(agent, now), "given_able": await self._able(queue, skills)}
        return await self._all(_TASK, _CANDIDATES, **mine, given_queue=queue, given_limit=limit)

    async def claim(
        self, queue: str, agent: str, now: datetime, lease: timedelta, skip: Collection[str] = ()
    ) -> Task | None:
        """Leases the best task of a queue to an agent, other than those of `skip`; None if there is none.

        Ready, not expired, free or with a lapsed lease, assigned to nobody else, and asking no skill. Agreed
        callbacks go first, then first attempts that may still be on time, then the rest; within each by
        priority, of which a day's waiting is worth a band, then by due time.
        """
        mine = {**self._best_for(agent, now), "given_able": []}
        found = await self._one(_TASK, _CLAIM, **mine, given_queue=queue, given_skip=list(skip))
        return None if found is None else await self._lease(found.id, agent, lease)

    async def take(self, task_id: str, agent: str, now: datetime, lease: timedelta) -> Task | None:
        """Leases one task to an agent; None if it cannot be claimed, or somebody is just claiming it."""
        found = await self._one(_TASK, _TAKE, **self._free_to(agent, now), given_id=task_id)
        return None if found is None else await self._lease(found.id, agent, lease)

    async def begin(self, task_id: str, fence: int, at: datetime) -> Task:
        """Marks a leased task as begun. Raises LeaseLost."""
        return await self._holding(task_id, fence, {"state": "in_progress", "began_at": at})

    async def renew(self, task_id: str, fence: int, lease: timedelta) -> Task:
        """Lets a lease run anew from now (wall). Raises LeaseLost."""
        return await self._holding(task_id, fence, {"lease_until": self._wall() + lease})

    async def release(self, task_id: str, fence: int) -> Task:
        """Gives a leased task back to its queue. Raises LeaseLost."""
        return await self._holding(task_id, fence, {"state": "ready", "agent": None, "lease_until": None})

    async def complete(
        self,
        task_id: str,
        fence: int,
        *,
        completion_id: str,
        outcome: str,
        at: datetime,
        notes: str | None = None,
        callback_at: datetime | None = None,
    ) -> Completion:
        """Ends a task with an outcome.

        `repeat`: this very completion is recorded already; `stale`: the fence is not the present one, or the
        task is over. A lapsed lease that nobody took since still counts.
        """
        values = {
            "state": "completed", "completion_id": completion_id, "outcome": outcome, "notes": notes,
            "callback_at": callback_at, "completed_at": at, "lease_until": None, "next_at": None,
        }  # fmt: skip
        if (await self._run(_HOLDING, given_id=task_id, given_fence=fence, **values)).rowcount > 0:
            return "completed"
        known = await self.get(task_id)
        return "repeat" if known is not None and known.completion_id == completion_id else "stale"

    async def withdraw(
        self, ids: Sequence[str], reason: Literal["expired", "withdrawn"], at: datetime
    ) -> Withdrawn:
        """Takes back those tasks that nobody holds; answers with both kinds."""
        if not ids:
            return Withdrawn()
        state: TaskState = "expired" if reason == "expired" else "canceled"
        values = {"state": state, "completed_at": at, "agent": None, "lease_until": None, "next_at": None}
        gone = await self._all(_TASK, _WITHDRAW, given_ids=list(ids), given_wall=self._wall(), **values)
        return Withdrawn(gone, await self._all(_TASK, _HELD_OF, given_ids=list(ids)))

    async def alone(self, enrolment_id: str, steps: Collection[str] | None = None) -> tuple[str, ...]:
        """Lists the open tasks of a run, or of some of its steps, for which it does not wait."""
        if steps is None:
            rows = await self._run(_ALONE, given_run=enrolment_id)
        else:
            rows = await self._run(_ALONE_OF_STEPS, given_run=enrolment_id, given_steps=list(steps))
        return tuple(row.id for row in rows)

    async def next_ready(self, queue: str, now: datetime) -> datetime | None:
        """Gives when the next task of a queue is ready that is not yet."""
        row = (await self._run(_NEXT_READY, given_queue=queue, given_now=now)).first()
        return row[0] if row is not None and isinstance(row[0], datetime) else None

    async def counts(self, now: datetime) -> dict[str, dict[TaskState, int]]:
        """Counts the open tasks of each queue by state."""
        counted: dict[str, dict[TaskState, int]] = {}
        for row in await self._run(_COUNTS, given_now=now):
            counted.setdefault(row.queue, {})[row.state] = row.tasks
        return counted

    async def _able(self, queue: str, skills: Collection[str]) -> Sequence[str]:
        """Lists the combinations of skills that the open tasks of a queue ask and that these skills meet."""
        asked = [row.skills for row in await self._run(_SKILLS, given_queue=queue)]
        return [combination for combination in asked if set(combination.split(",")) <= set(skills)]

    def _best_for(self, agent: str, now: datetime) -> dict[str, object]:
        return {**self._free_to(agent, now), "given_aged": now - A_BAND}

    def _free_to(self, agent: str, now: datetime) -> dict[str, object]:
        return {"given_agent": agent, "given_now": now, "given_wall": self._wall()}

    async def _lease(self, task_id: str, agent: str, lease: timedelta) -> Task | None:
        values = {
            "state": "reserved", "agent": agent, "lease_until": self._wall() + lease, "began_at": None,
        }  # fmt: skip
        return await self._one(_TASK, _LEASE, given_id=task_id, **values)

    async def _holding(self, task_id: str, fence: int, values: dict[str, object]) -> Task:
        found = await self._one(_TASK, _CHANGE_HELD, given_id=task_id, given_fence=fence, **values)
        if found is None:
            raise LeaseLost(f"The task {task_id} was taken by somebody else or is over.")
        return found


def _in_state(state: TaskState, now: datetime) -> ColumnElement[bool]:
    if state == "ready":
        return or_(_t.state == "ready", and_(_t.state == "scheduled", _t.ready_at <= now))
    if state == "scheduled":
        return and_(_t.state == "scheduled", _t.ready_at > now)
    return _t.state == state


def _as_of(task: Task, now: datetime) -> Task:
    return replace(task, state="ready") if task.state == "scheduled" and task.ready_at <= now else task

"""What the queues have to do with open tasks, and when: ready, overdue, escalated, expired."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from model.results import Task
from model.work import Appointment
from store.base import Repository, Shape, among, given, given_limit
from store.tasks import OPEN, tasks

_TASK = Shape(Task)
_t = tasks.c
_DUE = select(tasks).where(_t.next_at <= given("now")).order_by(_t.next_at, _t.id).limit(given_limit())
_NEXT = select(func.min(_t.next_at)).where(_t.next_at.is_not(None))
_MOVE = update(tasks).where(_t.id == given("id"))
_BEGUN = _MOVE.where(_t.began_at.is_(None), among(_t.state, OPEN))
_TAKE = (
    update(tasks)
    .where(_t.id == given("id"), _t.next_at == given("seen"), among(_t.state, OPEN))
    .returning(*_t)
)


class Appointments(Repository):
    """The agenda of tasks."""

    async def due(self, now: datetime, limit: int) -> tuple[Task, ...]:
        """Lists the tasks with which something has to be done by now, the earliest first."""
        return await self._all(_TASK, _DUE, given_now=now, given_limit=limit)

    async def next(self) -> datetime | None:
        """Gives when a queue next has something to do."""
        row = (await self._run(_NEXT)).first()
        return row[0] if row is not None and isinstance(row[0], datetime) else None

    async def take(self, task: Task, left: Sequence[Appointment], next_at: datetime | None) -> Task | None:
        """Takes a task's appointments, of which `left` stay; None where another process has done so."""
        return await self._one(
            _TASK, _TAKE, given_id=task.id, given_seen=task.next_at, agenda=list(left), next_at=next_at
        )

    async def begun(self, task_id: str, at: datetime) -> None:
        """Remembers that somebody has begun an open task, as another system says."""
        await self._run(_BEGUN, given_id=task_id, began_at=at)

    async def move(self, task_id: str, queue: str) -> None:
        """Puts a task into another queue, where anybody may take it."""
        await self._run(_MOVE, given_id=task_id, queue=queue, assign_to=None)

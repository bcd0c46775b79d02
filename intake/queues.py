"""What the queues do by themselves: they tell when work is ready, overdue and escalated, and they finish
work for which no run waits - its attempts, its expiry, what its outcome means for the lead.

The simulator does the same (`engine/queues.py`); both follow `engine.attempts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

from engine import attempts
from engine.contact import may_call
from engine.facts import hours_json
from engine.permission import SUPPRESSED, source_of, told_of_calls
from engine.reading import Reading
from intake.announce import Announcer
from intake.catalog import Catalog
from intake.knowledge import Gatherer
from intake.tasks import numbers_of, of_task
from language.compiled import Effect, Journey, Work
from model.commands import NoteKind
from model.events import Fields
from model.records import InboxEvent, Lead
from model.results import NewEntry, NewTask, Task
from model.work import Appointment
from store import Store, Tx

AT_ONCE = 100
SHORTEST_LEASE = timedelta(seconds=30)
_MAY_WAIT = frozenset({"escalate", "expire"})
"""What waits while an agent holds the task."""


class Queues:
    """Keeps the appointments of tasks, and takes the outcomes of work that has no run."""

    def __init__(self, catalog: Catalog, gatherer: Gatherer, announcer: Announcer) -> None:
        self._catalog = catalog
        self._gatherer = gatherer
        self._announcer = announcer

    async def look(self, store: Store, now: datetime) -> int:
        """Does everything whose time has come; answers with how many tasks there was something to do."""
        async with store.read() as tx:
            due = await tx.appointments.due(now, AT_ONCE)
        for task in due:
            async with store.begin() as tx:
                await self._look(tx, task, now)
        return len(due)

    async def opened(self, tx: Tx, task_id: str, now: datetime) -> None:
        """Does at once what a queue has to do with a task that was just put into it."""
        task = await tx.tasks.get(task_id)
        if task is not None and task.next_at is not None and task.next_at <= now:
            await self._look(tx, task, now)

    async def placed(self, tx: Tx, event: InboxEvent, lead_id: str) -> InboxEvent:
        """Gives a call that another system tells of the run whose work it is; one that is nobody's work, or
        another lead's, is an ordinary event.
        """
        if event.task is None or event.run is not None:
            return event
        task = await tx.tasks.get(event.task)
        if task is None or task.lead_id != lead_id:
            return replace(event, task=None)
        if event.type == "call.started":
            await tx.appointments.begun(task.id, event.at)
        about: Fields = {"task": task.name, "step": task.step, "queue": task.queue}
        body = {**event.body, **about}
        await tx.events.place(event.id, message=event.message, run=task.enrolment_id, body=body)
        return replace(event, run=task.enrolment_id, body=body)

    async def completed(self, tx: Tx, event: InboxEvent, lead: Lead) -> InboxEvent:
        """Takes a completion: opens the next attempt where no run waits for the work, and stops calls where
        the outcome says so and no run would. Gives the event, which says whether another attempt follows.
        """
        task = await tx.tasks.get(event.task) if event.task is not None else None
        run = await tx.enrolments.get(task.enrolment_id) if task is not None else None
        if task is None or run is None or (task.job is None and run.state != "ended"):
            return event
        journey = await self._catalog.get(tx, run.journey, run.version)
        work = work_of(journey, task.step)
        outcome = task.outcome or ""
        effect = journey.queues[work.queue].outcomes.get(outcome) if work is not None else None
        if effect == "never_call":
            await self._forbid_calls(tx, task, event.at)
        if work is None or effect is None or task.job is None:
            return event
        if not await self._again(tx, lead, task, work, journey, effect, event.at):
            return event
        body: Fields = {**event.body, "again": True}
        await tx.events.place(event.id, message=event.message, run=event.run, body=body)
        return replace(event, body=body)

    async def _forbid_calls(self, tx: Tx, task: Task, now: datetime) -> None:
        reason = source_of(task.journey, task.step)
        await tx.suppressions.add("calls", reason, now, lead_id=task.lead_id)
        about = of_task(task, SUPPRESSED, now)
        await self._announcer.tell(tx, replace(about, body=told_of_calls(task.journey, task.step), task=None))

    async def _look(self, tx: Tx, task: Task, now: datetime) -> None:
        lease = task.lease_until - tx.wall() if task.lease_until is not None else timedelta()
        is_held = lease > timedelta()
        due = [each for each in task.agenda if each.at <= now]
        waiting = [each for each in due if is_held and each.what in _MAY_WAIT]
        left = [*waiting, *task.agenda[len(due) :]]
        next_at = now + max(lease, SHORTEST_LEASE) if waiting else left[0].at if left else None
        taken = await tx.appointments.take(task, left, next_at)
        for each in due if taken is not None else ():
            if each not in waiting:
                await self._do(tx, task, each, now)

    async def _do(self, tx: Tx, task: Task, each: Appointment, now: datetime) -> None:
        match each.what:
            case "ready":
                await self._announcer.tell(tx, of_task(task, "task.ready", now))
            case "overdue":
                if task.began_at is None:
                    await self._announcer.tell(tx, of_task(task, "task.overdue", now))
            case "escalate":
                if task.began_at is None and each.to is not None:
                    await self._escalate(tx, task, each.to, now)
            case "expire":
                for gone in (await tx.tasks.withdraw([task.id], "expired", now)).gone:
                    await _note(tx, gone, f"{gone.work} {gone.name} expired", "expired", now)
                    await self._announcer.tell(tx, of_task(gone, "task.expired", now))

    async def _escalate(self, tx: Tx, task: Task, to: str, now: datetime) -> None:
        if to not in self._catalog.vocabulary.queues:
            text = f"{task.name} stays in {task.queue}: the vocabulary has no queue {to}"
            await _note(tx, task, text, f"stays/{to}", now, "needs_attention")
            return
        await tx.appointments.move(task.id, to)
        moved = replace(task, queue=to, assign_to=None)
        await _note(tx, moved, f"{task.work} {task.name} escalated to {to}", f"escalated/{to}", now)
        await self._announcer.tell(tx, of_task(moved, "task.escalated", now, once=f"/{to}"))

    async def _again(
        self, tx: Tx, lead: Lead, task: Task, work: Work, journey: Journey, effect: Effect, now: datetime
    ) -> bool:
        """Opens the attempt that follows, if there is one and the lead may be called for it."""
        assert task.job is not None, "no run waits for it"
        read, outcome = self._reading(lead, journey, now), task.outcome or ""
        agreed = task.callback_at.isoformat() if task.callback_at is not None else None
        form = journey.queues[work.queue]
        again = attempts.alone(read, work, form, task.enrolment_id, task.job, outcome, agreed)
        if again is None:
            return False
        number = task.number
        if again.dead is not None and again.dead != task.job.dead:
            number = attempts.other_number(number or lead.phone, await numbers_of(tx, lead))
            if number is None:
                await _note(tx, task, f"{outcome}: the lead has no other number", "other", now)
                return False
        if work.work == "call" and (why := await self._refused(tx, lead, number, now)) is not None:
            await _note(tx, task, f"not called again: {why}", "refused", now)
            return False
        kind, _, text = attempts.told(read, task.step, outcome, effect, again)
        await _note(tx, task, text, f"again/{again.task}", now, kind)
        await tx.tasks.create(
            replace(
                _new(task), id=again.task, queue=work.queue, ready_at=again.ready_at, at=now,
                attempt=again.attempt, due_at=again.due_at, expires_at=again.expires_at, number=number,
                callback=effect == "callback", agenda=attempts.agenda(read, work, again), job=again,
            )
        )  # fmt: skip
        await self.opened(tx, again.task, now)
        return True

    async def _refused(self, tx: Tx, lead: Lead, number: str | None, now: datetime) -> str | None:
        contact = await self._gatherer.contact(tx, lead, now)
        return may_call(contact if number is None else replace(contact, addresses=("call",)), now)

    def _reading(self, lead: Lead, journey: Journey, now: datetime) -> Reading:
        words = self._catalog.vocabulary
        hours: Fields = {
            f"hours.queue.{name}": hours_json(queue.hours) for name, queue in words.queues.items()
        }
        zones = self._gatherer.zones(lead)
        return Reading(
            now, {**zones, **hours, "hours.business": hours_json(words.business_hours)}, journey.zone
        )


def work_of(journey: Journey, step: str) -> Work | None:
    """Finds the work of a step in a journey."""
    found = (here for here in journey.program if isinstance(here, Work) and here.place.step == step)
    return next(found, None)


def _new(task: Task) -> NewTask:
    names: Sequence[str] = [field.name for field in fields(NewTask)]
    return NewTask(**{name: getattr(task, name) for name in names})


async def _note(
    tx: Tx, task: Task, text: str, what: str, now: datetime, kind: NoteKind | None = None
) -> None:
    line = NewEntry(
        lead_id=task.lead_id, at=now, kind=kind or "work", text=text, dedup=f"work/{task.id}/{what}",
        enrolment_id=task.enrolment_id, journey=task.journey, step=task.step, data={"task": task.id},
    )  # fmt: skip
    await tx.timeline.add_many([line])

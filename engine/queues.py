"""The simulated queues: what they do with work when its time comes, and without the run where none waits.

The intake does the same with the tasks of the store (`intake/queues.py`); both follow `engine.attempts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from engine import attempts
from engine.permission import SUPPRESSED, told_of_calls
from engine.reading import Reading
from language.compiled import Journey, Work
from model.commands import OpenWork
from model.events import Event, Fields
from model.record import record
from model.work import Appointment, Job


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the simulated queues; with `job` no run waits for it."""

    id: str
    work: str
    name: str
    step: str
    queue: str
    journey: str
    run: str
    ready_at: datetime
    agenda: tuple[Appointment, ...] = ()
    job: Job | None = None
    begun: bool = False


@record
class Line:
    """What a queue did, for the log: `kind` is `call` or `task` where work is ready."""

    kind: str
    text: str
    step: str


class Queues:
    """The open tasks of one lead; `lines` and `opened` are what they did since somebody looked.

    `tell` takes the events that the queues make, `read` reads the world.
    """

    def __init__(self, tell: Callable[[Event], None], read: Callable[[datetime], Reading]) -> None:
        self.tasks: dict[str, Task] = {}
        self.lines: list[Line] = []
        self.opened: list[Task] = []
        self._tell = tell
        self._read = read
        self._journeys: dict[str, Journey] = {}

    def learn(self, journey: Journey) -> None:
        """Takes in the journey whose work comes into the queues."""
        self._journeys[journey.name] = journey

    def open(self, effect: OpenWork, journey: str, run: str, now: datetime) -> None:
        """Takes a task; what its queue has to do at once is done."""
        self._take(
            Task(
                effect.task_id, effect.work, effect.name, effect.step, effect.queue, journey, run,
                effect.ready_at, effect.agenda, effect.job,
            ),
            now,
        )  # fmt: skip

    def next_look(self) -> datetime | None:
        """Gives the instant at which a queue has something to do."""
        return min((task.agenda[0].at for task in self.tasks.values() if task.agenda), default=None)

    def look(self, now: datetime) -> None:
        """Does everything whose time has come."""
        for task in list(self.tasks.values()):
            self._look(task, now)

    def claimed(self, name: str, now: datetime, work: str | None = None) -> Task | None:
        """Finds the open task of this name that an agent may take now, the latest first."""
        ready = [task for task in self.tasks.values() if task.name == name and task.ready_at <= now]
        return next((task for task in reversed(ready) if work in (None, task.work)), None)

    def begin(self, task_id: str) -> None:
        """Says that somebody has begun a task."""
        if (task := self.tasks.get(task_id)) is not None:
            self.tasks[task_id] = replace(task, begun=True)

    def complete(self, task: Task, now: datetime, event_id: str, outcome: str, more: Fields) -> None:
        """Ends a task; where no run waits for it, its next attempt follows."""
        del self.tasks[task.id]
        again = self._follow_up(task, now, outcome, more) if task.job is not None else None
        about: Fields = {"outcome": outcome, **more} | ({"again": True} if again is not None else {})
        if task.work == "call":
            self._event(task, "call.ended", now, {"direction": "outbound", "result": outcome})
        self._event(task, "task.completed", now, about, event_id)
        if again is not None:
            self._take(again, now)
        elif task.job is not None and self._effect(task, outcome) == "never_call":
            about = told_of_calls(task.journey, task.step)
            self._tell(Event(f"{SUPPRESSED}/{task.id}", SUPPRESSED, now, about, None, None, task.run))

    def withdraw(self, ids: tuple[str, ...], steps: tuple[str, ...], what: str, now: datetime) -> None:
        """Takes tasks back, and those of steps for which no run waits."""
        alone = [task.id for task in self.tasks.values() if task.job is not None and task.step in steps]
        for task_id in (*ids, *alone):
            if (task := self.tasks.pop(task_id, None)) is not None:
                self._event(task, f"task.{what}", now, {})

    def finish(self, run: str, now: datetime, *, keeps_open: bool) -> None:
        """Takes back what a run that ends leaves behind."""
        gone = [
            task.id
            for task in self.tasks.values()
            if task.run == run and not (keeps_open and task.job is not None)
        ]
        self.withdraw(tuple(gone), (), "canceled", now)

    def _take(self, task: Task, now: datetime) -> None:
        self.opened.append(task)
        self.tasks[task.id] = task
        self._look(task, now)

    def _look(self, task: Task, now: datetime) -> None:
        due = [each for each in task.agenda if each.at <= now]
        if not due:
            return
        task = replace(task, agenda=task.agenda[len(due) :])
        self.tasks[task.id] = task
        for each in due:
            if task.id in self.tasks:
                self._do(self.tasks[task.id], each, now)

    def _do(self, task: Task, each: Appointment, now: datetime) -> None:
        match each.what:
            case "ready":
                self.lines.append(Line(task.work, task.name, task.step))
                self._event(task, "task.ready", now, {})
            case "overdue":
                if not task.begun:
                    self.lines.append(Line("overdue", task.name, task.step))
                    self._event(task, "task.overdue", now, {})
            case "escalate":
                if not task.begun and each.to is not None:
                    task = self.tasks[task.id] = replace(task, queue=each.to)
                    self.lines.append(Line("escalated", f"{task.name} to {task.queue}", task.step))
                    self._event(task, "task.escalated", now, {})
            case "expire":
                self.lines.append(Line("expired", task.name, task.step))
                self.withdraw((task.id,), (), "expired", now)

    def _work(self, task: Task) -> Work:
        program = self._journeys[task.journey].program
        return next(here for here in program if isinstance(here, Work) and here.place.step == task.step)

    def _effect(self, task: Task, outcome: str) -> str | None:
        return self._journeys[task.journey].queues[self._work(task).queue].outcomes.get(outcome)

    def _follow_up(self, task: Task, now: datetime, outcome: str, more: Fields) -> Task | None:
        journey, work = self._journeys[task.journey], self._work(task)
        assert task.job is not None, "no run waits for it"
        form, agreed = journey.queues[work.queue], more.get("callback_at")
        again = attempts.alone(self._read(now), work, form, task.run, task.job, outcome, agreed)
        if again is None:
            return None
        kind, _, text = attempts.told(self._read(now), task.step, outcome, form.outcomes[outcome], again)
        self.lines.append(Line(kind, text, task.step))
        agenda = attempts.agenda(self._read(now), work, again)
        return replace(
            task,
            id=again.task,
            queue=work.queue,
            ready_at=again.ready_at,
            agenda=agenda,
            job=again,
            begun=False,
        )

    def _event(self, task: Task, kind: str, now: datetime, more: Fields, event_id: str | None = None) -> None:
        about: Fields = {"task": task.name, "step": task.step, "queue": task.queue}
        own = event_id or f"{kind}/{task.id}/{task.queue}"
        self._tell(Event(own, kind, now, about | more, None, task.id, task.run))

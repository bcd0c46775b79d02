"""Runs a journey for one simulated lead on a simulated clock: the same engine, a world in memory.

The happenings of a scenario come in at their instants; between them the clock jumps from one wake-up to the
next.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, assert_never

from engine.admission import Refused, control_reason
from engine.calendar import add, resolve
from engine.dates import Calendar
from engine.dating import Dating
from engine.entry import enter, first_instant, first_trigger, own_instant
from engine.experiments import Experiments
from engine.goals import goals_reached
from engine.hearing import listens_to_others
from engine.hours import at_clock
from engine.queues import Task
from engine.simulated_others import Entering, Others
from engine.simulated_run import SimulatedRun
from engine.story import Log, LogLine, Story
from engine.turn import Heard
from engine.world import World, hours_by_name, zone_of
from language.builtin import CONTROL
from language.compiled import Journey
from language.listening import STOP
from language.scenario import Answers, Begin, Changes, Happening, Happens
from language.scenario_history import Past
from language.scenario_replies import Replies
from language.scenario_ways import Moves
from language.vocabulary import Vocabulary
from model.commands import Answer, BeginRun, Effect, StopRuns
from model.events import Event, Fields
from model.runs import Run
from model.time import After, Hours

MOST_TURNS = 20_000


class Doings(Protocol):
    """What a lead and the people around it do while a journey runs."""

    def by_itself(self, begin: datetime) -> Iterable[tuple[datetime, Happening]]:
        """Lists what happens whatever the journey does."""

    def works(self, task: Task, now: datetime) -> Iterable[tuple[datetime, Happening]]:
        """Lists how and when somebody ends a task."""
        ...

    def after(self, effect: Effect, answer: Answer, now: datetime) -> Iterable[tuple[datetime, Happening]]:
        """Lists what follows an effect."""


def simulate(
    journey: Journey,
    vocabulary: Vocabulary,
    lead: Fields,
    begin: Begin | None = None,
    happenings: Sequence[Happening] = (),
    crowd: Doings | None = None,
    *,
    history: Sequence[Past] = (),
    control: bool = False,
    experiments: Experiments | None = None,
    others: Sequence[Journey] = (),
) -> Story:
    """Tells the story of one lead in a journey, to its ending; `crowd` adds what follows from its doings.

    `history` is what the lead did before. As `control` the lead is held out. `experiments` are the splits
    that it shares with other leads; without them none has a winner. `others` are journeys that run beside it.
    """
    zone = zone_of(lead.get("zone"), vocabulary)
    own, company = journey.zone or zone, journey.zone or vocabulary.company.zone
    place = Calendar(own, hours_by_name(vocabulary).__getitem__)
    trigger = first_trigger(journey, begin)
    at = own_instant(begin, trigger, lead, company, place) or first_instant(begin, own)
    world = World(vocabulary, lead, at)
    world.experiments = experiments
    for number, past in enumerate(history):
        world.remember(Event(f"past {number}", past.event, add(at, past.ago, own, sign=-1), past.fields))
    run = enter(journey, world, begin, at)
    if isinstance(run, Refused):
        return Story((LogLine(at, 0, "refused", run.reason),), zone, refused=run.reason)
    simulation = _Simulation(journey, world, run, at, crowd, others)
    if control:
        simulation.hold_out()
    return simulation.told(happenings)


class _Simulation:
    def __init__(
        self,
        journey: Journey,
        world: World,
        run: Run,
        at: datetime,
        crowd: Doings | None,
        others: Sequence[Journey],
    ) -> None:
        self._journey, self._world, self._run, self._crowd = journey, world, run, crowd
        self._zone = journey.zone or world.zone
        self._begin = self._now = at
        self._log = Log(journey, self._zone, at)
        self._own = SimulatedRun(journey, world, run, self._log, self._carry_out)
        self._runs = [self._own]
        self._others = Others(journey, others, world)
        self._events = self._expected = 0
        self._ahead: list[tuple[datetime, int, Happening]] = []
        for one in (journey, *others):
            world.queues.learn(one)
        self._goals: set[str] = set()
        rule = next((one.date for one in journey.starts if one.name == run.trigger), None)
        place = Calendar(self._zone, self._hours_of)
        self._dating = Dating(world, rule, place) if rule is not None else None
        world.drain()
        self._others.begin(at)

    def hold_out(self) -> None:
        """Makes the lead one of the control group: its run ends before it begins."""
        self._log.ending = CONTROL
        self._log.write(self._now, "end", CONTROL, reason=control_reason(self._journey))
        self._own.close()

    def told(self, happenings: Sequence[Happening]) -> Story:
        """Plays everything that happens, then lets time pass to the end."""
        self._prepare(happenings)
        if not self._own.ended:
            self._log.write(self._now, "entered", f"by {self._run.trigger or self._run.start.type}")
            self._world.entered(self._run)
            self._take(self._own)
        for _ in range(MOST_TURNS):
            if not self._next():
                break
        return Story(self._log.lines(), self._zone, self._log.ending, None, frozenset(self._log.taken))

    def _prepare(self, happenings: Sequence[Happening]) -> None:
        for each in happenings:
            if isinstance(each, Replies) and each.at is None:
                self._happen(each)
            else:
                self._expect(self._instant(each), each)
        if self._crowd is not None:
            for at, each in self._crowd.by_itself(self._begin):
                self._expect(at, each)

    def _next(self) -> bool:
        """Lets the next thing happen; says whether there was one."""
        ahead, look, waking = self._ahead, self._world.queues.next_look(), self._next_to_wake()
        wake = waking.turn.wake if waking is not None else None
        instants = [at for at in (wake, look, *(each[0] for each in ahead[:1])) if at is not None]
        open_ones = self._world.queues.tasks or self._journey.goals
        if not instants or (all(run.ended for run in self._runs) and not open_ones):
            return False
        self._now = max(self._now, min(instants))
        if ahead and ahead[0][0] == min(instants):
            self._happen(heapq.heappop(ahead)[2])
        elif look is not None and look == min(instants):
            self._look()
        elif waking is not None:
            self._take(waking)
        return True

    def _next_to_wake(self) -> SimulatedRun | None:
        waking = [run for run in self._runs if run.turn.wake is not None]
        return min(waking, key=lambda run: run.turn.wake or self._now, default=None)

    def _expect(self, at: datetime, happening: Happening) -> None:
        self._expected += 1
        heapq.heappush(self._ahead, (at, self._expected, happening))

    def _instant(self, happening: Happening) -> datetime:
        moment = happening.at
        if moment is None:
            return self._begin
        if not isinstance(moment, After):
            return at_clock(moment.day, 0 if moment.at is None else moment.at, self._zone)
        found = resolve(moment, self._begin, self._zone, self._hours_of, lambda _: None)
        return found if found is not None else self._begin

    def _hours_of(self, of: str) -> Hours:
        return self._world.hours[of]

    def _happen(self, happening: Happening) -> None:
        """Lets something happen; nobody answers once the run is over, but for work that outlives it."""
        over = all(run.ended for run in self._runs) and not self._world.queues.tasks
        if over and isinstance(happening, Answers):
            return
        self._events += 1
        match happening:
            case Happens():
                event = Event(f"e{self._events}", happening.event, self._now, happening.fields)
                if happening.whose != "lead":
                    self._happens_to_another(replace(event, whose=happening.whose))
                    return
                self._note_event(happening.event)
                self._world.accept(self._world.told(event, self._run))
            case Answers():
                self._answer(happening)
            case Replies():
                self._world.replies |= happening.of
            case Moves():
                self._world.enlist(happening.audience, add=happening.joins)
                self._note_event(f"{'joins' if happening.joins else 'leaves'} {happening.audience}")
            case Changes():
                self._world.set(happening.values)
                self._log.write(
                    self._now, "change", ", ".join(f"{n}: {value}" for n, value in happening.values.items())
                )
            case _:
                assert_never(happening)
        self._tell()

    def _happens_to_another(self, event: Event) -> None:
        """Tells the run of another lead's event, as far as its journey listens to others."""
        self._note_event(f"{event.type} of {'the account' if event.whose == 'account' else 'anyone'}")
        for run in self._runs:
            if not run.ended and listens_to_others(run.journey, event):
                run.drive((Heard((run.delivery(event, self._now),)),), self._now)
        self._tell()

    def _answer(self, happening: Answers) -> None:
        task = self._world.queues.claimed(happening.name, self._now, happening.work)
        if task is None:
            self._log.write(
                self._now,
                "problem",
                f"no {happening.work} {happening.name} is open for the outcome {happening.outcome}",
            )
            return
        self._note_event(f"{task.name}: {happening.outcome}")
        own, fields = f"e{self._events}", happening.fields
        self._world.queues.complete(task, self._now, own, happening.outcome, fields)
        self._write_work()

    def _look(self) -> None:
        """Lets the queues do what is due."""
        self._world.queues.look(self._now)
        self._write_work()
        self._tell()

    def _write_work(self) -> None:
        for line in self._world.queues.lines:
            self._log.write(self._now, line.kind, line.text, line.step)
        for task in self._world.queues.opened:
            for at, happening in self._crowd.works(task, self._now) if self._crowd is not None else ():
                self._expect(at, happening)
        self._world.queues.lines.clear()
        self._world.queues.opened.clear()

    def _note_event(self, text: str) -> None:
        self._log.write(self._now, "event", text)

    def _tell(self) -> None:
        """Delivers what the world has to tell the runs, as long as there is something."""
        while True:
            self._world.regroup(self._now)
            events, changed = self._world.drain()
            if self._dating is not None:
                changed |= self._dating.follow(changed, self._now)
            if not changed:
                return
            for event in events:
                self._count(event)
                self._stop(event)
            for run in list(self._runs):
                run.tell(events, changed, self._now)
            for entering in self._others.fired(events, self._now):
                self._enter(entering)

    def _stop(self, event: Event) -> None:
        """Ends the runs that another one stops."""
        if event.type == STOP:
            for run in self._runs:
                if run.journey.name == event.fields.get("journey") and run.run.enrolment_id != event.run:
                    run.end("stopped", self._now)

    def _enter(self, entering: Entering) -> None:
        """Begins a run of another journey, or writes down why not."""
        journey = entering.journey
        run = self._others.enters(entering, self._runs, self._now)
        if isinstance(run, Refused):
            self._log.write(self._now, "not_entered", journey.name, reason=run.reason)
            return
        for open_run in self._runs:
            if open_run.journey.name == journey.name and open_run.run.key == run.key:
                open_run.end("replaced", self._now)
        log = Log(journey, self._zone, self._begin, self._log)
        self._log.write(self._now, "begins", journey.name, reason=f"by {run.trigger}")
        begun = SimulatedRun(journey, self._world, run, log, self._carry_out)
        self._runs.append(begun)
        self._world.entered(run)
        begun.drive((), self._now)

    def _count(self, event: Event) -> None:
        """Writes down each goal that an event reaches, once, and tells the splits of it."""
        if self._world.experiments is not None:
            self._world.experiments.hear(self._run.lead_id, event)
        if not self._journey.goals:
            return
        for goal in goals_reached(self._journey, self._run, event, self._world.known(self._run)):
            if goal not in self._goals:
                self._goals.add(goal)
                self._log.write(self._now, "goal", goal, reason=event.type)

    def _take(self, run: SimulatedRun) -> None:
        run.drive((), self._now)
        self._tell()

    def _carry_out(self, run: SimulatedRun, effect: Effect, now: datetime) -> Answer:
        answer = self._world.carry_out(effect, run.run, now)
        run.log.effect(effect, answer, now)
        if isinstance(effect, BeginRun | StopRuns) and (why := self._why_nothing(run, effect, now)):
            self._log.write(now, "missing", effect.journey, effect.step, why)
        self._write_work()
        if self._crowd is not None:
            for at, happening in self._crowd.after(effect, answer, now):
                self._expect(at, happening)
        return answer

    def _why_nothing(self, run: SimulatedRun, effect: BeginRun | StopRuns, now: datetime) -> str | None:
        """Says why nothing comes of a request for another journey here."""
        if isinstance(effect, BeginRun) and not self._world.names_lead(effect, run.run, now):
            return "for another lead, who is not simulated"
        if not self._others.knows(effect.journey):
            return "it does not run here: name it under `with`"
        return None

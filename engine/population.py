"""Plays a journey for a whole population and counts what comes of it.

A tally adds up: chunks of the population may be played apart and joined, in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from engine.admission import is_control
from engine.dates import Calendar
from engine.entry import entry_after, first_instant
from engine.experiments import Experiments, splits_of
from engine.hours import is_open
from engine.reactions import Behaviour, Person
from engine.simulator import simulate
from engine.story import LogLine, Story
from engine.world import hours_by_name, zone_of
from language.builtin import CONTROL
from language.compiled import SCANNED, Journey, Trigger, Work
from language.crowd import Crowd
from language.scenario import Begin
from language.values import Day
from language.vocabulary import Vocabulary
from model.channels import MESSAGES
from model.events import Fields

WORK = frozenset({"call", "task"})
PAST = "its date is past"


@dataclass(slots=True)
class Tally:
    """What happened to a population, in counts; days and hours are the company's, hours those of queues.

    `sends` by (day, channel); `skipped` by (step, reason); `work` by (queue, day, hour) at which it is ready,
    `closed` those at which the queue is not open; `refused`, `endings` by their names, `branches` by (step,
    branch), `sent` by step, `goals` by (goal, whether the lead was in the journey or held out as control).
    """

    leads: int = 0
    entered: int = 0
    going_on: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    sends: Counter[tuple[date, str]] = field(default_factory=Counter)
    sent: Counter[tuple[str, str]] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    held: Counter[tuple[str, str]] = field(default_factory=Counter)
    work: Counter[tuple[str, date, int]] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    branches: Counter[tuple[str, str]] = field(default_factory=Counter)
    goals: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Adds what another part of the population did."""
        self.leads += other.leads
        self.entered += other.entered
        self.going_on += other.going_on
        self.refused.update(other.refused)
        self.sends.update(other.sends)
        self.sent.update(other.sent)
        self.skipped.update(other.skipped)
        self.held.update(other.held)
        self.work.update(other.work)
        self.closed.update(other.closed)
        self.endings.update(other.endings)
        self.branches.update(other.branches)
        self.goals.update(other.goals)


@dataclass(frozen=True, slots=True)
class Population:
    """A journey, and the crowd that comes into it; the same seed gives the same people."""

    journey: Journey
    vocabulary: Vocabulary
    crowd: Crowd
    size: int
    seed: int = 1

    def play(self, numbers: Iterable[int], given: Iterator[Fields] | None = None) -> Tally:
        """Plays the leads of these numbers (from 0); `given` are their attributes where they are known."""
        counted = _Counting(self.journey, self.vocabulary)
        experiments = Experiments(splits_of(self.journey)) if self.plays_together else None
        for person, lead in self._in_order(numbers, given):
            counted.take(self._story(person, lead, experiments))
        return counted.tally

    @property
    def plays_together(self) -> bool:
        """Whether what happens to one lead depends on what others did: a split that looks for its winner."""
        return bool(splits_of(self.journey))

    def _in_order(
        self, numbers: Iterable[int], given: Iterator[Fields] | None
    ) -> Iterable[tuple[Person, Fields]]:
        """Gives the leads, in the order in which they come where that counts."""
        people = self._people(numbers, given)
        return sorted(people, key=self._arrival) if self.plays_together else people

    def _people(
        self, numbers: Iterable[int], given: Iterator[Fields] | None
    ) -> Iterator[tuple[Person, Fields]]:
        for number in numbers:
            person = Person(self.crowd, self.seed, number)
            yield person, person.lead() if given is None else {**person.lead(), **next(given)}

    def _arrival(self, one: tuple[Person, Fields]) -> tuple[str, int]:
        person, lead = one
        begin = self._begin(person, lead, self._zone(lead))
        at = begin.at if begin is not None else None
        return (f"{at.day} {at.at or 0:04}" if at is not None else ""), person.number

    def _story(self, person: Person, lead: Fields, experiments: Experiments | None) -> Story:
        zone = self._zone(lead)
        begin = self._begin(person, lead, zone)
        if begin is None:
            return Story((), zone, refused=PAST)
        behaviour = Behaviour(person, self.journey, self.vocabulary, zone, begin.fields)
        control = is_control(self.journey, str(lead.get("id")))
        return simulate(
            self.journey,
            self.vocabulary,
            lead,
            begin,
            crowd=behaviour,
            history=tuple(behaviour.before(first_instant(begin, zone))),
            control=control,
            experiments=experiments,
        )

    def _zone(self, lead: Fields) -> str:
        return self.journey.zone or zone_of(lead.get("zone"), self.vocabulary)

    def _begin(self, person: Person, lead: Fields, zone: str) -> Begin | None:
        """Draws when a lead comes, evenly over the crowd's time, and with what; the journey begins then, or
        at the next time of its clock or the lead's date. None: all the dates are past.
        """
        trigger = self.journey.starts[0]
        on: Literal["event", "request"] = "request" if trigger.on == "request" else "event"
        fields = person.fields(self.crowd.start, "start")
        if self.journey.key_field is not None and trigger.thing is None:
            fields.setdefault(self.journey.key_field, str(person.number))
        first = first_instant(Begin(on, None, {}, self.crowd.begin), zone)
        comes = person.after(first, self.crowd.over, zone, "arrives")
        entry = self._entry(trigger, lead, comes, zone) if trigger.on in SCANNED else comes
        if entry is None:
            return None
        at = entry.astimezone(ZoneInfo(zone))
        return Begin(on, trigger.event, fields, Day(at.date(), at.hour * 60 + at.minute))

    def _entry(self, trigger: Trigger, lead: Fields, comes: datetime, zone: str) -> datetime | None:
        company = self.journey.zone or self.vocabulary.company.zone
        place = Calendar(zone, hours_by_name(self.vocabulary).__getitem__)
        return entry_after(trigger, lead, comes, company, place)


class _Counting:
    def __init__(self, journey: Journey, vocabulary: Vocabulary) -> None:
        self.tally = Tally()
        self._zone = ZoneInfo(vocabulary.company.zone)
        self._vocabulary = vocabulary
        self._queues = {here.place.step: here.queue for here in journey.program if isinstance(here, Work)}

    def take(self, story: Story) -> None:
        """Counts one lead's story."""
        tally = self.tally
        tally.leads += 1
        if story.refused is not None:
            tally.refused[story.refused] += 1
            return
        tally.entered += 1
        tally.branches.update(story.taken)
        if story.ending is None:
            tally.going_on += 1
        else:
            tally.endings[story.ending] += 1
        for line in story.log:
            self._line(line)
            if line.kind == "goal":
                tally.goals[line.text, CONTROL if story.ending == CONTROL else "in the journey"] += 1

    def _line(self, line: LogLine) -> None:
        if line.kind in MESSAGES:
            if line.reason is None:
                self.tally.sends[self._day(line.at), line.kind] += 1
                self.tally.sent[line.step, line.kind] += 1
            else:
                self.tally.skipped[line.step, line.reason] += 1
        elif line.kind == "held":
            self.tally.held[line.step, line.reason or ""] += 1
        elif line.kind in WORK:
            self._work(line)

    def _work(self, line: LogLine) -> None:
        queue, local = self._queues.get(line.step, ""), line.at.astimezone(self._zone)
        self.tally.work[queue, local.date(), local.hour] += 1
        hours = self._vocabulary.queues[queue].hours if queue in self._vocabulary.queues else None
        if hours is not None and not is_open(hours, line.at, self._vocabulary.company.zone):
            self.tally.closed[queue] += 1

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

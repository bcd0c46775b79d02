"""What the people of a simulated crowd do: who they are, what they do by themselves, how they react.

Everything is drawn by hash of seed, lead and what it is about, so that the same seed tells the same story.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from pydantic import JsonValue

from engine.calendar import add
from engine.hours import business_add
from engine.ids import share_of
from engine.queues import Task
from language.compiled import Journey, Work
from language.crowd import Between, Crowd, DayBetween, Drawn, Has, Occurs, Reacts, Shares, Worked
from language.problems import Mark
from language.scenario import Answers, Happening, Happens
from language.scenario_history import Past
from language.vocabulary import Vocabulary
from model.commands import Answer, Effect, Send, Sent
from model.events import Fields
from model.time import After, Length

NOWHERE = Mark("", 0, 0)
EVERYBODY = {
    "email": "lead{number}@example.com",
    "phone": "+34600{number:06d}",
    "postal_address": "Calle {number}",
}
EXPIRY = frozenset({"expired"})
Occasion = tuple[datetime, Happening]


@dataclass(frozen=True, slots=True)
class Person:
    """One lead of a crowd: draws its lot by name; `number` counts from 0."""

    crowd: Crowd
    seed: int
    number: int

    def lot(self, *about: str) -> float:
        """Draws a number in [0, 100) that is always the same for this person and matter."""
        return share_of(str(self.seed), str(self.number), *about)

    def lead(self) -> Fields:
        """Gives the attributes that a scenario would write under `lead`."""
        drawn = {name: self._value(name, value, "lead") for name, value in self.crowd.leads.items()}
        around = {kind: self.fields(of, kind) for kind, of in self.crowd.around.items()}
        found: Fields = {"id": f"lead-{self.number}", **drawn, **around}
        if "email" not in found:
            found["email"] = self._address("email")
        if self.crowd.consent is not None:
            found["consent"] = {
                channel: True
                for channel, share in self.crowd.consent.items()
                if self.lot("consent", channel) < share
            }
        return found

    def fields(self, of: Mapping[str, Drawn], about: str) -> Fields:
        """Draws the fields of an event."""
        return {name: self._value(name, value, about) for name, value in of.items()}

    def after(self, at: datetime, within: Length, zone: str, *about: str) -> datetime:
        """Draws an instant evenly within a length from `at`."""
        longest = add(at, within, zone) - at
        return at + timedelta(seconds=int(longest.total_seconds() * self.lot("when", *about) / 100))

    def _address(self, name: str) -> str:
        return EVERYBODY[name].format(number=self.number)

    def _value(self, name: str, drawn: Drawn, about: str) -> JsonValue:
        lot = self.lot("value", about, name)
        match drawn:
            case Shares(of=of):
                return _one(of, lot)
            case Between(low=low, high=high, whole=True):
                return int(low + (high - low + 1) * lot / 100)
            case Between(low=low, high=high):
                return round(low + (high - low) * lot / 100, 2)
            case DayBetween(low=first, high=last):
                days = (last - first).days + 1
                return (first + timedelta(days=int(days * lot / 100))).isoformat()
            case Has(share=share):
                if name in EVERYBODY:
                    return self._address(name) if lot < share else None
                return lot < share
            case _:
                assert_never(drawn)


class Behaviour:
    """What one person does while a journey runs; where the journey has a key, `start` (the fields with which
    it begins) has its value, and what the person does is about that one.
    """

    def __init__(
        self, person: Person, journey: Journey, vocabulary: Vocabulary, zone: str, start: Fields
    ) -> None:
        self._person, self._vocabulary, self._zone = person, vocabulary, zone
        self._key = {name: start[name] for name in (journey.key_field,) if name in start}
        self._work = {here.name: here for here in journey.program if isinstance(here, Work)}
        self._opened = 0

    def by_itself(self, begin: datetime) -> Iterator[Occasion]:
        """Lists what the person does whatever the journey does."""
        for number, occurs in enumerate(self._person.crowd.events):
            name = f"event {number}"
            if self._person.lot(name) < occurs.share:
                yield self._happens(occurs, begin, name, {})

    def before(self, begin: datetime) -> Iterator[Past]:
        """Lists what the person did before the run began."""
        for number, occurs in enumerate(self._person.crowd.history):
            name = f"history {number}"
            if self._person.lot(name) < occurs.share:
                longest = (begin - add(begin, occurs.within, self._zone, sign=-1)).total_seconds()
                ago = Length(seconds=int(longest * self._person.lot("when", name) / 100))
                yield Past(ago, occurs.event, self._person.fields(occurs.fields, name))

    def after(self, effect: Effect, answer: Answer, now: datetime) -> Iterator[Occasion]:
        """Lists what follows an effect: the reactions to a message."""
        if isinstance(effect, Send) and isinstance(answer, Sent) and answer.result == "sent":
            yield from self._reactions(effect, answer.channel or effect.channels[0], now)

    def _reactions(self, send: Send, channel: str, now: datetime) -> Iterator[Occasion]:
        for number, reacts in enumerate(self._person.crowd.reactions):
            of, name = reacts.event.partition(".")[0], f"reaction {number} {send.send_id}"
            meant = of == channel and reacts.template in (None, send.template)
            if meant and self._person.lot(name) < reacts.share:
                yield self._happens(reacts, now, name, {"step": send.step})

    def _happens(self, what: Occurs | Reacts, at: datetime, name: str, about: Fields) -> Occasion:
        when = self._person.after(add(at, what.after, self._zone), what.within, self._zone, name)
        declared = self._vocabulary.events.get(what.event, {})
        key = {field: value for field, value in self._key.items() if field in declared}
        fields = {**key, **about, **self._person.fields(what.fields, name)}
        return when, Happens(After(Length()), what.event, fields, NOWHERE)

    def works(self, task: Task, now: datetime) -> Iterator[Occasion]:
        """Draws how and when somebody ends a task."""
        self._opened += 1
        name = f"work {task.name} {self._opened}"
        work = self._person.crowd.work.get(task.name) or self._usual(task)
        outcome = _one(work.outcomes, self._person.lot(name))
        if not isinstance(outcome, str):
            return
        ready = max(now, task.ready_at)
        seconds = int(
            (add(ready, work.within, "UTC") - ready).total_seconds() * self._person.lot(name, "when") / 100
        )
        at = business_add(ready, seconds, self._vocabulary.queues[task.queue].hours, self._zone)
        yield at, Answers(After(Length()), task.name, outcome, {}, NOWHERE, task.work)

    def _usual(self, task: Task) -> Worked:
        """How work ends that the crowd says nothing of: every outcome of its own is as likely."""
        known = self._vocabulary.queues[task.queue].outcomes
        step = self._work.get(task.name)
        codes = tuple(step.outcomes) if step is not None and step.wait else known
        likely = [code for code in codes if code not in EXPIRY and known[code].effect != "callback"]
        return Worked(tuple((code, 100 / len(likely)) for code in likely))


def _one(of: tuple[tuple[JsonValue, float], ...], lot: float) -> JsonValue:
    """Finds the value on which a lot falls; None behind the last."""
    for value, share in of:
        if lot < share:
            return value
        lot -= share
    return None

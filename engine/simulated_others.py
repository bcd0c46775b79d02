"""The other journeys of a simulation: when the lead enters one (language.md §9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.admission import LastRun, Refused
from engine.entry import by_event
from engine.facts import Asked, judge
from engine.simulated_run import SimulatedRun
from engine.world import World
from language.compiled import Journey, Trigger
from language.listening import ENTERED, REQUESTED
from model.events import Event
from model.runs import Run


@dataclass(frozen=True, slots=True)
class Entering:
    """A trigger of a journey that fired, with the event that begins the run."""

    journey: Journey
    trigger: Trigger
    event: Event


class Others:
    """Watches the triggers of the journeys that a scenario names, and the requests for its own."""

    def __init__(self, own: Journey, named: Sequence[Journey], world: World) -> None:
        self._own, self._world = own, world
        self._named = [journey for journey in named if journey.name != own.name]
        self._held: dict[tuple[str, str], bool] = {}
        self._turned = 0

    def knows(self, journey: str) -> bool:
        """Says whether a journey runs in this simulation."""
        return journey in {self._own.name, *(one.name for one in self._named)}

    def begin(self, now: datetime) -> None:
        """Remembers which conditions of `becomes` hold at the beginning."""
        for journey, trigger in self._becoming():
            self._held[journey.name, trigger.name] = self._holds(trigger, now)

    def fired(self, events: Sequence[Event], now: datetime) -> Iterator[Entering]:
        """Lists what begins by these events and what has changed with them; of each journey the first."""
        for event in events:
            for journey in (*self._named, self._own):
                trigger = self._by(journey, event)
                if trigger is not None:
                    yield Entering(journey, trigger, _start(trigger, event))
        for journey, trigger in self._becoming():
            before, holds = self._held[journey.name, trigger.name], self._holds(trigger, now)
            self._held[journey.name, trigger.name] = holds
            if holds and not before:
                self._turned += 1
                yield Entering(journey, trigger, Event(f"turned-{self._turned}", "lead.updated", now))

    def enters(self, entering: Entering, runs: Sequence[SimulatedRun], now: datetime) -> Run | Refused:
        """Judges an entry as the intake does, by the lead's runs so far."""
        name = entering.journey.name
        before = [run for run in runs if run.journey.name == name]
        return by_event(
            entering.journey, entering.trigger, self._world, entering.event, now,
            lambda key: _last([run for run in before if run.run.key == key]), len(before) + 1,
        )  # fmt: skip

    def _by(self, journey: Journey, event: Event) -> Trigger | None:
        for trigger in journey.starts:
            if trigger.on == "request" and event.type == REQUESTED:
                if event.fields.get("journey") == journey.name:
                    return trigger
            elif trigger.on == "event" and trigger.event == event.type and journey is not self._own:
                own = event.type == ENTERED and event.fields.get("journey") == journey.name
                if not own and not trigger.anyone and self._matches(trigger, event):
                    return trigger
        return None

    def _matches(self, trigger: Trigger, event: Event) -> bool:
        if trigger.where is None:
            return True
        names = {f"event.{name}": value for name, value in event.fields.items()}
        return judge(trigger.where, self._world.known(), Asked(event.at, names=names))

    def _becoming(self) -> Iterator[tuple[Journey, Trigger]]:
        for journey in self._named:
            yield from ((journey, trigger) for trigger in journey.starts if trigger.becomes is not None)

    def _holds(self, trigger: Trigger, now: datetime) -> bool:
        return trigger.becomes is not None and judge(trigger.becomes, self._world.known(), Asked(now))


def _start(trigger: Trigger, event: Event) -> Event:
    """Gives the event that begins a run: the fields of a request are its inputs."""
    if trigger.on != "request":
        return event
    inputs = event.fields.get("inputs")
    return Event(event.id, event.type, event.at, dict(inputs) if isinstance(inputs, dict) else {})


def _last(runs: Sequence[SimulatedRun]) -> LastRun | None:
    if not runs:
        return None
    last = runs[-1]
    return LastRun(last.run.entered_at, (last.ending or "finished") if last.ended else None)

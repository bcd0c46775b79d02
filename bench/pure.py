"""The engine alone, in one process: a step of `advance`, and whole simulated journeys."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.project import TWELVE_MESSAGES, TWELVE_STEPS, write_many
from bench.report import Row, judged
from engine.advance import advance, start
from engine.population import Population
from engine.position import Position
from engine.simulator import simulate
from engine.turn import News, Turn
from language.compiled import Journey
from language.crowd import Between, Crowd, Reacts
from language.facts import fact_key
from language.vocabulary import Vocabulary
from model.commands import Answer, Done, Effect, Send, Sent
from model.events import Event, Fields
from model.runs import Run
from model.time import Length
from runtime.project import load_project

BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LEAD: Fields = {"email": "ana@example.com", "phone": "+34600111222", "score": 40}
FACTS: Fields = {"lead.zone": "Europe/Madrid", "company.zone": "Europe/Madrid", "lead.score": 40}


@dataclass
class Ride:
    """One lead's run of a journey on a clock that jumps from wake-up to wake-up."""

    journey: Journey
    position: Position
    now: datetime = BEGIN
    spent: float = 0.0
    effects: list[Effect] = field(default_factory=list)

    def to_the_end(self) -> None:
        """Drives the run as its workflow does."""
        news: list[News] = []
        while True:
            turn = self._turn(news)
            news = [self._answer(effect) for effect in turn.effects]
            if turn.ended:
                return
            if not turn.effects:
                assert turn.wake is not None
                self.now = max(self.now, turn.wake)

    def _turn(self, news: list[News]) -> Turn[Position]:
        facts: Fields = {}
        while True:
            began = time.process_time()
            turn = advance(self.journey, self.position, news, self.now, facts)
            self.spent += time.process_time() - began
            self.position = turn.position
            if turn.ask is None:
                return turn
            facts |= {key: FACTS.get(key) for key in map(fact_key, turn.ask.wanted)}
            news = []

    def _answer(self, effect: Effect) -> Answer:
        self.effects.append(effect)
        return (
            Sent(effect.token, "sent", effect.channels[0]) if isinstance(effect, Send) else Done(effect.token)
        )


def ride(journey: Journey, number: int) -> Ride:
    """Begins a lead's run."""
    event = Event(f"begin-{number}", "bench.first", BEGIN, {})
    run = Run(f"run-{number}", f"lead-{number}", journey.name, 1, BEGIN, event, "bench.first")
    return Ride(journey, start(journey, run, BEGIN))


def measure(folder: Path, journeys: int) -> list[Row]:
    """Runs a journey of twelve steps for many leads: `advance` alone, then the simulator around it."""
    project = load_project(write_many(folder, 1))
    (journey,) = project.journeys.values()
    step = 1e6 * _advancing(journey, journeys) / (journeys * TWELVE_STEPS)
    simulated = journeys / _simulating(journey, project.vocabulary, journeys)
    crowd = journeys / _playing(journey, project.vocabulary, journeys)
    return [
        judged("advance, a step", step, "µs", "<=", 50),
        judged("simulated journeys of 12 steps", simulated, "1/s and core", ">=", 1000),
        judged("simulated population, 12 steps", crowd, "leads/s and core", ">=", 1000),
    ]


def _advancing(journey: Journey, journeys: int) -> float:
    """Gives the CPU seconds that `advance` took for whole runs."""
    ride(journey, 0).to_the_end()
    rides = [ride(journey, number) for number in range(journeys)]
    for one in rides:
        one.to_the_end()
    return sum(one.spent for one in rides)


def _simulating(journey: Journey, vocabulary: Vocabulary, journeys: int) -> float:
    """Gives the CPU seconds of as many simulated leads; raises RuntimeError if one does not get through."""
    simulate(journey, vocabulary, LEAD)
    began = time.process_time()
    stories = [simulate(journey, vocabulary, {**LEAD, "id": f"lead-{n}"}) for n in range(journeys)]
    seconds = time.process_time() - began
    for story in stories:
        messages = sum(line.kind in ("email", "sms") for line in story.log)
        if (story.ending, messages) != ("finished", TWELVE_MESSAGES):
            raise RuntimeError(f"a simulated lead ended as {story.ending} after {messages} messages")
    return seconds


def _playing(journey: Journey, vocabulary: Vocabulary, journeys: int) -> float:
    """Gives the CPU seconds of a population that answers; raises RuntimeError if one is left behind."""
    opens = Reacts("email.opened", 40, Length(days=1))
    crowd = Crowd(leads={"score": Between(0, 100, whole=True)}, over=Length(days=30), reactions=(opens,))
    population = Population(journey, vocabulary, crowd, journeys, 7)
    began = time.process_time()
    tally = population.play(range(journeys))
    seconds = time.process_time() - began
    if tally.endings["finished"] != journeys:
        raise RuntimeError(f"of {journeys} simulated leads only {tally.endings['finished']} finished")
    return seconds

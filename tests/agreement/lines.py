"""The log of a run as the simulator tells it, and as the activities of the real run saw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.simulator import simulate
from engine.story import Log, LogLine
from engine.world import zone_of
from language.compiled import Journey, Work
from language.scenario import Scenario
from language.vocabulary import Vocabulary
from model.runs import CarriedOut, EffectRequest, ProgressRequest

UNTOLD = frozenset({"entered", "event", "change", "problem", "goal", "overdue", "escalated", "expired"})
"""What only the simulator writes: it happens to a run, and no run does it."""
SLACK = timedelta(minutes=5)
"""Virtual time runs on with the wall's while nobody moves it."""


@dataclass
class Recorded:
    """Writes down what the activities of every run were asked for, and what they answered."""

    requests: list[tuple[EffectRequest | ProgressRequest, CarriedOut | None]] = field(default_factory=list)

    def __call__(self, request: EffectRequest | ProgressRequest, done: CarriedOut | None) -> None:
        """Takes one request that was carried out."""
        self.requests.append((request, done))

    def log(
        self, journey: Journey, lead_id: str, zone: str, ready: Sequence[tuple[datetime, str]]
    ) -> tuple[LogLine, ...]:
        """Tells the story of a lead's run in the simulator's words; `ready` is when work of a step was."""
        mine = [
            pair
            for pair in self.requests
            if (pair[0].run.lead_id, pair[0].run.journey) == (lead_id, journey.name)
        ]
        if not mine:
            return ()
        log = Log(journey, zone, mine[0][0].run.entered_at)
        for request, done in mine:
            for note in request.progress.notes:
                log.note(note)
            if isinstance(request, EffectRequest) and done is not None:
                log.effect(request.effect, done.answer, request.at)
        works = {here.place.step: here for here in journey.program if isinstance(here, Work)}
        for at, step in ready:
            if step in works:
                log.write(at, works[step].work, works[step].name, step)
        return _told(log.lines())


@dataclass(frozen=True, slots=True)
class Told:
    """A scenario with the log of its run on the server."""

    scenario: Scenario
    journey: Journey
    lead_id: str
    log: tuple[LogLine, ...]


def differences(vocabulary: Vocabulary, told: Sequence[Told]) -> str:
    """Says where the server's stories part from the simulator's; empty where they do not."""
    found = [
        f"{one.journey.name}: {one.scenario.name}: {why}"
        for one in told
        if (why := parted(simulated(one, vocabulary), one.log)) is not None
    ]
    return "\n\n".join(found)


def simulated(told: Told, vocabulary: Vocabulary) -> tuple[LogLine, ...]:
    """Tells the same story by the simulator, of a lead with the same id."""
    scenario = told.scenario
    lead = {**scenario.lead, "id": told.lead_id}
    story = simulate(told.journey, vocabulary, lead, scenario.begin, scenario.events)
    return () if story.refused is not None else _told(story.log)


def zone_for(journey: Journey, vocabulary: Vocabulary, scenario: Scenario) -> str:
    """Gives the zone in which the days of a scenario are counted."""
    return journey.zone or zone_of(scenario.lead.get("zone"), vocabulary)


def parted(by_simulator: Sequence[LogLine], by_server: Sequence[LogLine]) -> str | None:
    """Says where two stories part; None where they are the same."""
    for number in range(max(len(by_simulator), len(by_server))):
        ours = by_simulator[number] if number < len(by_simulator) else None
        theirs = by_server[number] if number < len(by_server) else None
        if ours is None or theirs is None or not _same(ours, theirs):
            return "\n".join(
                [f"they part at line {number + 1}", "simulator:", *_shown(by_simulator, number),
                 "server:", *_shown(by_server, number)]
            )  # fmt: skip
    return None


def _told(lines: Sequence[LogLine]) -> tuple[LogLine, ...]:
    return tuple(line for line in lines if line.kind not in UNTOLD)


def _same(one: LogLine, other: LogLine) -> bool:
    words = (one.kind, one.text, one.step, one.reason) == (other.kind, other.text, other.step, other.reason)
    return words and abs(one.at - other.at) <= SLACK


def _shown(lines: Sequence[LogLine], at: int) -> list[str]:
    first = max(at - 12, 0)
    near = enumerate(lines[first : at + 4], first)
    return [f"{'>' if number == at else ' '} {_worded(line)}" for number, line in near]


def _worded(line: LogLine) -> str:
    return f"{line.at:%Y-%m-%d %H:%M:%S} {line.kind} {line.text} [{line.step}] {line.reason or ''}"

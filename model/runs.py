"""A run (one enrolment of one lead in one journey) as its workflow, the activities and the intake speak of
it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from model.commands import Answer, Effect, Note
from model.events import Event, Fields
from model.expressions import Expr


@dataclass(frozen=True, slots=True)
class Run:
    """Who runs where: constants of a run. `start` is the event that opened it, `key` the value of the
    journey's key."""

    enrolment_id: str
    lead_id: str
    journey: str
    version: int
    entered_at: datetime
    start: Event
    trigger: str | None = None
    key: JsonValue = None
    key_field: str | None = None


@dataclass(frozen=True, slots=True)
class FactsRequest:
    """Asks the store for facts: `names` are the run's own values that bound conditions may read."""

    run: Run
    wanted: tuple[Expr, ...]
    at: datetime
    names: Fields = field(default_factory=dict)
    event: str | None = None


@dataclass(frozen=True, slots=True)
class FactsAnswer:
    """Facts by `fact_key`; null is a known missing value."""

    values: Fields


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands, kept with its enrolment: rides on every effect. `attention` is what somebody has to
    mend or decide; `moved`: it is in another version now than the store knows."""

    applied_seq: int
    waiting_until: datetime | None
    waiting_for: str | None
    step: str | None
    notes: tuple[Note, ...] = ()
    paused: bool = False
    attention: str | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class EffectRequest:
    """One effect to carry out now, with the notes that came before it."""

    run: Run
    effect: Effect
    at: datetime
    progress: Progress


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """The answer to an effect, and facts read on the way: the next turn need not ask for them."""

    answer: Answer
    facts: Fields = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProgressRequest:
    """Only notes and position, when a turn ends in a wait without an effect that could carry them."""

    run: Run
    at: datetime
    progress: Progress


@dataclass(frozen=True, slots=True)
class MoveOrder:
    """Moves a run from the version `old` to another: `journey` is its compiled form, `mapping` says what its
    steps are called there."""

    old: int
    version: int
    journey: str
    mapping: dict[str, str] = field(default_factory=dict)


JOURNEY = "journey"
"""Workflow type of a run."""

DELIVER = "deliver"
"""Signal that brings deliveries to a run."""

MOVE, POSITION = "move", "position"
"""Names of the update that moves a run, and of the query that says where it stands."""

READ_FACTS, CARRY_OUT, SAVE_PROGRESS = "read_facts", "carry_out", "save_progress"
"""Names of the activities."""

RunState = Literal["open", "paused", "ended"]


def workflow_id(enrolment_id: str) -> str:
    """Gives the id of the workflow that carries this enrolment: `journey/ENROLMENT_ID`."""
    return f"{JOURNEY}/{enrolment_id}"

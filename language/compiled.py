"""The compiled journey: a flat program that interpreter, simulator, diagram, diff and reports read.

Blocks are lowered to jumps between indices of `program`. Read and written as JSON by `dump` and `load`; the
form reads back equal.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from pydantic import JsonValue, TypeAdapter

from language.dates import DateRule
from language.instructions import (
    AllowLead,
    Arm,
    Assign,
    ChangeAudience,
    Connect,
    End,
    Enter,
    Escalation,
    Fork,
    GoTo,
    Instruction,
    Join,
    Jump,
    Leave,
    Line,
    Listen,
    Loop,
    LoopBack,
    LoopStart,
    Message,
    NotifyTeam,
    Place,
    Remind,
    ReportOutcome,
    Restart,
    RetryPlan,
    Return,
    Score,
    SideEnd,
    Split,
    StartJourney,
    StopJourney,
    SuppressLead,
    Test,
    Values,
    Wait,
    Way,
    Work,
)
from language.rules import HoldWhile, Rules
from language.schema import FieldType
from language.wide import Lookup, Wide
from model.expressions import Expr
from model.time import Every, Hours, Length, OnDay

__all__ = [
    "A_YEAR",
    "SCANNED",
    "Again",
    "AllowLead",
    "Arm",
    "Assign",
    "ChangeAudience",
    "Connect",
    "Effect",
    "End",
    "Enter",
    "Escalation",
    "Exit",
    "Fork",
    "GoTo",
    "Goal",
    "Instruction",
    "Join",
    "Journey",
    "Jump",
    "Leave",
    "Line",
    "Listen",
    "Lookup",
    "Loop",
    "LoopBack",
    "LoopStart",
    "Message",
    "NotifyTeam",
    "Outcome",
    "Place",
    "QueueForm",
    "Remind",
    "ReportOutcome",
    "Restart",
    "RetryPlan",
    "Return",
    "Scope",
    "Score",
    "SideEnd",
    "Split",
    "StartJourney",
    "StopJourney",
    "SuppressLead",
    "Test",
    "Trigger",
    "Values",
    "Wait",
    "Way",
    "Whenever",
    "Wide",
    "Work",
    "digest",
    "dump",
    "load",
]

Outcome = Literal["won", "lost", "neutral"]
Effect = Literal["done", "reached", "retry", "callback", "number_dead", "never_call", "expired"]

A_YEAR = Length(months=12)
SCANNED = frozenset({"every", "once", "date"})
"""Triggers whose leads a scan looks for."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One way in: `event` with `where` (no match leaves no trace), `becomes`, `request`, `date`, or a scan:
    at the times of `every` or `once` those for whom `condition` holds. Elsewhere it refuses with a reason.
    `thing` is the kind of thing that it is about, if it is not about the lead.

    `anyone`: an event of anybody begins a run of each lead for whom `where` holds, found by `lookup`.
    """

    on: Literal["event", "becomes", "request", "every", "once", "date", "joins", "leaves"]
    name: str
    event: str | None = None
    where: Expr | None = None
    becomes: Expr | None = None
    condition: Expr | None = None
    condition_text: str = ""
    line: int = 0
    every: Every | None = None
    once: OnDay | None = None
    thing: str | None = None
    date: DateRule | None = None
    anyone: bool = False
    lookup: Lookup | None = None
    audience: str | None = None
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """`never | when finished | after LENGTH | replace`."""

    mode: Literal["never", "finished", "after", "replace"] = "never"
    after: Length | None = None


@dataclass(frozen=True, slots=True)
class Exit:
    """A line whose firing ends the run as `ending`."""

    line: Line
    ending: str


@dataclass(frozen=True, slots=True)
class Whenever:
    """A line that each time leads to `stage`, or begins the side steps at `line.target`; `stages` limits
    where it listens."""

    line: Line
    stage: str | None = None
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds while the steps of an inlined journey run, besides what holds around it."""

    journey: str
    version: int
    exits: tuple[Exit, ...] = ()
    whenever: tuple[Whenever, ...] = ()
    hold_while: HoldWhile | None = None


@dataclass(frozen=True, slots=True)
class QueueForm:
    """What is frozen of a queue: outcome code to effect."""

    outcomes: dict[str, Effect]


@dataclass(frozen=True, slots=True)
class Goal:
    """What counts as conversion in reports."""

    name: str
    event: str
    where: Expr | None = None
    within: Length | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """A whole compiled journey; immutable once published.

    `stages` maps a stage to its first index, in file order. `hears`: event types that intake delivers to a
    run. `reads`: for each of those types the fields a run receives. `watches`: fact names whose change
    wakes an open run. `rules` say who may enter, when, and how many at once. `wide`: events of other leads
    that it hears. `inputs` are what a request may give. `scopes` are the journeys inlined by `run:`, by the
    ids of those steps; their stages are among `stages`, as `RUN_ID/STAGE`.
    `things`: the kinds of things that it is about or reads, with the field of the trigger that names each.
    """

    name: str
    version: int
    about: str
    program: tuple[Instruction, ...]
    stages: dict[str, int]
    starts: tuple[Trigger, ...]
    key: Expr | None = None
    key_field: str | None = None
    again: Again = Again()
    exits: tuple[Exit, ...] = ()
    whenever: tuple[Whenever, ...] = ()
    contact_hours: Hours | None = None
    zone: str | None = None
    life: Length = A_YEAR
    on_opt_out: Literal["end", "go_on"] = "end"
    goals: tuple[Goal, ...] = ()
    endings: dict[str, Outcome] = field(default_factory=dict)
    queues: dict[str, QueueForm] = field(default_factory=dict)
    hears: tuple[str, ...] = ()
    reads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    watches: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)
    wide: tuple[Wide, ...] = ()
    inputs: dict[str, FieldType] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)


_FORM: TypeAdapter[Journey] = TypeAdapter(Journey)


def dump(journey: Journey) -> str:
    """Writes the compiled form as canonical JSON text."""
    return _FORM.dump_json(journey, exclude_defaults=False).decode()


def load(text: str | bytes) -> Journey:
    """Reads what `dump` wrote.

    Raises pydantic.ValidationError where the text is not a compiled journey.
    """
    return _FORM.validate_json(text)


@lru_cache(maxsize=256)
def load_once(text: str) -> Journey:
    """Reads what `dump` wrote, once for each text: thousands of runs share one journey."""
    return load(text)


def digest(journey: Journey) -> str:
    """SHA-256 of the compiled form in hexadecimal: two journeys with the same digest run alike.

    Where a step stands in its file does not count: a comment changes nothing.
    """
    form = _FORM.dump_python(journey, mode="json")
    return hashlib.sha256(json.dumps(_without_lines(form), sort_keys=True).encode()).hexdigest()


def _without_lines(node: JsonValue) -> JsonValue:
    if isinstance(node, dict):
        kept = {key: value for key, value in node.items() if not (key == "line" and isinstance(value, int))}
        return {key: _without_lines(value) for key, value in kept.items()}
    return [_without_lines(item) for item in node] if isinstance(node, list) else node

"""What a condition may name, with types: the `Schema` of a vocabulary and the `Scope` of one place in a
journey.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from model.expressions import Type

OPEN_ROOTS = frozenset({"run", "fetched", "returned"})
NO_FIELDS: Mapping[str, FieldType] = {}


@dataclass(frozen=True, slots=True)
class FieldType:
    """The declared type of a field: `element` of a list's items, `values` the only ones it takes, `pii`
    personal data.
    """

    type: Type
    element: Type | None = None
    values: tuple[str | int | float, ...] = ()
    pii: bool = False
    label: str | None = None


Fields = Mapping[str, FieldType]
ANY = FieldType("any")


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything that conditions may name: fields by owner, and the names of what else the vocabulary
    declares. `work` are the calls and tasks of all journeys, empty where they are not known.
    """

    lead: Fields = field(default_factory=dict)
    account: Fields = field(default_factory=dict)
    things: Mapping[str, Fields] = field(default_factory=dict)
    thing_keys: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, Fields] = field(default_factory=dict)
    queues: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    connectors: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    work: frozenset[str] = frozenset()

    @property
    def fact_roots(self) -> frozenset[str]:
        """The first words of names whose values the store keeps: lead, account and every thing."""
        return frozenset({"lead", "account", *self.things})

    def fields_of_events(self, types: Iterable[str]) -> dict[str, FieldType]:
        """Merges the fields of several event types: what any of them has; where types differ, any."""
        merged: dict[str, FieldType] = {}
        for event in types:
            for name, found in self.events.get(event, NO_FIELDS).items():
                before = merged.get(name)
                merged[name] = found if before is None or before == found else _either(before, found)
        return merged


@dataclass(frozen=True, slots=True)
class Scope:
    """What can be read at one place: None where a root cannot be read.

    `event` and `start` are the fields of the events it may be; `open` the roots that take any name;
    `filter` the bare fields of the event a history function asks about; `fetched` what connectors answer, as
    `STEP` and `STEP.FIELD`.
    """

    event: Fields | None = None
    start: Fields | None = None
    open: frozenset[str] = OPEN_ROOTS
    round: bool = False
    filter: Fields | None = None
    fetched: Fields | None = None


def start_fields(event_fields: Fields, inputs: Fields = NO_FIELDS) -> dict[str, FieldType]:
    """Gives what `start.` reads: the trigger's fields and inputs, with `at` and `trigger` of every start."""
    always = {"at": FieldType("time"), "trigger": FieldType("text")}
    return {**event_fields, **inputs, **always}


def _either(left: FieldType, right: FieldType) -> FieldType:
    same = left.type == right.type and left.element == right.element
    pii = left.pii or right.pii
    if not same:
        return FieldType("any", pii=pii)
    values = tuple(dict.fromkeys((*left.values, *right.values))) if left.values and right.values else ()
    return FieldType(left.type, left.element, values, pii)

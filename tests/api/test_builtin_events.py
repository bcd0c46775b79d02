"""The built-in events from outside: each is taken with its fields, and only with values of their types."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from api.accept import OWN_TYPES, TAKEN, Desk, Refused, check
from language.builtin import EVENTS
from language.schema import FieldType
from language.vocabulary import Vocabulary
from model.channels import MESSAGES
from model.records import NewEvent
from tests.api.conftest import NOW

DESK = Desk("provider", NOW, Vocabulary())
SAMPLES: dict[str, tuple[JsonValue, JsonValue]] = {
    "text": ("hello", 7),
    "number": (7, "seven"),
    "yes_no": (True, "yes"),
    "time": ("2026-11-04T10:00:00+01:00", "tomorrow"),
}
FROM_OUTSIDE = sorted(EVENTS.keys() - OWN_TYPES - {"replied"})


def fields_of(kind: str) -> dict[str, FieldType]:
    return {name: field for name, field in EVENTS[kind].items() if name not in TAKEN}


def event(kind: str, properties: dict[str, JsonValue]) -> NewEvent | Refused:
    lead: JsonValue = {"email": "luis@example.com"}
    return check(DESK, {"id": "e-1", "type": kind, "lead": lead, "properties": properties, "message": "s-1"})


@pytest.mark.parametrize("kind", FROM_OUTSIDE)
def test_a_built_in_event_is_taken_with_its_fields_and_refused_with_others_values(kind: str) -> None:
    good = {name: SAMPLES[field.type][0] for name, field in fields_of(kind).items()}
    taken = event(kind, good)
    assert isinstance(taken, NewEvent), taken
    assert (taken.type, taken.body, taken.message) == (kind, good, "s-1")
    for name, field in fields_of(kind).items():
        refused = event(kind, {**good, name: SAMPLES[field.type][1]})
        assert isinstance(refused, Refused), name
        assert [fault.pointer for fault in refused.errors] == [f"/properties/{name}"]


@pytest.mark.parametrize("kind", sorted(OWN_TYPES & EVENTS.keys()))
def test_what_only_the_system_makes_is_taken_from_nobody(kind: str) -> None:
    refused = event(kind, {})
    assert isinstance(refused, Refused)
    assert refused.code == "reserved_type"


def test_every_channel_has_reactions() -> None:
    assert {kind.partition(".")[0] for kind in FROM_OUTSIDE} >= set(MESSAGES)

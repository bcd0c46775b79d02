"""Checks values against the vocabulary, so that no condition ever meets a value of another type."""

from __future__ import annotations

from collections.abc import Mapping

from api.problems import Fault, pointer
from language.compiled import Journey
from language.fitting import mistake
from language.schema import FieldType
from language.vocabulary import Vocabulary
from model.events import Fields


def event_mistakes(vocabulary: Vocabulary | None, type_: str, properties: Fields) -> list[Fault]:
    """Lists properties of another type than declared; what is not declared is kept and read by nobody."""
    if vocabulary is None:
        return []
    return _mistakes(vocabulary.events.get(type_, {}), properties, "properties")


def input_mistakes(journey: Journey, inputs: Fields) -> list[Fault]:
    """Lists inputs of a request that the journey does not take, or takes with another type."""
    events = (trigger.event for trigger in journey.starts if trigger.event is not None)
    known = {*journey.inputs, *(name for event in events for name in journey.reads.get(event, ()))}
    takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
    strange = [
        Fault(pointer=pointer(("inputs", name)), message=f"is no input of {journey.name}: {takes}")
        for name in inputs
        if name not in known
    ]
    return [*strange, *_mistakes(journey.inputs, inputs, "inputs")]


def attribute_mistakes(vocabulary: Vocabulary | None, place: str, values: Fields) -> list[Fault]:
    """Lists undeclared or mistyped attributes of the lead (`attributes`) or its account (`account`)."""
    if vocabulary is None:
        return []
    declared = vocabulary.account if place == "account" else vocabulary.lead
    strange = [
        Fault(pointer=pointer((place, name)), message="is not declared in the vocabulary")
        for name in values
        if name not in declared
    ]
    return [*strange, *_mistakes(declared, values, place)]


def field_mistakes(declared: Mapping[str, FieldType], values: Fields) -> list[Fault]:
    """Lists undeclared or mistyped fields of a thing."""
    strange = [
        Fault(pointer=pointer(("fields", name)), message="is not declared in the vocabulary")
        for name in values
        if name not in declared
    ]
    return [*strange, *_mistakes(declared, values, "fields")]


def _mistakes(declared: Mapping[str, FieldType], values: Fields, place: str) -> list[Fault]:
    found: list[Fault] = []
    for name, value in values.items():
        kind = declared.get(name)
        message = None if kind is None or value is None else mistake(kind, value)
        if message:
            found.append(Fault(pointer=pointer((place, name)), message=message))
    return found

"""Checks values against the vocabulary, so that no condition ever meets a value of another type."""

from __future__ import annotations

from collections.abc import Mapping

from api.problems import Fault, pointer
from language.fitting import mistake
from language.schema import FieldType
from language.vocabulary import Vocabulary
from model.events import Fields


def event_mistakes(vocabulary: Vocabulary | None, type_: str, properties: Fields) -> list[Fault]:
    """Lists properties of another type than declared; what is not declared is kept and read by nobody."""
    if vocabulary is None:
        return []
    return _mistakes(vocabulary.events.get(type_, {}), properties, "properties")


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


def _mistakes(declared: Mapping[str, FieldType], values: Fields, place: str) -> list[Fault]:
    found: list[Fault] = []
    for name, value in values.items():
        kind = declared.get(name)
        message = None if kind is None or value is None else mistake(kind, value)
        if message:
            found.append(Fault(pointer=pointer((place, name)), message=message))
    return found

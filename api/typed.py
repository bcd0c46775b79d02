"""Checks values against the vocabulary, so that no condition ever meets a value of another type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from pydantic import JsonValue

from api.fields import moment
from api.problems import Fault, pointer
from language.schema import FieldType
from language.vocabulary import Vocabulary
from model.events import Fields

_EXPECTED: Final[Mapping[str, str]] = {
    "text": "is not text",
    "number": "is not a number",
    "yes_no": "is not true or false",
    "time": "is not a date and time with an offset, 2026-11-04T10:00:00+01:00",
    "date": "is not a date, 2026-11-04",
    "list": "is not a list of the declared type",
}


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
        message = None if kind is None or value is None else _mistake(kind, value)
        if message:
            found.append(Fault(pointer=pointer((place, name)), message=message))
    return found


def _mistake(kind: FieldType, value: JsonValue) -> str | None:
    if not _fits(kind.type, kind.element, value):
        return _EXPECTED[kind.type]
    listed = value if isinstance(value, list) else [value]
    if kind.values and any(item not in kind.values for item in listed):
        return f"is not one of {', '.join(str(known) for known in kind.values)}"
    return None


def _fits(kind: str, element: str | None, value: JsonValue) -> bool:
    match kind:
        case "text":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "yes_no":
            return isinstance(value, bool)
        case "time":
            return _reads(moment, value)
        case "date":
            return _reads(_date, value)
        case "list":
            return isinstance(value, list) and all(_fits(element or "any", None, item) for item in value)
        case _:
            return True


def _date(value: object) -> date:
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("not a date")
    return date.fromisoformat(value)


def _reads(reader: Callable[[object], object], value: JsonValue) -> bool:
    try:
        reader(value)
    except ValueError:
        return False
    return True

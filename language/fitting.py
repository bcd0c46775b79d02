"""Whether a value from outside is of its declared type, so that no condition meets one of another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from pydantic import JsonValue

from language.moments import read_date
from model.expressions import Type

MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
EXPECTED: Final[Mapping[str, str]] = {
    "text": "is not text",
    "number": "is not a number",
    "yes_no": "is not true or false",
    "time": "is not a date and time with an offset, 2026-11-04T10:00:00+01:00",
    "date": "is not a date, 2026-11-04",
    "list": "is not a list of the declared type",
}


class Declared(Protocol):
    """A type with the only values that it takes, if it names some."""

    @property
    def type(self) -> Type:
        """The type itself."""

    @property
    def element(self) -> Type | None:
        """Of a list's items."""

    @property
    def values(self) -> tuple[str | int | float, ...]:
        """Empty: any."""


def mistake(declared: Declared, value: JsonValue) -> str | None:
    """Says what is wrong with a value, without the value itself; None where nothing is."""
    if not fits(declared.type, declared.element, value):
        return EXPECTED[declared.type]
    listed = value if isinstance(value, list) else [value]
    if declared.values and any(item not in declared.values for item in listed):
        return f"is not one of {', '.join(str(known) for known in declared.values)}"
    return None


def fits(kind: Type, element: Type | None, value: JsonValue) -> bool:
    """Says whether a value is of a type; times have an offset and lie between 1900 and 2200."""
    match kind:
        case "text":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "yes_no":
            return isinstance(value, bool)
        case "time":
            return isinstance(value, str) and _is_moment(value)
        case "date":
            return isinstance(value, str) and read_date(value) is not None
        case "list":
            return isinstance(value, list) and all(fits(element or "any", None, item) for item in value)
        case _:
            return True


def _is_moment(text: str) -> bool:
    try:
        return bool(MOMENT.fullmatch(text)) and 1900 <= datetime.fromisoformat(text).year < 2200
    except ValueError:
        return False

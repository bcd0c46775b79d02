"""Reads a JSON body and refuses what cannot be kept: NaN, infinities, NUL, depth, giant numbers."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Final

from pydantic import JsonValue
from pydantic_core import from_json

from api.problems import Fault, Problem, pointer

DEEPEST: Final = 32
LARGEST_WHOLE: Final = 2**63 - 1


def read(body: bytes) -> JsonValue:
    """Reads a body.

    Raises Problem `invalid_json` for what is not UTF-8 or not JSON, `invalid_request` with the place for
    a value that is refused.
    """
    try:
        value: JsonValue = from_json(body, allow_inf_nan=False, cache_strings="none")
    except ValueError as error:
        raise Problem("invalid_json", _where(str(error))) from None
    faults = refused(value)
    if faults:
        raise Problem("invalid_request", errors=faults)
    return value


def refused(root: JsonValue) -> list[Fault]:
    """Lists values that are refused, with their places; at most ten."""
    found: list[Fault] = []
    todo: list[tuple[JsonValue, tuple[int | str, ...]]] = [(root, ())]
    while todo and len(found) < 10:
        value, path = todo.pop()
        message = _refusal(value, len(path))
        if message:
            found.append(Fault(pointer=pointer(path), message=message))
        elif isinstance(value, dict):
            todo.extend((item, (*path, name)) for name, item in value.items())
        elif isinstance(value, list):
            todo.extend((item, (*path, index)) for index, item in enumerate(value))
    return found


def canonical(value: JsonValue) -> bytes:
    """Writes JSON so that equal values give equal bytes: sorted, compact, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: JsonValue) -> str:
    """SHA-256 of the canonical form in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _refusal(value: JsonValue, depth: int) -> str | None:
    match value:
        case bool() | None:
            return None
        case str():
            return "holds a NUL character" if "\0" in value else None
        case int():
            return None if abs(value) <= LARGEST_WHOLE else "is a whole number beyond 64 bits"
        case float():
            return None if math.isfinite(value) else "is not a finite number"
        case dict():
            if any("\0" in name for name in value):
                return "has a name with a NUL character"
            return f"is nested deeper than {DEEPEST} levels" if depth >= DEEPEST else None
        case list():
            return f"is nested deeper than {DEEPEST} levels" if depth >= DEEPEST else None


def _where(message: str) -> str:
    """Keeps what the parser says: reason, line and column; it never quotes the text."""
    return message.removeprefix("JSON: ")

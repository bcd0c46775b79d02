"""Lowers the triggers that no event of the lead's fires: scans by time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from language.compiled import Trigger
from language.lowering import Lowering
from language.schedule import parse_every, parse_once
from language.syntax.model import TriggerText
from language.values import ValueText
from language.yaml import Scalar
from model.expressions import Expr

T = TypeVar("T")


def scanned(low: Lowering, text: TriggerText, condition: Expr | None) -> Trigger:
    """Lowers a trigger whose leads a scan finds; `condition` is its `if`."""
    name = text.name.raw if text.name else _default_name(low, text)
    if low.text.key is not None:
        message = f"`{text.on}` carries no event, and the journey has the key `{low.text.key.raw}`"
        low.error(text.subject, "J036", message, "give it a journey of its own, without `key`")
    written, line = text.condition.raw if text.condition else "", text.subject.mark.line
    match text.on:
        case "every":
            every = _read(low, text.subject, parse_every)
            return Trigger("every", name, None, None, None, condition, written, line, every=every)
        case "once":
            once = _read(low, text.subject, parse_once)
            return Trigger("once", name, None, None, None, condition, written, line, once=once)
        case _:
            raise AssertionError(text.on)


def _default_name(low: Lowering, text: TriggerText) -> str:
    """Calls a trigger by its word; a second one of the same word is `every_2`."""
    before = low.text.starts[: low.text.starts.index(text)]
    number = sum(other.on == text.on and other.name is None for other in before)
    return text.on if not number else f"{text.on}_{number + 1}"


def _read(low: Lowering, written: Scalar, parse: Callable[[str], T]) -> T | None:
    try:
        return parse(written.raw)
    except ValueText as error:
        low.error(written, "J005", error.message, error.suggestion)
        return None

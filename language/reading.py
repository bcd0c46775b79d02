"""Small readers of YAML nodes that report what is wrong at its place and give None."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from collections.abc import Mapping as Map
from typing import TypeVar

from pydantic import JsonValue

from language.parser import parse_condition, parse_value
from language.problems import ConditionError, Mark, Problems, did_you_mean
from language.schema import Schema, Scope
from language.values import ValueText, parse_hours, parse_length
from language.yaml import Entry, Mapping, Node, Scalar, Sequence, place, plain
from model.expressions import Expr
from model.time import Hours, Length

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
T = TypeVar("T")


def read_condition(node: Node, schema: Schema, scope: Scope, problems: Problems) -> Expr | None:
    """Reads a condition at its place."""
    if not isinstance(node, Scalar) or node.value is None:
        problems.add(node.mark, "J005", "a condition is a text", "write one like `lead.score >= 80`")
        return None
    try:
        return parse_condition(node.raw, schema, scope)
    except ConditionError as error:
        problems.add(place(node, error.offset), error.code, error.message, error.suggestion)
        return None


def read_value(node: Node, schema: Schema, scope: Scope, problems: Problems) -> Expr | None:
    """Reads a value of `set`, `with`, `key` at its place."""
    if not isinstance(node, Scalar):
        problems.add(node.mark, "J005", "a single value belongs here", "write a text, a number or a name")
        return None
    try:
        return parse_value(node.value, schema, scope)
    except ConditionError as error:
        problems.add(place(node, error.offset), error.code, error.message, error.suggestion)
        return None


def read_mapping(node: Node, what: str, problems: Problems) -> Mapping | None:
    """Takes the node as a map."""
    if isinstance(node, Mapping):
        return node
    problems.add(node.mark, "J005", f"{what} needs names with their values", "write lines of `name: value`")
    return None


def read_parts(node: Node, what: str, parts: Collection[str], problems: Problems) -> dict[str, Node] | None:
    """Takes the node as a map with these keys only."""
    mapping = read_mapping(node, what, problems)
    if mapping is None:
        return None
    found: dict[str, Node] = {}
    for entry in mapping.entries:
        if entry.name in parts:
            found[entry.name] = entry.value
        else:
            advice = did_you_mean(entry.name, parts) or f"it has {', '.join(parts)}"
            problems.add(entry.key.mark, "J003", f"{what} has no `{entry.name}`", advice)
    return found


def read_text(node: Node, what: str, problems: Problems) -> str | None:
    """Takes the node as a text that is not empty."""
    if isinstance(node, Scalar) and node.raw.strip() and not isinstance(node.value, bool | None):
        return node.raw.strip()
    problems.add(node.mark, "J005", f"{what} is a text", None)
    return None


def read_length(parts: Map[str, Node], name: str, problems: Problems) -> Length | None:
    """Takes a part as a length of time; None where it is not there."""
    return read_by(parts[name], parse_length, problems) if name in parts else None


def read_texts(node: Node, what: str, problems: Problems) -> tuple[str, ...]:
    """Takes the node as a text or a list of texts."""
    if not isinstance(node, Sequence):
        text = read_text(node, what, problems)
        return () if text is None else (text,)
    if not node.items:
        problems.add(node.mark, "J005", f"{what} is an empty list", "name at least one")
    texts = (read_text(item, what, problems) for item in node.items)
    return tuple(text for text in texts if text is not None)


def read_word(node: Node, what: str, words: Collection[str], problems: Problems) -> str | None:
    """Takes the node as one of these words."""
    text = node.raw if isinstance(node, Scalar) else None
    if text in words:
        return text
    advice = did_you_mean(text or "", words) or f"it is one of {', '.join(words)}"
    shown = f"`{text}`" if text else "this"
    problems.add(node.mark, "J005", f"{shown} is no {what}", advice)
    return None


def read_count(node: Node, what: str, problems: Problems) -> int | None:
    """Takes the node as a whole number from 1 to a million."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000:
        return value
    problems.add(node.mark, "J005", f"{what} is a whole number, at least 1")
    return None


def read_by(node: Node, parse: Callable[[str], T], problems: Problems) -> T | None:
    """Reads a scalar's text by one of the parsers of `language.values`."""
    if not isinstance(node, Scalar):
        problems.add(node.mark, "J005", "a single value belongs here")
        return None
    try:
        return parse(node.raw)
    except ValueText as error:
        problems.add(node.mark, "J005", error.message, error.suggestion)
        return None


def read_hours(node: Node, base: Hours | None, problems: Problems) -> Hours | None:
    """Reads opening hours; keys not given stay as in `base`."""
    try:
        return parse_hours(_hours_data(node), base)
    except ValueText as error:
        problems.add(part_mark(node, error.part), "J005", error.message, error.suggestion)
        return None


def _hours_data(node: Node) -> JsonValue:
    """Takes clock times as they were written: `9:00` is text anyway, a mistaken `9` is a number."""
    if isinstance(node, Mapping):
        return {entry.name: _hours_data(entry.value) for entry in node.entries}
    return node.raw if isinstance(node, Scalar) and node.value is not None else plain(node)


def part_mark(node: Node, part: str | None) -> Mark:
    """Finds the place of a part's value; the node's own if there is none."""
    value = node.get(part) if isinstance(node, Mapping) and part is not None else None
    return value.mark if value is not None else node.mark


def check_name(entry: Entry, what: str, problems: Problems, *, reserved: Collection[str] = ()) -> bool:
    """Refuses keys that are no names, and the `reserved` ones, which mean something in conditions."""
    if not NAME.fullmatch(entry.name):
        advice = re.sub(r"\W+", "_", entry.name.lower(), flags=re.ASCII).strip("_")
        suggestion = f"write `{advice}`" if NAME.fullmatch(advice) else "small letters, digits and `_`"
        problems.add(entry.key.mark, "J005", f"`{entry.name}` is no name for {what}", suggestion)
        return False
    if entry.name in reserved:
        problems.add(entry.key.mark, "J005", f"`{entry.name}` has a meaning of its own", "take another name")
        return False
    return True

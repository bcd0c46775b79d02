"""Asks the checker itself which words a place of a journey has, so that no second list can differ from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Literal, Union, get_args, get_origin, get_type_hints

from language.problems import Problem, Problems
from language.syntax import model
from language.syntax.journey import read_journey
from language.syntax.words import PART_OF
from language.yaml import read_yaml

LineKind = Literal["start", "exit", "whenever", "goal", "first_of"]

_NOBODY_S = "zzqqzz"
_LISTED = re.compile(r"it may have (.+)")
_NEEDED = re.compile(r"needs `(\w+)`")
_HEAD = "journey: x\nversion: 1\n"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one place, and those that must be there."""

    all: tuple[str, ...]
    needed: tuple[str, ...] = ()


@cache
def journey_words() -> Words:
    """Gives the words at the top of a journey."""
    return _asked(f"{_NOBODY_S}: 1\n", "a journey")


@cache
def step_words(verb: str) -> Words:
    """Gives the parts that a step with this verb may have, the verb among them."""
    step = f"  - {verb}: a.b\n    restart_on: a.b\n    then: go_on\n    {_NOBODY_S}: 1\n"
    found = _asked(f"{_HEAD}steps:\n{step}", f"`{verb}`")
    bare = f"  - {verb}: a.b\n    {_NOBODY_S}: 1\n"
    needed = _asked(f"{_HEAD}steps:\n{bare}", f"`{verb}`").needed
    return Words((*found.all, *_read_where_written(verb, found.all)), needed)


def _read_where_written(verb: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Gives the parts that a verb asks for only where they stand."""
    others = [word for word in PART_OF if word not in known]
    parts = "".join(f"    {word}: x\n" for word in others)
    refused = [one.message for one in _problems(f"{_HEAD}steps:\n  - {verb}: a.b\n{parts}")]
    return tuple(
        word for word in others if not any(one.startswith(f"`{word}` ") and _unknown(one) for one in refused)
    )


def _unknown(message: str) -> bool:
    return any(text in message for text in (" does not belong to ", " is no word of "))


@cache
def line_words(kind: LineKind) -> Words:
    """Gives the words of a trigger, an exit, a `whenever` line, a goal, a line of `first_of`."""
    line = f"{{event: a.b, {_NOBODY_S}: 1}}"
    if kind == "first_of":
        return _asked(f"{_HEAD}steps:\n  - first_of: [{line}]\n", "a line of `first_of`")
    what = {"start": "a trigger", "exit": "an exit", "whenever": "a `whenever` line", "goal": "a goal"}
    return _asked(f"{_HEAD}{kind}: {line}\n", what[kind])


def accepted(template: str, words: Iterable[str]) -> tuple[str, ...]:
    """Gives those of the words that may stand at `{}` in a list of steps."""
    return tuple(word for word in words if not _refused(f"{_HEAD}steps:\n{template.format(word)}"))


def _refused(text: str) -> bool:
    return any(problem.code in ("J003", "J005") for problem in _problems(text))


@cache
def choices() -> dict[str, tuple[str, ...]]:
    """Gives the parts that are one of a few words, by their names in the model."""
    found: dict[str, tuple[str, ...]] = {}
    for written in vars(model).values():
        if isinstance(written, type) and is_dataclass(written) and written.__module__ == model.__name__:
            hints = get_type_hints(written)
            found |= {one.name: words for one in fields(written) if (words := _literals(hints[one.name]))}
    return found


def _literals(hint: object) -> tuple[str, ...]:
    """Gives the texts of `Literal[…]` and of `Literal[…] | None`."""
    if get_origin(hint) is Literal:
        return tuple(word for word in get_args(hint) if isinstance(word, str))
    parts = get_args(hint) if _is_union(hint) else ()
    return tuple(word for part in parts for word in _literals(part))


def _is_union(hint: object) -> bool:
    origin = get_origin(hint)
    return origin is Union or getattr(origin, "__name__", "") == "UnionType"


def _asked(text: str, what: str) -> Words:
    """Lets the checker read an unknown word; its answer lists those that it knows."""
    problems = _problems(text)
    listed = [found for one in problems if _NOBODY_S in one.message and (found := _list_of(one))]
    needed = [
        name
        for one in problems
        if one.code == "J002" and one.message.startswith(what)
        for name in _NEEDED.findall(one.message)
    ]
    return Words(listed[0] if listed else (), tuple(dict.fromkeys(needed)))


def _list_of(problem: Problem) -> tuple[str, ...]:
    found = _LISTED.match(problem.suggestion or "")
    return tuple(found.group(1).split(", ")) if found else ()


def _problems(text: str) -> tuple[Problem, ...]:
    problems = Problems()
    node = read_yaml("", text, problems)
    if node is not None:
        read_journey(node, tuple(text.splitlines()), problems)
    return problems.all

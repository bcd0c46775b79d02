"""Whom an event of somebody else is for: `of: account` and `of: anyone` (language.md §4.1).

The comparison of a field with an attribute is found in `where`, so that leads and runs are looked up by an
index and nobody has to ask them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from language.facts import walk
from language.reactions import REPLIES
from model.expressions import Binary, Call, Expr, Name, Private

COMPARED = frozenset({"is", "in", "contains"})
EVENT = "event."


@dataclass(frozen=True, slots=True)
class Lookup:
    """The event's `field` must be, hold or stand in the value of `path`: `lead.…`, `account.…`, `start.…`."""

    field: str
    path: str

    @property
    def name(self) -> str:
        """Gives the text under which it is kept."""
        return f"{self.field}={self.path}"


@dataclass(frozen=True, slots=True)
class Wide:
    """Events of other leads that a journey hears: of the account, or anybody's.

    `lookup` is what finds the runs; `only` is the part of `where` that reads nothing but the event.
    """

    event: str
    of: Literal["account", "anyone"]
    lookup: Lookup | None = None
    only: Expr | None = None


def wide(event: str, of: Literal["account", "anyone"], where: Expr | None) -> Iterator[Wide]:
    """Gives what a line listens to; `replied` without a channel is any."""
    lookup = lookup_of(where, ("start.", "lead.", "account.")) if of == "anyone" else None
    for name in REPLIES if event == "replied" else (event,):
        yield Wide(name, of, lookup, _of_event_alone(where))


def lookup_of(where: Expr | None, roots: tuple[str, ...]) -> Lookup | None:
    """Finds a comparison of a field of the event with a value under a root, the first root first."""
    found = [lookup for part in _parts(where) if (lookup := _compared(part, roots)) is not None]
    return min(found, key=lambda one: _rank(one.path, roots), default=None)


def _rank(path: str, roots: tuple[str, ...]) -> int:
    return next(number for number, root in enumerate(roots) if path.startswith(root))


def _parts(where: Expr | None) -> Iterator[Expr]:
    """Gives what has to hold together, also inside a condition on personal data."""
    match where:
        case None:
            return
        case Private():
            yield from _parts(where.condition)
        case Binary(op="and"):
            yield from (*_parts(where.left), *_parts(where.right))
        case _:
            yield where


def _compared(part: Expr, roots: tuple[str, ...]) -> Lookup | None:
    if not isinstance(part, Binary) or part.op not in COMPARED:
        return None
    for one, other in ((part.left, part.right), (part.right, part.left)):
        if not isinstance(one, Name) or not isinstance(other, Name) or "time" in (one.type, other.type):
            continue
        if one.path.startswith(EVENT) and other.path.startswith(roots):
            return Lookup(one.path.removeprefix(EVENT), other.path)
    return None


def _of_event_alone(where: Expr | None) -> Expr | None:
    alone = [part for part in _parts(where) if all(_is_of_event(node) for node in walk(part))]
    return reduce(lambda left, right: Binary("and", left, right), alone) if alone else None


def _is_of_event(node: Expr) -> bool:
    return not isinstance(node, Call) and not (isinstance(node, Name) and not node.path.startswith(EVENT))


def paths_of(found: Iterable[Lookup | None]) -> frozenset[str]:
    """Lists the attributes of leads by which somebody is looked up."""
    return frozenset(one.path for one in found if one is not None and not one.path.startswith("start."))

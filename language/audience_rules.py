"""Which audiences the rule of an audience asks about: none may come back to itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from language.facts import walk
from language.terms import Audience
from model.expressions import Call, Constant, Expr


def is_circular(name: str, audiences: Mapping[str, Audience]) -> bool:
    """Says whether who is in an audience depends on who is in it."""
    seen: set[str] = set()
    ahead = list(_asked(name, audiences))
    while ahead:
        other = ahead.pop()
        if other == name:
            return True
        if other not in seen:
            seen.add(other)
            ahead += _asked(other, audiences)
    return False


def _asked(name: str, audiences: Mapping[str, Audience]) -> Iterator[str]:
    audience = audiences.get(name)
    if audience is not None and audience.rule is not None:
        yield from _named(audience.rule)


def _named(rule: Expr) -> Iterator[str]:
    for node in walk(rule):
        if isinstance(node, Call) and node.function == "in_audience" and isinstance(node.args[0], Constant):
            yield str(node.args[0].value)

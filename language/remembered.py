"""What is found out about an expression is found out once: the same ones are judged at every step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from model.expressions import Expr

MOST = 4_096

T = TypeVar("T")


def remembered(find: Callable[[Expr], T]) -> Callable[[Expr], T]:
    """Keeps what a pure function finds, by the identity of the expression, which is frozen.

    An expression kept lives on, so that its identity stays its own; beyond `MOST` all are forgotten.
    """
    found: dict[int, tuple[Expr, T]] = {}

    def look(expr: Expr) -> T:
        known = found.get(id(expr))
        if known is None:
            if len(found) >= MOST:
                found.clear()
            known = found[id(expr)] = expr, find(expr)
        return known[1]

    return look

"""What is found out about a frozen thing is found out once: the same ones are judged at every step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

MOST = 4_096

K = TypeVar("K")
T = TypeVar("T")


def remembered(find: Callable[[K], T]) -> Callable[[K], T]:
    """Keeps what a pure function finds, by the identity of what it is given, which is frozen.

    What is kept lives on, so that its identity stays its own; beyond `MOST` all are forgotten.
    """
    found: dict[int, tuple[K, T]] = {}

    def look(given: K) -> T:
        known = found.get(id(given))
        if known is None:
            if len(found) >= MOST:
                found.clear()
            known = found[id(given)] = given, find(given)
        return known[1]

    return look

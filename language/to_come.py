"""What may be named and has nothing behind it yet: refused in journeys, with what helps meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from language.problems import ConditionError

EVENTS: Mapping[str, str | None] = {
    "journey.entered": "hear the event that begins that journey, or its end: `journey.ended`",
}
"""Events that only the system itself could make, and does not."""

_CONDITIONS: Mapping[str, str | None] = {}


def in_conditions() -> dict[str, str | None]:
    """Lists what the conditions of a journey cannot read yet, each with its advice."""
    return {**_CONDITIONS, **EVENTS}


def refuse(to_come: Mapping[str, str | None], shown: str, offset: int, *names: str) -> None:
    """Raises ConditionError J003 where one of the names is to come; `shown` is what was written."""
    for name in names:
        if name in to_come:
            raise ConditionError(f"`{shown}` is not supported yet", offset, to_come[name], "J003")

"""What a run hears of other leads, as intake and store speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Listener:
    """Events of a type, of the lead's account or of anybody.

    `lookup` names the comparison by which the run is found, empty for none; `value` is the run's own side of
    it, where that never changes.
    """

    type: str
    whose: Literal["account", "anyone"]
    lookup: str = ""
    value: JsonValue = None


@dataclass(frozen=True, slots=True)
class Listening:
    """An open run that hears an event of another lead."""

    id: str
    lead_id: str
    journey: str
    version: int

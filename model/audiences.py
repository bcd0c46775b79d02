"""Audiences as the store, the intake and the API speak of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

JOINED, LEFT = "audience.joined", "audience.left"
"""Events by which a lead comes into an audience or leaves it: fields `audience` and `by`."""

By = Literal["rule", "journey", "api", "import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A lead in an audience since `at` (business time)."""

    audience: str
    lead_id: str
    at: datetime
    by: By

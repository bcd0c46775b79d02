"""The places that held messages keep before those of lower priority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from model.contact import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A message of a run that is held until an instant; `rank` 0 is the highest priority."""

    send_id: str
    lead_id: str
    enrolment_id: str
    rank: int
    until: datetime
    channel: str
    purpose: Purpose
    topic: str | None = None
    contact: str | None = None

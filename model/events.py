"""Events: everything that happens to a lead, one inbox for all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

Fields = dict[str, JsonValue]
Whose = Literal["lead", "account", "anyone"]


@dataclass(frozen=True, slots=True)
class Event:
    """An accepted event as a run or the scorer sees it: `at` is the aware business time of its acceptance.

    `fields` holds only what the receiver may read (never personal data inside a run). `message` is the
    send_id of the message a reaction belongs to, `task` the id of the task that `task.*` and `call.*` speak
    of, `run` the enrolment that either belongs to. `whose` says how near its lead is to the run's: the lead
    itself, another of its account, or anybody.
    """

    id: str
    type: str
    at: datetime
    fields: Fields = field(default_factory=dict)
    message: str | None = None
    task: str | None = None
    run: str | None = None
    whose: Whose = "lead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One numbered wake-up of a run: an event, or word that facts which it reads have changed.

    `open` (seq 0) begins the run and is not told it; `end` tells it to end as `ending`.
    """

    seq: int
    at: datetime
    event: Event | None = None
    ending: str | None = None
    kind: Literal["event", "facts", "open", "end"] = "event"

"""Leads that wait for their turn to enter a journey, as store and intake speak of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from model.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWaiting:
    """A lead that will enter when its turn comes, not before `due_at`; `priority` 0 goes first.

    `key_value` is the canonical text of the journey's key, as with enrolments.
    """

    id: str
    lead_id: str
    journey: str
    version: int
    start: Event
    since: datetime
    due_at: datetime
    key_value: str = ""
    trigger: str = ""
    priority: int = 1
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(NewWaiting):
    """A lead that waits."""

    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Entered:
    """Those who came before: when the `number`-th latest entry of the pace was, how many runs are open, and
    how many of the lead's account.
    """

    nth_latest: datetime | None = None
    open: int = 0
    open_of_account: int = 0


@dataclass(frozen=True, slots=True)
class Queue:
    """How many leads wait for a journey, and since when the first of them does."""

    waiting: int
    since: datetime | None

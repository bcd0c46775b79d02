"""Scans as their workflow, the activities, the intake and the store speak of them.

A scan is the part of a trigger that looks for leads: at the instants of `every` and `once`. It puts an event
into the inbox for each lead that it finds; whether the lead enters is judged there, as for any other event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from model.events import Fields

FIRED = "trigger.fired"
"""Type of the event by which a scan asks for an entry: fields `journey`, `trigger`, `occurrence`."""

SCAN = "scan"
"""Workflow type of a scan."""

LOOK = "look"
"""Signal that makes a scan look at what is due: its journey or a date has changed."""

SCAN_PAGE = "scan_page"
"""Name of the activity that looks at one page of leads."""

ScanKind = Literal["every", "once", "date", "members", "audiences"]
"""`members` lets those into a journey who are in its audience at publishing, `audiences` judges the rules."""
ScanState = Literal["on", "off", "over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A scan as the store keeps it: `JOURNEY/TRIGGER` is its name, or `audiences`.

    Occurrences count from `since` on. `occurrence` is the one under way, `cursor` the last lead that was
    looked at; `last_at` is the last one that was begun, `next_at` the next. `looked` and `found` count the
    leads of the last one. `nudge` counts how often the workflow is to be woken, `heard` how often it was.
    `built` is the version for which the dates of all leads were written down.
    """

    name: str
    journey: str
    trigger: str
    kind: ScanKind
    version: int
    since: datetime
    state: ScanState = "on"
    occurrence: datetime | None = None
    cursor: str | None = None
    last_at: datetime | None = None
    next_at: datetime | None = None
    looked: int = 0
    found: int = 0
    nudge: int = 1
    heard: int = 0
    built: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What became of the events of a scan: runs opened, entries refused or in line, events still waiting."""

    entered: int = 0
    refused: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class ScanInput:
    """A scan's workflow at its beginning; its place is in the store. `shift` is seconds from wall to business
    time, `history_limit` events after which it continues as new.
    """

    name: str
    shift: float = 0.0
    history_limit: int = 60


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """Looks at the next page of what is due at `at` (business time)."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ScanStep:
    """What to do after a page: look at once for `more`, sleep until `next_at` (None: until woken), or end."""

    more: bool = False
    next_at: datetime | None = None
    over: bool = False


def scan_name(journey: str, trigger: str) -> str:
    """Names the scan of a trigger."""
    return f"{journey}/{trigger}"


def scan_workflow_id(task_queue: str, name: str) -> str:
    """Gives the id of the workflow that carries this scan; the task queue tells installations apart."""
    return f"{SCAN}/{task_queue}/{name}"


def scan_source(name: str) -> str:
    """Gives the source of the events of a scan; with their ids it lets each lead enter once."""
    return f"{SCAN}/{name}"


def fired_id(occurrence: str, subject: str) -> str:
    """Gives the id of the event that asks for an entry: one for each occurrence and subject."""
    return f"{occurrence}/{subject}"


def fired_fields(journey: str, trigger: str, occurrence: str) -> Fields:
    """Gives the fields of such an event."""
    return {"journey": journey, "trigger": trigger, "occurrence": occurrence}

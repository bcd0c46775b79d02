"""What is counted of journeys: entries, goals, arms of splits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedGoal:
    """A goal that an enrolment reached, once: `event` is the row of the inbox that was it."""

    enrolment_id: str
    goal: str
    at: datetime
    event: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """How many entered a version of a journey, as runs or as control, and how many of them are still open."""

    version: int
    control: bool
    entries: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalCount:
    """How many enrolments of a version reached a goal."""

    version: int
    control: bool
    goal: str
    reached: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The arm of a split that a lead was drawn to, and when it did what the split waits for."""

    split: str
    lead_id: str
    enrolment_id: str
    arm: str
    at: datetime
    converted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCount:
    """How many leads were drawn to an arm, and how many of them converted."""

    arm: str
    drawn: int
    converted: int

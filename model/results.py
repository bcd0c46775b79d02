"""What the store gives and takes about what runs did: sends, messages, work, timeline, outcomes, scores.

The times follow `model.records`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from model.commands import NoteKind
from model.contact import Purpose
from model.events import Fields
from model.time import Hours
from model.work import Appointment, Job

SendState = Literal[
    "planned", "held", "dispatching", "accepted", "unknown", "rejected", "skipped", "delivered", "bounced"
]
FirstState = Literal["planned", "held", "dispatching", "skipped"]
TaskState = Literal["scheduled", "ready", "reserved", "in_progress", "completed", "expired", "canceled"]
Completion = Literal["completed", "repeat", "stale"]
TimelineKind = (
    Literal["event", "message", "work", "score", "ending", "facts", "identity", "outcome", "goal"] | NoteKind
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSend:
    """One send on one channel, as it enters the ledger.

    `deadline` (wall) ends the `dispatching` that `owner` began. `lead_id` is None for a message to a
    team. `decision` holds the facts that the contact rules judged.
    """

    send_id: str
    channel: str
    at: datetime
    lead_id: str | None = None
    enrolment_id: str | None = None
    journey: str | None = None
    step: str | None = None
    template: str | None = None
    purpose: Purpose = "marketing"
    topic: str | None = None
    contact: str | None = None
    address: str | None = None
    owner: str | None = None
    deadline: datetime | None = None
    reason: str | None = None
    decision: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSend(NewSend):
    """A row of the ledger."""

    state: SendState
    provider: str | None = None
    provider_id: str | None = None
    recorded_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutboxMessage:
    """A message that the outbox channel took."""

    send_id: str
    channel: str
    to: str
    at: datetime
    lead_id: str | None = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    language: str | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage(NewOutboxMessage):
    """A stored message of the outbox channel."""

    id: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """One attempt of a piece of work; `callback` marks one agreed with the lead, which goes first.

    `ready_at`, `due_at`, `expires_at` are business time. `values` are for the agent, like `script`. `skills`
    are joined by commas, in order. `agenda` is what the queue has to do with it; `job` comes with work that
    no run waits for. `contact_hours` and `zone` are the journey's.
    """

    id: str
    enrolment_id: str
    lead_id: str
    journey: str
    step: str
    work: Literal["call", "task"]
    name: str
    queue: str
    ready_at: datetime
    at: datetime
    attempt: int = 1
    due_at: datetime | None = None
    expires_at: datetime | None = None
    assign_to: str | None = None
    script: str | None = None
    values: Fields = field(default_factory=dict)
    priority: str | None = None
    number: str | None = None
    outcomes: tuple[str, ...] = ()
    callback: bool = False
    skills: str = ""
    agenda: tuple[Appointment, ...] = ()
    job: Job | None = None
    contact_hours: Hours | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(NewTask):
    """A task; `lease_until` is wall time, `fence` grows with each claim and dates the holder's word.

    `next_at` is when the queue next looks at it.
    """

    recorded_at: datetime
    next_at: datetime | None = None
    state: TaskState = "scheduled"
    agent: str | None = None
    lease_until: datetime | None = None
    fence: int = 0
    outcome: str | None = None
    notes: str | None = None
    completion_id: str | None = None
    callback_at: datetime | None = None
    began_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What became of tasks to be taken back: `gone` are those, `held` are with an agent."""

    gone: tuple[Task, ...] = ()
    held: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """A line of a lead's timeline; one with a known `dedup` is not written again."""

    lead_id: str
    at: datetime
    kind: TimelineKind
    text: str
    dedup: str
    enrolment_id: str | None = None
    journey: str | None = None
    step: str | None = None
    data: Fields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(NewEntry):
    """A stored line of a timeline."""

    id: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutcome:
    """What became of a lead; `body` is the report as the contract has it.

    `snapshot` holds the score, tier and reasons known when it was recorded. `report` False: taken
    from outside or for this house alone, and reported to nobody.
    """

    outcome_id: str
    lead_id: str
    type: str
    at: datetime
    body: Fields
    body_hash: str
    label: Literal[0, 1] | None = None
    value: float | None = None
    enrolment_id: str | None = None
    score_id: str | None = None
    snapshot: JsonValue = None
    treatment: JsonValue = None
    supersedes: str | None = None
    report: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(NewOutcome):
    """A recorded outcome and whether the outside scorer has it."""

    recorded_at: datetime
    reported: Literal["waiting", "sent", "failed", "none"] = "waiting"
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScore:
    """A scorer's answer with the question it answers."""

    score_id: str
    request_id: str
    lead_id: str
    at: datetime
    body_hash: str
    request: Fields
    response: Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(NewScore):
    """A stored decision of a scorer."""

    recorded_at: datetime

"""What the store gives and takes about people, events and runs: one frozen record for each kind of row.

`New…` is what a caller hands in; the record of the same name without `New` is what comes back. `at` is
business time, `recorded_at`, leases and deadlines are wall time; all are aware, in UTC. `model.results` has
the records of what runs did.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, TypedDict, TypeVar

from pydantic import JsonValue

from model.contact import Snooze
from model.events import Delivery, Event, Fields

T = TypeVar("T")

Written = Literal["accepted", "duplicate", "conflict"]
IdentifierKind = Literal["email", "phone", "external", "visitor"]
EventState = Literal["pending", "applied", "dead"]
EnrolmentState = Literal["open", "paused", "ended"]
DeliveryState = Literal["waiting", "delivered", "after_end"]
Ended = Literal["won", "lost", "neutral"]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in order; `next` is the opaque cursor of the following page, None at the end."""

    items: tuple[T, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key by the hash of its secret; several keys share a `source` while one replaces another."""

    id: str
    name: str
    source: str
    hash: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """A normalised value that names one lead; `scope` is the source an `external` id is of, else empty."""

    kind: IdentifierKind
    value: str
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A person; `attributes` and `account` hold what the vocabulary declares.

    `reasons` say why the score is what it is; `score_due_at` is when score, tier or stage next change by
    themselves. `snoozed` without `snoozed_until`: until the lead stirs.
    """

    id: str
    created_at: datetime
    updated_at: datetime
    email: str | None = None
    phone: str | None = None
    postal_address: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    language: str | None = None
    zone: str | None = None
    owner: str | None = None
    campaign: str | None = None
    source: str | None = None
    request_type: str | None = None
    preferred_channel: str | None = None
    score: float | None = None
    tier: str | None = None
    stage: str | None = None
    reasons: JsonValue = None
    score_due_at: datetime | None = None
    snoozed: bool = False
    snoozed_until: datetime | None = None
    attributes: Fields = field(default_factory=dict)
    account: Fields = field(default_factory=dict)
    erased_at: datetime | None = None

    @property
    def snooze(self) -> Snooze | None:
        """The rest that the lead asked for, as the contact rules read it."""
        return Snooze(self.snoozed_until) if self.snoozed else None


class LeadChanges(TypedDict, total=False):
    """Columns of a lead to write; the others stay. `attributes`, `account`, `reasons` are replaced whole."""

    email: str | None
    phone: str | None
    postal_address: str | None
    first_name: str | None
    last_name: str | None
    language: str | None
    zone: str | None
    owner: str | None
    campaign: str | None
    source: str | None
    request_type: str | None
    preferred_channel: str | None
    score: float | None
    tier: str | None
    stage: str | None
    reasons: JsonValue
    score_due_at: datetime | None
    snoozed: bool
    snoozed_until: datetime | None
    attributes: Fields
    account: Fields
    erased_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """A lead's word on a channel (or `all`) and a topic (None: every one), with what it rests on."""

    lead_id: str
    channel: str
    given: bool
    at: datetime
    topic: str | None = None
    scope: Literal["marketing", "all"] = "marketing"
    basis: str | None = None
    source: str | None = None
    wording: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event as it was accepted: `body` holds its properties, `body_hash` tells a repeat from a conflict.

    `visitor` is the web visitor's id, if it came with one; `run` is an enrolment's id.
    """

    source: str
    event_id: str
    type: str
    at: datetime
    body_hash: str
    body: Fields = field(default_factory=dict)
    identifiers: tuple[Identifier, ...] = ()
    lead_id: str | None = None
    visitor: str | None = None
    message: str | None = None
    task: str | None = None
    run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEvent(NewEvent):
    """A row of the inbox. `id` orders acceptance; `reached` are the enrolments that it opened or woke."""

    id: int
    recorded_at: datetime
    state: EventState = "pending"
    attempts: int = 0
    error: str | None = None
    applied_at: datetime | None = None
    reached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many inbox rows wait, and since when (wall) the oldest does."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEnrolment:
    """A run about to begin: its constants, the event that opened it and what wakes it.

    `key_value` is the canonical text of the key, empty without one. `shift` is seconds from wall to business
    time. `hears` are event types, `reads` the fields of each that the run may see, `watches` names of facts.
    `account` names the lead's account, where it is known.
    `date` is the one that a run begun by `date:` is about, as it is now (ISO 8601).
    """

    id: str
    lead_id: str
    journey: str
    version: int
    opened_at: datetime
    start: Event
    key_value: str = ""
    trigger: str | None = None
    shift: float = 0.0
    hears: tuple[str, ...] = ()
    reads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    watches: tuple[str, ...] = ()
    account: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment(NewEnrolment):
    """A run as the store knows it; `next_seq` is the number that its next wake-up gets, from 1.

    `attention` says by step what somebody has to mend or decide.
    """

    recorded_at: datetime
    state: EnrolmentState = "open"
    ending: str | None = None
    outcome: Ended | None = None
    reason: str | None = None
    ended_at: datetime | None = None
    next_seq: int = 1
    applied_seq: int = 0
    waiting_until: datetime | None = None
    waiting_for: str | None = None
    step: str | None = None
    attention: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a run is told of: `hears`, `reads` and `watches` as on its enrolment."""

    hears: tuple[str, ...]
    reads: dict[str, tuple[str, ...]]
    watches: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedDelivery:
    """A wake-up in the outbox towards its run."""

    enrolment_id: str
    seq: int
    payload: Delivery
    at: datetime
    recorded_at: datetime
    state: DeliveryState = "waiting"
    attempts: int = 0
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedJourney:
    """One immutable version: the compiled form as text, its hash, the YAML it came from."""

    name: str
    version: int
    hash: str
    compiled: str
    source: str
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedDraft:
    """Whose draft of which file there is: `base` is the SHA-256 of the text on disk that it began from, empty
    where there was none; `revision` counts how often it was saved.
    """

    owner: str
    file: str
    revision: int
    base: str
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(SavedDraft):
    """A file of a journey as somebody is writing it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """The answer kept under an `Idempotency-Key`; `status` is None while its request is at work."""

    request_hash: str
    status: int | None
    response: JsonValue
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to what, by which key."""

    id: int
    at: datetime
    recorded_at: datetime
    key_id: str | None
    action: str
    target: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The stop switches: of everything, and of single journeys."""

    everything: bool = False
    journeys: tuple[str, ...] = ()

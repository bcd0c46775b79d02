"""Rows that tests need, with the fields that a test names."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal, TypedDict, Unpack

from model.events import Event
from model.records import Enrolment, Lead, NewEnrolment, NewEvent, PublishedJourney
from model.results import NewSend, NewTask
from model.work import Appointment, Job
from store import Tx, new_id

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)
LEASE = timedelta(minutes=10)


class Wall:
    """A wall clock that stands still until moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def on(self, **length: float) -> None:
        """Moves the clock on."""
        self.now += timedelta(**length)


def event(event_id: str, **changes: Unpack["EventChanges"]) -> NewEvent:
    """An event of the web as it is accepted at noon."""
    plain = NewEvent(source="web", event_id=event_id, type="page.viewed", at=NOON, body_hash="same")
    return replace(plain, **changes)


async def make_lead(tx: Tx) -> Lead:
    """Makes a lead."""
    return await tx.leads.create(new_id(), NOON)


async def make_enrolment(tx: Tx, lead_id: str, key_value: str = "") -> Enrolment:
    """Begins a run of `welcome`."""
    await tx.journeys.publish(journey())
    return await tx.enrolments.open(new_enrolment(lead_id, key_value))


def journey(version: int = 1, hashed: str = "h1", name: str = "welcome") -> PublishedJourney:
    """A published journey."""
    return PublishedJourney(
        name=name, version=version, hash=hashed, compiled="{}", source="journey: x", published_at=NOON
    )


def new_enrolment(lead_id: str, key_value: str = "") -> NewEnrolment:
    """A run of `welcome` about to begin."""
    return NewEnrolment(
        id=new_id(),
        lead_id=lead_id,
        journey="welcome",
        version=1,
        key_value=key_value,
        opened_at=NOON,
        start=Event("e1", "lead.created", NOON, {"amount": 3.5}),
        shift=-86400.000001,
        hears=("email.clicked",),
        reads={"email.clicked": ("url",)},
    )


def send(run: Enrolment, **changes: Unpack["SendChanges"]) -> NewSend:
    """A marketing e-mail of a run at noon."""
    plain = NewSend(send_id=new_id(), channel="email", at=NOON, lead_id=run.lead_id, enrolment_id=run.id)
    return replace(plain, **changes)


def task(run: Enrolment, **changes: Unpack["TaskChanges"]) -> NewTask:
    """A call for inside sales, ready at noon."""
    plain = NewTask(
        id=new_id(), enrolment_id=run.id, lead_id=run.lead_id, journey="welcome", step="intro", work="call",
        name="intro", queue="inside_sales", at=NOON, ready_at=NOON,
    )  # fmt: skip
    return replace(plain, **changes)


class EventChanges(TypedDict, total=False):
    """What a test may say about an event."""

    type: str
    at: datetime
    body_hash: str
    lead_id: str | None
    visitor: str | None
    run: str | None


class SendChanges(TypedDict, total=False):
    """What a test may say about a send."""

    send_id: str
    channel: str
    at: datetime
    purpose: Literal["marketing", "service"]
    topic: str | None
    contact: str | None
    owner: str | None
    deadline: datetime | None


class TaskChanges(TypedDict, total=False):
    """What a test may say about a task."""

    id: str
    ready_at: datetime
    due_at: datetime | None
    expires_at: datetime | None
    attempt: int
    callback: bool
    priority: str | None
    assign_to: str | None
    queue: str
    agenda: tuple[Appointment, ...]
    job: Job | None
    skills: str

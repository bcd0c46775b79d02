"""From what a backend sent to rows of the inbox: one event is checked, normalised and hashed at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue, StringConstraints, ValidationError, field_validator, model_validator

from api.fields import ID, Answer, Body, Email, EventType, Id, Moment, Phone
from api.problems import PROBLEMS, Fault, faults
from api.strict_json import canonical, digest
from api.typed import event_mistakes
from language.vocabulary import Vocabulary
from model.events import Fields
from model.records import Identifier, NewEvent

LARGEST_EVENT: Final = 32 << 10
MOST_AHEAD: Final = timedelta(days=1)
OWN_TYPES: Final = frozenset(
    {
        "account.changed", "lead.created", "lead.updated", "lead.thing_written", "score.changed",
        "score.adjusted",
        "journey.requested", "journey.entered", "journey.ended", "journey.stop_requested", "trigger.fired",
        "audience.joined", "audience.left",
        "message.sent", "message.skipped", "message.failed",
        "task.ready", "task.overdue", "task.escalated", "task.started", "task.completed", "task.expired",
        "task.canceled",
    }
)  # fmt: skip
"""Types that only the system itself makes; a lead's own data come by `PUT /v1/leads`."""
TAKEN: Final = ("at", "id", "source", "type")


class LeadName(Body):
    """Who the lead is: at least one; together they name one person, and the strongest decides.

    `lead_id` is ours and must exist. Others make the lead where they are unknown.
    """

    lead_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    external_id: Id | None = Field(
        None, description="The sender's own id of the person.", examples=["crm-8812"]
    )
    email: Email | None = None
    phone: Phone | None = None
    visitor_id: Id | None = Field(
        None, description="Id of a web visitor, from a cookie.", examples=["v-3f9a"]
    )

    @model_validator(mode="after")
    def _names_somebody(self) -> LeadName:
        if not self.model_fields_set or not any(getattr(self, name) for name in self.model_fields_set):
            raise ValueError("name the lead by lead_id, external_id, email, phone or visitor_id")
        return self

    def identifiers(self, source: str) -> tuple[Identifier, ...]:
        """Lists the normalised identifiers, the strongest first."""
        found = (
            Identifier("external", self.external_id, source) if self.external_id else None,
            Identifier("email", self.email) if self.email else None,
            Identifier("phone", self.phone) if self.phone else None,
            Identifier("visitor", self.visitor_id) if self.visitor_id else None,
        )
        return tuple(one for one in found if one is not None)


class EventIn(Body):
    """Something that happened, as a rule to a lead."""

    id: Id = Field(
        description="Unique for the source; sent again, the event is a duplicate.", examples=["visit-1"]
    )
    type: EventType
    lead: LeadName | None = Field(
        None, description="Whom it is about. Without it only lines and triggers with `of: anyone` hear it."
    )
    properties: Fields = Field(
        default_factory=dict,
        description="Fields of the event, as the vocabulary declares them; 32 KiB in all.",
    )
    at: Moment | None = Field(
        None,
        description="When it happened, with offset; at most a day ahead. Waits count from acceptance.",
    )
    message: Id | None = Field(None, description="For reactions: the `send_id` of the message.")
    task: Id | None = Field(None, description="For `call.*`: the task it belongs to.")

    @field_validator("lead", mode="before")
    @classmethod
    def _somebody(cls, lead: JsonValue) -> JsonValue:
        if lead is None:
            raise ValueError("name the lead, or leave `lead` out where the event is nobody's")
        return lead

    @model_validator(mode="after")
    def _own_names(self) -> EventIn:
        taken = [name for name in TAKEN if name in self.properties]
        if taken:
            raise ValueError(f"properties may not be called {', '.join(taken)}: every event has these")
        return self


class EventAnswer(Answer):
    """What became of one event: `code` and `errors` say why it was not taken."""

    id: str | None = Field(description="As sent; null where it could not be read.")
    status: Literal["accepted", "duplicate", "conflict", "invalid"]
    code: str | None = None
    errors: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that cannot be taken."""

    id: str | None
    code: str
    errors: tuple[Fault, ...] = ()

    def answer(self) -> EventAnswer:
        """Says so for one item."""
        status: Literal["conflict", "invalid"] = "conflict" if self.code == "event_conflict" else "invalid"
        return EventAnswer(id=self.id, status=status, code=self.code, errors=self.errors)


@dataclass(frozen=True, slots=True)
class Desk:
    """What one request's events are checked against."""

    source: str
    now: datetime
    vocabulary: Vocabulary | None


def check(desk: Desk, raw: JsonValue) -> NewEvent | Refused:
    """Checks one event; places in a refusal are pointers into it."""
    id_ = _readable_id(raw)
    size = len(canonical(raw))
    if size > LARGEST_EVENT:
        return Refused(
            id_, "event_too_large", (Fault(pointer="", message=PROBLEMS["event_too_large"].title),)
        )
    try:
        event = EventIn.model_validate(raw)
    except ValidationError as invalid:
        return Refused(id_, "invalid_request", faults(invalid))
    return _judged(desk, event)


def row(desk: Desk, event: EventIn) -> NewEvent:
    """Makes the inbox row of a checked event: its time is the clock's, the sender's is a field."""
    body = dict(event.properties)
    if event.at is not None:
        body["at"] = event.at.isoformat()
    return NewEvent(
        source=desk.source,
        event_id=event.id,
        type=event.type,
        at=desk.now,
        body_hash=digest(event.model_dump(mode="json", exclude_defaults=True)),
        body=body,
        identifiers=event.lead.identifiers(desk.source) if event.lead is not None else (),
        lead_id=event.lead.lead_id if event.lead is not None else None,
        visitor=event.lead.visitor_id if event.lead is not None else None,
        message=event.message,
        task=event.task,
    )


def _judged(desk: Desk, event: EventIn) -> NewEvent | Refused:
    if event.type in OWN_TYPES:
        return Refused(event.id, "reserved_type", (Fault(pointer="/type", message="is made by the system"),))
    if event.at is not None and event.at - desk.now > MOST_AHEAD:
        late = Fault(pointer="/at", message=PROBLEMS["at_in_future"].title)
        return Refused(event.id, "at_in_future", (late,))
    wrong = event_mistakes(desk.vocabulary, event.type, event.properties)
    if wrong:
        return Refused(event.id, "invalid_request", tuple(wrong))
    return row(desk, event)


def _readable_id(raw: JsonValue) -> str | None:
    id_ = raw.get("id") if isinstance(raw, dict) else None
    return id_ if isinstance(id_, str) and len(id_) <= 200 and re.fullmatch(ID, id_) else None

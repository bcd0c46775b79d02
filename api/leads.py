"""`/v1/leads`: what is known about people. Writing is an event like any other; there is no second way in."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import Body as InBody
from fastapi import Path, Response
from pydantic import Field, JsonValue, StrictBool, StringConstraints

from api import examples
from api.accept import LARGEST_EVENT, LeadName
from api.fields import ID, Answer, Body, Email, Language, Phone, Text, Zone
from api.idempotency import IdempotencyKey
from api.paging import Cursor, Limit, Paged
from api.ports import InHouse
from api.problems import Fault, Problem
from api.routing import Caller, needs, router
from api.strict_json import canonical, digest
from api.typed import attribute_mistakes
from language.vocabulary import Vocabulary
from model.events import Fields
from model.records import Identifier, Lead, NewEvent
from model.results import Entry
from store import Tx, new_id

routes = router("leads")

EXTERNAL: Final = "external:"
APART: Final = ("attributes", "account", "consent")
Channel = Literal[
    "email", "sms", "whatsapp", "push", "web_message", "voice", "letter", "social", "call", "all"
]
Preferred = Literal["email", "sms", "whatsapp", "push", "web_message", "voice", "letter", "social", "call"]
LeadPath = Annotated[
    str,
    Path(
        max_length=210,
        pattern=ID,
        description="Our id, or `external:ID` with the id that your source uses.",
        examples=["external:crm-8812"],
    ),
]


class LeadIn(Body):
    """What to write about a person: what is not named stays, null clears."""

    email: Email | None = None
    phone: Phone | None = None
    postal_address: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    language: Language | None = None
    zone: Zone | None = None
    owner: Text | None = None
    campaign: Text | None = None
    source: Text | None = Field(None, description="Where the lead came from, in marketing's words.")
    request_type: Text | None = None
    preferred_channel: Preferred | None = None
    attributes: Fields = Field(default_factory=dict, description="What the vocabulary declares of a lead.")
    account: Fields = Field(default_factory=dict, description="What the vocabulary declares of an account.")
    consent: dict[Channel, StrictBool] = Field(
        default_factory=dict, description="Word on marketing by channel: true consents, false refuses."
    )


class LeadWritten(Answer):
    """The write is in the inbox as an event of your source."""

    source: str
    event_id: str = Field(description="For `GET /v1/events/{source}/{id}`.")
    lead_id: str | None = Field(description="Null where the lead is yet to be made.")


class LeadOut(Answer):
    """A person, with consents and score. `score`, `tier` and `reasons` are never shown to agents."""

    id: str
    created_at: datetime
    updated_at: datetime
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
    snoozed: bool
    snoozed_until: datetime | None
    attributes: Fields
    account: Fields
    consents: tuple[ConsentOut, ...]
    identifiers: tuple[IdentifierOut, ...]


class ConsentOut(Answer):
    """The lead's latest word on a channel and topic."""

    channel: str
    given: bool
    at: datetime
    topic: str | None
    scope: str


class IdentifierOut(Answer):
    """A value that names the lead; `scope` is the source that an external id is of."""

    kind: str
    value: str
    scope: str


class EntryOut(Answer):
    """One line of a timeline; `at` is business time."""

    id: int
    at: datetime
    kind: str
    text: str
    enrolment_id: str | None
    journey: str | None
    step: str | None
    data: Fields


@routes.put(
    "/leads/{lead}",
    status_code=202,
    dependencies=[needs("leads:write")],
    summary="Write what is known about a lead",
)
async def put_lead(
    house: InHouse,
    caller: Caller,
    lead: LeadPath,
    body: Annotated[LeadIn, InBody(openapi_examples=examples.LEAD)],
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> LeadWritten:
    """Accepts the write as an event `lead.updated`, or `lead.created` where the external id is new.

    An unknown `external:ID` makes the lead; an unknown id of ours is 404. With an `Idempotency-Key` a repeat
    is the same event, and another body under the same key a conflict.
    """
    written = body.model_dump(mode="json", exclude_unset=True)
    _check(house.vocabulary, body, written)
    event_id = f"put-{idempotency_key or new_id()}"
    async with house.inbox.accept() as tx:
        found = await _find(tx, lead, caller.source)
        if found is None and not lead.startswith(EXTERNAL):
            raise Problem("unknown_lead")
        event = lead_event(
            caller.source, event_id, house.clock.now(), written,
            external_id=lead.removeprefix(EXTERNAL) if lead.startswith(EXTERNAL) else None,
            lead_id=None if found is None or lead.startswith(EXTERNAL) else found.id, known=found is not None,
        )  # fmt: skip
        (result,) = await tx.events.insert([event])
    if result == "conflict":
        raise Problem("idempotency_conflict")
    response.headers["Location"] = f"/v1/events/{caller.source}/{event_id}"
    return LeadWritten(source=caller.source, event_id=event_id, lead_id=found.id if found else None)


@routes.post("/leads:search", dependencies=[needs("leads:read")], summary="Find leads by an identifier")
async def search_leads(
    house: InHouse, caller: Caller, body: Annotated[LeadName, InBody(openapi_examples=examples.SEARCH)]
) -> Paged[LeadOut]:
    """Finds the leads that any identifier names; in the body, because a query string lands in logs."""
    async with house.store.read() as tx:
        found = dict.fromkeys((await tx.leads.find_all(body.identifiers(caller.source))).values())
        if body.lead_id is not None:
            found[body.lead_id] = None
        leads = [lead for lead_id in found if (lead := await tx.leads.get(lead_id)) is not None]
        items = tuple([await _shown(tx, lead) for lead in leads])
    return Paged(items=items, next=None)


@routes.get("/leads", dependencies=[needs("leads:read")], summary="List leads")
async def list_leads(house: InHouse, limit: Limit = 100, cursor: Cursor = None) -> Paged[LeadOut]:
    """Lists leads in the order in which they were made."""
    async with house.store.read() as tx:
        found = await tx.leads.page(limit, cursor)
        items = tuple([await _shown(tx, lead) for lead in found.items])
    return Paged(items=items, next=found.next)


@routes.get("/leads/{lead}", dependencies=[needs("leads:read")], summary="Read a lead")
async def read_lead(house: InHouse, caller: Caller, lead: LeadPath) -> LeadOut:
    """Reads a person with score, consents and identifiers."""
    async with house.store.read() as tx:
        found = await must_find(tx, lead, caller.source)
        return await _shown(tx, found)


@routes.get("/leads/{lead}/timeline", dependencies=[needs("leads:read")], summary="Read a lead's timeline")
async def read_timeline(
    house: InHouse,
    caller: Caller,
    lead: LeadPath,
    enrolment_id: Annotated[str | None, StringConstraints(max_length=64, pattern=ID)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Paged[EntryOut]:
    """Lists what happened by business time: events, messages, skips, branches, tasks, scores."""
    async with house.store.read() as tx:
        found = await must_find(tx, lead, caller.source)
        lines = await tx.timeline.page(found.id, enrolment_id=enrolment_id, limit=limit, cursor=cursor)
    return Paged(items=tuple(_line(entry) for entry in lines.items), next=lines.next)


def lead_event(
    source: str,
    event_id: str,
    at: datetime,
    written: Fields,
    *,
    external_id: str | None = None,
    lead_id: str | None = None,
    known: bool = True,
) -> NewEvent:
    """Makes the event that writes a lead from normalised fields of `LeadIn`, as the import does too."""
    body: Fields = {name: value for name, value in written.items() if name != "attributes"}
    attributes = written.get("attributes")
    body |= attributes if isinstance(attributes, dict) else {}
    names = [Identifier("external", external_id, source)] if external_id else []
    names += [Identifier("email", email)] if isinstance(email := written.get("email"), str) else []
    names += [Identifier("phone", phone)] if isinstance(phone := written.get("phone"), str) else []
    return NewEvent(
        source=source,
        event_id=event_id,
        type="lead.updated" if known else "lead.created",
        at=at,
        body_hash=digest([lead_id, external_id, written]),
        body=body,
        identifiers=tuple(names),
        lead_id=lead_id,
    )


def _check(vocabulary: Vocabulary | None, body: LeadIn, written: Fields) -> None:
    """Raises Problem for attributes that clash with built-in names or the vocabulary, and for too much."""
    if len(canonical(written)) > LARGEST_EVENT:
        raise Problem("event_too_large")
    built_in = {*LeadIn.model_fields, *(name for name in LeadOut.model_fields)}
    found = [
        Fault(pointer=f"/attributes/{name}", message="is built in: write it beside `attributes`")
        for name in body.attributes
        if name in built_in
    ]
    found += [
        Fault(pointer="/attributes", message="has a name that no attribute can have")
        for name in (*body.attributes, *body.account)
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,99}", name)
    ]
    found += attribute_mistakes(vocabulary, "attributes", body.attributes)
    found += attribute_mistakes(vocabulary, "account", body.account)
    if found:
        raise Problem("invalid_request", errors=found)


async def _find(tx: Tx, lead: str, source: str) -> Lead | None:
    if lead.startswith(EXTERNAL):
        return await tx.leads.find_by("external", lead.removeprefix(EXTERNAL), source)
    return await tx.leads.get(lead)


async def must_find(tx: Tx, lead: str, source: str) -> Lead:
    """Finds the lead of a path; raises Problem."""
    found = await _find(tx, lead, source)
    if found is None:
        raise Problem("unknown_lead")
    return found


async def _shown(tx: Tx, lead: Lead) -> LeadOut:
    plain = {name: getattr(lead, name) for name in LeadOut.model_fields if hasattr(lead, name)}
    consents = await tx.consents.latest(lead.id)
    identifiers = await tx.leads.identifiers_of(lead.id)
    return LeadOut.model_validate(
        {
            **plain,
            "consents": [ConsentOut.model_validate(word) for word in consents],
            "identifiers": [IdentifierOut.model_validate(one) for one in identifiers],
        }
    )


def _line(entry: Entry) -> EntryOut:
    return EntryOut.model_validate(entry)

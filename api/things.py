"""`/v1/things`: what leads may have several of - policies, cars, subscriptions - each with its lead."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Body as InBody
from fastapi import Path, Response
from pydantic import Field, JsonValue

from api import examples
from api.accept import LARGEST_EVENT, LeadName
from api.fields import ID, NAME, Answer, Body
from api.idempotency import IdempotencyKey
from api.leads import LeadPath, LeadWritten, must_find
from api.ports import House, InHouse
from api.problems import Fault, Problem
from api.routing import Caller, needs, router
from api.strict_json import canonical, digest
from api.typed import field_mistakes
from language.vocabulary import Thing
from model.events import Fields
from model.records import NewEvent
from model.things import WRITTEN, StoredThing
from store import Tx, new_id

routes = router("things")

KindPath = Annotated[
    str, Path(max_length=63, pattern=NAME, description="A kind of things.", examples=["policy"])
]
IdPath = Annotated[
    str, Path(max_length=200, pattern=ID, description="The value of its key.", examples=["p-77"])
]


class ThingIn(Body):
    """What to write about a thing: what is not named stays, null clears."""

    lead: LeadName | None = Field(None, description="Whose it is; needed where it is new.")
    fields: Fields = Field(default_factory=dict, description="What the vocabulary declares of the kind.")


class ThingOut(Answer):
    """A thing of a lead; the times are business time."""

    kind: str
    id: str
    lead_id: str
    fields: Fields
    created_at: datetime
    updated_at: datetime


class ThingsOut(Answer):
    """All things of a lead, by kind and id."""

    items: tuple[ThingOut, ...]


@routes.put(
    "/things/{kind}/{thing_id}",
    status_code=202,
    dependencies=[needs("leads:write")],
    summary="Write what is known about a thing",
)
async def put_thing(
    house: InHouse,
    caller: Caller,
    kind: KindPath,
    thing_id: IdPath,
    body: Annotated[ThingIn, InBody(openapi_examples=examples.THING)],
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> LeadWritten:
    """Accepts the write as an event of its lead; the first makes the thing, which stays with that lead.

    With an `Idempotency-Key` a repeat is the same event, and another body under the same key a conflict.
    """
    thing = _kind(house, kind)
    fields = _checked(thing, thing_id, body)
    event_id = f"put-{idempotency_key or new_id()}"
    async with house.inbox.accept() as tx:
        lead_id = await _lead(tx, await tx.things.get(kind, thing_id), body.lead, caller.source)
        told: Fields = {"kind": kind, "id": thing_id, "fields": fields}
        event = NewEvent(
            source=caller.source, event_id=event_id, type=WRITTEN, at=house.clock.now(),
            body_hash=digest([body.model_dump(mode="json"), told]), body=told, lead_id=lead_id,
            identifiers=body.lead.identifiers(caller.source) if body.lead is not None else (),
        )  # fmt: skip
        (result,) = await tx.events.insert([event])
    if result == "conflict":
        raise Problem("idempotency_conflict")
    response.headers["Location"] = f"/v1/events/{caller.source}/{event_id}"
    return LeadWritten(source=caller.source, event_id=event_id, lead_id=lead_id)


@routes.get("/things/{kind}/{thing_id}", dependencies=[needs("leads:read")], summary="Read a thing")
async def read_thing(house: InHouse, kind: KindPath, thing_id: IdPath) -> ThingOut:
    """Reads a thing with its lead's id."""
    async with house.store.read() as tx:
        found = await tx.things.get(kind, thing_id)
    if found is None:
        raise Problem("unknown_thing")
    return ThingOut.model_validate(found)


@routes.get("/leads/{lead}/things", dependencies=[needs("leads:read")], summary="List a lead's things")
async def list_things(house: InHouse, caller: Caller, lead: LeadPath) -> ThingsOut:
    """Lists all that a lead has, of every kind."""
    async with house.store.read() as tx:
        found = await tx.things.of_lead((await must_find(tx, lead, caller.source)).id)
    return ThingsOut(items=tuple(ThingOut.model_validate(one) for one in found))


def _kind(house: House, kind: str) -> Thing:
    things = house.vocabulary.things if house.vocabulary is not None else {}
    if kind not in things:
        raise Problem("unknown_thing", "the vocabulary declares no such kind under `things`")
    return things[kind]


def _checked(thing: Thing, thing_id: str, body: ThingIn) -> Fields:
    """Gives the fields to write, the key among them; raises Problem for what the kind does not have."""
    fields: Fields = {**body.fields, thing.key: _key(thing, thing_id)}
    found = field_mistakes(thing.fields, body.fields)
    if body.fields.get(thing.key, fields[thing.key]) != fields[thing.key]:
        found.append(Fault(pointer=f"/fields/{thing.key}", message="differs from the id in the path"))
    if found:
        raise Problem("invalid_request", errors=found)
    if len(canonical(fields)) > LARGEST_EVENT:
        raise Problem("event_too_large")
    return fields


def _key(thing: Thing, thing_id: str) -> JsonValue:
    if thing.fields[thing.key].type != "number":
        return thing_id
    if not thing_id.isascii() or not thing_id.isdigit() or str(int(thing_id)) != thing_id:
        fault = Fault(parameter="thing_id", message="is not a whole number, as the key of this kind is")
        raise Problem("invalid_request", errors=[fault])
    return int(thing_id)


async def _lead(tx: Tx, known: StoredThing | None, name: LeadName | None, source: str) -> str | None:
    """Finds whose thing it is; None: of a lead that is yet to be made. Raises Problem."""
    if name is None:
        if known is None:
            fault = Fault(pointer="/lead", message="is needed: nobody has written this thing before")
            raise Problem("invalid_request", errors=[fault])
        return known.lead_id
    found = next(iter((await tx.leads.find_all(name.identifiers(source))).values()), None)
    if name.lead_id is not None:
        lead = await tx.leads.get(name.lead_id)
        if lead is None:
            raise Problem(
                "unknown_lead", errors=[Fault(pointer="/lead/lead_id", message="no lead has this id")]
            )
        found = lead.id
    if known is not None and found != known.lead_id:
        raise Problem("thing_of_another_lead")
    return found

"""`/v1/audiences`: who is in which audience. Putting in and taking out are events like any other."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field

from api.fields import NAME, Answer
from api.leads import LeadPath, must_find
from api.paging import Cursor, Limit, Paged
from api.ports import House, InHouse
from api.problems import Problem
from api.routing import Caller, needs, router
from intake.audiences import move_event
from language.vocabulary import Audience
from model.audiences import By
from store import new_id

routes = router("audiences")

AudienceName = Annotated[str, Path(pattern=NAME, max_length=100, examples=["spring_list"])]


class AudienceOut(Answer):
    """An audience of the vocabulary."""

    name: str
    kind: Literal["rule", "static", "network"] = Field(
        description="`rule` is filled by its condition, the others by journeys, this API and imports."
    )
    network: str | None = Field(description="Where an audience is shown to, like `facebook`.")
    members: int


class AudiencesOut(Answer):
    """All audiences, by name."""

    items: tuple[AudienceOut, ...]


class MemberOut(Answer):
    """A lead in an audience."""

    lead_id: str
    since: datetime
    by: By = Field(description="What put it there.")


class Moved(Answer):
    """The move is in the inbox as an event; a lead that is in already, or out, stays so."""

    source: str
    event_id: str = Field(description="For `GET /v1/events/{source}/{id}`.")
    lead_id: str


@routes.get("/audiences", dependencies=[needs("leads:read")], summary="List audiences")
async def list_audiences(house: InHouse) -> AudiencesOut:
    """Lists the audiences of the vocabulary with the number of their members."""
    async with house.store.read() as tx:
        counts = await tx.audiences.counts()
    known = house.vocabulary.audiences if house.vocabulary is not None else {}
    items = (
        AudienceOut(name=name, kind=_kind(one), network=one.network, members=counts.get(name, 0))
        for name, one in sorted(known.items())
    )
    return AudiencesOut(items=tuple(items))


@routes.get(
    "/audiences/{name}/members", dependencies=[needs("leads:read")], summary="List the members of an audience"
)
async def list_members(
    house: InHouse, name: AudienceName, limit: Limit = 100, cursor: Cursor = None
) -> Paged[MemberOut]:
    """Lists who is in an audience, the first to join first."""
    _declared(house, name)
    async with house.store.read() as tx:
        page = await tx.audiences.list(name, limit, cursor)
    items = (MemberOut(lead_id=one.lead_id, since=one.at, by=one.by) for one in page.items)
    return Paged(items=tuple(items), next=page.next)


@routes.put(
    "/audiences/{name}/members/{lead}",
    status_code=202,
    dependencies=[needs("leads:write")],
    summary="Put a lead into an audience",
)
async def put_member(house: InHouse, caller: Caller, name: AudienceName, lead: LeadPath) -> Moved:
    """Puts a lead into an audience that no rule fills; 409 `filled_by_rule` otherwise."""
    return await _move(house, caller.source, name, lead, joins=True)


@routes.delete(
    "/audiences/{name}/members/{lead}",
    status_code=202,
    dependencies=[needs("leads:write")],
    summary="Take a lead out of an audience",
)
async def delete_member(house: InHouse, caller: Caller, name: AudienceName, lead: LeadPath) -> Moved:
    """Takes a lead out of an audience that no rule fills; 409 `filled_by_rule` otherwise."""
    return await _move(house, caller.source, name, lead, joins=False)


async def _move(house: House, source: str, name: str, lead: str, *, joins: bool) -> Moved:
    if _declared(house, name).rule is not None:
        raise Problem("filled_by_rule", f"Who is in {name} follows from its condition in the vocabulary.")
    async with house.inbox.accept() as tx:
        found = await must_find(tx, lead, source)
        event = move_event(name, found.id, house.clock.now(), new_id(), joins=joins, by="api")
        await tx.events.insert([event])
    return Moved(source=event.source, event_id=event.event_id, lead_id=found.id)


def _declared(house: House, name: str) -> Audience:
    found = house.vocabulary.audiences.get(name) if house.vocabulary is not None else None
    if found is None:
        raise Problem("unknown_audience", "`GET /v1/audiences` lists those of the vocabulary.")
    return found


def _kind(audience: Audience) -> Literal["rule", "static", "network"]:
    if audience.rule is not None:
        return "rule"
    return "static" if audience.network is None else "network"

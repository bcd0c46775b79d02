"""`/v1/sending` and `/v1/outbox`: the stop switch, and what the outbox channel took."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Body as InBody
from fastapi import Query
from pydantic import Field

from api import examples
from api.fields import ID, Answer, Body, Name
from api.paging import Cursor, Limit, Paged
from api.ports import House, InHouse
from api.problems import Problem
from api.routing import Caller, needs, router
from model.records import ApiKey

routes = router("sending")


class SwitchIn(Body):
    """What to stop or start: one journey, or everything."""

    journey: Name | None = None


class Sending(Answer):
    """What is stopped now; a journey counts as stopped too while everything is."""

    stopped: bool
    stopped_journeys: tuple[str, ...]


class MessageOut(Answer):
    """A message that the outbox channel took instead of a provider; `at` is business time."""

    id: int
    send_id: str
    channel: str = Field(description="One of the channels of messages.", examples=["whatsapp"])
    to: str = Field(description="The address; on a social network the network before it, `x:@ana`.")
    lead_id: str | None
    at: datetime
    subject: str | None
    text: str | None
    html: str | None
    language: str | None
    template: str | None


Switch = Annotated[SwitchIn | None, InBody(openapi_examples=examples.STOP)]


@routes.get("/sending", dependencies=[needs("operate")], summary="Read the stop switches")
async def read_sending(house: InHouse) -> Sending:
    """Tells what is stopped."""
    async with house.store.read() as tx:
        found = await tx.switches.stopped()
    return Sending(stopped=found.everything, stopped_journeys=found.journeys)


@routes.post("/sending:stop", dependencies=[needs("operate")], summary="Stop sending")
async def stop_sending(house: InHouse, caller: Caller, body: Switch = None) -> Sending:
    """Stops all messages and calls, or those of one journey; runs hold them until sending starts again."""
    await _turn(house, caller, (body or SwitchIn()).journey, stop=True)
    return await read_sending(house)


@routes.post("/sending:start", dependencies=[needs("operate")], summary="Start sending again")
async def start_sending(house: InHouse, caller: Caller, body: Switch = None) -> Sending:
    """Lifts the stop of everything, or of one journey; what was held goes out as its rules allow."""
    await _turn(house, caller, (body or SwitchIn()).journey, stop=False)
    return await read_sending(house)


@routes.get("/outbox", dependencies=[needs("operate")], summary="Read the outbox channel")
async def list_outbox(
    house: InHouse,
    lead_id: Annotated[str | None, Query(pattern=ID, max_length=64)] = None,
    channel: Annotated[str | None, Query(pattern=ID, max_length=20)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Paged[MessageOut]:
    """Lists messages as they were sent; `send_id` is what a reaction names as `message`."""
    async with house.store.read() as tx:
        found = await tx.outbox.list(lead_id=lead_id, channel=channel, limit=limit, cursor=cursor)
    return Paged(items=tuple(MessageOut.model_validate(one) for one in found.items), next=found.next)


async def _turn(house: House, caller: ApiKey, journey: str | None, *, stop: bool) -> None:
    at = house.clock.now()
    async with house.store.begin() as tx:
        if journey is not None and stop and await tx.journeys.latest(journey) is None:
            raise Problem("unknown_journey")
        if stop:
            await tx.switches.stop(at, journey)
        else:
            await tx.switches.resume(journey)
        await tx.audit.add(at, "sending.stop" if stop else "sending.start", journey or "*", caller.id)

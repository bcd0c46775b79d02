"""`/v1/clock`: business time, set by hand in demos and tests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Body as InBody
from pydantic import Field

from api import examples
from api.fields import Answer, Body, Moment
from api.ports import InHouse
from api.problems import Problem
from api.routing import needs, router
from model.clock import ManualClock

routes = router("clock")


class ClockIn(Body):
    """Where to set the clock."""

    now: Moment


class ClockOut(Answer):
    """Business time as the API has it."""

    now: datetime
    manual: bool = Field(description="Whether it stands still until it is set.")


@routes.get("/clock", dependencies=[needs("events:read")], summary="Read the clock")
async def read_clock(house: InHouse) -> ClockOut:
    """Tells business time."""
    return ClockOut(now=house.clock.now(), manual=isinstance(house.clock, ManualClock))


@routes.put("/clock", dependencies=[needs("admin")], summary="Set the clock")
async def set_clock(
    house: InHouse, body: Annotated[ClockIn, InBody(openapi_examples=examples.CLOCK)]
) -> ClockOut:
    """Sets business time, forward only; 409 unless `CAUCE_CLOCK=manual`. Open runs keep their own time."""
    clock = house.clock
    if not isinstance(clock, ManualClock):
        raise Problem(
            "no_manual_clock", "CAUCE_CLOCK=manual lets it be set; messages then go to the outbox alone."
        )
    async with house.store.begin() as tx:
        if body.now < clock.now():
            raise Problem("clock_backwards")
        await tx.clock.set(body.now)
    clock.set(body.now)
    return ClockOut(now=clock.now(), manual=True)

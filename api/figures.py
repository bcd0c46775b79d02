"""`/v1/journeys/{name}/…`: figures of a journey, for those who run it."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.fields import Answer
from api.journeys import JourneyName, must, read
from api.ports import InHouse
from api.routing import needs, router
from engine.turns import limits_text

routes = router("journeys")


class LineOut(Answer):
    """The line of leads that wait for their turn to enter."""

    journey: str
    waiting: int
    since: datetime | None = Field(description="Business time at which the first of them came.")
    limits: str = Field(description="`pace` and `at_a_time` of the newest version; empty without them.")


@routes.get("/journeys/{name}/waiting", dependencies=[needs("journeys:read")], summary="See who waits")
async def waiting(house: InHouse, name: JourneyName) -> LineOut:
    """Says how many leads wait for their turn to enter (`pace`, `at_a_time`), and since when."""
    async with house.store.read() as tx:
        rules = read((await must(tx, name)).compiled).rules
        line = await tx.waiting.count(name)
    return LineOut(journey=name, waiting=line.waiting, since=line.since, limits=limits_text(rules))

"""`/livez`, `/readyz`: the only doors that need no key."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response

from api.fields import Answer
from api.ports import House, InHouse

routes = APIRouter(tags=["health"])


class Alive(Answer):
    """The process answers."""

    status: Literal["ok"]


class Ready(Answer):
    """What works. Without Temporal events are still accepted, so it is `degraded` and takes requests."""

    status: Literal["ok", "degraded", "down"]
    database: bool
    migrations: bool
    intake: bool
    temporal: bool


@routes.get("/livez", summary="Is the process alive?")
async def livez() -> Alive:
    """Answers at once."""
    return Alive(status="ok")


@routes.get("/readyz", summary="Can it take requests?", responses={503: {"model": Ready}})
async def readyz(house: InHouse, response: Response) -> Ready:
    """Asks database, migrations, intake and Temporal; 503 where one of the first three is down."""
    database = await _answers(house)
    migrations = database and house.migrated
    intake = house.intake is None or (house.intake_task is not None and not house.intake_task.done())
    temporal = await house.runs.reachable()
    up = database and migrations and intake
    response.status_code = 200 if up else 503
    status: Literal["ok", "degraded", "down"] = "down" if not up else "ok" if temporal else "degraded"
    return Ready(status=status, database=database, migrations=migrations, intake=intake, temporal=temporal)


async def _answers(house: House) -> bool:
    try:
        await house.store.ping()
    except Exception:  # noqa: BLE001 - whatever the driver raises, the database does not answer
        return False
    return True

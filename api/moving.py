"""`POST /v1/journeys/{name}:move`: takes open runs from one version to another."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body as InBody
from pydantic import Field

from api import examples
from api.fields import ID, Answer, Body
from api.journeys import JourneyName, must
from api.paging import Cursor, Limit
from api.ports import House, InHouse
from api.problems import Fault, Problem
from api.routing import Caller, needs, router
from api.temporal import problem_of
from model.records import Enrolment, Page
from runtime.moving import Landing, Mover, Versions, unknown_steps
from runtime.orders import OrderRefused
from store import Tx

routes = router("journeys")

StepName = Annotated[str, Field(min_length=1, max_length=200)]


class MoveIn(Body):
    """From which version to which, and what steps are called there."""

    from_: int = Field(alias="from", ge=1, description="The version that the runs are in.")
    to: int = Field(ge=1, description="A published version.")
    map: dict[StepName, StepName] = Field(
        default_factory=dict, max_length=500, description="Old step id to new one, where they differ."
    )
    run: str | None = Field(None, pattern=ID, max_length=64, description="Only this run.")
    dry_run: bool = Field(True, description="Only say who would land where.")


class LandingOut(Answer):
    """Where a run stands and lands, or why it stays."""

    enrolment_id: str
    lead_id: str
    step: str | None
    waits_for: str | None
    lands_at: str | None
    begins_anew: bool = Field(description="Whether a step begins anew there.")
    reason: str | None = Field(description="Why it cannot be moved, and what would help.")
    moved: bool


class MovedOut(Answer):
    """A page of runs; with `next`, ask again with it as `cursor`."""

    items: tuple[LandingOut, ...]
    next: str | None


@routes.post(
    "/journeys/{name}:move", dependencies=[needs("enrolments:write")], summary="Move runs to another version"
)
async def move(
    house: InHouse,
    caller: Caller,
    name: JourneyName,
    body: Annotated[MoveIn, InBody(openapi_examples=examples.MOVE)],
    limit: Limit = 100,
    cursor: Cursor = None,
) -> MovedOut:
    """Says who would land where; with `dry_run` false moves a page of the open runs of a version.

    A run must stand at a step that the other version has, by its id or by `map`. Those that cannot be moved
    stay where they are.
    """
    async with house.store.read() as tx:
        versions = await _versions(tx, name, body)
        run = await _run(tx, name, body) if body.run is not None else None
    try:
        page = await _moved(
            house,
            Mover(house.store, await house.runs.client(), versions, caller.id),
            body,
            run,
            limit,
            cursor,
        )
    except OrderRefused as refused:
        raise problem_of(refused) from None
    except (RuntimeError, OSError, TimeoutError):
        raise problem_of(OrderRefused("runs_unavailable")) from None
    return MovedOut(items=tuple(_out(one) for one in page.items), next=page.next)


async def _moved(
    house: House, mover: Mover, body: MoveIn, run: Enrolment | None, limit: int, cursor: str | None
) -> Page[Landing]:
    now = house.clock.now()
    if run is not None:
        return Page((await mover.one(run, now, dry_run=body.dry_run),), None)
    return await mover.page(now, dry_run=body.dry_run, limit=limit, cursor=cursor)


async def _versions(tx: Tx, name: str, body: MoveIn) -> Versions:
    await must(tx, name)
    old, new = await tx.journeys.get(name, body.from_), await tx.journeys.get(name, body.to)
    known = ", ".join(str(one) for one in await tx.journeys.versions(name))
    if old is None or new is None or old.version == new.version:
        field = "from" if old is None else "to"
        fault = Fault(pointer=f"/{field}", message=f"is not another version: there are {known}")
        raise Problem("invalid_request", errors=[fault])
    versions = Versions(old, new, body.map)
    faults = [
        Fault(pointer="/map", message=f"version {version} has no such step: {step}")
        for step, version, _ in unknown_steps(versions)
    ]
    if faults:
        raise Problem("invalid_request", errors=faults)
    return versions


async def _run(tx: Tx, name: str, body: MoveIn) -> Enrolment:
    found = await tx.enrolments.get(body.run or "")
    if found is None:
        raise Problem("unknown_enrolment")
    if found.state == "ended":
        raise Problem("run_ended", f"It ended as {found.ending}.")
    if (found.journey, found.version) != (name, body.from_):
        raise Problem("refused_by_run", f"It is in version {found.version} of {found.journey}.")
    return found


def _out(one: Landing) -> LandingOut:
    return LandingOut(
        enrolment_id=one.run, lead_id=one.lead, step=one.step, waits_for=one.waits_for,
        lands_at=one.lands_at, begins_anew=one.anew, reason=one.why, moved=one.moved,
    )  # fmt: skip

"""`/v1/enrolments`: where runs stand, and an operator's hand on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Body as InBody
from fastapi import Path, Query
from pydantic import Field, JsonValue

from api import examples
from api.fields import ID, NAME, Answer, Body, Name
from api.journeys import read
from api.paging import Cursor, Limit, Paged
from api.ports import House, InHouse
from api.problems import Fault, Problem
from api.routing import Caller, needs, router
from language.builtin import ENDINGS
from model.records import ApiKey, Enrolment, EnrolmentState

routes = router("enrolments")

EnrolmentId = Annotated[str, Path(pattern=ID, max_length=64)]


Action = Literal["pause", "resume", "skip", "retry", "end"]
Step = Annotated[str | None, Query(max_length=200, description="Which of several steps is meant.")]


class EnrolmentOut(Answer):
    """One lead in one journey. `applied_seq` is the last wake-up that the run took in, of `last_seq`."""

    id: str
    lead_id: str
    journey: str
    version: int
    key: JsonValue = Field(description="Value of the journey's key, as JSON text; empty without one.")
    trigger: str | None
    opened_at: datetime = Field(description="Business time.")
    state: EnrolmentState
    step: str | None
    waiting_until: datetime | None
    waiting_for: str | None
    applied_seq: int
    last_seq: int
    ending: str | None
    attention: str | None = Field(
        description="By step, what somebody has to mend or decide before it goes on; null: nothing."
    )
    outcome: Literal["won", "lost", "neutral"] | None
    reason: str | None
    ended_at: datetime | None


class EndIn(Body):
    """How to end a run."""

    ending: Name = Field("stopped", description="An ending of the journey, or a built-in one.")


class Told(Answer):
    """The run has taken the operator's word; what it does with it shows on the enrolment and the timeline."""

    enrolment_id: str
    action: Action


@routes.get("/enrolments", dependencies=[needs("enrolments:read")], summary="List enrolments")
async def list_enrolments(
    house: InHouse,
    lead_id: Annotated[str | None, Query(pattern=ID, max_length=64)] = None,
    journey: Annotated[str | None, Query(pattern=NAME, max_length=100)] = None,
    state: EnrolmentState | None = None,
    attention: Annotated[
        bool, Query(description="Only those that need somebody's attention, with their reasons.")
    ] = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Paged[EnrolmentOut]:
    """Lists runs in the order in which they began; those of one lead come on one page."""
    async with house.store.read() as tx:
        if lead_id is None:
            found = await tx.enrolments.list(
                journey=journey, state=state, attention=attention, limit=limit, cursor=cursor
            )
            return Paged(items=tuple(_shown(run) for run in found.items), next=found.next)
        runs = await tx.enrolments.all_of(lead_id)
    kept = [
        run
        for run in runs
        if journey in (None, run.journey)
        and state in (None, run.state)
        and (run.attention is not None or not attention)
    ]
    return Paged(items=tuple(_shown(run) for run in kept), next=None)


@routes.get(
    "/enrolments/{enrolment_id}", dependencies=[needs("enrolments:read")], summary="Read an enrolment"
)
async def read_enrolment(house: InHouse, enrolment_id: EnrolmentId) -> EnrolmentOut:
    """Tells where a run stands and what it waits for."""
    return _shown(await _must(house, enrolment_id))


@routes.post(
    "/enrolments/{enrolment_id}:pause", dependencies=[needs("enrolments:write")], summary="Pause a run"
)
async def pause(house: InHouse, caller: Caller, enrolment_id: EnrolmentId) -> Told:
    """Holds a run: nothing of it moves until it is resumed; what comes meanwhile waits."""
    return await _tell(house, caller, enrolment_id, "pause")


@routes.post(
    "/enrolments/{enrolment_id}:resume", dependencies=[needs("enrolments:write")], summary="Resume a run"
)
async def resume(house: InHouse, caller: Caller, enrolment_id: EnrolmentId) -> Told:
    """Lets a paused run go on; deadlines that passed meanwhile are taken at once."""
    return await _tell(house, caller, enrolment_id, "resume")


@routes.post(
    "/enrolments/{enrolment_id}:skip",
    dependencies=[needs("enrolments:write")],
    summary="Skip the present step",
)
async def skip(
    house: InHouse,
    caller: Caller,
    enrolment_id: EnrolmentId,
    step: Step = None,
) -> Told:
    """Skips the wait or held message at which a run stands; of several branches the `step` names one.

    Without a `step`, all that needs attention is skipped.
    """
    return await _tell(house, caller, enrolment_id, "skip", *([step] if step is not None else []))


@routes.post(
    "/enrolments/{enrolment_id}:retry",
    dependencies=[needs("enrolments:write")],
    summary="Try again what needs attention",
)
async def retry(house: InHouse, caller: Caller, enrolment_id: EnrolmentId, step: Step = None) -> Told:
    """Tries again at once what a run stands still at, all of it or one `step`.

    Exits, `if`, hours and caps are judged anew.
    """
    return await _tell(house, caller, enrolment_id, "retry", *([step] if step is not None else []))


@routes.post("/enrolments/{enrolment_id}:end", dependencies=[needs("enrolments:write")], summary="End a run")
async def end(
    house: InHouse,
    caller: Caller,
    enrolment_id: EnrolmentId,
    body: Annotated[EndIn | None, InBody(openapi_examples=examples.END)] = None,
) -> Told:
    """Ends a run, also a paused one, with an ending of its journey; open work is withdrawn."""
    run = await _must(house, enrolment_id)
    ending = (body or EndIn()).ending
    async with house.store.read() as tx:
        published = await tx.journeys.get(run.journey, run.version)
    known = {*ENDINGS, *(read(published.compiled).endings if published else ())}
    if ending not in known:
        fault = Fault(pointer="/ending", message=f"is not one of {', '.join(sorted(known))}")
        raise Problem("invalid_request", errors=[fault])
    return await _tell(house, caller, enrolment_id, "end", ending)


async def _tell(
    house: House,
    caller: ApiKey,
    enrolment_id: str,
    action: Action,
    *args: str,
) -> Told:
    run = await _must(house, enrolment_id)
    if run.state == "ended":
        raise Problem("run_ended", f"It ended as {run.ending}.")
    await house.runs.update(enrolment_id, action, *args)
    async with house.store.begin() as tx:
        await tx.audit.add(house.clock.now(), f"run.{action}", enrolment_id, caller.id)
    return Told(enrolment_id=enrolment_id, action=action)


async def _must(house: House, enrolment_id: str) -> Enrolment:
    async with house.store.read() as tx:
        found = await tx.enrolments.get(enrolment_id)
    if found is None:
        raise Problem("unknown_enrolment")
    return found


def _shown(run: Enrolment) -> EnrolmentOut:
    return EnrolmentOut.model_validate(
        {
            **{name: getattr(run, name) for name in EnrolmentOut.model_fields if hasattr(run, name)},
            "key": run.key_value,
            "last_seq": run.next_seq - 1,
        }
    )

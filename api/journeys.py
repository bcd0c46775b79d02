"""`/v1/journeys`: what is published, and beginning one by request."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Annotated

from fastapi import Body as InBody
from fastapi import Path, Response
from pydantic import Field

from api import examples
from api.accept import LARGEST_EVENT, LeadName
from api.fields import NAME, Answer, Body
from api.idempotency import IdempotencyKey, Once
from api.paging import Cursor, Limit
from api.ports import InHouse
from api.problems import Fault, Problem
from api.routing import Caller, needs, router
from api.strict_json import canonical, digest
from api.typed import input_mistakes
from language.compiled import Journey, load
from language.types import spelled
from model.events import Fields
from model.records import NewEvent, PublishedJourney
from store import Tx, new_id

routes = router("journeys")

REQUESTED = "journey.requested"
"""The event that asks for a run: its fields are `journey` and `inputs`."""

JourneyName = Annotated[str, Path(pattern=NAME, max_length=100, examples=["dealer_lead"])]


class JourneyOut(Answer):
    """A published journey."""

    name: str
    version: int = Field(description="The newest, which new runs get.")
    about: str
    triggers: tuple[str, ...]
    by_request: bool = Field(description="Whether `POST /v1/journeys/{name}/enrolments` may begin it.")
    published_at: datetime
    hash: str = Field(description="SHA-256 of the compiled form.")


class JourneyDetail(JourneyOut):
    """A published journey with its text."""

    versions: tuple[int, ...]
    stages: tuple[str, ...]
    inputs: dict[str, str] = Field(description="What a request may give, each with its type.")
    endings: dict[str, str]
    source: str = Field(description="The YAML.")


class JourneysOut(Answer):
    """All journeys, by name."""

    items: tuple[JourneyOut, ...]


class EnrolIn(Body):
    """Whom to enrol, with the inputs that the journey declares."""

    lead: LeadName
    inputs: Fields = Field(default_factory=dict)


class Requested(Answer):
    """The request is in the inbox as an event of your source, whose `reached` will name the run, if any."""

    source: str
    event_id: str = Field(description="For `GET /v1/events/{source}/{id}`.")


@routes.get("/journeys", dependencies=[needs("journeys:read")], summary="List journeys")
async def list_journeys(house: InHouse) -> JourneysOut:
    """Lists the newest version of every published journey."""
    async with house.store.read() as tx:
        found = await tx.journeys.all_latest()
    return JourneysOut(items=tuple(JourneyOut.model_validate(_plain(one)) for one in found))


@routes.get("/journeys/{name}", dependencies=[needs("journeys:read")], summary="Read a journey")
async def read_journey(house: InHouse, name: JourneyName) -> JourneyDetail:
    """Reads the newest version of a journey, with its text."""
    async with house.store.read() as tx:
        found = await must(tx, name)
        versions = await tx.journeys.versions(name)
    compiled = read(found.compiled)
    more = {
        "versions": versions,
        "stages": tuple(compiled.stages),
        "inputs": {name: spelled(kind) for name, kind in compiled.inputs.items()},
        "endings": compiled.endings,
        "source": found.source,
    }
    return JourneyDetail.model_validate({**_plain(found), **more})


@routes.post(
    "/journeys/{name}/enrolments",
    status_code=202,
    dependencies=[needs("enrolments:write")],
    summary="Begin a journey by request",
)
async def request_enrolment(
    house: InHouse,
    caller: Caller,
    name: JourneyName,
    body: Annotated[EnrolIn, InBody(openapi_examples=examples.ENROL)],
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Requested:
    """Puts an event `journey.requested` into the inbox; whether the lead may enter is judged later.

    422 names the inputs that the journey does not declare, or declares with another type. 409
    `not_by_request` where no trigger of the journey says `by: request`. A refusal for the lead's sake (a run
    is open, `again`, a condition) stands on the lead's timeline, with no run among the event's `reached`.
    """
    if len(canonical(dict(body.inputs))) > LARGEST_EVENT:
        raise Problem("event_too_large")
    once = Once(caller, f"POST /v1/journeys/{name}/enrolments", idempotency_key, body.model_dump(mode="json"))
    event = _event(caller.source, name, body, house.clock.now())

    async def work() -> Requested:
        await _check(tx, name, body)
        await tx.events.insert([event])
        return Requested(source=caller.source, event_id=event.event_id)

    async with house.inbox.accept() as tx:
        answer = await once.answer(tx, Requested, response, work)
    response.headers["Location"] = f"/v1/events/{answer.source}/{answer.event_id}"
    return answer


class Retried(Answer):
    """How many runs of a page were told to try again, and which did not take it, with the reason."""

    retried: int
    refused: dict[str, str] = Field(description="By enrolment.")
    next: str | None = Field(description="Cursor of the next page; null: these were the last.")


@routes.post(
    "/journeys/{name}:retry",
    dependencies=[needs("enrolments:write")],
    summary="Try again all that needs attention",
)
async def retry_journey(
    house: InHouse, caller: Caller, name: JourneyName, limit: Limit = 100, cursor: Cursor = None
) -> Retried:
    """Tries again at once, in all runs of a journey that need attention, what they stand still at."""
    async with house.store.read() as tx:
        await must(tx, name)
        page = await tx.enrolments.list(journey=name, attention=True, limit=limit, cursor=cursor)
    refused: dict[str, str] = {}
    for run in page.items:
        try:
            await house.runs.update(run.id, "retry")
        except Problem as problem:
            if problem.code == "runs_unavailable":
                raise
            refused[run.id] = problem.text or problem.code
    async with house.store.begin() as tx:
        await tx.audit.add(house.clock.now(), "journey.retry", name, caller.id)
    return Retried(retried=len(page.items) - len(refused), refused=refused, next=page.next)


@lru_cache(maxsize=256)
def read(compiled: str) -> Journey:
    """Reads a compiled journey; a published one never changes."""
    return load(compiled)


async def _check(tx: Tx, name: str, body: EnrolIn) -> None:
    journey = read((await must(tx, name)).compiled)
    if not any(trigger.on == "request" for trigger in journey.starts):
        raise Problem("not_by_request", f"No trigger of {name} says `by: request`.")
    if wrong := input_mistakes(journey, body.inputs):
        raise Problem("invalid_request", errors=wrong)
    if body.lead.lead_id is not None and await tx.leads.get(body.lead.lead_id) is None:
        raise Problem("unknown_lead", errors=[Fault(pointer="/lead/lead_id", message="no lead has this id")])


def _event(source: str, name: str, body: EnrolIn, at: datetime) -> NewEvent:
    fields: Fields = {"journey": name, "inputs": dict(body.inputs)}
    return NewEvent(
        source=source,
        event_id=f"request-{new_id()}",
        type=REQUESTED,
        at=at,
        body_hash=digest(fields),
        body=fields,
        identifiers=body.lead.identifiers(source),
        lead_id=body.lead.lead_id,
        visitor=body.lead.visitor_id,
    )


async def must(tx: Tx, name: str) -> PublishedJourney:
    """Reads the newest version of a journey; raises Problem."""
    found = await tx.journeys.latest(name)
    if found is None:
        raise Problem("unknown_journey", "`GET /v1/journeys` lists those that are published.")
    return found


def _plain(found: PublishedJourney) -> dict[str, object]:
    journey = read(found.compiled)
    return {
        "name": found.name,
        "version": found.version,
        "about": journey.about,
        "triggers": tuple(trigger.name for trigger in journey.starts),
        "by_request": any(trigger.on == "request" for trigger in journey.starts),
        "published_at": found.published_at,
        "hash": found.hash,
    }

"""`/v1/events`: what happened, one by one or a thousand at a time; and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import Body, Path, Response
from pydantic import Field, JsonValue, WithJsonSchema

from api import examples
from api.accept import Desk, EventAnswer, Refused, check
from api.fields import ID, Answer
from api.idempotency import IdempotencyKey, Once
from api.inbox import write_events
from api.paging import Cursor, Limit, Paged
from api.ports import InHouse
from api.problems import Fault, Problem
from api.routing import Caller, needs, router
from model.records import InboxEvent, NewEvent

MOST_EVENTS: Final = 1000

routes = router("events")

Sent = Annotated[
    JsonValue,
    Body(openapi_examples=examples.EVENTS),
    WithJsonSchema(
        {
            "oneOf": [
                {"$ref": "#/components/schemas/EventIn"},
                {
                    "type": "array", "items": {"$ref": "#/components/schemas/EventIn"},
                    "minItems": 1, "maxItems": 1000,
                },
                {
                    "type": "object",
                    "required": ["events"],
                    "properties": {
                        "events": {
                            "type": "array", "items": {"$ref": "#/components/schemas/EventIn"},
                            "minItems": 1, "maxItems": 1000,
                        }
                    },
                },
            ]
        }
    ),
]  # fmt: skip


class EventsAnswer(Answer):
    """What became of each event, in the order sent."""

    source: str = Field(description="The source that the API key speaks for.", examples=["crm"])
    accepted: int
    duplicates: int
    rejected: int
    items: tuple[EventAnswer, ...]


class EventState(Answer):
    """Where an event is: `accepted` waits, `applied` has reached its runs, `dead` failed five times."""

    source: str
    id: str
    type: str
    state: Literal["accepted", "applied", "dead"]
    accepted_at: datetime = Field(description="Business time of acceptance.")
    applied_at: datetime | None
    lead_id: str | None
    reached: tuple[str, ...] = Field(description="Enrolments that it opened or woke.")
    attempts: int
    error: str | None = Field(description="Code of the last failure.")


class DeadLetter(EventState):
    """An event that could not be applied; `dead_id` names it for a retry."""

    dead_id: int


@routes.post(
    "/events",
    status_code=202,
    dependencies=[needs("events:write")],
    summary="Send events",
    response_description="At least one event is accepted, or all were known already.",
)
async def send_events(
    house: InHouse, caller: Caller, body: Sent, response: Response, idempotency_key: IdempotencyKey = None
) -> EventsAnswer:
    """Takes one event, a list, or `{"events": […]}` with up to 1,000.

    Each is accepted once: the same `id` with the same body is a `duplicate`, with another one a `conflict`.
    An e-mail address, phone number, external id or visitor that nobody knows makes the lead. The events of a
    lead are applied in the order of their acceptance; ask `GET /v1/events/{source}/{id}` what became of one.

    A single event that is refused is answered by its problem: 404 for an unknown `lead_id`, 409 for a
    conflict, 413, 422. In a batch each item has its own answer, and 422 means that none was accepted.
    """
    raws, single = _unpacked(body)
    desk = Desk(caller.source, house.clock.now(), house.vocabulary)
    checked = await _checked(desk, raws)
    if idempotency_key is None:
        return _answer(desk.source, await house.inbox.write(checked), single)
    once = Once(caller, "POST /v1/events", idempotency_key, body)
    async with house.inbox.accept() as tx:

        async def work() -> EventsAnswer:
            return _answer(desk.source, await write_events(tx, checked), single)

        return await once.answer(tx, EventsAnswer, response, work)


@routes.get(
    "/events/{source}/{event_id:path}",
    dependencies=[needs("events:read")],
    summary="Ask what became of an event",
)
async def read_event(
    house: InHouse,
    source: Annotated[str, Path(max_length=64, pattern=r"^[a-z][a-z0-9_-]*$", examples=["crm"])],
    event_id: Annotated[str, Path(max_length=300, pattern=ID, examples=["visit-1"])],
) -> EventState:
    """Tells whether an event waits, is applied and to which enrolments it came, or is dead."""
    async with house.store.read() as tx:
        found = await tx.events.get(source, event_id)
    if found is None:
        raise Problem("unknown_event")
    return EventState.model_validate(_state(found))


@routes.get("/dead-letters", dependencies=[needs("operate")], summary="List dead letters")
async def list_dead_letters(house: InHouse, limit: Limit = 100, cursor: Cursor = None) -> Paged[DeadLetter]:
    """Lists events that failed five times, the oldest first; they do not block their lead."""
    async with house.store.read() as tx:
        found = await tx.events.dead(limit, cursor)
    return Paged(
        items=tuple(DeadLetter.model_validate({**_state(one), "dead_id": one.id}) for one in found.items),
        next=found.next,
    )


@routes.post(
    "/dead-letters/{dead_id}:retry",
    status_code=202,
    dependencies=[needs("operate")],
    summary="Try a dead letter again",
)
async def retry_dead_letter(
    house: InHouse, caller: Caller, dead_id: Annotated[int, Path(ge=1, lt=2**63)]
) -> EventState:
    """Puts a dead letter back into the inbox, with its five tries before it again."""
    async with house.inbox.accept() as tx:
        if not await tx.events.retry(dead_id):
            raise Problem("unknown_dead_letter")
        await tx.audit.add(house.clock.now(), "dead_letter.retry", str(dead_id), caller.id)
        found = await tx.events.by_id(dead_id)
    assert found is not None
    return EventState.model_validate(_state(found))


def _unpacked(body: JsonValue) -> tuple[list[JsonValue], bool]:
    """Gives the events of a body, and whether it is a single one."""
    match body:
        case {"events": list(events), **rest} if not rest:
            where = "/events"
        case {"events": _}:
            raise Problem(
                "invalid_request", errors=[Fault(pointer="/events", message="is not a list on its own")]
            )
        case list(events):
            where = ""
        case dict():
            return [body], True
        case _:
            raise Problem("invalid_request", errors=[Fault(pointer="", message="is no event and no list")])
    if not 1 <= len(events) <= MOST_EVENTS:
        message = f"holds {len(events)} events; send 1 to {MOST_EVENTS}"
        raise Problem("invalid_request", errors=[Fault(pointer=where, message=message)])
    return events, False


async def _checked(desk: Desk, raws: Sequence[JsonValue]) -> list[NewEvent | Refused]:
    checked: list[NewEvent | Refused] = []
    for index, raw in enumerate(raws):
        checked.append(check(desk, raw))
        if index % 50 == 49:
            await asyncio.sleep(0)
    return checked


def _answer(source: str, items: Sequence[EventAnswer], single: bool) -> EventsAnswer:
    """Sums up the answers; raises Problem where nothing was taken. Then nothing was written either."""
    placed = items if single else [_placed(item, index) for index, item in enumerate(items)]
    counted = {status: sum(item.status == status for item in items) for status in ("accepted", "duplicate")}
    rejected = len(items) - sum(counted.values())
    if rejected and (single or not counted["accepted"]):
        raise _refusal(placed, single)
    return EventsAnswer(
        source=source, accepted=counted["accepted"], duplicates=counted["duplicate"], rejected=rejected,
        items=tuple(placed),
    )  # fmt: skip


def _placed(item: EventAnswer, index: int) -> EventAnswer:
    """Puts the item's place before the places of its mistakes."""
    errors = tuple(one.model_copy(update={"pointer": f"/{index}{one.pointer}"}) for one in item.errors)
    return item.model_copy(update={"errors": errors}) if errors else item


def _refusal(items: Sequence[EventAnswer], single: bool) -> Problem:
    if single:
        code = "event_conflict" if items[0].status == "conflict" else items[0].code or "invalid_request"
        return Problem(code, errors=items[0].errors)
    answers: list[JsonValue] = [item.model_dump(mode="json") for item in items]
    return Problem("no_event_accepted", items=answers)


def _state(event: InboxEvent) -> dict[str, object]:
    return {
        "source": event.source,
        "id": event.event_id,
        "type": event.type,
        "state": "accepted" if event.state == "pending" else event.state,
        "accepted_at": event.at,
        "applied_at": event.applied_at,
        "lead_id": event.lead_id,
        "reached": event.reached,
        "attempts": event.attempts,
        "error": event.error,
    }

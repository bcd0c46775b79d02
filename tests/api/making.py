"""Rows that the API's tests stand on, put straight into the store."""

from __future__ import annotations

from pydantic import TypeAdapter

from language.compiled import Journey, Trigger, dump
from language.schema import FieldType
from model.events import Event
from model.records import Identifier, NewEnrolment, PublishedJourney
from model.results import NewTask
from store import Store, new_id
from tests.api.conftest import NOW

JOURNEY = Journey(
    name="dealer_lead",
    version=1,
    about="From the visit to the sale.",
    program=(),
    stages={"visit": 0},
    starts=(Trigger("event", "dealer.visited", "dealer.visited"), Trigger("request", "by request")),
    endings={"bought": "won", "lost": "lost"},
    inputs={"model": FieldType("text"), "amount": FieldType("number")},
)
WELCOME = Journey(
    name="welcome_drip",
    version=1,
    about="Hello.",
    program=(),
    stages={"steps": 0},
    starts=(Trigger("event", "lead.created", "lead.created"),),
)


async def publish(store: Store, journey: Journey = JOURNEY) -> None:
    """Publishes a journey."""
    async with store.begin() as tx:
        await tx.journeys.publish(
            PublishedJourney(
                name=journey.name, version=journey.version, hash="h", compiled=dump(journey),
                source="journey: …",
                published_at=NOW,
            )
        )  # fmt: skip


async def a_lead(store: Store) -> str:
    """Puts Luis into the store, known to the CRM as 8812."""
    lead_id = new_id()
    async with store.begin() as tx:
        about = {"phone": "+34600111222", "first_name": "Luis", "zone": "Europe/Madrid", "score": 90.0}
        await tx.leads.create(lead_id, NOW, about)  # type: ignore[arg-type]
        await tx.leads.attach(Identifier("external", lead_id[-4:], "crm"), lead_id)
    return lead_id


async def a_run(store: Store) -> tuple[str, str]:
    """Puts a lead and an open run of `dealer_lead` into the store; gives the ids of both."""
    await publish(store)
    lead_id, run_id = await a_lead(store), new_id()
    async with store.begin() as tx:
        start = Event("1", "dealer.visited", NOW)
        await tx.enrolments.open(
            NewEnrolment(
                id=run_id, lead_id=lead_id, journey="dealer_lead", version=1, opened_at=NOW, start=start
            )
        )
    return lead_id, run_id


async def a_task(store: Store, **changes: object) -> str:
    """Puts a lead, a run and one call task that is ready into the store."""
    lead_id, run_id = await a_run(store)
    task_id = new_id()
    row = {
        "id": task_id, "enrolment_id": run_id, "lead_id": lead_id, "journey": "dealer_lead", "step": "visit",
        "work": "call", "name": "visit_call", "queue": "inside_sales", "ready_at": NOW, "at": NOW,
        "outcomes": ("confirmed", "no_answer", "call_later", "expired"), "script": "Ask about the Ibiza.",
        **changes,
    }  # fmt: skip
    async with store.begin() as tx:
        await tx.tasks.create(TypeAdapter(NewTask).validate_python(row))
    return task_id

"""Agents claim tasks under leases and complete them once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from model.commands import Done
from model.events import Event
from model.records import NewConsent, NewEnrolment, PublishedJourney
from model.results import NewTask
from store import new_id
from tests.api.conftest import NOW, Served

CLAIM = {"queue": "inside_sales", "agent": "anna", "lease_seconds": 60}


async def a_task(api: Served, **changes: object) -> str:
    """Puts a lead with a phone, a run and one call task into the store."""
    lead_id, run_id, task_id = new_id(), new_id(), new_id()
    async with api.house.store.begin() as tx:
        await tx.leads.create(
            lead_id, NOW, {"phone": "+34600111222", "first_name": "Luis", "zone": "Europe/Madrid", "score": 90.0}
        )
        await tx.journeys.publish(PublishedJourney("j", 1, "h", "{}", "", NOW)) if False else None
        await tx.enrolments.open(
            NewEnrolment(
                id=run_id, lead_id=lead_id, journey="dealer_lead", version=1, opened_at=NOW,
                start=Event("1", "dealer.visited", NOW),
            )
        )  # fmt: skip
        task = {
            "id": task_id, "enrolment_id": run_id, "lead_id": lead_id, "journey": "dealer_lead", "step": "visit",
            "work": "call", "name": "visit_call", "queue": "inside_sales", "ready_at": NOW, "at": NOW,
            "outcomes": ("confirmed", "no_answer", "call_later", "expired"), **changes,
        }  # fmt: skip
        await tx.tasks.create(NewTask(**task))
    return task_id

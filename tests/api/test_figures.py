"""Figures of a journey: who waits for a turn, and the small report."""

from __future__ import annotations

from dataclasses import replace

from language.compiled import Goal
from language.rules import AtATime, Rules
from model.events import Event
from model.figures import ReachedGoal
from model.waiting import NewWaiting
from store import new_id
from tests.api.conftest import NOW, Served
from tests.api.making import JOURNEY, a_lead, a_run, publish

LIMITED = replace(JOURNEY, rules=Rules(at_a_time=AtATime(200)), goals=(Goal("bought", "car.purchased"),))


async def test_who_waits_is_counted(api: Served) -> None:
    await publish(api.house.store, LIMITED)
    empty = (await api.client.get("/v1/journeys/dealer_lead/waiting")).json()
    assert empty == {"journey": "dealer_lead", "waiting": 0, "since": None, "limits": "200 at a time"}
    waiting = NewWaiting(
        id=new_id(), lead_id=await a_lead(api.house.store), journey="dealer_lead", version=1,
        start=Event("1", "dealer.visited", NOW), since=NOW, due_at=NOW,
    )  # fmt: skip
    async with api.house.store.begin() as tx:
        await tx.waiting.add(waiting)
    found = (await api.client.get("/v1/journeys/dealer_lead/waiting")).json()
    assert (found["waiting"], found["since"]) == (1, NOW.isoformat().replace("+00:00", "Z"))
    unknown = await api.client.get("/v1/journeys/nobody/waiting")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_journey")


async def test_the_report_counts_entries_and_goals(api: Served) -> None:
    await publish(api.house.store, LIMITED)
    _, run_id = await a_run(api.house.store)
    async with api.house.store.begin() as tx:
        await tx.figures.reach(ReachedGoal(enrolment_id=run_id, goal="bought", at=NOW, event=1))
    whole, first = (await api.client.get("/v1/journeys/dealer_lead/report")).json()["lines"]
    assert (whole["version"], whole["entries"], whole["open"], whole["control"]) == (None, 1, 1, 0)
    assert first["goals"] == [
        {"goal": "bought", "reached": 1, "percent": 100.0, "control_reached": 0, "control_percent": None}
    ]

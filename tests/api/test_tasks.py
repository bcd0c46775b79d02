"""Agents claim tasks under leases and complete them once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from model.records import NewConsent
from model.time import Hours
from tests.api.conftest import NOW, Served
from tests.api.making import a_task

CLAIM: dict[str, JsonValue] = {"queue": "inside_sales", "agent": "anna", "lease_seconds": 60}
DONE: dict[str, JsonValue] = {
    "fence": 1,
    "completion_id": "c-1",
    "outcome": "confirmed",
    "notes": "This month.",
}


async def test_a_claimed_task_brings_all_that_an_agent_needs_and_never_the_score(api: Served) -> None:
    task_id = await a_task(api.house.store)
    answer = await api.client.post("/v1/tasks:claim", json=CLAIM)
    task = answer.json()["task"]
    assert (task["id"], task["state"], task["agent"], task["fence"]) == (task_id, "reserved", "anna", 1)
    assert (task["person"]["first_name"], task["person"]["phone"]) == ("Luis", "+34600111222")
    assert task["outcomes"] == ["confirmed", "no_answer", "call_later"]
    assert task["script"] == "Ask about the Ibiza."
    assert not {"score", "tier", "90"} & {*task, *task["person"]}
    again = await api.client.post("/v1/tasks:claim", json={**CLAIM, "agent": "ben"})
    assert again.json() == {"task": None, "reason": "nothing_ready", "next_at": None}


async def test_of_many_agents_one_gets_the_task(api: Served) -> None:
    await a_task(api.house.store)
    claims = [api.client.post("/v1/tasks:claim", json={**CLAIM, "agent": f"a{n}"}) for n in range(8)]
    answers = [answer.json()["task"] for answer in await asyncio.gather(*claims)]
    assert sum(task is not None for task in answers) == 1


async def test_a_repeated_claim_under_one_idempotency_key_is_one_lease(api: Served) -> None:
    await a_task(api.house.store)
    headers = {"Idempotency-Key": "k"}
    first = await api.client.post("/v1/tasks:claim", json=CLAIM, headers=headers)
    again = await api.client.post("/v1/tasks:claim", json=CLAIM, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())


async def test_nobody_is_offered_who_may_not_be_called_now(api: Served) -> None:
    task_id = await a_task(api.house.store)
    api.house.clock.set(NOW + timedelta(hours=13))  # type: ignore[attr-defined]
    answer = (await api.client.post("/v1/tasks:claim", json=CLAIM)).json()
    opens = NOW.replace(hour=8, minute=0) + timedelta(days=1)
    assert (answer["task"], answer["reason"]) == (None, "outside_hours")
    assert datetime.fromisoformat(answer["next_at"]) == opens
    api.house.clock.set(NOW + timedelta(days=1))  # type: ignore[attr-defined]
    async with api.house.store.begin() as tx:
        task = await tx.tasks.get(task_id)
        assert task is not None
        await tx.consents.add(NewConsent(lead_id=task.lead_id, channel="call", given=False, at=NOW))
    answer = (await api.client.post("/v1/tasks:claim", json=CLAIM)).json()
    assert answer == {"task": None, "reason": "may_not_be_called", "next_at": None}


async def test_the_hours_and_the_zone_of_the_journey_decide_who_may_be_called_now(api: Served) -> None:
    early = Hours((0, 1, 2, 3, 4), 6 * 60, 9 * 60)
    await a_task(api.house.store, contact_hours=early, zone="UTC")
    api.house.clock.set(NOW.replace(hour=10))  # type: ignore[attr-defined]
    answer = (await api.client.post("/v1/tasks:claim", json=CLAIM)).json()
    assert (answer["task"], answer["reason"]) == (None, "outside_hours")
    assert datetime.fromisoformat(answer["next_at"]) == NOW.replace(hour=6, minute=0) + timedelta(days=1)
    api.house.clock.set(NOW.replace(hour=7) + timedelta(days=1))  # type: ignore[attr-defined]
    assert (await api.client.post("/v1/tasks:claim", json=CLAIM)).json()["task"] is not None


async def test_a_claim_that_comes_too_early_says_when_the_next_task_is_ready(api: Served) -> None:
    await a_task(api.house.store, ready_at=NOW + timedelta(hours=1))
    answer = (await api.client.post("/v1/tasks:claim", json=CLAIM)).json()
    assert (answer["task"], answer["reason"]) == (None, "nothing_ready")
    assert datetime.fromisoformat(answer["next_at"]) == NOW + timedelta(hours=1)


async def test_only_an_agent_with_its_skills_is_offered_a_task(api: Served) -> None:
    await a_task(api.house.store, skills="premium,spanish")
    for skills in ([], ["spanish"], ["french", "premium"]):
        answer = await api.client.post("/v1/tasks:claim", json={**CLAIM, "skills": skills})
        assert answer.json()["task"] is None, skills
    able = {**CLAIM, "skills": ["spanish", "french", "premium"]}
    task = (await api.client.post("/v1/tasks:claim", json=able)).json()["task"]
    assert task["skills"] == ["premium", "spanish"]


async def test_a_task_needs_no_phone_and_no_contact_hours(api: Served) -> None:
    task_id = await a_task(api.house.store, work="task", outcomes=("confirmed", "expired"))
    api.house.clock.set(NOW + timedelta(hours=13))  # type: ignore[attr-defined]
    task = (await api.client.post("/v1/tasks:claim", json=CLAIM)).json()["task"]
    assert (task["id"], task["work"], task["outcomes"]) == (task_id, "task", ["confirmed"])
    done = await api.client.post(f"/v1/tasks/{task_id}:complete", json=DONE)
    assert done.status_code == 200
    async with api.house.store.read() as tx:
        assert [row.type for row in await tx.events.pending()] == ["task.completed"]


async def test_a_completion_counts_once_and_tells_the_run_in_the_same_transaction(api: Served) -> None:
    task_id = await a_task(api.house.store)
    await api.client.post("/v1/tasks:claim", json=CLAIM)
    first = await api.client.post(f"/v1/tasks/{task_id}:complete", json=DONE)
    assert (first.status_code, first.json()["repeated"], first.json()["task"]["state"]) == (
        200,
        False,
        "completed",
    )
    again = await api.client.post(f"/v1/tasks/{task_id}:complete", json=DONE)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    async with api.house.store.read() as tx:
        call, row = await tx.events.pending()
        task = await tx.tasks.get(task_id)
    assert task is not None
    assert (call.type, call.body["direction"], call.body["result"]) == ("call.ended", "outbound", "confirmed")
    assert (row.type, row.task, row.run, row.lead_id) == (
        "task.completed",
        task_id,
        task.enrolment_id,
        task.lead_id,
    )
    assert row.body == {
        "task": "visit_call",
        "step": "visit",
        "queue": "inside_sales",
        "agent": "anna",
        "outcome": "confirmed",
        "notes": "This month.",
    }
    other = await api.client.post(f"/v1/tasks/{task_id}:complete", json={**DONE, "outcome": "no_answer"})
    assert (other.status_code, other.json()["code"]) == (409, "completion_conflict")


async def test_a_stale_lease_moves_nothing(api: Served) -> None:
    task_id = await a_task(api.house.store)
    await api.client.post("/v1/tasks:claim", json=CLAIM)
    await api.client.post(f"/v1/tasks/{task_id}:release", json={"fence": 1})
    second = (await api.client.post("/v1/tasks:claim", json={**CLAIM, "agent": "ben"})).json()["task"]
    assert second["fence"] == 2
    for verb, more in (("start", {}), ("renew", {}), ("release", {}), ("complete", DONE)):
        answer = await api.client.post(f"/v1/tasks/{task_id}:{verb}", json={**more, "fence": 1})
        assert (answer.status_code, answer.json()["code"]) == (409, "stale_lease"), verb
    async with api.house.store.read() as tx:
        assert (await tx.events.backlog()).count == 0


async def test_an_unknown_outcome_names_the_known_ones(api: Served) -> None:
    task_id = await a_task(api.house.store)
    await api.client.post("/v1/tasks:claim", json=CLAIM)
    for outcome in ("sold", "expired"):
        answer = await api.client.post(f"/v1/tasks/{task_id}:complete", json={**DONE, "outcome": outcome})
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_outcome")
        assert answer.json()["known"] == ["confirmed", "no_answer", "call_later"]


async def test_a_callback_needs_its_time(api: Served) -> None:
    task_id = await a_task(api.house.store)
    await api.client.post("/v1/tasks:claim", json=CLAIM)
    path, later = f"/v1/tasks/{task_id}:complete", {**DONE, "outcome": "call_later"}
    for at in (None, "2026-11-03T10:00:00Z"):
        answer = await api.client.post(path, json={**later, "callback_at": at})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/callback_at")
    done = await api.client.post(path, json={**later, "callback_at": "2026-11-05T11:00:00+01:00"})
    assert done.status_code == 200
    async with api.house.store.read() as tx:
        *_, row = await tx.events.pending()
    assert row.body["callback_at"] == "2026-11-05T10:00:00+00:00"


@pytest.mark.parametrize(("work", "told"), [("call", "call.started"), ("task", "task.started")])
async def test_the_run_hears_once_that_the_work_has_begun(api: Served, work: str, told: str) -> None:
    task_id = await a_task(api.house.store, work=work)
    await api.client.post("/v1/tasks:claim", json=CLAIM)
    for _ in range(2):
        started = await api.client.post(f"/v1/tasks/{task_id}:start", json={"fence": 1})
        assert (started.status_code, started.json()["state"]) == (200, "in_progress")
    async with api.house.store.read() as tx:
        assert [row.type for row in await tx.events.pending()] == [told]


async def test_a_lease_is_renewed_by_the_wall_clock(api: Served) -> None:
    task_id = await a_task(api.house.store)
    await api.client.post("/v1/tasks:claim", json=CLAIM)
    renewed = await api.client.post(f"/v1/tasks/{task_id}:renew", json={"fence": 1, "lease_seconds": 3600})
    until = datetime.fromisoformat(renewed.json()["lease_until"])
    assert timedelta(minutes=59) < until - datetime.now(UTC) <= timedelta(hours=1)


async def test_tasks_are_listed_by_queue_and_state(api: Served) -> None:
    task_id = await a_task(api.house.store)
    for query, found in (
        ({"queue": "inside_sales"}, [task_id]),
        ({"state": "ready"}, [task_id]),
        ({"state": "completed"}, []),
        ({"queue": "other"}, []),
    ):
        page = (await api.client.get("/v1/tasks", params=query)).json()
        assert [task["id"] for task in page["items"]] == found
    assert (await api.client.get(f"/v1/tasks/{task_id}")).json()["state"] == "ready"

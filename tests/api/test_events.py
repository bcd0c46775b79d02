"""Sending events."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import httpx
from pydantic import JsonValue

from api.accept import Desk, check
from model.records import NewEvent
from store import new_id
from tests.api.conftest import NOW, Served


def event(id_: str = "e-1", **changes: JsonValue) -> dict[str, JsonValue]:
    """Makes a good event."""
    lead: JsonValue = {"email": "Luis.Perez@Example.com"}
    return {"id": id_, "type": "dealer.visited", "lead": lead, "properties": {"model": "ibiza"}, **changes}


async def send(api: Served, body: JsonValue, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """Posts events."""
    return await api.client.post("/v1/events", json=body, headers=headers)


async def test_an_event_is_accepted_once_and_known_ever_after(api: Served) -> None:
    first = await send(api, event())
    assert (first.status_code, first.json()["items"]) == (
        202,
        [{"id": "e-1", "status": "accepted", "code": None, "errors": []}],
    )
    again = await send(api, event())
    assert (again.status_code, again.json()["duplicates"]) == (202, 1)
    state = (await api.client.get("/v1/events/crm/e-1")).json()
    assert (state["state"], state["reached"], state["accepted_at"]) == (
        "accepted",
        [],
        "2026-11-04T09:00:00Z",
    )


async def test_the_row_is_normalised_and_timed_by_the_clock(api: Served) -> None:
    lead: JsonValue = {"email": "Luis.Perez@EXAMPLE.com", "phone": "+34 600 11 12 22", "visitor_id": "v-1"}
    sent = event(lead=lead, at="2026-11-04T09:30:00+01:00")
    assert (await send(api, sent)).status_code == 202
    async with api.house.store.read() as tx:
        row = await tx.events.get("crm", "e-1")
    assert row is not None
    assert [(one.kind, one.value) for one in row.identifiers] == [
        ("email", "luis.perez@example.com"),
        ("phone", "+34600111222"),
        ("visitor", "v-1"),
    ]
    assert (row.at, row.body["at"], row.visitor) == (NOW, "2026-11-04T08:30:00+00:00", "v-1")


async def test_the_same_lead_written_differently_is_a_duplicate(api: Served) -> None:
    await send(api, event(lead={"phone": "+34600111222"}))
    again = await send(api, event(lead={"phone": "+34 600 111 222"}))
    assert again.json()["duplicates"] == 1


async def test_another_body_under_the_same_id_is_a_conflict(api: Served) -> None:
    await send(api, event())
    other = event(properties={"model": "leon"})
    alone = await send(api, other)
    assert (alone.status_code, alone.json()["code"]) == (409, "event_conflict")
    batch = await send(api, [other, event("e-2")])
    assert batch.status_code == 202
    assert [item["status"] for item in batch.json()["items"]] == ["conflict", "accepted"]


async def test_two_of_a_batch_with_the_same_id_are_judged_against_each_other(api: Served) -> None:
    answer = await send(api, {"events": [event(), event(), event(properties={"model": "leon"})]})
    assert [item["status"] for item in answer.json()["items"]] == ["accepted", "duplicate", "conflict"]


async def test_an_unknown_id_of_ours_is_not_found_and_a_known_one_is(api: Served) -> None:
    lead_id = new_id()
    alone = await send(api, event(lead={"lead_id": lead_id}))
    assert (alone.status_code, alone.json()["code"]) == (404, "unknown_lead")
    batch = await send(api, [event(lead={"lead_id": lead_id}), event("e-2")])
    assert batch.json()["items"][0] == {
        "id": "e-1",
        "status": "invalid",
        "code": "unknown_lead",
        "errors": [{"pointer": "/0/lead/lead_id", "parameter": None, "message": "no lead has this id"}],
    }
    async with api.house.store.begin() as tx:
        await tx.leads.create(lead_id, NOW)
    assert (await send(api, event(lead={"lead_id": lead_id}))).status_code == 202


async def test_a_batch_keeps_its_order_and_each_item_has_its_answer(api: Served) -> None:
    batch: list[JsonValue] = [event(f"e-{number}") for number in range(1000)]
    batch[7] = event("e-7", lead={"phone": "12"})
    batch[8] = "nonsense"
    answer = (await send(api, batch)).json()
    assert (answer["accepted"], answer["rejected"]) == (998, 2)
    assert [answer["items"][at]["id"] for at in (6, 7, 8, 9)] == ["e-6", "e-7", None, "e-9"]
    assert answer["items"][7]["errors"][0]["pointer"] == "/7/lead/phone"
    async with api.house.store.read() as tx:
        assert (await tx.events.backlog()).count == 998


async def test_a_batch_of_which_nothing_is_taken_is_a_problem_with_an_answer_for_each(api: Served) -> None:
    answer = await send(api, [event(type="Nope"), event("e-2", lead={})])
    assert (answer.status_code, answer.json()["code"]) == (422, "no_event_accepted")
    assert [item["status"] for item in answer.json()["items"]] == ["invalid", "invalid"]
    await send(api, [event("e-3"), event("e-4")])
    again = await send(api, [event("e-3"), event("e-4")])
    assert (again.status_code, again.json()["duplicates"]) == (202, 2)


async def test_requests_that_come_together_all_get_their_own_answer(api: Served) -> None:
    sent = [event(f"e-{number % 30}") for number in range(60)]
    answers = await asyncio.gather(*(send(api, one) for one in sent))
    assert all(answer.status_code == 202 for answer in answers)
    statuses = [answer.json()["items"][0] for answer in answers]
    assert [one["id"] for one in statuses] == [one["id"] for one in sent]
    assert sum(one["status"] == "accepted" for one in statuses) == 30


async def test_a_request_that_cannot_be_written_fails_alone(api: Served) -> None:
    desk = Desk("crm", NOW, None)
    good, other, bad = (check(desk, event(f"e-{number}")) for number in range(3))
    assert isinstance(bad, NewEvent)
    torn = replace(bad, body={"x": "\ud800"})
    inbox = api.house.inbox
    answers = await asyncio.gather(
        *(inbox.write([one]) for one in (good, torn, other)), return_exceptions=True
    )
    assert isinstance(answers[1], Exception)
    assert [answer[0].status for answer in answers if isinstance(answer, list)] == ["accepted", "accepted"]


async def test_the_source_survives_the_rotation_of_its_key(api: Served) -> None:
    await send(api, event())
    fresh = await api.keyed("events:write", source="crm")
    assert (await send(api, event(), fresh)).json()["duplicates"] == 1
    other = await api.keyed("events:write", source="web")
    assert (await send(api, event(), other)).json() == {
        "source": "web",
        "accepted": 1,
        "duplicates": 0,
        "rejected": 0,
        "items": [{"id": "e-1", "status": "accepted", "code": None, "errors": []}],
    }


async def test_an_idempotency_key_replays_the_answer_and_guards_against_another_body(api: Served) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await send(api, event(), key)
    again = await send(api, event(), key)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await send(api, event("e-2"), key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    refused = await send(api, event("e-3", type="x"), {"Idempotency-Key": "k-2"})
    assert refused.status_code == 422
    assert (await send(api, event("e-3"), {"Idempotency-Key": "k-2"})).status_code == 202


async def test_a_dead_letter_is_listed_and_tried_again(api: Served) -> None:
    await send(api, event())
    async with api.house.store.begin() as tx:
        (row,) = await tx.events.pending()
        for _ in range(5):
            await tx.events.mark_failed(row.id, "ValueError")
    assert (await api.client.get("/v1/events/crm/e-1")).json()["state"] == "dead"
    (letter,) = (await api.client.get("/v1/dead-letters")).json()["items"]
    assert (letter["id"], letter["error"], letter["attempts"]) == ("e-1", "ValueError", 5)
    retried = await api.client.post(f"/v1/dead-letters/{letter['dead_id']}:retry")
    assert (retried.status_code, retried.json()["state"]) == (202, "accepted")
    again = await api.client.post(f"/v1/dead-letters/{letter['dead_id']}:retry")
    assert (again.status_code, again.json()["code"]) == (404, "unknown_dead_letter")


async def test_a_time_a_little_ahead_is_taken_and_one_too_far_is_not(api: Served) -> None:
    near, far = NOW + timedelta(hours=23), NOW + timedelta(hours=25)
    assert (await send(api, event(at=near.isoformat()))).status_code == 202
    answer = await send(api, event("e-2", at=far.isoformat()))
    assert (answer.status_code, answer.json()["code"]) == (422, "at_in_future")


async def test_an_event_may_come_without_a_lead(api: Served) -> None:
    nobodys = {name: value for name, value in event().items() if name != "lead"}
    assert (await send(api, nobodys)).status_code == 202
    async with api.house.store.read() as tx:
        row = await tx.events.get("crm", "e-1")
    assert row is not None
    assert (row.identifiers, row.lead_id, row.visitor) == ((), None, None)
    assert (await send(api, event("e-2", lead={}))).status_code == 422
    reserved = event("e-3", type="account.changed")
    assert (await send(api, reserved)).json()["code"] == "reserved_type"

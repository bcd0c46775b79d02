"""Writing and reading things of leads."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from tests.api.conftest import NOW, Served
from tests.api.test_leads import a_lead

POLICY: dict[str, JsonValue] = {"status": "active", "expires_on": "2027-03-01"}


async def made(api: Served, own: str = "p1") -> str:
    """Puts a policy of Luis straight into the store."""
    lead_id = await a_lead(api)
    async with api.house.store.begin() as tx:
        await tx.things.make("policy", own, lead_id, {"policy_id": own, **POLICY}, NOW)
    return lead_id


async def test_a_write_is_an_event_of_the_lead(api: Served) -> None:
    lead_id = await a_lead(api)
    body = {"lead": {"external_id": "8812"}, "fields": POLICY}
    answer = await api.client.put("/v1/things/policy/p1", json=body)
    assert (answer.status_code, answer.json()["lead_id"]) == (202, lead_id)
    async with api.house.store.read() as tx:
        row = await tx.events.get("crm", answer.json()["event_id"])
    assert row is not None
    assert (row.type, row.body) == (
        "lead.thing_written",
        {"kind": "policy", "id": "p1", "fields": {"policy_id": "p1", **POLICY}},
    )


async def test_a_known_thing_needs_no_lead_and_another_one_is_refused(api: Served) -> None:
    lead_id = await made(api)
    answer = await api.client.put("/v1/things/policy/p1", json={"fields": {"status": "lapsed"}})
    assert (answer.status_code, answer.json()["lead_id"]) == (202, lead_id)
    other = {"lead": {"email": "eva@example.com"}, "fields": {}}
    answer = await api.client.put("/v1/things/policy/p1", json=other)
    assert (answer.status_code, answer.json()["code"]) == (409, "thing_of_another_lead")


async def test_a_thing_is_read_alone_and_among_its_lead_s(api: Served) -> None:
    lead_id = await made(api)
    told = (await api.client.get("/v1/things/policy/p1")).json()
    assert (told["lead_id"], told["fields"]) == (lead_id, {"policy_id": "p1", **POLICY})
    listed = (await api.client.get("/v1/leads/external:8812/things")).json()
    assert listed == {"items": [told]}
    assert (await api.client.get("/v1/leads/none/things")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "where"),
    [
        ("policy/p9", {"fields": POLICY}, 422, "invalid_request", "/lead"),
        ("policy/p1", {"fields": {"status": "gone"}}, 422, "invalid_request", "/fields/status"),
        ("policy/p1", {"fields": {"expires_on": "soon"}}, 422, "invalid_request", "/fields/expires_on"),
        ("policy/p1", {"fields": {"colour": "red"}}, 422, "invalid_request", "/fields/colour"),
        ("policy/p1", {"fields": {"policy_id": "p2"}}, 422, "invalid_request", "/fields/policy_id"),
        ("car/x", {"lead": {"external_id": "1"}}, 422, "invalid_request", None),
        ("boat/1", {"fields": {}}, 404, "unknown_thing", None),
        ("policy/p1", {"lead": {"lead_id": "nobody"}}, 404, "unknown_lead", "/lead/lead_id"),
        ("policy/p1", {"fields": {"status": "x" * 40_000}}, 422, "invalid_request", "/fields/status"),
    ],
)
async def test_a_mistake_is_answered_with_its_place(
    api: Served, path: str, body: JsonValue, status: int, code: str, where: str | None
) -> None:
    await made(api)
    answer = await api.client.put(f"/v1/things/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if where is not None:
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [where]


async def test_a_key_that_is_a_number_is_written_as_one(api: Served) -> None:
    body = {"lead": {"external_id": "8812"}, "fields": {"model": "ibiza"}}
    answer = await api.client.put("/v1/things/car/7", json=body)
    async with api.house.store.read() as tx:
        row = await tx.events.get("crm", answer.json()["event_id"])
    assert row is not None
    assert row.body["fields"] == {"number": 7, "model": "ibiza"}


async def test_a_repeat_under_an_idempotency_key_is_the_same_event(api: Served) -> None:
    await made(api)
    key = {"Idempotency-Key": "t-1"}
    first = await api.client.put("/v1/things/policy/p1", json={"fields": POLICY}, headers=key)
    again = await api.client.put("/v1/things/policy/p1", json={"fields": POLICY}, headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    other = await api.client.put("/v1/things/policy/p1", json={"fields": {}}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


async def test_nobody_sends_the_event_of_a_thing_from_outside(api: Served) -> None:
    event = {"id": "1", "type": "lead.thing_written", "lead": {"external_id": "1"}, "properties": {}}
    answer = await api.client.post("/v1/events", json=event)
    assert (answer.status_code, answer.json()["code"]) == (422, "reserved_type")

"""Writing and reading leads."""

from __future__ import annotations

from pydantic import JsonValue

from model.records import Identifier, NewConsent
from model.results import NewEntry
from store import new_id
from tests.api.conftest import NOW, Served

LUIS: dict[str, JsonValue] = {
    "email": "Luis.Perez@example.com",
    "phone": "+34 600 11 12 22",
    "first_name": "Luis",
    "language": "es-es",
    "zone": "Europe/Madrid",
    "attributes": {"interests": ["ibiza"]},
    "account": {"industry": "press"},
    "consent": {"email": True, "call": True},
}


async def a_lead(api: Served) -> str:
    """Puts Luis straight into the store."""
    lead_id = new_id()
    async with api.house.store.begin() as tx:
        await tx.leads.create(
            lead_id, NOW, {"first_name": "Luis", "email": "luis@example.com", "score": 12.0}
        )
        await tx.leads.attach(Identifier("email", "luis@example.com"), lead_id)
        await tx.leads.attach(Identifier("external", "8812", "crm"), lead_id)
        await tx.consents.add(NewConsent(lead_id=lead_id, channel="email", given=True, at=NOW))
    return lead_id


async def test_a_write_is_an_event_in_the_one_inbox(api: Served) -> None:
    answer = await api.client.put("/v1/leads/external:8812", json=LUIS)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["source"], told["lead_id"]) == ("crm", None)
    state = (await api.client.get(answer.headers["Location"])).json()
    assert (state["id"], state["type"], state["state"]) == (told["event_id"], "lead.created", "accepted")
    async with api.house.store.read() as tx:
        row = await tx.events.get("crm", told["event_id"])
    assert row is not None
    assert row.body == {
        "email": "luis.perez@example.com",
        "phone": "+34600111222",
        "first_name": "Luis",
        "language": "es-ES",
        "zone": "Europe/Madrid",
        "interests": ["ibiza"],
        "account": {"industry": "press"},
        "consent": {"email": True, "call": True},
    }
    assert row.identifiers == (
        Identifier("external", "8812", "crm"),
        Identifier("email", "luis.perez@example.com"),
        Identifier("phone", "+34600111222"),
    )


async def test_a_known_lead_is_written_by_our_id_and_null_clears(api: Served) -> None:
    lead_id = await a_lead(api)
    answer = await api.client.put(f"/v1/leads/{lead_id}", json={"last_name": None})
    assert answer.json()["lead_id"] == lead_id
    async with api.house.store.read() as tx:
        row = await tx.events.get("crm", answer.json()["event_id"])
    assert row is not None
    assert (row.type, row.lead_id, row.body) == ("lead.updated", lead_id, {"last_name": None})


async def test_a_repeat_under_an_idempotency_key_is_the_same_event(api: Served) -> None:
    key = {"Idempotency-Key": "w-1"}
    first = await api.client.put("/v1/leads/external:1", json=LUIS, headers=key)
    again = await api.client.put("/v1/leads/external:1", json=LUIS, headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    other = await api.client.put("/v1/leads/external:1", json={"first_name": "Ana"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    async with api.house.store.read() as tx:
        assert (await tx.events.backlog()).count == 1


async def test_a_lead_is_read_and_found_by_every_name(api: Served) -> None:
    lead_id = await a_lead(api)
    for path in (lead_id, "external:8812"):
        lead = (await api.client.get(f"/v1/leads/{path}")).json()
        assert (lead["id"], lead["first_name"], lead["score"]) == (lead_id, "Luis", 12.0)
        assert lead["consents"] == [
            {
                "channel": "email",
                "given": True,
                "at": "2026-11-04T09:00:00Z",
                "topic": None,
                "scope": "marketing",
            }
        ]
    for name in ({"email": "LUIS@example.com"}, {"external_id": "8812"}, {"lead_id": lead_id}):
        found = (await api.client.post("/v1/leads:search", json=name)).json()
        assert [lead["id"] for lead in found["items"]] == [lead_id]
    nobody = await api.client.post("/v1/leads:search", json={"phone": "+34600111222"})
    assert nobody.json() == {"items": [], "next": None}


async def test_another_source_has_external_ids_of_its_own(api: Served) -> None:
    await a_lead(api)
    web = await api.keyed("leads:read", source="web")
    assert (await api.client.get("/v1/leads/external:8812", headers=web)).status_code == 404


async def test_leads_and_timelines_come_in_pages(api: Served) -> None:
    lead_id = await a_lead(api)
    async with api.house.store.begin() as tx:
        await tx.leads.create(new_id(), NOW)
        lines = [
            NewEntry(lead_id=lead_id, at=NOW, kind="event", text=f"line {n}", dedup=str(n)) for n in range(5)
        ]
        await tx.timeline.add_many(lines)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (
            await api.client.get(
                f"/v1/leads/{lead_id}/timeline", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
            )
        ).json()
        seen += [line["text"] for line in page["items"]]
        cursor = page["next"]
    assert seen == [f"line {n}" for n in range(5)]
    first = (await api.client.get("/v1/leads", params={"limit": 1})).json()
    second = (await api.client.get("/v1/leads", params={"limit": 1, "cursor": first["next"]})).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (1, 1, None)

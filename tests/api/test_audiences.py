"""Audiences over HTTP: what there is, who is in, and putting leads in and out."""

from __future__ import annotations

from dataclasses import replace

from language.vocabulary import Audience
from model.audiences import JOINED, LEFT
from model.expressions import Binary, Constant, Name
from tests.api.conftest import NOW, VOCABULARY, Served
from tests.api.making import a_lead

RULE = Binary(">", Name("lead.score", "number"), Constant(100, "number"))
AUDIENCES = {
    "spring_list": Audience("spring_list"),
    "retarget": Audience("retarget", network="facebook"),
    "vip": Audience("vip", RULE),
}


async def test_audiences_and_their_members_are_listed(api: Served) -> None:
    api.house.vocabulary = replace(VOCABULARY, audiences=AUDIENCES)
    lead = await a_lead(api.house.store)
    async with api.house.store.begin() as tx:
        await tx.audiences.join("spring_list", lead, NOW, "import")
    listed = (await api.client.get("/v1/audiences")).json()["items"]
    assert [(one["name"], one["kind"], one["members"]) for one in listed] == [
        ("retarget", "network", 0),
        ("spring_list", "static", 1),
        ("vip", "rule", 0),
    ]
    members = (await api.client.get("/v1/audiences/spring_list/members")).json()["items"]
    assert [(one["lead_id"], one["by"]) for one in members] == [(lead, "import")]
    unknown = await api.client.get("/v1/audiences/nobody/members")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_audience")


async def test_a_lead_is_put_in_and_taken_out_by_events(api: Served) -> None:
    api.house.vocabulary = replace(VOCABULARY, audiences=AUDIENCES)
    lead = await a_lead(api.house.store)
    for method, path in (("PUT", f"/{lead}"), ("DELETE", f"/external:{lead[-4:]}")):
        answer = await api.client.request(method, f"/v1/audiences/spring_list/members{path}")
        assert (answer.status_code, answer.json()["lead_id"]) == (202, lead)
    async with api.house.store.read() as tx:
        rows = await tx.events.pending()
    assert [(row.type, row.lead_id, row.body["audience"]) for row in rows] == [
        (JOINED, lead, "spring_list"),
        (LEFT, lead, "spring_list"),
    ]


async def test_an_audience_by_rule_takes_nobody_by_hand(api: Served) -> None:
    api.house.vocabulary = replace(VOCABULARY, audiences=AUDIENCES)
    lead = await a_lead(api.house.store)
    refused = await api.client.put(f"/v1/audiences/vip/members/{lead}")
    assert (refused.status_code, refused.json()["code"]) == (409, "filled_by_rule")
    nobody = await api.client.put("/v1/audiences/spring_list/members/nobody")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "unknown_lead")

"""Journeys, enrolments, the stop switch, the outbox, the clock."""

from __future__ import annotations

from pydantic import JsonValue

from model.results import NewOutboxMessage
from tests.api.conftest import NOW, Served
from tests.api.making import WELCOME, a_run, publish

LUIS: dict[str, JsonValue] = {"lead": {"external_id": "8812"}, "inputs": {"model": "ibiza"}}


async def test_published_journeys_are_shown(api: Served) -> None:
    await publish(api.house.store)
    await publish(api.house.store, WELCOME)
    listed = (await api.client.get("/v1/journeys")).json()["items"]
    assert [(one["name"], one["by_request"]) for one in listed] == [
        ("dealer_lead", True),
        ("welcome_drip", False),
    ]
    one = (await api.client.get("/v1/journeys/dealer_lead")).json()
    assert (one["versions"], one["endings"], one["stages"]) == (
        [1],
        {"bought": "won", "lost": "lost"},
        ["visit"],
    )


async def test_a_request_is_an_event_in_the_inbox(api: Served) -> None:
    await publish(api.house.store)
    headers = {"Idempotency-Key": "k"}
    answer = await api.client.post("/v1/journeys/dealer_lead/enrolments", json=LUIS, headers=headers)
    assert answer.status_code == 202
    again = await api.client.post("/v1/journeys/dealer_lead/enrolments", json=LUIS, headers=headers)
    assert (again.json(), again.headers["Location"]) == (answer.json(), answer.headers["Location"])
    state = (await api.client.get(answer.headers["Location"])).json()
    assert (state["type"], state["state"]) == ("journey.requested", "accepted")
    async with api.house.store.read() as tx:
        (row,) = await tx.events.pending()
    assert row.body == {"journey": "dealer_lead", "inputs": {"model": "ibiza"}}


async def test_a_request_that_cannot_begin_is_refused_with_the_reason(api: Served) -> None:
    await publish(api.house.store)
    await publish(api.house.store, WELCOME)
    answer = await api.client.post("/v1/journeys/welcome_drip/enrolments", json=LUIS)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_by_request")
    stranger: JsonValue = {"lead": {"lead_id": "nobody"}}
    unknown = await api.client.post("/v1/journeys/dealer_lead/enrolments", json=stranger)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_lead")


async def test_inputs_that_the_journey_does_not_take_are_named_in_the_refusal(api: Served) -> None:
    await publish(api.house.store)
    wrong: JsonValue = {"lead": {"external_id": "8812"}, "inputs": {"modell": "ibiza", "amount": "many"}}
    answer = await api.client.post("/v1/journeys/dealer_lead/enrolments", json=wrong)
    assert answer.status_code == 422
    assert {fault["pointer"]: fault["message"] for fault in answer.json()["errors"]} == {
        "/inputs/modell": "is no input of dealer_lead: it takes amount, model",
        "/inputs/amount": "is not a number",
    }


async def test_an_enrolment_is_shown_by_id_by_lead_and_in_lists(api: Served) -> None:
    lead_id, run_id = await a_run(api.house.store)
    run = (await api.client.get(f"/v1/enrolments/{run_id}")).json()
    assert (run["state"], run["applied_seq"], run["last_seq"], run["waiting_until"]) == ("open", 0, 0, None)
    for query, found in (
        ({}, [run_id]),
        ({"lead_id": lead_id}, [run_id]),
        ({"lead_id": lead_id, "state": "ended"}, []),
        ({"journey": "dealer_lead"}, [run_id]),
        ({"state": "paused"}, []),
    ):
        page = (await api.client.get("/v1/enrolments", params=query)).json()
        assert [one["id"] for one in page["items"]] == found, query


async def test_an_ended_run_takes_no_word_and_an_unknown_ending_is_refused(api: Served) -> None:
    _, run_id = await a_run(api.house.store)
    wrong = await api.client.post(f"/v1/enrolments/{run_id}:end", json={"ending": "happy"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/ending")
    async with api.house.store.begin() as tx:
        await tx.enrolments.close(run_id, ending="bought", outcome="won", reason=None, at=NOW)
    for verb in ("pause", "resume", "skip", "end"):
        answer = await api.client.post(f"/v1/enrolments/{run_id}:{verb}")
        assert (answer.status_code, answer.json()["code"]) == (409, "run_ended")


async def test_without_temporal_runs_cannot_be_told_and_events_are_still_accepted(api: Served) -> None:
    _, run_id = await a_run(api.house.store)
    answer = await api.client.post(f"/v1/enrolments/{run_id}:pause")
    assert (answer.status_code, answer.json()["code"]) == (503, "runs_unavailable")
    assert answer.headers["Retry-After"] == "5"
    event: JsonValue = {"id": "e", "type": "dealer.visited", "lead": {"external_id": "1"}}
    assert (await api.client.post("/v1/events", json=event)).status_code == 202
    ready = await api.client.get("/readyz", headers={"Authorization": ""})
    assert (ready.status_code, ready.json()) == (
        200,
        {"status": "degraded", "database": True, "migrations": True, "intake": True, "temporal": False},
    )


async def test_sending_is_stopped_and_started(api: Served) -> None:
    await publish(api.house.store)
    stop, start = "/v1/sending:stop", "/v1/sending:start"
    one = await api.client.post(stop, json={"journey": "dealer_lead"})
    assert one.json() == {"stopped": False, "stopped_journeys": ["dealer_lead"]}
    assert (await api.client.post(stop)).json()["stopped"] is True
    assert (await api.client.post(start, json={})).json() == {
        "stopped": False,
        "stopped_journeys": ["dealer_lead"],
    }
    await api.client.post(start, json={"journey": "dealer_lead"})
    assert (await api.client.get("/v1/sending")).json() == {"stopped": False, "stopped_journeys": []}
    async with api.house.store.read() as tx:
        assert [entry.action for entry in (await tx.audit.list()).items] == [
            "sending.stop", "sending.stop", "sending.start", "sending.start",
        ]  # fmt: skip


async def test_the_outbox_is_read(api: Served) -> None:
    async with api.house.store.begin() as tx:
        for number in range(3):
            await tx.outbox.add(
                NewOutboxMessage(
                    send_id=f"s{number}", channel="email", to="a@example.com", at=NOW, text="Hola"
                )
            )
    page = (await api.client.get("/v1/outbox", params={"limit": 2})).json()
    rest = (await api.client.get("/v1/outbox", params={"cursor": page["next"]})).json()
    assert [one["send_id"] for one in (*page["items"], *rest["items"])] == ["s0", "s1", "s2"]
    assert (await api.client.get("/v1/outbox", params={"channel": "sms"})).json()["items"] == []


async def test_the_clock_goes_forward_by_hand_and_is_kept(api: Served) -> None:
    answer = await api.client.put("/v1/clock", json={"now": "2027-02-13T10:00:00+01:00"})
    assert answer.json() == {"now": "2027-02-13T09:00:00Z", "manual": True}
    event: JsonValue = {"id": "e", "type": "dealer.visited", "lead": {"external_id": "1"}}
    await api.client.post("/v1/events", json=event)
    assert (await api.client.get("/v1/events/crm/e")).json()["accepted_at"] == "2027-02-13T09:00:00Z"
    async with api.house.store.read() as tx:
        assert (await tx.clock.get()) == api.house.clock.now()

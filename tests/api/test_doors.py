"""Keys and scopes, logs, health, OpenAPI."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from fastapi.openapi.models import Example

from api import examples
from api.keys import make_key
from api.ports import wall
from api.problems import PROBLEMS
from tests.api.conftest import NOW, Served, serving
from tests.api.making import WELCOME, a_lead, a_task, publish

Operation = dict[str, object]


def operations(document: dict[str, object]) -> Iterator[tuple[str, str, Operation]]:
    for path, item in cast("dict[str, dict[str, Operation]]", document["paths"]).items():
        for method, operation in item.items():
            yield method, path, operation


async def test_every_route_but_the_probes_wants_a_key_and_its_scope(api: Served) -> None:
    document = (await api.client.get("/openapi.json")).json()
    none = await api.keyed("score", source="none")
    scorer_only = {"/v1/score", "/v1/outcomes", "/v1/health"}
    checked = 0
    for method, path, operation in operations(document):
        url = path.replace("{dead_id}", "1").replace("{", "").replace("}", "")
        if path in ("/livez", "/readyz"):
            assert (await api.client.request(method, url, headers={"Authorization": ""})).status_code == 200
            continue
        bare = await api.client.request(method, url, headers={"Authorization": ""})
        assert (bare.status_code, bare.json()["code"]) == (401, "unauthenticated"), path
        assert bare.headers["WWW-Authenticate"].startswith("Bearer")
        if path not in scorer_only:
            poor = await api.client.request(method, url, headers=none)
            assert (poor.status_code, poor.json()["code"]) == (403, "forbidden"), path
            assert f'scope="{operation["x-scope"]}"' in poor.headers["WWW-Authenticate"]
        checked += 1
    assert checked > 30


async def test_only_a_whole_living_key_opens(api: Served) -> None:
    good = make_key("k", "crm", ["events:read"], NOW)
    old = make_key("k", "crm", ["events:read"], NOW, expires_at=wall() - timedelta(seconds=1))
    revoked = make_key("k", "crm", ["events:read"], NOW)
    async with api.house.store.begin() as tx:
        for made in (good, old, revoked):
            await tx.keys.add(made.record)
        await tx.keys.revoke(revoked.record.id, NOW)
    tries = {
        f"Bearer {good.text}": 200,
        f"bearer {good.text}": 200,
        f"Bearer {good.text}x": 401,
        f"Bearer {good.text[:-1]}": 401,
        f"Basic {good.text}": 401,
        good.text: 401,
        f"Bearer {good.record.hash}": 401,
        f"Bearer {old.text}": 401,
        f"Bearer {revoked.text}": 401,
        "Bearer": 401,
    }
    for header, status in tries.items():
        answer = await api.client.get("/v1/clock", headers={"Authorization": header})
        assert answer.status_code == status, header
    assert good.text not in repr(good.record)


def test_a_key_is_made_for_known_scopes_and_a_plain_source() -> None:
    for scopes, source in (
        (["everything"], "crm"),
        ([], "crm"),
        (["score"], "The CRM"),
        (["score"], "cauce"),
    ):
        with pytest.raises(ValueError):
            make_key("k", source, scopes, NOW)


async def test_a_key_is_checked_before_the_body_is_read(api: Served) -> None:
    answer = await api.client.post("/v1/events", content=b"{", headers={"Authorization": ""})
    assert answer.status_code == 401


async def test_no_log_holds_personal_data(
    api: Served, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await api.client.get("/v1/leads/external:luis@secreto.es?cursor=secreto")
    await api.client.post("/v1/leads:search", json={"email": "luis@secreto.es"})
    await api.client.put("/v1/leads/external:1", json={"first_name": "Secreto", "phone": "secreto"})
    logged = capsys.readouterr().out
    assert "/v1/leads/{lead}" in logged
    ours = [
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    ]
    assert "secreto" not in (logged + "\n".join(ours)).lower()


async def test_a_failure_of_ours_is_a_problem_without_a_trace(
    api: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise RuntimeError("secreto")

    monkeypatch.setattr(api.house.clock, "now", fail)
    answer = await api.client.get("/v1/clock")
    assert (answer.status_code, answer.json()) == (
        500,
        {
            "type": "urn:cauce:problem:internal_error",
            "title": PROBLEMS["internal_error"].title,
            "status": 500,
            "code": "internal_error",
        },
    )
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert "secreto" not in logged


async def test_a_database_that_is_away_is_503_and_never_ready(api: Served, tmp_path: Path) -> None:
    await api.house.store.close()
    (tmp_path / "cauce.db").unlink()
    (tmp_path / "cauce.db").mkdir()
    answer = await api.client.get("/v1/journeys")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    ready = await api.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"], ready.json()["database"]) == (503, "down", False)
    assert (await api.client.get("/livez")).status_code == 200


async def test_the_system_clock_cannot_be_set(tmp_path: Path) -> None:
    async with serving(tmp_path, clock="system") as api:
        answer = await api.client.put("/v1/clock", json={"now": "2030-01-01T00:00:00Z"})
        assert (answer.status_code, answer.json()["code"]) == (409, "no_manual_clock")


async def test_openapi_says_all_of_every_operation(api: Served) -> None:
    document = (await api.client.get("/openapi.json", headers={"Authorization": ""})).json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["API key"]["scheme"] == "bearer"
    for method, path, operation in operations(document):
        name = f"{method} {path}"
        assert operation["summary"], name
        assert operation["description"], name
        if path in ("/livez", "/readyz"):
            continue
        responses = cast("dict[str, dict[str, object]]", operation["responses"])
        assert {"401", "403", "422", "500", "503"} <= set(responses), name
        assert list(cast("dict[str, object]", responses["401"]["content"])) == ["application/problem+json"], (
            name
        )
        if "requestBody" in operation:
            assert '"examples"' in json.dumps(operation["requestBody"]), name
    refs = set(_refs(document))
    assert refs <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


def _refs(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from _refs(item)
    elif isinstance(value, list):
        for item in value:
            yield from _refs(item)


async def test_every_request_example_works(api: Served) -> None:
    store = api.house.store
    task_id = await a_task(store)
    await publish(store, WELCOME)

    async def works(method: str, path: str, shown: dict[str, Example]) -> None:
        for name, example in shown.items():
            body = cast("dict[str, object]", example)["value"]
            answer = await api.client.request(method, path, json=body)
            assert answer.is_success, (path, name, answer.text)

    await works("POST", "/v1/events", examples.EVENTS)
    await works("PUT", "/v1/leads/external:crm-8812", examples.LEAD)
    await works("PUT", f"/v1/leads/{await a_lead(store)}", examples.LEAD)
    await works("PUT", "/v1/things/policy/p-77", examples.THING)
    await works("POST", "/v1/leads:search", examples.SEARCH)
    await works("POST", "/v1/journeys/dealer_lead/enrolments", examples.ENROL)
    await works("POST", "/v1/tasks:claim", examples.CLAIM)
    await works("POST", f"/v1/tasks/{task_id}:start", examples.HOLD)
    await works("POST", f"/v1/tasks/{task_id}:renew", examples.RENEW)
    await works("POST", f"/v1/tasks/{task_id}:complete", examples.COMPLETE)
    await works("POST", "/v1/sending:stop", examples.STOP)
    await works("POST", "/v1/sending:start", examples.STOP)
    await works("POST", "/v1/outcomes", examples.OUTCOMES)
    await works("PUT", "/v1/clock", examples.CLOCK)

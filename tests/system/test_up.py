"""`cauce up`, used over HTTP, stopped, started again."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.scoring.conformance import CHECKS, Target
from tests.system.installation import Installation, eventually, new

VISIT = {
    "id": "visit-1",
    "type": "visit.registered",
    "lead": {"external_id": "c-1", "email": "luis@example.com", "phone": "+34600111222"},
    "properties": {"dealer_id": "madrid-norte", "model": "Ibiza"},
}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for the module, up twice: the second time with what the first one left."""
    made = new(tmp_path_factory.mktemp("installation"))
    with made.up(), made.client() as client:
        assert client.post("/v1/events", json=VISIT).status_code == 202
        eventually(lambda: client.get("/v1/tasks", params={"queue": "dealers"}).json()["items"])
    with made.up():
        yield made
    assert "stopped Temporal" in made.output()


@pytest.fixture
def client(installation: Installation) -> Iterator[httpx.Client]:
    """A client with the key of the first start: it still holds."""
    with installation.client() as opened:
        yield opened


def test_after_a_restart_the_run_goes_on_where_it_was(client: httpx.Client) -> None:
    (task,) = client.get("/v1/tasks", params={"queue": "dealers"}).json()["items"]
    (run,) = client.get("/v1/enrolments").json()["items"]
    assert (run["state"], task["name"]) == ("open", "after_the_visit")
    done = client.post(
        "/v1/events",
        json={
            **VISIT,
            "id": "left-1",
            "type": "lead.unsubscribed",
            "properties": {"channel": "all", "scope": "all"},
        },
    )
    assert done.status_code == 202, done.text
    eventually(lambda: client.get(f"/v1/enrolments/{run['id']}").json()["state"] == "ended")
    assert client.get(f"/v1/enrolments/{run['id']}").json()["ending"] == "unsubscribed"


def test_the_same_event_again_is_a_duplicate_and_another_body_a_conflict(client: httpx.Client) -> None:
    again = client.post("/v1/events", json=VISIT)
    assert again.json()["items"][0]["status"] == "duplicate"
    other = client.post("/v1/events", json={**VISIT, "properties": {"dealer_id": "madrid-sur"}})
    assert other.status_code == 409


def test_the_stop_switch_is_seen_by_the_api(client: httpx.Client) -> None:
    assert client.post("/v1/sending:stop", json={}).status_code == 200
    assert client.get("/v1/sending").json()["stopped"] is True
    assert client.post("/v1/sending:start", json={}).status_code == 200


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_rules_served_here_conform_to_the_scorers_contract(
    check: object, installation: Installation, client: httpx.Client
) -> None:
    assert callable(check)
    (lead,) = {run["lead_id"] for run in client.get("/v1/enrolments").json()["items"]}
    check(Target(f"{installation.url}", dict(client.headers), lead))

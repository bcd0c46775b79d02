"""An operator's word reaches a run on a real Temporal server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast

from pydantic import JsonValue
from temporalio import workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from api.ports import House, Intake
from intake.catalog import FRESH
from intake.rules_scorer import RulesScorer
from intake.score import Scoring
from model.runs import Progress, workflow_id
from runtime.api_process import make_intake
from runtime.temporal_server import TemporalServer
from tests.api.conftest import Served, serving
from tests.api.making import JOURNEY, a_run, publish
from tests.house import project_of


@workflow.defn(name="journey")
class Obedient:
    """Stands for a run: takes the updates of a run and remembers them."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: self.heard[-1:] == ["end bought"])
        return self.heard

    @workflow.update
    def pause(self) -> None:
        self.heard.append("pause")

    @workflow.update
    def skip(self, step: str | None = None) -> None:
        self.heard.append("skip" if step is None else f"skip {step}")

    @workflow.update
    def retry(self, step: str | None = None) -> None:
        self.heard.append(f"retry {step}")

    @workflow.update
    def end(self, ending: str) -> None:
        self.heard.append(f"end {ending}")

    @pause.validator
    def _may_pause(self) -> None:
        if "pause" in self.heard:
            raise ApplicationError("the run is paused already", type="wrong_state", non_retryable=True)


async def test_an_operators_word_reaches_the_run(
    tmp_path: Path, temporal: TemporalServer, temporal_client: Client, task_queue: str
) -> None:
    async with serving(tmp_path, clock="system", temporal_address=temporal.address) as api:
        _, run_id = await a_run(api.house.store)
        path = f"/v1/enrolments/{run_id}"
        early = await api.client.post(f"{path}:skip")
        assert (early.status_code, early.json()["code"]) == (409, "run_not_begun")
        worker = Worker(
            temporal_client,
            task_queue=task_queue,
            workflows=[Obedient],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        async with worker:
            handle = await temporal_client.start_workflow(
                "journey", id=workflow_id(run_id), task_queue=task_queue, result_type=list[str]
            )
            assert (await api.client.post(f"{path}:pause")).json() == {
                "enrolment_id": run_id,
                "action": "pause",
            }
            again = await api.client.post(f"{path}:pause")
            assert (again.status_code, again.json()["detail"]) == (409, "The run is paused already.")
            assert (await api.client.post(f"{path}:skip")).status_code == 200
            assert (await api.client.post(f"{path}:skip?step=welcome")).status_code == 200
            assert (await api.client.post(f"{path}:retry?step=welcome")).status_code == 200
            await needs_attention(api, run_id)
            whole = (await api.client.post("/v1/journeys/dealer_lead:retry")).json()
            assert whole == {"retried": 1, "refused": {}, "next": None}
            assert (await api.client.post(f"{path}:end", json={"ending": "bought"})).status_code == 200
            assert await asyncio.wait_for(handle.result(), 10) == [
                "pause", "skip", "skip welcome", "retry welcome", "retry None", "end bought",
            ]  # fmt: skip
            late = await api.client.post(f"{path}:pause")
            assert (late.status_code, late.json()["code"]) == (409, "run_ended")
        async with api.house.store.read() as tx:
            done = [entry.action for entry in (await tx.audit.list()).items]
        assert done == ["run.pause", "run.skip", "run.skip", "run.retry", "journey.retry", "run.end"]
        assert (await api.client.get("/readyz")).json()["status"] == "ok"


async def needs_attention(api: Served, run_id: str) -> None:
    async with api.house.store.begin() as tx:
        await tx.enrolments.save_progress(run_id, Progress(0, None, "attention", "welcome", attention="why"))


async def test_runs_that_need_attention_are_listed_with_their_reasons(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        _, run_id = await a_run(api.house.store)
        assert (await api.client.get("/v1/enrolments?attention=true")).json()["items"] == []
        await needs_attention(api, run_id)
        (found,) = (await api.client.get("/v1/enrolments?attention=true")).json()["items"]
        assert (found["id"], found["attention"]) == (run_id, "why")


async def test_a_move_says_first_who_would_land_where(tmp_path: Path, temporal: TemporalServer) -> None:
    async with serving(tmp_path, clock="system", temporal_address=temporal.address) as api:
        _, run_id = await a_run(api.house.store)
        path, body = "/v1/journeys/dealer_lead:move", {"from": 1, "to": 2}
        alone = await api.client.post(path, json=body)
        assert "is not another version: there are 1" in alone.text
        await publish(api.house.store, replace(JOURNEY, version=2))
        unknown = await api.client.post(path, json={**body, "map": {"nowhere": "hello"}})
        assert unknown.status_code == 422
        assert "version 1 has no such step: nowhere" in unknown.text
        seen = (await api.client.post(path, json=body)).json()
        assert seen["next"] is None
        (landing,) = seen["items"]
        assert (landing["enrolment_id"], landing["reason"], landing["moved"]) == (
            run_id,
            "run not begun",
            False,
        )
        one = await api.client.post(path, json={**body, "run": run_id, "dry_run": False})
        assert one.json()["items"] == seen["items"]


PROJECT = {
    "hello.yaml": """
journey: hello
version: 1
about: A greeting by request.
start:
  by: request
steps:
  - wait: 1 day
""",
    "vocabulary.yaml": "events: {interest.shown: {model: text}}\n",
}


async def test_events_are_applied_by_the_intake_in_the_same_process(
    tmp_path: Path, temporal: TemporalServer
) -> None:
    project = project_of(tmp_path / "defs", PROJECT)
    places = {"journeys_dir": tmp_path / "defs", "temporal_address": temporal.address}

    def make(house: House) -> Intake:
        house.scorer = RulesScorer(house.store, Scoring(project.sound_rules()))
        return make_intake(house.settings, project, house.store, house.clock, house.runs.client)

    async with serving(tmp_path, make, clock="system", **places) as api:
        await publish(api.house.store, project.journeys["hello"])
        await asyncio.sleep(2 * FRESH)
        luis: JsonValue = {"external_id": "8812", "email": "luis@example.com"}
        event: JsonValue = {
            "id": "e-1",
            "type": "interest.shown",
            "lead": luis,
            "properties": {"model": "ibiza"},
        }
        assert (await api.client.post("/v1/events", json=event)).status_code == 202
        assert (await applied(api, "/v1/events/crm/e-1"))["reached"] == []
        request = await api.client.post("/v1/journeys/hello/enrolments", json={"lead": luis})
        (run_id,) = cast("list[str]", (await applied(api, request.headers["Location"]))["reached"])
        assert (await api.client.get(f"/v1/enrolments/{run_id}")).json()["state"] == "open"
        again = await api.client.post("/v1/journeys/hello/enrolments", json={"lead": luis})
        assert (await applied(api, again.headers["Location"]))["reached"] == []
        lead = (await api.client.get("/v1/leads/external:8812")).json()
        assert (lead["email"], lead["score"]) == ("luis@example.com", 80.0)
        lines = (await api.client.get("/v1/leads/external:8812/timeline")).json()["items"]
        assert "not entered into hello: a run is open" in [line["text"] for line in lines]

        question = {"request_id": "q", "lead_id": lead["id"], "as_of": lead["updated_at"]}
        score = await api.client.post("/v1/score", json=question)
        assert (score.status_code, score.json()["points"], score.json()["strong"]) == (
            200,
            80.0,
            ["interest"],
        )
        assert (await api.client.post("/v1/score", json=question)).json() == score.json()
        other = await api.client.post("/v1/score", json={**question, "decision_point": "another"})
        assert (other.status_code, other.json()["code"]) == (409, "request_id_conflict")
        assert (await api.client.get("/v1/health")).json() == {"status": "ok"}
        stranger = await api.client.post("/v1/score", json={**question, "request_id": "q2", "lead_id": "x"})
        assert stranger.json()["points"] == 0


async def applied(api: Served, path: str) -> dict[str, JsonValue]:
    """Waits until an event is applied."""
    async with asyncio.timeout(15):
        while True:
            state: dict[str, JsonValue] = (await api.client.get(path)).json()
            assert state["state"] != "dead", state
            if state["state"] == "applied":
                return state
            await asyncio.sleep(0.02)

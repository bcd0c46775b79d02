"""An operator's word reaches a run on a real Temporal server."""

from __future__ import annotations

import asyncio
from pathlib import Path

from temporalio import workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from model.runs import workflow_id
from runtime.temporal_server import TemporalServer
from tests.api.conftest import serving
from tests.api.making import a_run


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
    def skip(self) -> None:
        self.heard.append("skip")

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
        assert (early.status_code, early.json()["code"]) == (409, "run_ended")
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
            assert (await api.client.post(f"{path}:end", json={"ending": "bought"})).status_code == 200
            assert await asyncio.wait_for(handle.result(), 10) == ["pause", "skip", "end bought"]
            late = await api.client.post(f"{path}:pause")
            assert (late.status_code, late.json()["code"]) == (409, "run_ended")
        async with api.house.store.read() as tx:
            done = [entry.action for entry in (await tx.audit.list()).items]
        assert done == ["run.pause", "run.skip", "run.end"]
        assert (await api.client.get("/readyz")).json()["status"] == "ok"

"""Branches side by side on the real server, and the simulator's story of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError

from model.runs import workflow_id
from tests.house import house, project_of
from tests.workflows.test_journey import PROJECT, story
from tests.workflows.test_long_runs import COUNTING, PLAIN
from tests.workflows.test_operators import eventually, order, templates

BOTH = """
journey: trial
version: 1
about: A trial that becomes a customer.
start:
  event: trial.started
steps:
  - parallel:
      mails:
        - email: welcome
        - wait: 2 days
          id: long
        - email: last
      ears:
        - wait_for: interest.shown
          within: 3 days
          id: heard
      work:
        - task: intro
          queue: sales
          expires: never
          outcomes: {interested: go_on, not_interested: go_on}
    until: first
    id: both
  - wait: 1 day
  - email: welcome
    id: welcome_back
"""


async def test_the_first_branch_ends_the_others_and_takes_their_work_back(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", {**PROJECT, "trial.yaml": BOTH})
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("trial.started", plan="basic")
        await world.pass_time(timedelta(days=1))
        async with world.store.read() as tx:
            (task,) = (await tx.tasks.list(world.clock.at)).items
        (run,) = await world.open_runs()
        assert run.waiting_for is not None
        assert "long: until" in run.waiting_for
        assert "an agent" in run.waiting_for
        await world.event("interest.shown")
        async with world.store.read() as tx:
            (task,) = (await tx.tasks.list(world.clock.at)).items
        assert task.state == "canceled", await story(world)
        await world.pass_time(timedelta(days=5))
        assert await templates(world) == ["welcome", "welcome"]
        (run,) = await world.runs()
        assert (run.state, run.ending) == ("ended", "finished")


async def test_an_operator_must_say_which_of_several_waits_is_skipped(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", {**PROJECT, "trial.yaml": BOTH})
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("trial.started", plan="basic")
        for args in ([], ["nowhere"]):
            with pytest.raises(WorkflowUpdateFailedError):
                await order(world, "skip", *args)
        await order(world, "skip", "long")

        async def the_last_one_went() -> bool:
            return await templates(world) == ["welcome", "last"]

        await eventually(the_last_one_went)


COUNTING_TWICE = """
journey: counting
version: 1
about: Two branches hear the same ticks.
start:
  event: counting.begun
steps:
  - parallel:
      one: [{repeat: 20, do: [{wait_for: counting.ticked}]}]
      two: [{repeat: 20, do: [{wait_for: counting.ticked}]}]
  - end: all_heard
"""


async def test_branches_lose_nothing_while_their_run_continues_as_new(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", {**COUNTING, "counting.yaml": COUNTING_TWICE}, rules=PLAIN)
    async with house(tmp_path, temporal_client, project, real_time=True, history_limit=12) as world:
        intake = asyncio.create_task(world.intake.run())
        await world.accept("counting.begun")
        for number in range(20):
            await world.accept("counting.ticked", number=number)
            await asyncio.sleep(0.005 * (number % 5))
        async with asyncio.timeout(20):
            while await world.open_runs() or not await world.runs():
                await asyncio.sleep(0.05)
        intake.cancel()
        (run,) = await world.runs()
        assert run.ending == "all_heard"
        handle = temporal_client.get_workflow_handle(workflow_id(run.id))
        first = (await handle.describe()).raw_description.workflow_execution_info
        assert first.first_run_id != first.execution.run_id, "the run never continued as new"

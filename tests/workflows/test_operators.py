"""What operators may do with a run, and what reaches it at the worst moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError

from model.runs import workflow_id
from tests.house import House, house, project_of
from tests.workflows.test_journey import PROJECT


async def order(world: House, name: str, *args: str) -> None:
    (run,) = await world.open_runs()
    handle = world.time.client.get_workflow_handle(workflow_id(run.id))
    await handle.execute_update(name, args=list(args))


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await true():
            await asyncio.sleep(0.02)


async def templates(world: House) -> Sequence[str | None]:
    return [message.template for message in await world.outbox()]


async def test_a_paused_run_sends_nothing_and_goes_on_when_resumed(
    tmp_path: Path, temporal_client: Client
) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", PROJECT)) as world:
        await world.event("trial.started", plan="basic")
        await order(world, "pause")
        await world.pass_time(timedelta(days=6))
        assert await templates(world) == ["welcome"]
        (run,) = await world.open_runs()
        assert run.state == "paused"
        await order(world, "resume")
        await world.pass_time(timedelta(days=4))
        assert await templates(world) == ["welcome", "last"]


async def test_skip_ends_a_wait(tmp_path: Path, temporal_client: Client) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", PROJECT)) as world:
        await world.event("trial.started", plan="basic")
        before = (await world.open_runs())[0].waiting_until
        assert before is not None
        await order(world, "skip")

        async def waits_a_day_longer() -> bool:
            after = (await world.open_runs())[0].waiting_until
            return after is not None and timedelta(days=1) <= after - before < timedelta(days=1, minutes=1)

        await eventually(waits_a_day_longer)


async def test_end_closes_a_paused_run_too(tmp_path: Path, temporal_client: Client) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", PROJECT)) as world:
        await world.event("trial.started", plan="basic")
        await order(world, "pause")
        await order(world, "end", "stopped")

        async def no_run_is_open() -> bool:
            return not await world.open_runs()

        await eventually(no_run_is_open)
        (run,) = await world.runs()
        assert (run.state, run.ending) == ("ended", "stopped")


async def test_orders_that_make_no_sense_are_refused(tmp_path: Path, temporal_client: Client) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", PROJECT)) as world:
        await world.event("trial.started", plan="basic")
        with pytest.raises(WorkflowUpdateFailedError):
            await order(world, "resume")
        await order(world, "pause")
        for name in ("pause", "skip"):
            with pytest.raises(WorkflowUpdateFailedError):
                await order(world, name)


async def test_a_delivery_given_twice_changes_nothing(tmp_path: Path, temporal_client: Client) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", PROJECT)) as world:
        await world.event("trial.started", plan="basic")
        await world.event("trial.bought", plan="basic")
        (run,) = await world.runs()
        async with world.store.begin() as tx:
            assert await tx.deliveries.put_back(run.id, 0) == 2
        await world.settle()
        (again,) = await world.runs()
        assert again == run
        assert await templates(world) == ["welcome"]


async def test_a_new_entry_replaces_the_open_run(tmp_path: Path, temporal_client: Client) -> None:
    journey = PROJECT["trial.yaml"].replace("exit:", "again: replace\nexit:")
    project = project_of(tmp_path / "defs", {**PROJECT, "trial.yaml": journey})
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("trial.started", plan="basic")
        await world.event("trial.started", plan="better")

        async def one_run_is_over() -> bool:
            lines = await world.timeline()
            return sum(line.kind == "ending" for line in lines) == 1

        await eventually(one_run_is_over)
        assert sorted(str(run.ending) for run in await world.runs()) == ["None", "replaced"]
        assert await templates(world) == ["welcome", "welcome"]

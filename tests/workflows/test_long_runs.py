"""Runs that live long: continue-as-new loses nothing, a worker without a cache tells the same story."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client, WorkflowHandle

from model.runs import workflow_id
from tests.house import House, house, project_of
from tests.workflows.test_journey import PROJECT
from tests.workflows.test_operators import eventually

COUNTING = {
    "vocabulary.yaml": """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [en]}
events: {counting.begun: {}, counting.ticked: {number: number}}
endings: {all_heard: won}
""",
    "counting.yaml": """
journey: counting
version: 1
about: Hears forty ticks, none lost, none twice.
start:
  event: counting.begun
steps:
  - repeat: 40
    do:
      - wait_for: counting.ticked
  - end: all_heard
""",
}


async def test_nothing_is_lost_when_signals_land_while_a_run_continues_as_new(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", COUNTING, rules=PLAIN)
    async with house(tmp_path, temporal_client, project, real_time=True, history_limit=12) as world:
        intake = asyncio.create_task(world.intake.run())
        await world.accept("counting.begun")
        for number in range(39):
            await world.accept("counting.ticked", number=number)
            await asyncio.sleep(0.005 * (number % 5))
        await asyncio.sleep(1)
        assert [run.state for run in await world.runs()] == ["open"], "thirty-nine ticks are not forty"
        await world.accept("counting.ticked", number=39)
        async with asyncio.timeout(20):
            while await world.open_runs():
                await asyncio.sleep(0.05)
        intake.cancel()
        (run,) = await world.runs()
        assert run.ending == "all_heard"
        handle = temporal_client.get_workflow_handle(workflow_id(run.id))
        first = (await handle.describe()).raw_description.workflow_execution_info
        assert first.first_run_id != first.execution.run_id, "the run never continued as new"


async def test_a_paused_run_keeps_a_small_history_and_all_that_it_is_told(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", COUNTING, rules=PLAIN)
    async with house(tmp_path, temporal_client, project, real_time=True, history_limit=12) as world:
        intake = asyncio.create_task(world.intake.run())
        await world.accept("counting.begun")
        await eventually(lambda: stands(world))
        (run,) = await world.runs()
        handle = temporal_client.get_workflow_handle(workflow_id(run.id))
        await handle.execute_update("pause")
        for number in range(40):
            await world.accept("counting.ticked", number=number)
            await asyncio.sleep(0.03)
        await eventually(lambda: continued(handle))
        assert [run.state for run in await world.runs()] == ["paused"]
        await handle.execute_update("resume")
        await eventually(lambda: over(world))
        intake.cancel()
        assert [run.ending for run in await world.runs()] == ["all_heard"]


async def stands(world: House) -> bool:
    return [run.waiting_for for run in await world.runs()] not in ([], [None])


async def over(world: House) -> bool:
    return not await world.open_runs()


async def continued(handle: WorkflowHandle[object, object]) -> bool:
    info = (await handle.describe()).raw_description.workflow_execution_info
    return info.first_run_id != info.execution.run_id


async def test_without_a_cache_a_run_tells_the_same_story(tmp_path: Path, temporal_client: Client) -> None:
    told = []
    for cache in (0, 1000):
        folder = tmp_path / str(cache)
        async with house(folder, temporal_client, project_of(folder / "defs", PROJECT), cache=cache) as world:
            await world.event("lead.updated", first_name="Luis", language="en", phone="+34600111222")
            await world.event("trial.started", plan="basic")
            await world.event("interest.shown")
            await world.pass_time(timedelta(days=9))
            told.append(
                [f"{line.kind} {line.step} {line.text.partition(':')[0]}" for line in await world.timeline()]
            )
            assert (await world.runs())[0].state == "ended"
    assert told[0] == told[1]


PLAIN = """
model: {id: small, version: 1, label: sale_90d, kind: rules}
scores: {engagement: {min: -50, max: 200}, fit: {min: -100, max: 100}}
groups: {web: {score: engagement, min: 0, max: 150}}
rules:
  - {id: page, group: web, event: page.viewed, points: 1, per: day, expire: never}
fit_grades: {A: 60, B: 30, C: 0, D: -100}
engagement_bands: {"1": 80, "2": 30, "3": -50}
tiers: {T1: [A1, B1, C1], T2: [A2, B2, C2], T3: ["*"]}
"""

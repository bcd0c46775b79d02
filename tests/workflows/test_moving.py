"""Runs are moved to another version on the real server: in place in virtual time, by continue-as-new in real
time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from model.runs import workflow_id
from runtime.moving import Landing, Mover, Versions
from runtime.project import Project, load_project
from tests.house import House, house, project_of
from tests.workflows.test_journey import JOURNEY, PROJECT
from tests.workflows.test_long_runs import PLAIN
from tests.workflows.test_operators import eventually, templates

BETTER = JOURNEY.replace("version: 1", "version: 2").replace("email: nudge", "email: poke").replace(
    "    as: bought\n", "    as: bought\n  - event: trial.stopped\n    as: lost\n"
)  # fmt: skip
FILES = PROJECT | {
    "vocabulary.yaml": PROJECT["vocabulary.yaml"].replace(
        "  interest.shown", "  trial.stopped: {}\n  interest.shown"
    ),
    "templates/email/poke.en.mjml": PROJECT["templates/email/last.en.mjml"],
}


def rewritten(folder: Path, **files: str) -> Project:
    """Writes files of a project anew and reads it."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    project = load_project(folder)
    assert not project.errors, "\n".join(project.rendered(problem) for problem in project.errors)
    return project


async def publish(world: House, project: Project) -> None:
    before, world.project = world.project, project
    await world.publish()
    world.project = before


async def move(
    world: House, name: str, mapping: dict[str, str] | None = None, *, dry_run: bool = False
) -> list[Landing]:
    async with world.store.read() as tx:
        old, new = await tx.journeys.get(name, 1), await tx.journeys.get(name, 2)
    assert old is not None
    assert new is not None
    mover = Mover(world.store, world.time.client, Versions(old, new, mapping or {}), None)
    return list((await mover.page(world.clock.now(), dry_run=dry_run)).items)


async def test_a_run_that_waits_goes_on_in_the_new_version(tmp_path: Path, temporal_client: Client) -> None:
    project = project_of(tmp_path / "defs", FILES)
    async with house(tmp_path, temporal_client, project, cache=0) as world:
        await world.event("lead.updated", first_name="Luis", language="en")
        await world.event("trial.started", plan="basic")
        await publish(world, rewritten(tmp_path / "defs", trial=BETTER))
        (seen,) = await move(world, "trial", dry_run=True)
        assert (seen.step, seen.lands_at, seen.moved) == ("2 days", "2 days", False)
        assert (await world.runs())[0].version == 1
        (done,) = await move(world, "trial")
        assert done.moved, done.why
        await eventually(lambda: moved_to(world, "open", 2))
        (run,) = await world.runs()
        assert run.step == "2 days"
        assert "trial.stopped" in run.hears
        await world.pass_time(timedelta(days=3))
        assert await templates(world) == ["welcome", "poke"]
        assert "moved from version 1 to 2" in [line.text for line in await world.timeline()]
        await world.event("trial.stopped")
        assert [run.ending for run in await world.runs()] == ["lost"]
        async with world.store.read() as tx:
            assert [entry.action for entry in (await tx.audit.list()).items] == ["run.move"]


async def test_a_run_whose_step_is_gone_stays_and_says_what_to_write(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", FILES)
    other = BETTER.replace("  - wait: 2 days\n", "  - wait: 1 day\n    id: calm\n")
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("lead.updated", first_name="Luis", language="en")
        await world.event("trial.started", plan="basic")
        before = (await world.runs())[0]
        await publish(world, rewritten(tmp_path / "defs", trial=other))
        (stays,) = await move(world, "trial")
        assert stays.why == 'version 2 has no step `2 days`: write `--map "2 days=calm"`'
        assert (await world.runs())[0] == before
        (done,) = await move(world, "trial", {"2 days": "calm"})
        assert (done.moved, done.lands_at) == (True, "calm")
        await eventually(lambda: moved_to(world, "open", 2))
        await world.pass_time(timedelta(days=2, minutes=1))
        assert await templates(world) == ["welcome", "poke"]


async def test_a_paused_run_is_moved_and_stays_paused(tmp_path: Path, temporal_client: Client) -> None:
    project = project_of(tmp_path / "defs", FILES)
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("trial.started", plan="basic")
        (run,) = await world.runs()
        handle = world.time.client.get_workflow_handle(workflow_id(run.id))
        await handle.execute_update("pause")
        await publish(world, rewritten(tmp_path / "defs", trial=BETTER))
        await eventually(lambda: moved_to(world, "paused", 1))
        assert [landing.moved for landing in await move(world, "trial")] == [True]
        await eventually(lambda: moved_to(world, "paused", 2))


async def moved_to(world: House, state: str, version: int) -> bool:
    return [(run.state, run.version) for run in await world.runs()] == [(state, version)]


COUNTING = """
journey: counting
version: 1
about: Hears ticks, none lost, none twice.
start:
  event: counting.begun
steps:
  - repeat: 40
    id: again
    do:
      - wait_for: counting.ticked
  - end: all_heard
"""
TICKS = {
    "vocabulary.yaml": """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [en]}
events: {counting.begun: {}, counting.ticked: {number: number}}
endings: {all_heard: won}
""",
    "counting.yaml": COUNTING,
}


async def test_in_real_time_a_moved_run_continues_as_new_and_loses_nothing_delivered_meanwhile(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", TICKS, rules=PLAIN)
    async with (
        house(tmp_path, temporal_client, project, real_time=True, history_limit=4_000) as world,
        working(world),
    ):
        await world.accept("counting.begun")
        for number in range(10):
            await world.accept("counting.ticked", number=number)
        await eventually(lambda: applied(world, 10))
        shorter = COUNTING.replace("version: 1", "version: 2").replace("repeat: 40", "repeat: 30")
        await publish(world, rewritten(tmp_path / "defs", counting=shorter))
        (run,) = await world.runs()
        handle = temporal_client.get_workflow_handle(workflow_id(run.id))
        mover = Mover(world.store, temporal_client, await versions(world), None)

        async def ticks() -> None:
            for number in range(10, 29):
                await world.accept("counting.ticked", number=number)
                await asyncio.sleep(0.01)

        landing, _ = await asyncio.gather(mover.one(run, world.clock.now(), dry_run=False), ticks())
        assert landing.moved, landing.why
        await eventually(lambda: applied(world, 29))
        assert [run.version for run in await world.runs()] == [2]
        info = (await handle.describe()).raw_description.workflow_execution_info
        assert info.first_run_id != info.execution.run_id, "it did not continue as new"
        await world.accept("counting.ticked", number=29)
        await eventually(lambda: over(world))
        assert [run.ending for run in await world.runs()] == ["all_heard"], "thirty are enough now"


@asynccontextmanager
async def working(world: House) -> AsyncIterator[None]:
    """Lets the intake work while the block lasts."""
    intake = asyncio.create_task(world.intake.run())
    try:
        yield
    finally:
        intake.cancel()
        await asyncio.gather(intake, return_exceptions=True)


async def versions(world: House) -> Versions:
    async with world.store.read() as tx:
        old, new = await tx.journeys.get("counting", 1), await tx.journeys.get("counting", 2)
    assert old is not None
    assert new is not None
    return Versions(old, new)


async def applied(world: House, number: int) -> bool:
    return [(run.applied_seq, run.waiting_for) for run in await world.runs()] == [(number, "counting.ticked")]


async def over(world: House) -> bool:
    return not await world.open_runs()

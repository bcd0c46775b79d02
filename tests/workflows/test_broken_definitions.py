"""A definition that breaks under a run parks it, says so once, loses nothing, and goes on after repair."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError

from model.records import Enrolment
from runtime.project import Project
from templates.store import Templates
from tests.house import House, house, project_of
from tests.workflows.test_journey import PROJECT
from tests.workflows.test_operators import eventually, order, templates

CALLED = PROJECT | {
    "trial.yaml": PROJECT["trial.yaml"].replace("queue: sales\n", "queue: sales\n        script: intro\n"),
    "templates/script/intro.en.txt": "Call {{ lead.first_name }}.",
}
NO_WELCOME = "there is no email template welcome: put it back, restart the worker"


def without(project: Project, *paths: str) -> Project:
    kept = {
        path: text for path, text in CALLED.items() if path.startswith("templates/") and path not in paths
    }
    return replace(project, templates=Templates.from_files(kept))


async def attention(world: House) -> tuple[Enrolment, list[str]]:
    """The one run, and what its timeline says of what needs attention."""
    (run,) = await world.runs()
    return run, [line.text for line in await world.timeline() if line.kind == "needs_attention"]


async def called(world: House) -> None:
    await world.event("lead.updated", first_name="Luis", language="en", phone="+34600111222")
    await world.event("trial.started", plan="basic")
    await world.event("interest.shown")
    await world.pass_time(timedelta(days=2, minutes=1))


async def test_a_template_that_was_deleted_parks_the_run_until_it_is_back(
    tmp_path: Path, temporal_client: Client
) -> None:
    project, queue = project_of(tmp_path / "defs", CALLED), "template-back"
    broken = without(project, "templates/email/welcome.en.mjml")
    async with house(tmp_path, temporal_client, broken, task_queue=queue, cache=0) as world:
        await world.event("trial.started", plan="basic")
        await world.pass_time(timedelta(hours=3))
        run, said = await attention(world)
        assert (run.state, run.step, run.attention) == ("open", "welcome", f"welcome: {NO_WELCOME}")
        assert said == [NO_WELCOME], "it looked again several times, and said so once"
        assert await templates(world) == []
        at, time = world.clock.at, world.time
    async with house(tmp_path, temporal_client, project, task_queue=queue, cache=0, begin=at) as again:
        again.time = time
        await again.pass_time(timedelta(hours=1))
        assert await templates(again) == ["welcome"]
        run, said = await attention(again)
        assert (run.step, run.attention, len(said)) == ("2 days", None, 1)


async def test_an_exit_ends_a_run_whose_template_is_gone(tmp_path: Path, temporal_client: Client) -> None:
    project = without(project_of(tmp_path / "defs", CALLED), "templates/email/welcome.en.mjml")
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("trial.started", plan="basic")
        await world.event("trial.bought", plan="basic")
        run, _ = await attention(world)
        assert (run.ending, run.attention) == ("bought", None)


async def test_an_operator_has_it_tried_again_at_once(tmp_path: Path, temporal_client: Client) -> None:
    project, queue = project_of(tmp_path / "defs", CALLED), "tried-again"
    broken = without(project, "templates/email/welcome.en.mjml")
    async with house(tmp_path, temporal_client, broken, task_queue=queue, cache=0) as world:
        await world.event("trial.started", plan="basic")
        with pytest.raises(WorkflowUpdateFailedError):
            await order(world, "retry", "nudge")
        at, time = world.clock.at, world.time
    async with house(tmp_path, temporal_client, project, task_queue=queue, cache=0, begin=at) as again:
        again.time = time
        await order(again, "retry")

        async def is_sent() -> bool:
            return await templates(again) == ["welcome"]

        await eventually(is_sent)
        await again.settle()
        with pytest.raises(WorkflowUpdateFailedError):
            await order(again, "retry")


async def test_a_script_that_vanished_parks_the_run_and_its_call_is_made_after_repair(
    tmp_path: Path, temporal_client: Client
) -> None:
    project, queue = project_of(tmp_path / "defs", CALLED), "script-back"
    broken = without(project, "templates/script/intro.en.txt")
    async with house(tmp_path, temporal_client, broken, task_queue=queue, cache=0) as world:
        await called(world)
        run, said = await attention(world)
        assert (run.state, run.step) == ("open", "intro")
        assert said == ["there is no script template intro: put it back, restart the worker"]
        async with world.store.read() as tx:
            assert (await tx.tasks.list(world.clock.at)).items == ()
        at, time = world.clock.at, world.time
    async with house(tmp_path, temporal_client, project, task_queue=queue, cache=0, begin=at) as again:
        again.time = time
        await again.pass_time(timedelta(minutes=16))
        async with again.store.read() as tx:
            (task,) = (await tx.tasks.list(again.clock.at)).items
        assert task.script == "Call Luis."
        assert (await attention(again))[0].attention is None


async def test_a_queue_that_is_not_in_the_vocabulary_any_more_parks_the_run_until_it_is(
    tmp_path: Path, temporal_client: Client
) -> None:
    project, queue = project_of(tmp_path / "defs", CALLED), "queue-back"
    broken = replace(project, vocabulary=replace(project.vocabulary, queues={}))
    async with house(tmp_path, temporal_client, broken, task_queue=queue, cache=0) as world:
        await called(world)
        run, said = await attention(world)
        assert said == ["the vocabulary has no queue sales: declare it, restart the worker"]
        at, time = world.clock.at, world.time
    async with house(tmp_path, temporal_client, project, task_queue=queue, cache=0, begin=at) as again:
        again.time = time
        await again.pass_time(timedelta(minutes=16))
        run, _ = await attention(again)
        assert (run.step, run.waiting_for, run.attention) == ("intro", "an agent", None)

"""A definition that breaks under a run parks it, says so, and loses nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from templates.store import Templates
from tests.house import house, project_of
from tests.workflows.test_journey import PROJECT

CALLED = PROJECT | {
    "trial.yaml": PROJECT["trial.yaml"].replace("queue: sales\n", "queue: sales\n        script: intro\n"),
    "templates/script/intro.en.txt": "Call {{ lead.first_name }}.",
}


async def test_a_script_that_vanished_parks_the_run(tmp_path: Path, temporal_client: Client) -> None:
    project = project_of(tmp_path / "defs", CALLED)
    kept = {path: text for path, text in CALLED.items() if path.startswith("templates/email")}
    broken = replace(project, templates=Templates.from_files(kept))
    async with house(tmp_path, temporal_client, broken) as world:
        await world.event("lead.updated", first_name="Luis", language="en", phone="+34600111222")
        await world.event("trial.started", plan="basic")
        await world.event("interest.shown")
        await world.pass_time(timedelta(days=2, minutes=1))
        (run,) = await world.runs()
        assert (run.state, run.step) == ("open", "intro")
        lines = [line.text for line in await world.timeline() if line.kind == "needs_attention"]
        assert any("the script intro cannot be written" in line for line in lines)
        async with world.store.read() as tx:
            assert (await tx.tasks.list(world.clock.at)).items == ()

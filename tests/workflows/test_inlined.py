"""A journey that runs another, on the real server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from tests.house import house, project_of
from tests.workflows.test_journey import PROJECT, story
from tests.workflows.test_operators import templates

OUTER = """
journey: trial
version: 1
about: A trial that runs a reminder.
start:
  event: trial.started
steps:
  - email: welcome
  - run: reminder
    with: {plan: start.plan}
    then:
      bought: [{end: bought}]
  - wait: 1 day
  - email: last
    if: returned.asked is "basic"
"""
INNER = """
journey: reminder
version: 1
about: Reminds and listens.
start:
  by: request
inputs: {plan: text}
exit:
  - event: trial.bought
    as: bought
steps:
  - set: {run.asked: start.plan}
  - wait: 2 days
  - email: nudge
    id: reminding
"""
NUDGE = "---\nsubject: Still on {{ start.plan }}?\npurpose: service\n---\nYour plan is {{ start.plan }}.\n"
DEFS = {
    **{path: text for path, text in PROJECT.items() if "nudge" not in path},
    "trial.yaml": OUTER,
    "reminder.yaml": INNER,
    "templates/email/nudge.en.txt": NUDGE,
}


async def test_its_templates_read_its_own_start_and_the_run_goes_on_behind_it(
    tmp_path: Path, temporal_client: Client
) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", DEFS)) as world:
        await world.event("trial.started", plan="basic")
        await world.pass_time(timedelta(days=4))
        assert await templates(world) == ["welcome", "nudge", "last"], await story(world)
        sent = [message for message in await world.outbox() if message.template == "nudge"]
        assert sent[0].subject == "Still on basic?"
        (run,) = await world.runs()
        assert (run.state, run.ending, run.journey) == ("ended", "finished", "trial")


async def test_its_exit_returns_here(tmp_path: Path, temporal_client: Client) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", DEFS)) as world:
        await world.event("trial.started", plan="basic")
        await world.event("trial.bought", plan="basic")
        (run,) = await world.runs()
        assert (run.state, run.ending) == ("ended", "bought"), await story(world)
        assert await templates(world) == ["welcome"]

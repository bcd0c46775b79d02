"""Runs that begin and end others, on the real server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from model.records import Identifier
from tests.house import House, house, project_of
from tests.workflows.test_journey import PROJECT, story
from tests.workflows.test_operators import eventually, templates

STARTS = """
journey: trial
version: 1
about: A trial that begins another journey.
start:
  event: trial.started
again: replace
steps:
  - start_journey: reminder
    with: {plan: start.plan, name: lead.first_name}
  - wait: 3 days
  - stop_journey: reminder
  - email: last
"""
REMINDER = """
journey: reminder
version: 1
about: Reminds.
start:
  - by: request
inputs: {plan: text, name: {type: text, pii: true}}
steps:
  - email: nudge
  - task: look
    queue: sales
    expires: never
    outcomes: {interested: go_on, not_interested: go_on}
"""
WATCHES = """
journey: watcher
version: 1
about: Hears that others begin and end.
start:
  - event: journey.entered
    where: event.journey is "reminder"
steps:
  - wait_for: journey.ended
    where: event.journey is "reminder"
  - email: welcome
"""
NUDGE = "---\nsubject: Still on {{ start.plan }}, {{ start.name }}?\npurpose: service\n---\nLook at it.\n"
DEFS = {
    **{path: text for path, text in PROJECT.items() if "nudge" not in path},
    "trial.yaml": STARTS,
    "reminder.yaml": REMINDER,
    "watcher.yaml": WATCHES,
    "templates/email/nudge.en.txt": NUDGE,
}


async def runs_of(world: House, journey: str) -> list[tuple[str, str | None]]:
    return [(run.state, run.ending) for run in await world.runs() if run.journey == journey]


async def test_a_run_begins_another_which_others_hear_of_and_ends_it(
    tmp_path: Path, temporal_client: Client
) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", DEFS)) as world:
        await world.event("lead.updated", first_name="Luis", language="en")
        await world.event("trial.started", plan="basic")
        assert await runs_of(world, "reminder") == [("open", None)], await story(world)
        assert await runs_of(world, "watcher") == [("open", None)], await story(world)
        (nudge,) = [message for message in await world.outbox() if message.template == "nudge"]
        assert nudge.subject == "Still on basic, Luis?"
        await world.pass_time(timedelta(days=3, minutes=1))

        async def all_is_over() -> bool:
            await world.settle()
            return not await world.open_runs()

        await eventually(all_is_over)
        assert await runs_of(world, "reminder") == [("ended", "stopped")]
        assert await runs_of(world, "watcher") == [("ended", "finished")]
        async with world.store.read() as tx:
            (task,) = (await tx.tasks.list(world.clock.at)).items
        assert task.state == "canceled"
        assert sorted(str(one) for one in await templates(world)) == ["last", "nudge", "welcome"]


async def test_again_holds_and_the_refusal_is_recorded(tmp_path: Path, temporal_client: Client) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", DEFS)) as world:
        await world.event("trial.started", plan="basic")
        await world.event("trial.started", plan="better")
        assert await runs_of(world, "reminder") == [("open", None)]
        assert "entered: not entered into reminder: a run is open" in await story(world)


@pytest.mark.parametrize("named", ["id", "external", "unknown"])
async def test_another_lead_is_named_by_our_id_or_that_of_another_system(
    named: str, tmp_path: Path, temporal_client: Client
) -> None:
    starts = STARTS.replace("with: {plan: start.plan, name: lead.first_name}", "for: start.plan")
    project = project_of(tmp_path / "defs", {**DEFS, "trial.yaml": starts})
    async with house(tmp_path, temporal_client, project) as world:
        friend = await world.take("lead.updated", [Identifier("external", "f-1", "crm")], first_name="Ana")
        assert friend.lead_id is not None
        name = {"id": friend.lead_id, "external": "f-1", "unknown": "nobody"}[named]
        await world.event("trial.started", plan=name)
        await world.settle()
        leads = [run.lead_id for run in await world.runs() if run.journey == "reminder"]
        assert leads == ([] if named == "unknown" else [friend.lead_id]), await story(world)
        missing = any("reminder is not begun" in line for line in await story(world))
        assert missing == (named == "unknown")

"""The journey's own rules on the real server, in virtual time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from tests.house import house, project_of
from tests.workflows.test_journey import PROJECT, VOCABULARY

HELD = PROJECT | {
    "vocabulary.yaml": VOCABULARY + "lead: {talks: yes or no}\n",
    "trial.yaml": """
journey: trial
version: 1
about: A trial that keeps quiet while somebody talks to the lead.
start:
  event: trial.started
hold_while: lead.talks
steps:
  - email: welcome
  - wait: 1 day
  - email: last
""",
}


async def test_a_run_on_hold_goes_on_when_the_fact_changes(tmp_path: Path, temporal_client: Client) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", HELD)) as world:
        await world.event("trial.started", plan="basic")
        await world.event("lead.updated", talks=True)
        await world.pass_time(timedelta(days=3))
        (run,) = await world.runs()
        assert (run.state, run.step, run.waiting_for) == ("open", "last", "held: hold_while")
        assert [message.template for message in await world.outbox()] == ["welcome"]
        await world.event("lead.updated", talks=False)
        assert [message.template for message in await world.outbox()] == ["welcome", "last"]
        assert [run.ending for run in await world.runs()] == ["finished"]
        said = [line.text for line in await world.timeline() if line.kind == "waiting"]
        assert said[-2:] == ["held: lead.talks (talks yes)", "goes on: nothing holds it any more"]

"""Goals on a real store: counted once, after the end of the run too, and for those held out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from engine.admission import is_control
from engine.report import VersionLine, report
from model.records import Identifier
from tests.house import House, house, project_of
from tests.workflows.test_journey import PROJECT

GOALS = PROJECT | {
    "trial.yaml": """
journey: trial
version: 1
about: A trial whose success is counted.
start:
  event: trial.started
again: when finished
holdout: 50 percent
goals:
  bought: {event: trial.bought, within: 10 days}
  pro: {event: trial.bought, where: event.plan is "pro"}
steps:
  - wait: 1 day
"""
}


async def figures(world: House) -> VersionLine:
    async with world.store.read() as tx:
        entries, goals = await tx.figures.entries("trial"), await tx.figures.goals("trial")
    return report(entries, goals, ["bought", "pro"])[0]


async def test_goals_are_counted_once_for_each_entry_and_compared_with_the_control_group(
    tmp_path: Path, temporal_client: Client, database: str
) -> None:
    project = project_of(tmp_path / "defs", GOALS)
    async with house(tmp_path, temporal_client, project, url=database) as world:
        groups: dict[bool, list[str]] = {False: [], True: []}
        for number in range(12):
            address = f"lead{number}@example.com"
            row = await world.take("lead.updated", [Identifier("email", address)], first_name="Ana")
            groups[is_control(project.journeys["trial"], row.lead_id or "")].append(address)
        inside, outside = groups[False][:2], groups[True][:2]
        for address in (*inside, *outside):
            await world.accept("trial.started", address, plan="basic")
        await world.settle()
        await world.pass_time(timedelta(days=3))
        assert await world.open_runs() == []

        await world.event("trial.bought", inside[0], plan="basic")
        await world.event("trial.bought", inside[0], plan="pro")
        await world.event("trial.bought", outside[0], plan="basic")
        await world.pass_time(timedelta(days=8))
        await world.event("trial.bought", outside[1], plan="pro")
        found = await figures(world)
        assert (found.entries, found.control, found.open) == (2, 2, 0)
        assert [(goal.goal, goal.reached, goal.control_reached) for goal in found.goals] == [
            ("bought", 1, 1),
            ("pro", 1, 1),
        ]
        lines = [line for line in await world.timeline(outside[0]) if line.kind == "goal"]
        assert [(line.text, line.data["control"]) for line in lines] == [
            ("reached the goal bought of trial", True)
        ]

        await world.event("trial.started", inside[0], plan="basic")
        await world.event("trial.bought", inside[0], plan="basic")
        found = await figures(world)
        assert (found.entries, found.open, found.goals[0].reached) == (3, 1, 2)

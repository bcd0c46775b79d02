"""Who may enter, on real stores: refusals with reasons, the control group, requests bound as events are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from engine.admission import is_control
from model.records import Identifier
from tests.house import House, house, project_of
from tests.workflows.test_journey import PROJECT

RULED = PROJECT | {
    "trial.yaml": """
journey: trial
version: 1
about: A trial with rules of entry.
start:
  - event: trial.started
  - by: request
again: when finished
not_after: bought
holdout: 50 percent
live: {until: 2026-11-10}
exit:
  - event: trial.bought
    as: bought
steps:
  - wait: 1 day
"""
}


@pytest.fixture
async def ruled(tmp_path: Path, temporal_client: Client) -> AsyncIterator[House]:
    project = project_of(tmp_path / "defs", RULED)
    async with house(tmp_path, temporal_client, project) as opened:
        yield opened


async def leads_of_both_groups(world: House) -> tuple[str, str]:
    """The addresses of a lead that enters and of one that is held out."""
    journey, found = world.project.journeys["trial"], {False: "", True: ""}
    for number in range(20):
        address = f"lead{number}@example.com"
        row = await world.take("lead.updated", [Identifier("email", address)], first_name="Ana")
        found[is_control(journey, row.lead_id or "")] = address
    return found[False], found[True]


async def entries(world: House, email: str) -> list[str]:
    return [line.text for line in await world.timeline(email) if line.kind == "entered"]


async def test_the_control_group_is_recorded_and_gets_nothing(ruled: House) -> None:
    inside, outside = await leads_of_both_groups(ruled)
    await ruled.event("trial.started", outside, plan="basic")
    (run,) = await ruled.runs()
    assert (run.state, run.ending, run.outcome) == ("ended", "control", "neutral")
    assert await entries(ruled, outside) == [
        "not entered into trial: held out as control, 50 percent get nothing"
    ]
    await ruled.event("trial.started", inside, plan="basic")
    assert [run.state for run in await ruled.open_runs()] == ["open"]
    await ruled.pass_time(timedelta(days=2))
    assert sorted(run.ending or "" for run in await ruled.runs()) == ["control", "finished"]


async def test_a_refusal_says_why_whether_an_event_or_a_request_asked(ruled: House) -> None:
    inside, _ = await leads_of_both_groups(ruled)
    await ruled.event("trial.started", inside, plan="basic")
    await ruled.event("journey.requested", inside, journey="trial", inputs={})
    await ruled.event("trial.bought", inside, plan="basic")
    await ruled.event("journey.requested", inside, journey="trial", inputs={})
    await ruled.pass_time(timedelta(days=7))
    await ruled.event("trial.started", inside, plan="basic")
    lines = [line for line in await ruled.timeline(inside) if line.kind == "entered"]
    assert [line.data.get("rule") for line in lines] == [None, "open", "not_after", "live"]
    assert [line.text for line in lines[1:]] == [
        "not entered into trial: a run is open",
        "not entered into trial: the last run ended as bought, and `not_after` names it",
        "not entered into trial: it is not live any more: it was so until 2026-11-10",
    ]

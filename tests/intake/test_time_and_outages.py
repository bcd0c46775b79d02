"""Scores that fade, and a Temporal that is away: nothing accepted is lost, whoever waits is woken."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.house import RULES, House, house, project_of
from tests.workflows.test_journey import PROJECT

FADING = RULES.replace("expire: never", "decay: {half_life: 10 days}").replace(
    "model:", "watch: [40]\nmodel:"
)
COOLING = PROJECT | {
    "trial.yaml": """
journey: trial
version: 1
about: Notices that a hot lead cools.
start:
  event: trial.started
steps:
  - wait_for: trial.bought
    within: 60 days
    then:
      - end: bought
    else:
      - end: lost
exit:
  - becomes: lead.score < 40
    as: lost
"""
}


async def test_a_score_that_fades_below_a_watched_number_wakes_the_run(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", COOLING, rules=FADING)
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("interest.shown")
        await world.event("trial.started", plan="basic")
        await world.pass_time(timedelta(days=9))
        assert [run.state for run in await world.runs()] == ["open"]
        await world.pass_time(timedelta(days=2))
        assert [run.ending for run in await world.runs()] == ["lost"]
        scores = [line.text for line in await world.timeline() if line.kind == "score"]
        assert [text.split(",")[0] for text in scores] == [
            "score 0 -> 80",
            "score 80 -> 42.9",
            "score 42.9 -> 37.3",
        ]


async def test_events_are_applied_while_temporal_is_away_and_delivered_once_it_is_back(
    world: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = world.intake._connect

    async def away() -> Client:
        raise OSError("nobody answers")

    monkeypatch.setattr(world.intake, "_connect", away)
    await world.accept("trial.started", plan="basic")
    assert await world.intake.apply_waiting() == 1
    with pytest.raises(OSError, match="nobody answers"):
        await world.intake.deliver_waiting()
    (run,) = await world.runs()
    assert (run.state, run.step) == ("open", None)
    monkeypatch.setattr(world.intake, "_connect", connect)
    await world.settle()
    assert [message.template for message in await world.outbox()] == ["welcome"]


async def test_a_lead_whose_phone_tells_its_zone_lives_in_it(tmp_path: Path, temporal_client: Client) -> None:
    abroad = PROJECT["vocabulary.yaml"].replace("Europe/Madrid", "America/New_York")
    timed = PROJECT["trial.yaml"].replace("wait: 2 days", "wait: 2 days at 9:00")
    project = project_of(tmp_path / "defs", {**PROJECT, "vocabulary.yaml": abroad, "trial.yaml": timed})
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("lead.updated", first_name="Luis", language="en", phone="+34600111222")
        await world.event("trial.started", plan="basic")
        (run,) = await world.runs()
        assert run.waiting_until is not None
        assert run.waiting_until.isoformat() == "2026-11-06T08:00:00+00:00", "9:00 in Madrid"

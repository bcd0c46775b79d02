"""Examples tell on the server what they tell in the simulator: their longest story that an event begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import Client

from engine.simulator import simulate
from language.scenario import Answers, Changes, Happens, Scenario
from runtime.project import Project, load_project
from tests.agreement.lines import differences
from tests.agreement.playing import told_by_server
from tests.agreement.test_shipped import unscored

EXAMPLES = Path(__file__).parents[2] / "journey_defs" / "examples"
PLAYED = (
    "abandoned_cart", "double_opt_in", "missed_call", "nurture", "post_purchase", "redial", "satisfaction",
    "trial", "welcome_series",
)  # fmt: skip


@pytest.mark.parametrize("name", PLAYED)
async def test_an_example_agrees(name: str, tmp_path: Path, temporal_client: Client) -> None:
    project = unscored(load_project(EXAMPLES / name))
    chosen = longest(project)
    journey = project.journeys[chosen.journey]
    told = await told_by_server(tmp_path, temporal_client, project, [(chosen, journey)])
    found = differences(project.vocabulary, told)
    assert not found, found
    assert len(told[0].log) > 2


def longest(project: Project) -> Scenario:
    """Chooses the scenario of which the simulator has most to tell."""
    playable = [scenario for scenario in project.scenarios if _is_played(project, scenario)]
    return max(playable, key=lambda scenario: _lines(project, scenario))


def _is_played(project: Project, scenario: Scenario) -> bool:
    begins = scenario.begin.event if scenario.begin else project.journeys[scenario.journey].starts[0].event
    known = all(isinstance(each, Happens | Answers | Changes) for each in scenario.events)
    return begins is not None and known and scenario.journey in project.journeys


def _lines(project: Project, scenario: Scenario) -> int:
    journey = project.journeys[scenario.journey]
    return len(simulate(journey, project.vocabulary, scenario.lead, scenario.begin, scenario.events).log)

"""The journeys that ship: no mistake, no hint, every scenario as expected, every branch and outcome taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.scenario_runner import coverage, run_scenario
from language.compiled import dump, load
from runtime.project import Project, load_project

ROOT = Path(__file__).parents[1] / "journey_defs"
NAMES = ("abandoned_quote", "dealer_lead", "welcome_drip")


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(ROOT)


def test_they_are_without_a_mistake_or_a_hint(project: Project) -> None:
    assert [project.rendered(problem) for problem in project.problems] == []
    assert sorted(project.journeys) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_is_as_expected_and_every_branch_is_taken(name: str, project: Project) -> None:
    journey = project.journeys[name]
    scenarios = [scenario for scenario in project.scenarios if scenario.journey == name]
    results = [run_scenario(journey, project.vocabulary, scenario) for scenario in scenarios]
    assert [result.scenario.name for result in results if not result.passed] == []
    assert coverage(journey, results).missing == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_less_is_a_branch_less(name: str, project: Project) -> None:
    journey = project.journeys[name]
    first = next(scenario for scenario in project.scenarios if scenario.journey == name)
    assert coverage(journey, [run_scenario(journey, project.vocabulary, first)]).percent < 100


@pytest.mark.parametrize("name", NAMES)
def test_its_compiled_form_reads_back_equal(name: str, project: Project) -> None:
    assert load(dump(project.journeys[name])) == project.journeys[name]

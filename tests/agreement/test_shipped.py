"""The scenarios of the journeys that ship tell on the server what they tell in the simulator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from temporalio.client import Client

from language.problems import Problems
from runtime.project import Project, load_project
from scoring.load import load_rules
from tests.agreement.lines import differences
from tests.agreement.playing import told_by_server

ROOT = Path(__file__).parents[2]
STILL = """
model: {id: still, version: 1, label: sale_90d, kind: rules}
scores: {engagement: {min: -200, max: 500}, fit: {min: -100, max: 100}}
groups: {web: {score: engagement, min: 0, max: 1}}
rules:
  - {id: never, group: web, event: form.submitted, points: 1, per: day, expire: never}
fit_grades: {A: 60, B: 30, C: 0, D: -100}
engagement_bands: {"1": 80, "2": 30, "3": -50}
tiers: {T1: [A1, B1, C1], T2: [A2, B2, C2], T3: ["*"]}
"""
"""Rules by which nothing that happens changes the score: scenarios set it."""


def unscored(project: Project) -> Project:
    """Gives a project in which only its scenarios change a score."""
    problems = Problems()
    rules = load_rules("scoring.yaml", STILL, project.vocabulary, problems)
    assert rules is not None, problems.all
    return replace(project, rules=rules)


async def test_shipped_journeys_agree(tmp_path: Path, temporal_client: Client) -> None:
    project = unscored(load_project(ROOT / "journey_defs"))
    chosen = [(scenario, project.journeys[scenario.journey]) for scenario in project.scenarios]
    told = await told_by_server(tmp_path, temporal_client, project, chosen)
    found = differences(project.vocabulary, told)
    assert not found, found

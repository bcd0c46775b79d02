"""Drawn journeys tell the same story in the simulator and on the real server."""

from __future__ import annotations

import os
from pathlib import Path

from temporalio.client import Client

from runtime.project import Project, load_project
from tests.agreement.drawing import TEMPLATES, VOCABULARY, draw
from tests.agreement.lines import differences
from tests.agreement.playing import told_by_server
from tests.agreement.test_shipped import STILL, unscored

SEED = int(os.environ.get("CAUCE_TEST_SEED", "7"))
"""Another seed draws other journeys."""
JOURNEYS = int(os.environ.get("CAUCE_TEST_JOURNEYS", "12"))


def drawn_project(folder: Path) -> Project:
    """Draws a project of journeys; those that the checker refuses are left out, which must be few."""
    files = {"vocabulary.yaml": VOCABULARY, "scoring.yaml": STILL, **TEMPLATES}
    for number in range(JOURNEYS):
        drawn = draw(SEED, number)
        files |= {f"{drawn.name}.yaml": drawn.journey, f"{drawn.name}.test.yaml": drawn.scenario}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return unscored(load_project(folder))


async def test_drawn_journeys_agree(tmp_path: Path, temporal_client: Client) -> None:
    project = drawn_project(tmp_path / "defs")
    wrong = "\n".join(project.rendered(problem) for problem in project.errors)
    assert len(project.journeys) >= JOURNEYS * 0.9, wrong
    sound = [scenario for scenario in project.scenarios if scenario.journey in project.journeys]
    chosen = [(scenario, project.journeys[scenario.journey]) for scenario in sound]
    told = await told_by_server(tmp_path, temporal_client, project, chosen)
    found = differences(project.vocabulary, told)
    assert not found, f"seed {SEED}: {found}"
    assert sum(len(one.log) for one in told) > 5 * len(told)

"""A run that is moved to a version with the same content whenever it rests tells the same story."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from engine import simulator
from engine.moving import moved
from engine.position import Position
from engine.scenario_runner import run_scenario
from engine.simulated_run import SimulatedRun
from engine.turn import News
from runtime.folders import is_project
from runtime.project import Project, load_project
from tests.agreement.test_drawn import drawn_project

ROOT = Path(__file__).parents[2] / "journey_defs"
SHIPPED = sorted(str(path.relative_to(ROOT)) for path in [ROOT, *ROOT.glob("examples/*")] if is_project(path))


class MovedRun(SimulatedRun):
    """Goes over to another version at each rest."""

    moves = 0

    def drive(self, news: tuple[News, ...], now: datetime) -> None:
        """Takes a turn and all that follows, then moves, and looks about in the other version."""
        super().drive(news, now)
        if self.ended:
            return
        other = replace(self.journey, version=self.journey.version + 1)
        found = moved(self.journey, other, self.position, {})
        assert isinstance(found, Position), f"{self.journey.name}: {found}"
        self.journey, self.position = other, found
        MovedRun.moves += 1
        super().drive((), now)


def tell_alike(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios = [one for one in project.scenarios if one.journey in project.journeys]
    assert scenarios
    plain = [run_scenario(project.journeys[one.journey], project.vocabulary, one).log for one in scenarios]
    before = MovedRun.moves
    with monkeypatch.context() as patch:
        patch.setattr(simulator, "SimulatedRun", MovedRun)
        for scenario, log in zip(scenarios, plain, strict=True):
            again = run_scenario(project.journeys[scenario.journey], project.vocabulary, scenario).log
            assert again == log, f"{scenario.journey}: {scenario.name}"
    assert MovedRun.moves > before


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_goes_on_alike_in_another_version(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tell_alike(load_project(ROOT / name), monkeypatch)


def test_drawn_journeys_go_on_alike_in_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_alike(drawn_project(tmp_path), monkeypatch)

"""`cauce test`: plays the scenarios beside the journeys, and says which branches none of them took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.markup import escape

from commands import projects
from commands.day_log import as_plain, print_log
from commands.house import out, say
from commands.output import AsJson, emit_json
from engine.scenario_runner import Coverage, ScenarioResult, coverage, run_scenario
from runtime.project import Project


@dataclass(frozen=True, slots=True)
class Tested:
    """How the scenarios of one journey went."""

    journey: str
    results: tuple[ScenarioResult, ...]
    coverage: Coverage

    @property
    def failed(self) -> int:
        """How many scenarios went otherwise than expected."""
        return sum(not result.passed for result in self.results)


def run_tests(
    journeys: Annotated[
        list[str] | None, typer.Argument(metavar="[JOURNEY]...", help="Names; else all.")
    ] = None,
    least: Annotated[
        float, typer.Option("--min-coverage", min=0, max=100, help="Fail under so many percent of branches.")
    ] = 0,
    *,
    as_json: AsJson = False,
) -> None:
    """Play the scenarios of journeys on a simulated clock; exit code 1 where one fails.

    A failing one shows its whole log day by day, and where it parted from what was expected. Branches,
    outcomes and exits that no scenario took are named.
    """
    project = projects.project()
    names = list(journeys or sorted(project.files))
    for name in names:
        projects.known_journey(project, name)
    wrong = list(dict.fromkeys(one for name in names for one in project.errors_of(name)))
    wrong = wrong if journeys else list(project.errors)
    if wrong:
        projects.print_problems(project, wrong)
        say(projects.summed_up(wrong))
        raise typer.Exit(1)
    tested = [_tested(project, name) for name in names]
    if as_json:
        emit_json([_plain(one) for one in tested])
    else:
        for one in tested:
            _tell(project, one, least)
        _sum_up(tested)
    if any(one.failed or one.coverage.percent < least for one in tested):
        raise typer.Exit(1)


def _tested(project: Project, name: str) -> Tested:
    journey = project.journeys[name]
    mine = [scenario for scenario in project.scenarios if scenario.journey == name]
    results = tuple(run_scenario(journey, project.vocabulary, scenario) for scenario in mine)
    return Tested(name, results, coverage(journey, results))


def _tell(project: Project, tested: Tested, least: float) -> None:
    out().print(f"[bold]{escape(tested.journey)}[/]")
    for result in tested.results:
        mark = "[green]✓[/]" if result.passed else "[red]✗[/]"
        out().print(f"  {mark} {escape(result.scenario.name)}", soft_wrap=True)
        if not result.passed:
            _explain(project, result)
    if not tested.results:
        out().print("  [yellow]no scenarios[/]")
    _tell_coverage(tested.coverage, least)


def _explain(project: Project, result: ScenarioResult) -> None:
    difference = result.difference
    if difference is None:
        return
    line = difference.line or result.scenario.mark.line
    place = f"{(project.folder / result.scenario.mark.file).as_posix()}:{line}"
    out().print(f"    [red]{escape(f'{place}: {difference.message}')}[/]", soft_wrap=True)
    print_log(result.story, parted=difference.happened, indent=6)


def _tell_coverage(found: Coverage, least: float) -> None:
    colour = "red" if found.percent < least else "dim"
    enough = f", {least:g} % are asked for" if found.percent < least else ""
    out().print(f"  [{colour}]{found.percent:.0f} % of the branches{enough}[/]")
    for step, name in found.missing:
        out().print(f"    [{colour}]not taken: {escape(step)}: {escape(name)}[/]", soft_wrap=True)


def _sum_up(tested: Sequence[Tested]) -> None:
    count = sum(len(one.results) for one in tested)
    failed = sum(one.failed for one in tested)
    say(f"{count} scenarios of {len(tested)} journeys, {f'{failed} failed' if failed else 'all as expected'}")


def _plain(tested: Tested) -> dict[str, object]:
    return {
        "journey": tested.journey,
        "coverage": tested.coverage.percent,
        "not_taken": tested.coverage.missing,
        "scenarios": [
            {
                "name": result.scenario.name,
                "passed": result.passed,
                "difference": result.difference.message if result.difference else None,
                "line": result.difference.line if result.difference else None,
                **({} if result.passed else as_plain(result.story)),
            }
            for result in tested.results
        ],
    }

"""`cauce simulate`: one lead, or a whole population, goes through a journey on a simulated clock."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from commands import crowd_report, projects
from commands.crowd import cores, leads_of, play
from commands.day_log import as_plain, print_log
from commands.house import Refused, complain, say
from commands.output import AsJson, emit_json
from engine.population import Population, Tally
from engine.simulator import simulate as told
from language.compiled import Journey
from language.crowd import Crowd, read_crowd
from language.problems import Problem, Problems, render
from language.scenario import Scenario, read_scenarios
from runtime.project import Project

COMPOSED = "simulation"
LARGEST = 256 << 10


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside the composed scenario: its first line there, and by how much it is indented."""

    file: Path
    text: str
    first: int
    indent: int


def simulate(
    journey: Annotated[str, typer.Argument(help="Its name.")],
    lead: Annotated[
        Path | None,
        typer.Option("--lead", exists=True, dir_okay=False, help="One lead: YAML or JSON, as in scenarios."),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option("--events", exists=True, dir_okay=False, help="What happens: a list, as in scenarios."),
    ] = None,
    leads: Annotated[
        int | None, typer.Option("--leads", min=1, max=10_000_000, help="A population of so many leads.")
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option("--csv", exists=True, dir_okay=False, help="A population: a lead each row."),
    ] = None,
    crowd: Annotated[
        Path | None,
        typer.Option("--crowd", exists=True, dir_okay=False, help="YAML: who comes, and what they do."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed draws the same people.")] = 1,
    to: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Write CSV files and pictures there.")
    ] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="Processes; else one a core.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print what a journey does with a lead, day by day, or what it does to a whole population.

    The lead is a map of its fields, `{score: 75, zone: Europe/Madrid, consent: {email: true}}`; events are a
    list like `- {at: 2 days, event: quote.completed}` and `- {at: 3 days, call: intro_call, outcome: busy}`.

    A population comes from `--leads 100000`, or from a CSV with a column for each field. `--crowd` describes
    it: `leads: {score: 0 to 100, phone: 80 percent}`, `over: 30 days`, `events`, `reactions`, `work`.
    """
    if sum(one is not None for one in (lead, leads, table)) != 1:
        raise Refused("say who comes: one of --lead FILE, --leads NUMBER, --csv FILE")
    project = projects.project()
    compiled = projects.sound_journey(project, journey)
    if lead is not None:
        _one(project, compiled, lead, events, as_json=as_json)
    else:
        described = _crowd(project, crowd)
        population = Population(compiled, project.vocabulary, described, leads or 0, seed)
        people = None if table is None else leads_of(table, project.vocabulary)
        tally = play(population, people, leads, jobs or cores())
        _tell(tally, project, to, as_json=as_json)


def _one(project: Project, journey: Journey, lead: Path, events: Path | None, *, as_json: bool) -> None:
    scenario = _scenario(project, journey.name, lead, events)
    story = told(journey, project.vocabulary, scenario.lead, scenario.begin, scenario.events)
    if as_json:
        emit_json(as_plain(story))
        return
    print_log(story)
    if story.refused is not None:
        say(f"the lead does not enter: {story.refused}")
    elif story.ending is None:
        say("the run goes on: nothing more happens by itself")


def _crowd(project: Project, file: Path | None) -> Crowd:
    if file is None:
        return Crowd()
    text = _text_of(file)
    problems = Problems()
    found = read_crowd(str(file), text, project.vocabulary, problems)
    if found is None or problems.errors:
        lines = text.splitlines()
        raise Refused("\n".join(render(one, lines[one.line - 1]) for one in problems.errors))
    return found


def _tell(tally: Tally, project: Project, to: Path | None, *, as_json: bool) -> None:
    if as_json:
        emit_json(crowd_report.as_plain(tally))
    else:
        crowd_report.show(tally, project.vocabulary)
    for path in crowd_report.write(tally, to) if to is not None else ():
        complain(f"wrote {path}")


def _scenario(project: Project, journey: str, lead: Path, events: Path | None) -> Scenario:
    """Reads the two files as one scenario; raises Refused with the mistakes at their places."""
    parts = [_part(lead, first=3, indent=2)]
    text = f"journey: {journey}\nlead:\n{_indented(parts[0])}\nscenarios:\n  - name: {COMPOSED}\n"
    if events is not None:
        text += "    events:\n"
        parts.append(_part(events, first=text.count("\n") + 1, indent=6))
        text += f"{_indented(parts[1])}\n"
    text += "    expect: []\n"
    problems = Problems()
    found = read_scenarios(COMPOSED, text, project.journeys, project.vocabulary, problems)
    if problems.errors or not found:
        placed = [_placed(problem, parts) for problem in problems.errors]
        raise Refused("\n".join(placed or [f"{lead} is no map of a lead's fields"]))
    return found[0]


def _text_of(file: Path) -> str:
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused(f"{file} is larger than {LARGEST >> 10} KiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{file} is not UTF-8") from None


def _part(file: Path, *, first: int, indent: int) -> Part:
    text = _text_of(file)
    try:
        text = json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        text = "\n".join(text.splitlines()).removeprefix("---\n")
    return Part(file, text, first, indent)


def _indented(part: Part) -> str:
    return "\n".join(" " * part.indent + line for line in part.text.split("\n"))


def _placed(problem: Problem, parts: list[Part]) -> str:
    """Gives a mistake with its place in the file that it came from."""
    part = next((part for part in reversed(parts) if part.first <= problem.line), parts[0])
    lines = part.text.split("\n")
    at = min(max(problem.line - part.first, 0), len(lines) - 1)
    column = max(problem.column - part.indent, 1)
    return render(replace(problem, file=str(part.file), line=at + 1, column=column), lines[at])

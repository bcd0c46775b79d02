"""`cauce simulate`: one lead of one's own goes through a journey on a simulated clock."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from commands import projects
from commands.day_log import as_plain, print_log
from commands.house import Refused, say
from commands.output import AsJson, emit_json
from engine.simulator import simulate as told
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
        Path,
        typer.Option("--lead", exists=True, dir_okay=False, help="The lead: YAML or JSON, as in scenarios."),
    ],
    events: Annotated[
        Path | None,
        typer.Option("--events", exists=True, dir_okay=False, help="What happens: a list, as in scenarios."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print what a journey does with a lead, day by day, each branch and skip with its reason.

    The lead is a map of its fields, `{score: 75, zone: Europe/Madrid, consent: {email: true}}`; events are a
    list like `- {at: 2 days, event: quote.completed}` and `- {at: 3 days, call: intro_call, outcome: busy}`.
    """
    project = projects.project()
    compiled = projects.sound_journey(project, journey)
    scenario = _scenario(project, journey, lead, events)
    story = told(compiled, project.vocabulary, scenario.lead, scenario.begin, scenario.events)
    if as_json:
        emit_json(as_plain(story))
        return
    print_log(story)
    if story.refused is not None:
        say(f"the lead does not enter: {story.refused}")
    elif story.ending is None:
        say("the run goes on: nothing more happens by itself")


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


def _part(file: Path, *, first: int, indent: int) -> Part:
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused(f"{file} is larger than {LARGEST >> 10} KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{file} is not UTF-8") from None
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

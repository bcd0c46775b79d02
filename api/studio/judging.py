"""Says what `check` finds in texts that are being written, and plays them: for one lead, by the scenarios."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import JsonValue

from api.studio.shapes import (
    CheckedOut,
    LeadFault,
    LeadIn,
    MissingOut,
    PlayedOut,
    ScenarioOut,
    ScenariosOut,
    Texts,
)
from api.studio.views import line_of, lines_of, problem_out, starts_out, steps_out, story_out, work_out
from engine.scenario_runner import ScenarioResult, coverage, run_scenario
from language.compiled import Journey
from language.picture import svg
from language.problems import Problem, Problems
from language.scenario import read_scenarios
from language.yaml import Mapping, Node, plain, read_yaml
from runtime.editing import Desk
from runtime.project import Project, inside, shown

MOST_DRAWN = 800
"""Instructions of a journey that is drawn with every change; so many take about half a second."""

COMPOSED = "lead.test.yaml"
_FIRST_EVENT_LINE = 6


def checked(desk: Desk, body: Texts) -> CheckedOut:
    """Checks the texts; draws the journey where it has no mistake."""
    project = desk.edited(body.texts)
    name = name_of(project, body.file)
    journey = project.journeys.get(name) if name is not None else None
    mine = [problem for problem in project.problems if inside(project.folder, problem.file) in body.texts]
    return CheckedOut(
        journey=name,
        version=journey.version if journey is not None else None,
        problems=tuple(problem_out(project, problem) for problem in mine),
        elsewhere=len(project.shared_errors),
        sound=journey is not None,
        svg=svg(journey) if journey is not None and len(journey.program) <= MOST_DRAWN else None,
        steps=steps_out(journey) if journey is not None else (),
        work=work_out(journey) if journey is not None else (),
        starts=starts_out(journey) if journey is not None else (),
    )


def played(desk: Desk, body: LeadIn) -> PlayedOut:
    """Plays the journey of the texts for one lead."""
    project = desk.edited(body.texts)
    journey = _journey(project, body.file)
    if journey is None:
        message = "the journey has mistakes; it can be played once they are gone"
        return PlayedOut(story=None, faults=(LeadFault(event=None, message=message, suggestion=None),))
    problems = Problems()
    text = _composed(journey.name, body.lead, body.events)
    found = read_scenarios(COMPOSED, text, project.journeys, project.vocabulary, problems)
    if problems.errors or not found:
        return PlayedOut(story=None, faults=tuple(_fault(one, len(body.events)) for one in problems.errors))
    story = run_scenario(journey, project.vocabulary, found[0]).story
    return PlayedOut(story=story_out(story, journey), faults=())


def tried(desk: Desk, body: Texts) -> ScenariosOut:
    """Plays the scenarios beside the journey, as far as both are without mistakes."""
    project = desk.edited(body.texts)
    journey = _journey(project, body.file)
    home = next((one for one in scenario_files(body.file) if _text(project, one) is not None), None)
    file = home or scenario_files(body.file)[0]
    written = _written(file, _text(project, file) or "")
    results: dict[int, ScenarioResult] = {}
    if journey is not None:
        mine = [one for one in project.scenarios if one.mark.file == file and one.journey == journey.name]
        results = {one.mark.line: run_scenario(journey, project.vocabulary, one) for one in mine}
    counted = coverage(journey, results.values()) if journey is not None and results else None
    lines = lines_of(journey) if journey is not None else {}
    return ScenariosOut(
        file=file,
        scenarios=tuple(_scenario_out(one, results, journey) for one in written),
        coverage=counted.percent if counted is not None else None,
        missing=tuple(
            MissingOut(step=step, name=name, line=line_of(step, lines))
            for step, name in (counted.missing if counted is not None else ())
        ),
    )


def name_of(project: Project, file: str) -> str | None:
    """Gives the name of the journey that stands in a file; None where it cannot be read."""
    home = shown(project.folder, file)
    return next((name for name, place in project.files.items() if place == home), None)


def scenario_files(file: str) -> tuple[str, str]:
    """Names the files in which a journey's scenarios may stand; the first is the usual one."""
    stem = file.removesuffix(".yaml").removesuffix(".yml")
    return f"{stem}.test.yaml", f"{stem}.test.yml"


def _journey(project: Project, file: str) -> Journey | None:
    name = name_of(project, file)
    return project.journeys.get(name) if name is not None else None


def _text(project: Project, file: str) -> str | None:
    return project.sources.get(shown(project.folder, file))


def _composed(journey: str, lead: dict[str, JsonValue], events: Sequence[dict[str, JsonValue]]) -> str:
    """Writes the lead as a file of one scenario: the lead in line 2, an event a line from line 6."""
    lines = [
        f"journey: {journey}",
        f"lead: {_line(lead)}" if lead else "# a lead of whom nothing is known",
        "scenarios:",
        "  - name: a lead",
        "    events:" if events else "    # nothing happens",
        *(f"      - {_line(event)}" for event in events),
        "    expect: []",
    ]
    return "\n".join([*lines, ""])


def _line(value: dict[str, JsonValue]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _fault(problem: Problem, events: int) -> LeadFault:
    number = problem.line - _FIRST_EVENT_LINE
    return LeadFault(
        event=number if 0 <= number < events else None,
        message=problem.message,
        suggestion=problem.suggestion,
    )


def _written(file: str, text: str) -> list[tuple[int, dict[str, JsonValue]]]:
    """Gives the scenarios of a file as they are written, each with its line; the file's lead in each."""
    root = read_yaml(file, text, Problems()) if text else None
    if not isinstance(root, Mapping):
        return []
    whole = {entry.name: entry.value for entry in root.entries}
    lead = _map(whole.get("lead"))
    items = whole.get("scenarios")
    found = items.items if items is not None and items.kind == "sequence" else ()
    return [(one.mark.line, _with_lead(_map(one), lead)) for one in found if isinstance(one, Mapping)]


def _map(node: Node | None) -> dict[str, JsonValue]:
    value = plain(node) if isinstance(node, Mapping) else {}
    return value if isinstance(value, dict) else {}


def _with_lead(scenario: dict[str, JsonValue], lead: dict[str, JsonValue]) -> dict[str, JsonValue]:
    own = scenario.get("lead")
    return {**scenario, "lead": {**lead, **(own if isinstance(own, dict) else {})}}


def _scenario_out(
    written: tuple[int, dict[str, JsonValue]], results: dict[int, ScenarioResult], journey: Journey | None
) -> ScenarioOut:
    line, scenario = written
    result = results.get(line)
    lead, events = scenario["lead"], scenario.get("events")
    parted = result.difference if result is not None else None
    return ScenarioOut(
        name=str(scenario.get("name", "")),
        lead=lead if isinstance(lead, dict) else {},
        events=tuple(one for one in events if isinstance(one, dict)) if isinstance(events, list) else (),
        line=(parted.line if parted is not None else None) or line,
        passed=result.passed if result is not None else None,
        difference=parted.message if parted is not None else None,
        story=story_out(result.story, journey) if result is not None and journey is not None else None,
    )

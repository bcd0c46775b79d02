"""The examples that ship: each a project of its own, sound, told by its scenarios, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import JsonValue

from engine.population import Population
from engine.scenario_runner import coverage, run_scenario
from language.compiled import dump, load
from language.crowd import read_crowd
from language.format import formatted
from language.instructions import Message, NotifyTeam, Work
from language.journey import kind_of
from language.picture import svg
from language.problems import Problems
from language.vocabulary import Vocabulary
from runtime.folders import files_of, is_project
from runtime.project import Project, load_project
from templates.files import FOLDERS_OF
from templates.store import Templates

ROOT = Path(__file__).parents[1] / "journey_defs" / "examples"
NAMES = sorted(path.name for path in ROOT.glob("*") if is_project(path))
LANGUAGES = ("en", "es")
DATED = ("_at", "_on", "until", "date", "now")
SAMPLES: dict[str, JsonValue] = {
    "number": 3, "yes_no": True, "list": ["one", "two"],
    "time": "2026-03-02T10:00:00+01:00", "date": "2026-03-02",
}  # fmt: skip
LEFT_OPEN = re.compile(r"\{\{|\}\}|\{%|%\}|lorem ipsum", re.IGNORECASE)


@pytest.fixture(scope="module", params=NAMES)
def project(request: pytest.FixtureRequest) -> Project:
    return load_project(ROOT / str(request.param))


def test_it_is_without_a_mistake_or_a_hint(project: Project) -> None:
    assert [project.rendered(problem) for problem in project.problems] == []
    assert project.folder.name in project.journeys


def test_every_scenario_is_as_expected_and_every_branch_is_taken(project: Project) -> None:
    for name, journey in project.journeys.items():
        scenarios = [scenario for scenario in project.scenarios if scenario.journey == name]
        results = [run_scenario(journey, project.vocabulary, scenario) for scenario in scenarios]
        wrong = [(result.scenario.name, result.difference) for result in results if not result.passed]
        assert wrong == []
        assert coverage(journey, results).missing == ()


def test_it_says_what_it_is_about_what_it_is_for_and_how_it_may_end(project: Project) -> None:
    journey = project.journeys[project.folder.name]
    assert journey.about
    assert journey.goals
    assert "won" in journey.endings.values()


def test_its_compiled_form_reads_back_equal_and_can_be_drawn(project: Project) -> None:
    for journey in project.journeys.values():
        assert load(dump(journey)) == journey
        assert svg(journey).startswith("<svg")


def test_its_crowd_goes_through_it_and_ends(project: Project) -> None:
    name = project.folder.name
    problems = Problems()
    path = project.folder / f"{name}.crowd.yaml"
    crowd = read_crowd(str(path), path.read_text("utf-8"), project.vocabulary, problems)
    assert [project.rendered(problem) for problem in problems.all] == []
    assert crowd is not None
    population = Population(project.journeys[name], project.vocabulary, crowd, 40, seed=1)
    tally = population.play(range(40))
    assert tally.entered > 0
    assert len(tally.endings) > 1


def test_its_files_are_in_good_form(project: Project) -> None:
    for path in files_of(project.folder):
        kind = kind_of(path.relative_to(project.folder).as_posix())
        if kind != "other":
            text = path.read_text("utf-8")
            assert formatted(path.name, text, kind) == text, path


def test_no_template_is_left_over(project: Project) -> None:
    assert [one for one in written(project.templates) if one not in set(used(project))] == []


def test_every_template_is_there_in_both_languages_and_renders(project: Project) -> None:
    templates = project.templates
    for channel, name in written(templates):
        assert templates.info(channel, name).languages == LANGUAGES, (channel, name)
        for given in ({}, values(project.vocabulary, templates.variables(channel, name))):
            texts = [said(templates, channel, name, language, given) for language in LANGUAGES]
            assert texts[0] != texts[1], (channel, name)
            assert not [text for text in texts if LEFT_OPEN.search(text)], (channel, name)


def written(templates: Templates) -> Iterator[tuple[str, str]]:
    """Lists all templates by channel and name."""
    for channel in sorted(FOLDERS_OF.values()):
        yield from ((channel, name) for name in templates.names(channel))


def used(project: Project) -> Iterator[tuple[str, str]]:
    """Lists the templates that the journeys name, by channel and name."""
    for journey in project.journeys.values():
        for item in journey.program:
            match item:
                case Message():
                    yield from ((channel, item.template) for channel in item.channels)
                case Work(script=str(script)):
                    yield "script", script
                case NotifyTeam(template=str(template)):
                    yield "notify", template
                case _:
                    pass


def said(templates: Templates, channel: str, name: str, language: str, given: Mapping[str, JsonValue]) -> str:
    """Renders a message and gives all its words."""
    message = templates.render(channel, name, language, given)
    assert message.text
    return f"{message.subject or ''} {message.preview or ''} {message.text}"


def values(vocabulary: Vocabulary, variables: frozenset[str]) -> dict[str, JsonValue]:
    """Makes a value for each variable of a template, of the type that a field of its name has."""
    fields = {name: field.type for of in vocabulary.events.values() for name, field in of.items()}
    fields |= {name: field.type for name, field in vocabulary.lead.items()}
    made: dict[str, JsonValue] = {}
    for variable in variables:
        *path, last = variable.split(".")
        place: dict[str, JsonValue] = made
        for part in path:
            inner = place.setdefault(part, {})
            assert isinstance(inner, dict)
            place = inner
        place[last] = SAMPLES.get(fields.get(last, "time" if last.endswith(DATED) else "text"), "Ana")
    return made

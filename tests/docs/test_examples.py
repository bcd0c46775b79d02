"""Every YAML example in the docs is read by the real checker, and every scenario is played."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.scenario_runner import run_scenario
from language.journey import check_project
from language.problems import Problems
from language.vocabulary import load_vocabulary
from runtime.project import load_project
from tests.docs.examples import Example, examples, kind_of
from tests.docs.pages import ROOT, text_of

SHIPPED = "journey_defs/vocabulary.yaml"
ALL = examples()


def of_kind(*kinds: str) -> list[Example]:
    return [example for example in ALL if example.kind in kinds]


@pytest.mark.parametrize("example", ALL, ids=str)
def test_a_yaml_example_is_something_that_the_checker_reads(example: Example) -> None:
    assert example.kind != "other", f"{example}: mark what is no journey, vocabulary or scenario as text"


@pytest.mark.parametrize("example", of_kind("journey", "steps", "parts"), ids=str)
def test_a_journey_in_the_docs_has_no_mistake(example: Example) -> None:
    page = {other.file: other.text for other in of_kind("journey") if other.block.page == example.block.page}
    project = check_project({"vocabulary.yaml": text_of(SHIPPED), **page, example.file: example.text})
    assert not project.errors, project.report()
    assert example.file in project.files.values()


@pytest.mark.parametrize("example", of_kind("vocabulary"), ids=str)
def test_a_vocabulary_in_the_docs_has_no_mistake(example: Example) -> None:
    problems = Problems()
    load_vocabulary({example.file: example.text}, problems)
    assert problems.all == ()


@pytest.mark.parametrize("example", of_kind("scenarios"), ids=str)
def test_a_scenario_in_the_docs_goes_as_it_says(example: Example) -> None:
    journeys = {
        other.file: other.text for other in of_kind("journey") if other.block.page == example.block.page
    }
    shipped = {path.name: path.read_text("utf-8") for path in (ROOT / "journey_defs").glob("*.yaml")}
    project = check_project({**shipped, **journeys, example.file: example.text})
    assert not project.errors, project.report()
    assert any(scenario.mark.file == example.file for scenario in project.scenarios)
    for scenario in (one for one in project.scenarios if one.mark.file == example.file):
        result = run_scenario(project.journeys[scenario.journey], project.vocabulary, scenario)
        assert result.passed, result.difference


def test_the_first_journey_of_the_readme_works_beside_the_shipped_ones(tmp_path: Path) -> None:
    first = next(example for example in of_kind("journey") if example.block.page == "README.md")
    assert len(first.text.splitlines()) <= 14
    for path in (ROOT / "journey_defs").rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(ROOT / "journey_defs")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    (tmp_path / "first.yaml").write_text(first.text, encoding="utf-8")
    project = load_project(tmp_path)
    problems = [
        project.rendered(problem) for problem in project.problems if problem.file.endswith("first.yaml")
    ]
    assert problems == []
    assert any(file.endswith("first.yaml") for file in project.files.values())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("- email: welcome\n", "steps"),
        ("journey: a\nversion: 1\n", "journey"),
        ("journey: a\nscenarios: []\n", "scenarios"),
        ("start: {event: a.b}\n", "parts"),
        ("events: {a.b: {}}\n", "vocabulary"),
        ("services: {}\n", "other"),
    ],
)
def test_an_example_is_told_by_its_keys(text: str, kind: str) -> None:
    assert kind_of(text) == kind

"""The schemas for editors of scenarios and vocabularies, and what ships against all three."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from language.journey import kind_of
from language.json_scenarios import scenario_schema
from language.json_schema import journey_schema
from language.json_vocabulary import vocabulary_schema
from language.problems import Problems
from language.scenario import VERBS
from language.vocabulary import NAMED, SETTINGS, load_vocabulary
from language.yaml import plain, read_yaml
from runtime.folders import files_of, is_project
from runtime.project import Project, load_project

ROOT = Path(__file__).parents[2] / "journey_defs"
FOLDERS = [ROOT, *sorted(path for path in (ROOT / "examples").iterdir() if is_project(path))]
VOCABULARY = Draft7Validator(vocabulary_schema())
SCENARIO = "journey: welcome_drip\nscenarios:\n  - name: one\n    expect: [day 0 email welcome]\n"


@cache
def project(folder: Path) -> Project:
    return load_project(folder)


@cache
def validators(folder: Path) -> dict[str, Draft7Validator]:
    known = project(folder)
    return {
        "journey": Draft7Validator(journey_schema(known.vocabulary, known.templates)),
        "scenarios": Draft7Validator(scenario_schema(known.vocabulary, known.journeys)),
        "vocabulary": VOCABULARY,
    }


def shipped() -> Iterator[tuple[Path, Path]]:
    for folder in FOLDERS:
        for path in files_of(folder):
            if kind_of(path.relative_to(folder).as_posix()) in ("journey", "scenarios", "vocabulary"):
                yield folder, path


def faults(validator: Draft7Validator, text: str) -> list[str]:
    problems = Problems()
    node = read_yaml("x.yaml", text, problems)
    assert node is not None, problems.all
    return [error.message for error in validator.iter_errors(plain(node))]


def test_they_are_schemas() -> None:
    for folder in FOLDERS:
        for validator in validators(folder).values():
            Draft7Validator.check_schema(validator.schema)


@pytest.mark.parametrize(("folder", "path"), list(shipped()), ids=lambda path: path.name)
def test_what_ships_is_as_they_say(folder: Path, path: Path) -> None:
    validator = validators(folder)[kind_of(path.relative_to(folder).as_posix())]
    assert faults(validator, path.read_text("utf-8")) == []


def test_every_section_of_a_vocabulary_and_every_line_that_may_be_expected_is_known() -> None:
    schema = vocabulary_schema()["properties"]
    assert isinstance(schema, dict)
    assert set(schema) == {*SETTINGS, *NAMED}
    assert all(form != {} for form in schema.values())
    scenarios = validators(ROOT)["scenarios"]
    lines = ", ".join(f"day 3 {verb} hello" for verb in VERBS)
    assert faults(scenarios, SCENARIO.replace("day 0 email welcome", f"{lines}, refused again")) == []


@pytest.mark.parametrize(
    "text",
    [
        "compny: {name: x}",
        "company: {nam: x}",
        "contact_hours: {day: mon-fri}",
        "caps: {marketing: {per_month: 3}}",
        "lead: {age: integer}",
        "lead: {age: {typ: number}}",
        "things: {car: {fields: {car_id: text}}}",
        "events: {order.made: {amount: money}}",
        "queues: {sales: {hours: mon-fri 9:00-17:00}}",
        "queues: {sales: {outcomes: {busy: {effect: again}}}}",
        "audiences: {vip: dynamic}",
        "connectors: {crm: {url: https://example.com}}",
        "connectors: {crm: {post: example.com}}",
        "endings: {bought: win}",
        "defaults: {life: for ever}",
    ],
)
def test_a_mistake_in_a_vocabulary_is_refused_by_both(text: str) -> None:
    assert faults(VOCABULARY, text) != []
    problems = Problems()
    load_vocabulary({"vocabulary.yaml": text}, problems)
    assert problems.errors != ()


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("journey: welcome_drip", "journey: welcome_drop"),
        ("name: one", "nme: one"),
        ("day 0 email welcome", "day 0 mail welcome"),
        ("day 0 email welcome", "email welcome"),
        ("    expect", "    events: [{at: 1 day, event: quote.strted}]\n    expect"),
        ("    expect", "    events: [{at: 1 day, event: quote.started, amout: 3}]\n    expect"),
        ("    expect", "    events: [{at: 1 day, call: intro_call, outcome: intersted}]\n    expect"),
        ("    expect", "    events: [{at: 1 day, set: {lead.stauts: new}}]\n    expect"),
        ("    expect", "    events: [{at: 1 day, answer: {lead_rooter: fails}}]\n    expect"),
        ("    expect", "    history: [{ago: 2 days, event: quote.strted}]\n    expect"),
        ("    expect", "    lead: {scor: 3}\n    expect"),
        ("    expect", "    lead: {status: nwe}\n    expect"),
    ],
)
def test_a_mistake_in_a_scenario_is_refused(right: str, wrong: str) -> None:
    validator = validators(ROOT)["scenarios"]
    assert faults(validator, SCENARIO) == []
    assert faults(validator, SCENARIO.replace(right, wrong)) != []

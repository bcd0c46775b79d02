"""The schema for editors: it takes what the checker takes, knows the vocabulary, and refuses what people
mistype."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from pydantic import JsonValue

from language.journey import kind_of
from language.json_forms import LENGTH, UNITS
from language.json_schema import journey_schema
from language.problems import Problems
from language.syntax.verbs import VERBS
from language.syntax.words import PART_OF
from language.values import length_text, parse_length
from language.yaml import plain, read_yaml
from runtime.project import load_project
from tests.docs.examples import JOURNEY_KEYS, examples

SHIPPED = Path(__file__).parents[2] / "journey_defs"
PROJECT = load_project(SHIPPED)
SCHEMA = journey_schema(PROJECT.vocabulary, PROJECT.templates)
VALIDATOR = Draft7Validator(SCHEMA)
HEAD = "journey: x\nversion: 1\nstart: {event: quote.started}\n"


def faults(text: str) -> list[str]:
    problems = Problems()
    node = read_yaml("x.yaml", text, problems)
    assert node is not None, problems.all
    return [error.message for error in VALIDATOR.iter_errors(plain(node))]


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.name)
def test_the_shipped_journeys_are_as_it_says(path: Path) -> None:
    if kind_of(path.name) == "journey":
        assert faults(path.read_text("utf-8")) == []
    else:
        assert faults(path.read_text("utf-8")) != []


def test_the_examples_of_the_docs_are_as_it_says() -> None:
    known = Draft7Validator(journey_schema(PROJECT.vocabulary))
    for example in examples():
        if example.kind in ("journey", "steps", "parts"):
            node = read_yaml("x.yaml", example.text, Problems())
            assert node is not None
            assert [error.message for error in known.iter_errors(plain(node))] == [], example


@pytest.mark.parametrize(
    "steps",
    [
        "email: welcom",
        "sms: welcome",
        "emial: welcome",
        "{email: welcome, delay: 2 days}",
        "{email: welcome, sms: quick_question}",
        "wait: 2 dayz",
        "wait: monday",
        "{wait: 2 days, within: 1 day}",
        "{wait_for: email.clickd, within: 1 day}",
        "{wait_for: email.clicked, within: 1 dya}",
        "end: recoverd",
        "notify: sales_manager",
        "{call: x, queue: inside_sale, outcomes: {busy: go_on}}",
        "{call: x, queue: inside_sales}",
        "{call: x, queue: inside_sales, outcomes: {busy: []}}",
        "{split: {a: 50, b: 50}, then: {a: go_on, b: go_on}}",
        "{send: need_a_hand, by: [post]}",
        "{if: lead.score >= 3}",
        "{if: lead.score >= 3, than: go_on}",
        "{repeat: often, do: [wait: 1 day]}",
        "{first_of: [{then: go_on}]}",
        "{choose: [{when: lead.vip, then: go_on}]}",
        "{set: {lead.stauts: new}}",
        "{report: sold}",
        "{email: welcome, on_quiet: wait}",
        "suppress: watsapp",
        "{social: welcome}",
        "{email: welcome, until_seen: 1 hour}",
        "watsapp: welcome",
        "[wait: 1 day]",
    ],
)
def test_a_mistake_in_a_step_is_refused(steps: str) -> None:
    assert faults(f"{HEAD}steps:\n  - {steps}\n") != []


@pytest.mark.parametrize(
    "head",
    [
        "version: 1\nstart: {event: quote.started}\n",
        "journey: x\nversion: one\nstart: {event: quote.started}\n",
        "journey: x\nversion: 1\nstart: {event: quote.strted}\n",
        "journey: x\nversion: 1\nstart: {by: hand}\n",
        "journey: x\nversion: 1\nstart: {where: event.x}\n",
        f"{HEAD}exit: {{event: car.purchased}}\n",
        f"{HEAD}exit: {{event: car.purchased, as: bougt}}\n",
        f"{HEAD}trigger: x\n",
        f"{HEAD}again: sometimes\n",
        f"{HEAD}goal: {{event: car.purchased, within: soon}}\n",
        f"{HEAD}on_opt_out: stay\n",
    ],
)
def test_a_mistake_at_the_top_is_refused(head: str) -> None:
    assert faults(f"{head}steps:\n  - wait: 1 day\n") != []


def test_a_journey_has_steps_or_stages() -> None:
    assert faults(HEAD) != []
    assert faults(f"{HEAD}stages:\n  one:\n    - wait: 1 day\n    - end: lost\n") == []


def test_every_word_of_the_language_is_offered() -> None:
    offered = {name for part in maps(SCHEMA) for name in named(part, "properties")}
    assert {*VERBS, *PART_OF, *JOURNEY_KEYS} - offered == set()


def test_the_names_of_the_vocabulary_and_the_templates_are_offered() -> None:
    offered = {word for part in maps(SCHEMA) for word in listed(part.get("enum"))}
    vocabulary, templates = PROJECT.vocabulary, PROJECT.templates
    for names in (vocabulary.queues, vocabulary.teams, vocabulary.endings):
        assert set(names) <= offered
    for channel in ("email", "sms", "script"):
        assert set(templates.names(channel)) <= offered
    assert "quote.started" in offered
    assert "journey.entered" in offered
    settable = {name for part in maps(SCHEMA) for name in named(part, "properties")}
    assert {"lead.status", "lead.dealer_id", "buys_within_a_month"} <= settable
    assert {"new", "qualified", "customer", "lost"} <= offered


def test_lengths_are_those_that_the_language_reads() -> None:
    check = Draft7Validator(LENGTH)
    for text in (
        *(f"{number} {unit}{'s' * (number > 1)}" for unit in UNITS for number in (1, 3)),
        "2 days 1 hour",
    ):
        assert length_text(parse_length(text))
        assert check.is_valid(text), text
    assert not check.is_valid("2 dayz")
    assert not check.is_valid("soon")


def maps(value: JsonValue) -> Iterator[dict[str, JsonValue]]:
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from maps(one)


def named(part: dict[str, JsonValue], word: str) -> tuple[str, ...]:
    found = part.get(word)
    return tuple(found) if isinstance(found, dict) else ()


def listed(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []

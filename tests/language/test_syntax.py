"""Reading journeys and scenarios: right words, wrong words, places, and nothing that raises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from language.compiled import dump
from language.journey import check_project, kind_of
from language.scenario import Answers, Begin, Changes, Happens
from language.values import Day
from model.time import After, Length
from tests.language.compiling import HEAD, codes, compiled, project

SHIPPED = Path(__file__).parents[2] / "journey_defs"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("delay: 2 days", "wait"),
        ("sleep: 2 days", "wait"),
        ("goto: first", "go_to"),
        ("mail: welcome", "email"),
        ("stop: lost", "end"),
        ("emial: welcome", "email"),
        ("wait_until: monday", "wait"),
        ("switch: []", "choose"),
        ("loop: 3", "repeat"),
    ],
)
def test_a_wrong_verb_names_the_right_one(wrong: str, right: str) -> None:
    found = project(f"steps:\n  - {wrong}\n").problems
    assert [(problem.code, problem.suggestion) for problem in found] == [("J003", f"write `{right}`")]
    assert (found[0].line, found[0].column) == (5, 5)


def test_a_problem_stands_at_the_character_of_a_condition() -> None:
    found = project("steps:\n  - email: a\n    if: lead.score > 3 and lead.scor > 3\n").problems
    assert [(problem.line, problem.column) for problem in found] == [(6, 28)]


def test_go_on_stands_wherever_steps_may_stand() -> None:
    journey = compiled("steps:\n  - go_on\n  - if: lead.score > 3\n    then: go_on\n    else: [go_on]\n")
    assert [item.kind for item in journey.program] == ["test", "end"]


def test_one_map_stands_for_a_list_of_one_trigger_and_of_one_exit() -> None:
    one = compiled("exit: {event: quote.completed, as: recovered}\n\nsteps: [email: a]\n")
    listed = compiled("exit:\n  - {event: quote.completed, as: recovered}\nsteps: [email: a]\n")
    assert one == listed


def test_if_with_another_verb_is_a_part_and_alone_it_is_the_verb() -> None:
    journey = compiled(
        "steps:\n  - if: lead.score > 3\n    email: a\n  - if: lead.score > 3\n    then: [email: b]\n"
    )
    assert [item.kind for item in journey.program] == ["message", "test", "message", "end"]
    assert codes("steps:\n  - if: lead.score > 3\n") == ["J002"]


def test_again_is_read_in_all_its_forms() -> None:
    modes = {
        text: compiled(f"again: {text}\nsteps: [email: a]\n").again
        for text in ("never", "when finished", "after 30 days", "replace")
    }
    assert [again.mode for again in modes.values()] == ["never", "finished", "after", "replace"]
    assert modes["after 30 days"].after == Length(days=30)


def test_files_are_told_apart_by_their_paths() -> None:
    kinds = {
        "welcome.yaml": "journey",
        "welcome.test.yaml": "scenarios",
        "welcome.crowd.yaml": "other",
        "vocabulary.yaml": "vocabulary",
        "vocabulary/sales.yaml": "vocabulary",
        "scoring.yaml": "other",
        "templates/email/a.yaml": "other",
        "demo/luis.yaml": "other",
        "journey_defs/deep/b.yml": "journey",
    }
    assert {path: kind_of(path) for path in kinds} == kinds


SCENARIOS = """\
journey: example
lead: {score: 75, consent: {email: true}}
scenarios:
  - name: one
    lead: {score: 10}
    events:
      - {at: 2026-02-05 at 7:00, event: quote.started, amount: 5}
      - {at: 2 days 1 hour, event: quote.completed, amount: 7}
      - {at: day 4 at 7:00, call: intro, outcome: interested}
      - {at: 5 days at 9:30, set: {lead.score: 90}}
    expect:
      - day 0 email welcome
      - day 2 at 10:30 call intro
      - day 3 email welcome skipped no_consent
      - day 4 end recovered
  - name: two
    events: [{by: request, amount: 3}]
    expect: [refused the lead is a customer]
"""
JOURNEY = HEAD + (
    "steps:\n  - email: welcome\n  - call: intro\n    queue: sales\n    outcomes:\n"
    "      interested: [end: recovered]\n"
    "      not_interested or busy or expired: go_on\n"
)


def scenario_files(scenarios: str) -> dict[str, str]:
    vocabulary = (Path(__file__).parent / "golden" / "vocabulary.yaml").read_text(encoding="utf-8")
    return {"example.yaml": JOURNEY, "example.test.yaml": scenarios, "vocabulary.yaml": vocabulary}


def test_scenarios_are_read_with_their_begin_events_and_expectations() -> None:
    found = check_project(scenario_files(SCENARIOS))
    assert found.report() == ""
    one, two = found.scenarios
    assert one.lead == {"score": 10, "consent": {"email": True}}
    assert isinstance(one.begin, Begin)
    assert isinstance(one.begin.at, Day)
    assert (one.begin.event, one.begin.fields, one.begin.at.at) == ("quote.started", {"amount": 5}, 420)
    completed, answered, changed = one.events
    assert isinstance(completed, Happens)
    assert completed.at == After(Length(days=2, seconds=3600))
    assert isinstance(answered, Answers)
    assert (answered.at, answered.outcome) == (After(Length(days=4), 420), "interested")
    assert isinstance(changed, Changes)
    assert changed.values == {"lead.score": 90}
    lines = [(line.day, line.at, line.verb, line.name, line.skipped) for line in one.expect]
    assert lines == [
        (0, None, "email", "welcome", None),
        (2, 630, "call", "intro", None),
        (3, None, "email", "welcome", "no_consent"),
        (4, None, "end", "recovered", None),
    ]
    assert [line.mark.line for line in one.expect] == [12, 13, 14, 15]
    assert (two.begin, two.expect[0].verb) == (Begin("request", None, {"amount": 3}), "refused")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("journey: example", "journey: exampel", "J010"),
        ("quote.completed, amount: 7", "quote.compleetd, amount: 7", "J011"),
        ("quote.completed, amount", "quote.completed, amout", "J010"),
        ("outcome: interested", "outcome: interestd", "J011"),
        ("call: intro, outcome", "call: intr 0, outcome", "J010"),
        ("lead.score: 90", "lead.scor: 90", "J010"),
        ("lead: {score: 10}", "lead: {scor: 10}", "J010"),
        ("day 0 email welcome", "day 0 email welcom", "J010"),
        ("day 0 email welcome", "on day 0 an email", "J005"),
        ("at: 2 days 1 hour", "at: soon", "J005"),
        ("name: two", "nam: two", "J002"),
        ("event: quote.completed, amount: 7", "answer: {ruter: fails}", "J011"),
        ("expect: [refused", "expected: [refused", "J003"),
    ],
)
def test_a_mistake_in_a_scenario_is_found(old: str, new: str, code: str) -> None:
    assert old in SCENARIOS
    found = check_project(scenario_files(SCENARIOS.replace(old, new, 1)))
    assert code in [problem.code for problem in found.problems]
    assert list(found.journeys) == ["example"]


VERBS = ("email", "sms", "send", "wait", "repeat", "first_of", "choose", "split", "go_to", "set", "goto")
PARTS = ("if", "then", "else", "outcomes", "within", "as", "until", "id", "at", "attempts", "retry", "by")
LINES = ("event", "becomes", "where", "in")
KEYS = ("goal", "goals", "stages", "steps", "contact_hours", "again", "start", "exit", "whenever", "key")
WORDS = st.sampled_from((*VERBS, *PARTS, *LINES, *KEYS))
TEXTS = ("", "go_on", "this", "2 days", "until monday", "lead.score > 3", "for ever", '"', "+30")
TREES: tuple[object, ...] = ([], {}, [None], {"a": 1}, [{"email": "welcome"}], {"if": "lead.score > 3"})
VALUES = st.sampled_from((None, True, -1, 3.5, *TEXTS, *TREES))


def places(node: object) -> list[tuple[dict[str, object] | list[object], str | int]]:
    """Lists every place of a tree as its parent with the key."""
    found: list[tuple[dict[str, object] | list[object], str | int]] = []
    if isinstance(node, dict):
        for key, value in node.items():
            found += [(node, key), *places(value)]
    elif isinstance(node, list):
        for index, value in enumerate(node):
            found += [(node, index), *places(value)]
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_disturbed_journey_raises_and_none_is_passed_over_in_silence(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["dealer_lead", "welcome_drip", "abandoned_quote"]))
    tree = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(1, 3))):
        parent, key = data.draw(st.sampled_from(places(tree)))
        value = json.loads(json.dumps(data.draw(VALUES)))
        if isinstance(parent, dict) and isinstance(key, str):
            parent[data.draw(WORDS | st.just(key))] = value
        elif isinstance(parent, list) and isinstance(key, int):
            parent[key] = value
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
    vocabulary = (SHIPPED / "vocabulary.yaml").read_text(encoding="utf-8")
    found = check_project({"vocabulary.yaml": vocabulary, "journey.yaml": text})
    assert found.journeys or found.errors
    assert all(dump(journey) for journey in found.journeys.values())
    assert found.report() == "\n".join(found.rendered(problem) for problem in found.problems)

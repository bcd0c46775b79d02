"""A word with nothing behind it is refused as not supported yet, whether or not it can be declared."""

from __future__ import annotations

import pytest

from api.accept import OWN_TYPES
from language.builtin import EVENTS
from language.journey import check_project
from language.problems import Problems
from language.syntax.words import TO_COME, meanwhile
from language.to_come import EVENTS as EVENTS_TO_COME
from language.vocabulary import load_vocabulary
from tests.language.compiling import HEAD, compiled, project

START = "journey: example\nversion: 1\nstart: "


def refused(text: str) -> list[str]:
    """Lists what is refused as not supported yet; nothing else may be wrong."""
    problems = project(text).problems
    assert {problem.code for problem in problems} == {"J003"}
    return [problem.message for problem in problems]


@pytest.mark.parametrize("event", sorted(EVENTS_TO_COME))
def test_an_event_that_nobody_makes_is_refused_wherever_a_journey_names_it(event: str) -> None:
    texts = (
        f"{START}{{event: {event}}}\nsteps: [email: a]\n",
        f"exit: {{event: {event}, as: lost}}\nsteps: [email: a]\n",
        f"goal: {{event: {event}}}\nsteps: [email: a]\n",
        f"steps:\n  - wait_for: {event}\n    within: 1 day\n",
        f"steps:\n  - wait: 1 day\n    restart_on: {event}\n",
        f'steps:\n  - email: a\n    if: times("{event}", 30 days) > 2\n',
    )
    for text in texts:
        assert refused(text) == [f"`{event}` is not supported yet"]


def test_only_events_of_the_system_itself_are_refused_and_what_it_makes_is_heard() -> None:
    assert set(EVENTS_TO_COME) <= OWN_TYPES & EVENTS.keys()
    for event in sorted((OWN_TYPES & EVENTS.keys()) - EVENTS_TO_COME.keys()):
        assert event in compiled(f"exit: {{event: {event}, as: lost}}\nsteps: [email: a]\n").hears


def test_an_event_that_nobody_makes_happens_in_no_scenario() -> None:
    scenarios = (
        "journey: example\nscenarios:\n  - name: one\n    events: [{at: 1 day, event: journey.entered}]\n"
        "    expect: [day 0 email a]\n"
    )
    files = {"example.yaml": HEAD + "steps: [email: a]\n", "example.test.yaml": scenarios}
    found = check_project({**files, "vocabulary.yaml": "events: {quote.started: {}}\n"})
    assert [(problem.code, problem.message) for problem in found.problems] == [
        ("J003", "`journey.entered` is not supported yet")
    ]


def test_a_date_that_the_starting_event_carries_is_read() -> None:
    problems = check_project(
        {
            "vocabulary.yaml": "events: {visit.planned: {date: date}}\n",
            "a.yaml": START + "{event: visit.planned}\nsteps:\n  - wait: until start.date\n",
        }
    ).problems
    assert problems == ()


def test_the_agreed_time_of_a_callback_is_read() -> None:
    journey = compiled(
        "whenever:\n  - event: task.completed\n    where: event.callback_at > now + 2 days\n"
        "    do: [notify: managers]\nsteps: [email: a]\n"
    )
    assert "callback_at" in journey.reads["task.completed"]


def test_a_cap_counts_days_and_weeks_only() -> None:
    problems = Problems()
    load_vocabulary({"vocabulary.yaml": "caps: {marketing: {per_month: 4}}\n"}, problems)
    assert [(found.code, found.message) for found in problems.all] == [("J003", "a cap has no `per_month`")]


def test_every_word_to_come_says_what_helps_meanwhile() -> None:
    assert [
        (kind, word) for kind, words in TO_COME.items() for word in words if not meanwhile(kind, word)
    ] == []

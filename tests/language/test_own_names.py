"""Names that only the system itself writes, and that journeys may read and hear."""

from __future__ import annotations

from api.accept import OWN_TYPES
from language.builtin import EVENTS
from language.journey import check_project
from language.problems import Problems
from language.vocabulary import load_vocabulary
from tests.language.compiling import compiled

START = "journey: example\nversion: 1\nstart: "


def test_what_the_system_itself_makes_is_heard() -> None:
    for event in sorted(OWN_TYPES & EVENTS.keys()):
        assert event in compiled(f"exit: {{event: {event}, as: lost}}\nsteps: [email: a]\n").hears


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

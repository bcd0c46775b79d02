"""Goals: what counts, from when, until when, and for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.facts import Knowledge
from engine.goals import goals_reached
from engine.report import report
from model.events import Event, Fields
from model.figures import Entries, GoalCount
from model.runs import Run
from tests.engine.riding import MONDAY, compiled
from tests.engine.test_simulator import lines, play

STEPS = "steps:\n  - email: welcome\n  - wait: 1 day\n"
BEGIN = Event("begin", "quote.started", MONDAY)


def reached(
    text: str,
    kind: str,
    *,
    key: str | None = None,
    run: str | None = None,
    message: str | None = None,
    hours: float = 1,
    **fields: object,
) -> tuple[str, ...]:
    journey, given = compiled(text), Fields(fields)  # type: ignore[arg-type]
    constants = Run("run-1", "lead-1", "story", 1, MONDAY, BEGIN, None, key, journey.key_field)
    event = Event("e1", kind, MONDAY + timedelta(hours=hours), given, message, None, run)
    return goals_reached(journey, constants, event, Knowledge({"lead.score": 5}, "Europe/Madrid"))


def test_an_event_reaches_every_goal_that_it_fits() -> None:
    text = (
        "goals:\n  bought: {event: order.completed}\n"
        "  much: {event: order.completed, where: event.amount > 100}\n"
        f"  asked: {{event: help.requested}}\n{STEPS}"
    )
    assert reached(text, "order.completed", amount=20) == ("bought",)
    assert reached(text, "order.completed", amount=200) == ("bought", "much")
    assert reached(text, "quote.changed") == ()


def test_one_goal_alone_is_called_after_its_event() -> None:
    assert reached(f"goal: {{event: order.completed}}\n{STEPS}", "order.completed") == ("order.completed",)


@pytest.mark.parametrize(("hours", "counts"), [(-1, False), (0, True), (48, True), (48.1, False)])
def test_it_counts_from_the_entry_on_and_within_its_time(hours: float, counts: bool) -> None:
    text = f"goal: {{event: order.completed, within: 2 days}}\n{STEPS}"
    assert bool(reached(text, "order.completed", hours=hours)) is counts


def test_on_a_keyed_journey_an_event_with_another_key_does_not_count_and_one_without_does() -> None:
    goals = "goals: {a: {event: quote.completed}, b: {event: order.completed}}\n"
    text = f"key: start.quote_id\n{goals}{STEPS}"
    assert reached(text, "quote.completed", key="q1", quote_id="q1") == ("a",)
    assert reached(text, "quote.completed", key="q1", quote_id="q2") == ()
    assert reached(text, "order.completed", key="q1", amount=3) == ("b",)


def test_a_reaction_counts_for_the_run_that_sent_the_message_and_not_by_a_machine() -> None:
    text = f"goal: {{event: email.clicked}}\n{STEPS}"
    assert reached(text, "email.clicked", run="run-1", message="m") == ("email.clicked",)
    assert reached(text, "email.clicked", run="run-2", message="m") == ()
    assert reached(text, "email.clicked", run="run-1", message="m", machine=True) == ()


def test_a_scenario_shows_goals_also_after_the_end_and_for_control() -> None:
    twice = "{at: 3 days, event: order.completed, amount: 5}, {at: 4 days, event: order.completed}"
    events = f"    events: [{twice}]\n"
    results = play(
        f"holdout: 5 percent\ngoal: {{event: order.completed, within: 5 days}}\n{STEPS}",
        f"  - name: after the end\n{events}"
        "    expect: [day 0 email welcome, day 1 end finished, day 3 goal order.completed]\n"
        f"  - name: held out\n    control: true\n{events}"
        "    expect: [day 0 end control, day 3 goal order.completed]\n"
        "  - name: too late\n    events: [{at: 6 days, event: order.completed}]\n"
        "    expect: [day 0 email welcome, day 1 end finished]\n",
    )
    assert [result.difference for result in results] == [None, None, None]
    assert lines(results[2], "goal") == []


def test_a_report_compares_those_who_entered_with_the_control_group_by_version() -> None:
    entries = [
        Entries(version=1, control=False, entries=40, open=3),
        Entries(version=1, control=True, entries=10, open=0),
        Entries(version=2, control=False, entries=60, open=50),
    ]
    goals = [
        GoalCount(version=1, control=False, goal="bought", reached=10),
        GoalCount(version=1, control=True, goal="bought", reached=1),
        GoalCount(version=2, control=False, goal="bought", reached=20),
    ]
    whole, second, first = report(entries, goals, ["bought", "asked"])
    assert (whole.entries, whole.open, whole.control) == (100, 53, 10)
    assert [(g.goal, g.reached, g.percent, g.control_reached, g.control_percent) for g in whole.goals] == [
        ("bought", 30, 30.0, 1, 10.0),
        ("asked", 0, 0.0, 0, 0.0),
    ]
    assert (second.version, second.goals[0].percent, second.goals[0].control_percent) == (2, 33.3, None)
    assert (first.version, first.goals[0].percent, first.goals[0].control_percent) == (1, 25.0, 10.0)

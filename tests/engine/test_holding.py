"""`hold_while`: nothing begins while it holds, everything else goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.turn import Operator
from tests.engine.riding import MONDAY, Ride, compiled
from tests.engine.test_simulator import lines, play

HELD = 'hold_while: lead.status is "in talks"\n'


def held(text: str, status: str = "in talks", **fields: str) -> Ride:
    """A run whose lead has a status from the beginning."""
    ride = Ride(f"{HELD}steps:\n  - wait: 1 minute\n{text}", **fields)
    ride.facts["lead.status"] = status
    return ride


def test_a_message_waits_until_the_fact_changes() -> None:
    ride = held("  - email: a\n  - email: b\n")
    ride.passes(days=3)
    assert ride.steps == []
    assert ride.stands == ("a", "held: hold_while")
    ride.changes(status="open")
    assert ride.steps == ["a", "b"]
    assert ride.ending == "finished"
    assert ride.said("waiting")[1:] == [
        'held: lead.status is "in talks" (status in talks)',
        "goes on: nothing holds it any more",
    ]


def test_work_and_data_wait_too_and_begin_once() -> None:
    ride = held(
        "  - set: {lead.status: called}\n  - call: intro\n    queue: inside_sales\n"
        "    outcomes: {won: go_on, refused: go_on, busy: go_on, wrong_number or do_not_call: go_on}\n"
    )
    ride.passes(hours=1)
    assert ride.steps == []
    ride.changes(status="open")
    assert [effect.kind for effect in ride.effects] == ["set_facts", "open_work"]


def test_waits_choices_hearing_and_exits_go_on() -> None:
    ride = Ride(
        f"{HELD}exit: {{event: order.completed, as: recovered}}\nsteps:\n  - wait_for: help.requested\n"
        "    within: 1 day\n    else:\n      - if: lead.score > 3\n        then: [email: high]\n"
        "        else: [email: low]\n"
    )
    ride.facts |= {"lead.status": "in talks", "lead.score": 5}
    ride.passes(days=2)
    assert ride.stands == ("high", "held: hold_while")
    assert [note.branch for note in ride.notes if note.kind in ("timeout", "branch")] == ["else", "yes"]
    ride.hears("order.completed", amount=3)
    assert ride.ending == "recovered"
    assert ride.steps == []


def test_a_message_whose_time_came_meanwhile_goes_when_the_hold_ends() -> None:
    ride = held("  - email: a\n    at: 2026-01-06 at 9:00\n  - email: b\n")
    ride.passes(days=2)
    assert ride.steps == []
    ride.changes(status="open")
    assert ride.steps == ["a", "b"]


def test_with_if_past_skip_written_or_not_after_over_it_is_left_out() -> None:
    for part in ("if_past: skip", "not_after: 2026-01-06 at 12:00"):
        ride = held(f"  - email: a\n    at: 2026-01-06 at 9:00\n    {part}\n  - email: b\n")
        ride.passes(days=2)
        ride.changes(status="open")
        assert ride.steps == ["b"]
        assert ride.said("skipped")[0].startswith("past: ")


def test_what_is_skipped_if_past_goes_where_the_hold_was_short() -> None:
    ride = held("  - email: a\n    at: 2026-01-06 at 9:00\n    if_past: skip\n")
    ride.until(datetime(2026, 1, 6, 8, 10, tzinfo=UTC))
    ride.changes(status="open")
    assert ride.steps == ["a"]


def test_the_if_of_a_message_is_judged_again_after_the_hold() -> None:
    ride = held("  - email: a\n    if: lead.score > 3\n")
    ride.facts["lead.score"] = 5
    ride.passes(days=1)
    ride.changes(status="open", score=1)
    assert ride.steps == []
    assert ride.ending == "finished"


def test_a_hold_by_the_clock_ends_by_the_clock() -> None:
    ride = Ride("hold_while: hour() < 12\nsteps:\n  - email: a\n")
    assert ride.steps == []
    ride.until(MONDAY + timedelta(hours=1, minutes=59))
    assert ride.steps == []
    ride.until(MONDAY + timedelta(hours=2))
    assert ride.steps == ["a"]


def test_side_steps_are_held_beside_the_run() -> None:
    ride = Ride(
        f"{HELD}whenever: {{event: help.requested, do: [notify: sales]}}\nsteps:\n  - wait: 3 days\n"
        "  - email: a\n"
    )
    ride.facts["lead.status"] = "in talks"
    ride.hears("help.requested", topic="price")
    assert ride.steps == []
    ride.passes(days=1)
    ride.changes(status="open")
    assert [effect.kind for effect in ride.effects] == ["notify"]
    ride.passes(days=3)
    assert ride.steps[-1] == "a"


def test_an_operator_skips_what_is_held() -> None:
    ride = held("  - email: a\n  - wait: 1 day\n  - email: b\n")
    ride.passes(hours=1)
    ride.orders(Operator("skip"))
    assert ride.stands[1] is not None
    assert ride.stands[1].startswith("until ")
    ride.changes(status="open")
    ride.passes(days=2)
    assert ride.steps == ["b"]


def test_the_facts_of_the_condition_wake_the_run() -> None:
    journey = compiled(
        'hold_while: account.in_talks or has_open("intro") or did("help.requested", 7 days)\n'
        "steps: [email: a]\n"
    )
    assert {"account.in_talks", "event:help.requested", "event:task.ready"} <= set(journey.watches)


def test_a_scenario_shows_the_hold() -> None:
    (result,) = play(
        f"{HELD}steps:\n  - email: welcome\n  - wait: 1 day\n  - email: last_words\n",
        "  - name: a colleague talks to the lead\n    events:\n"
        "      - {at: 2 hours, set: {lead.status: in talks}}\n"
        "      - {at: 4 days, set: {lead.status: open}}\n"
        "    expect: [day 0 email welcome, day 4 email last_words, day 4 end finished]\n",
    )
    assert result.difference is None
    assert "held: " in " ".join(lines(result, "waiting"))


def test_branches_side_by_side_are_held_and_let_go_together() -> None:
    ride = held("  - parallel:\n      one: [email: a]\n      two: [email: b]\n  - email: c\n")
    ride.passes(days=1)
    assert ride.steps == []
    ride.changes(status="open")
    assert ride.steps == ["a", "b", "c"]
    assert ride.ending == "finished"

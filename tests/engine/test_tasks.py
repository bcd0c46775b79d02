"""Tasks, attempts on days, escalation, and work that goes on without the run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from engine.position import Parked
from model.commands import Done, Finish, OpenWork, WithdrawWork
from model.work import Appointment
from tests.engine.riding import MONDAY, Ride
from tests.engine.test_work import OUTCOMES, call

ASIDE = "steps:\n  - call: offer\n    queue: inside_sales\n    wait: false\n"


def task(parts: str = "") -> str:
    """A journey of one task."""
    return call(parts).replace("- call:", "- task:")


def agenda(work: OpenWork) -> list[str]:
    """What the queue has to do, in order."""
    return [each.what for each in work.agenda]


def test_a_task_goes_the_way_of_its_outcome_and_nobody_fails_to_answer_it() -> None:
    outcomes = OUTCOMES.replace("      no_answer: [email: missed]\n", "")
    ride = Ride(f"steps:\n  - task: offer\n    queue: inside_sales\n{outcomes}")
    (opened,) = ride.tasks()
    assert opened.work == "task"
    assert "no_answer" not in opened.outcomes
    assert "no_answer" in Ride(call()).tasks()[0].outcomes
    ride.finishes("won")
    assert ride.ending == "recovered"


def test_a_dead_number_is_nothing_to_a_task() -> None:
    ride = Ride(task())
    ride.finishes("wrong_number")
    assert len(ride.tasks()) == 1
    assert ride.steps[-1] == "wrong"


def test_attempts_on_days_begin_with_the_opening_of_each_day() -> None:
    ride = Ride(call("    attempts: on days 1, 3, 5\n    expires: never\n"))
    for day in (5, 7, 9):
        assert ride.tasks()[-1].ready_at.day == day
        ride.until(ride.tasks()[-1].ready_at + timedelta(hours=1))
        ride.finishes("no_answer")
    assert [one.ready_at.hour for one in ride.tasks()] == [9, 8, 8], "at once, then at 9:00 in Madrid"
    assert ride.steps[-1] == "missed"


def test_a_day_that_passed_while_an_attempt_was_open_falls_away() -> None:
    ride = Ride(call("    attempts: on days 1, 2, 3, 10\n    expires: never\n"))
    ride.passes(days=3)
    ride.finishes("busy")
    assert ride.tasks()[-1].ready_at == datetime(2026, 1, 14, 8, 0, tzinfo=UTC)
    ride.until(datetime(2026, 1, 14, 9, 0, tzinfo=UTC))
    ride.finishes("busy")
    assert ride.steps[-1] == "busy"


def test_work_whose_first_day_is_later_is_ready_when_the_queue_opens_on_it() -> None:
    ride = Ride(call("    attempts: on days 2, 4\n"))
    assert ride.tasks()[0].ready_at == datetime(2026, 1, 6, 8, 0, tzinfo=UTC)


def test_one_outcome_may_have_its_own_limit() -> None:
    ride = Ride(call("    retry: {busy: 2 times every 20 minutes, no_answer: 1 hour}\n"))
    for outcome in ("busy", "no_answer", "busy", "busy"):
        ride.finishes(outcome)
    assert len(ride.tasks()) == 4
    assert ride.steps[-1] == "busy"


def test_without_another_number_the_branch_of_the_dead_one_runs() -> None:
    ride = Ride(call())
    ride.answers = [Done(0, ok=False, reason="no_other_number")]
    ride.finishes("wrong_number")
    assert ride.said("branch") == ["wrong_number: the lead has no other number"]
    assert ride.steps[-1] == "wrong"


def test_an_expiry_that_names_no_fact_stays_when_facts_change() -> None:
    ride = Ride(call("    expires: until friday at 9:00\n"))
    before = ride.turn.wake
    ride.passes(days=1)
    ride.changes(status="new")
    assert ride.turn.wake == before == datetime(2026, 1, 9, 8, 0, tzinfo=UTC)


def test_an_expiry_that_names_a_fact_is_read_once_more_when_its_time_comes() -> None:
    ride = Ride(
        "steps:\n  - wait: 1 minute\n" + call("    expires: until lead.renews_on\n").removeprefix("steps:\n")
    )
    ride.facts["lead.renews_on"] = "2026-01-08"
    ride.passes(minutes=1)
    ride.facts["lead.renews_on"] = "2026-01-10"
    ride.passes(days=3)
    assert ride.stands == ("offer", "an agent")
    assert ride.turn.wake == datetime(2026, 1, 9, 23, 0, tzinfo=UTC)


def test_nobody_named_is_anybody_with_a_note_and_so_is_somebody_from_elsewhere() -> None:
    ride = Ride(call("    assign_to: lead.owner\n"))
    assert ride.tasks()[0].assign_to is None
    assert ride.said("missing") == ["nobody is named to do it: anybody may take it"]
    ride = Ride("steps:\n  - wait: 1 minute\n" + call("    assign_to: ana\n").removeprefix("steps:\n"))
    ride.answers = [Done(0, reason="ana does not work in inside_sales: anybody may take it")]
    ride.passes(minutes=1)
    assert ride.said("missing") == ["ana does not work in inside_sales: anybody may take it"]
    assert ride.stands == ("offer", "an agent")


def test_a_personal_number_travels_as_what_it_is_read_from() -> None:
    ride = Ride(call("    number: lead.phone\n"))
    assert ride.tasks()[0].dial.values == {}
    assert list(ride.tasks()[0].dial.private) == ["number"]


def test_the_queue_is_told_what_to_do_and_when() -> None:
    ride = Ride(call("    due: 15 minutes\n    expires: 2 days\n"))
    (opened,) = ride.tasks()
    assert opened.agenda == (
        Appointment(MONDAY, "ready"),
        Appointment(MONDAY + timedelta(minutes=15), "overdue"),
    )
    assert opened.job is None, "a run that waits takes expired work back itself"


def test_work_not_waited_for_lets_the_run_go_on_and_an_end_leaves_it_open() -> None:
    ride = Ride(ASIDE + "    expires: 2 days\n  - email: hello\n")
    (opened,) = ride.tasks()
    assert agenda(opened) == ["ready", "expire"]
    assert opened.job is not None
    assert ride.steps == ["offer", "hello"]
    assert isinstance(ride.effects[-1], Finish)
    assert ride.effects[-1].keeps_open


def test_an_exit_takes_such_work_back() -> None:
    ride = Ride("exit:\n  - event: order.completed\n    as: recovered\n" + ASIDE + "  - wait: 1 day\n")
    ride.hears("order.completed")
    assert isinstance(ride.effects[-1], Finish)
    assert not ride.effects[-1].keeps_open


def test_leaving_a_stage_takes_back_what_it_did_not_wait_for() -> None:
    ride = Ride(
        "whenever:\n  - event: help.requested\n    go_to: second\nstages:\n  first:\n"
        "    - task: papers\n      queue: inside_sales\n      wait: false\n"
        "    - wait: 2 days\n    - end: lost\n"
        "  second: [wait: 1 day, end: gone]\n"
    )
    ride.hears("help.requested")
    (taken_back,) = [effect for effect in ride.effects if isinstance(effect, WithdrawWork)]
    assert (taken_back.steps, taken_back.task_ids) == (("papers",), ())


@pytest.mark.parametrize("again", [True, False])
def test_a_later_wait_hears_how_such_work_ended_and_not_an_attempt_that_is_tried_again(again: bool) -> None:
    ride = Ride(ASIDE + "  - wait_for: task.completed\n    then:\n      - email: done\n  - wait: 1 day\n")
    about: dict[str, JsonValue] = {"outcome": "busy", "step": "offer", "again": again or None}
    ride.tell("task.completed", about, task="made by the queue")
    assert ride.steps == (["offer"] if again else ["offer", "done"])


def test_what_an_agent_ends_after_the_run_has_left_it_moves_nothing() -> None:
    ride = Ride(
        "whenever:\n  - event: help.requested\n    go_to: second\n"
        "exit:\n  - event: task.completed\n    as: gone\n"
        "stages:\n  first:\n    - call: offer\n      queue: inside_sales\n      outcomes: "
        "{won or refused or busy: go_on, wrong_number or do_not_call: go_on}\n    - end: lost\n"
        "  second: [wait_for: task.completed, wait: 1 day, end: gone]\n"
    )
    ride.hears("help.requested")
    ride.finishes("won")
    assert not ride.ended
    assert ride.stands == ("task.completed", "task.completed")


def test_late_work_is_heard_by_its_run_and_by_the_waits_to_come() -> None:
    ride = Ride(
        "whenever:\n  - event: task.escalated\n    do: [notify: sales]\n"
        + call("    due: 15 minutes\n    expires: never\n")
    )
    ride.hears("task.escalated", task=ride.tasks()[0].task_id)
    assert ride.steps == ["offer", "sales"]
    assert ride.stands == ("offer", "an agent")


def test_a_queue_that_is_not_known_parks_the_run() -> None:
    ride = Ride("steps:\n  - wait: 1 minute\n" + call().removeprefix("steps:\n"))
    ride.answers = [Done(0, ok=False, reason="the vocabulary has no queue inside_sales")]
    ride.passes(minutes=1)
    assert isinstance(ride.position.tokens[0].state, Parked)


def test_an_open_condition_on_a_queue_is_judged_when_its_hours_next_turn_and_not_before() -> None:
    ride = Ride(
        'steps:\n  - wait: 1 minute\n  - first_of:\n      - if: not queue_open("inside_sales")\n'
        "        then: [email: closed]\n"
    )
    ride.facts['queue_open("inside_sales")'] = True
    ride.passes(minutes=1)
    assert ride.turn.wake == datetime(2026, 1, 5, 18, 0, tzinfo=UTC), "it closes at 19:00 in Madrid"


def test_work_not_waited_for_may_stand_beside_the_run() -> None:
    ride = Ride(
        "whenever:\n  - event: help.requested\n    do:\n      - task: look\n        queue: inside_sales\n"
        "        wait: false\nsteps:\n  - wait: 2 days\n"
    )
    ride.hears("help.requested")
    ride.hears("help.requested")
    assert [one.name for one in ride.tasks()] == ["look", "look"]
    assert len({one.task_id for one in ride.tasks()}) == 2
    assert ride.stands[0] == "2 days"

"""Calls: attempts, callbacks, due, expiry and what becomes of work that is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.position import Parked
from model.commands import Done, Finish, Suppress, WithdrawWork
from tests.engine.riding import MONDAY, Ride

OUTCOMES = (
    "    outcomes:\n      won: [end: recovered]\n      refused: [end: lost]\n      busy: [email: busy]\n"
    "      no_answer: [email: missed]\n      wrong_number: [email: wrong]\n      do_not_call: [end: gone]\n"
)


def call(parts: str = "", outcomes: str = OUTCOMES) -> str:
    """A journey of one call."""
    return f"steps:\n  - call: offer\n    queue: inside_sales\n{parts}{outcomes}"


def test_the_branch_of_the_outcome_runs_and_event_is_its_completion() -> None:
    ride = Ride(call())
    assert ride.tasks()[0].ready_at == MONDAY
    ride.finishes("won")
    assert ride.ending == "recovered"


def test_an_outcome_of_another_task_moves_nothing() -> None:
    ride = Ride(call())
    ride.hears("task.completed", task="another", outcome="won")
    assert ride.stands == ("offer", "an agent")


def test_a_retry_opens_the_next_attempt_until_none_is_left() -> None:
    ride = Ride(call("    attempts: 3\n    retry: {no_answer: 2 hours}\n"))
    ride.finishes("no_answer")
    ride.finishes("no_answer")
    assert [task.attempt for task in ride.tasks()] == [1, 2, 3]
    assert ride.tasks()[1].ready_at == MONDAY + timedelta(hours=2)
    assert len({task.task_id for task in ride.tasks()}) == 3
    ride.finishes("no_answer")
    assert ride.steps[-1] == "missed"


def test_a_list_of_lengths_is_a_plan_that_is_used_up() -> None:
    ride = Ride(call("    attempts: 8\n    retry: {no_answer: [2 hours, 3 weeks]}\n"))
    ride.finishes("no_answer")
    ride.finishes("no_answer")
    assert ride.tasks()[-1].ready_at == datetime(2026, 1, 26, 8, 0, tzinfo=UTC), "the opening of that day"
    ride.finishes("no_answer")
    assert ride.steps[-1] == "missed"


def test_an_outcome_with_effect_retry_that_is_not_named_ends_the_call() -> None:
    ride = Ride(call("    attempts: 8\n    retry: {no_answer: 2 hours}\n"))
    ride.finishes("busy")
    assert ride.steps[-1] == "busy"


def test_a_callback_keeps_the_step_open_without_using_an_attempt() -> None:
    ride = Ride(call("    expires: 2 days\n"))
    ride.finishes("later", callback_at="2026-01-08T15:00:00+00:00")
    again = ride.tasks()[-1]
    assert (again.attempt, again.callback) == (1, True)
    assert again.ready_at == datetime(2026, 1, 8, 15, 0, tzinfo=UTC)
    assert again.expires_at == datetime(2026, 1, 10, 15, 0, tzinfo=UTC)
    ride.finishes("won")
    assert ride.ending == "recovered"


def test_a_dead_number_is_tried_once_on_the_other_as_the_same_attempt() -> None:
    ride = Ride(call())
    ride.finishes("wrong_number")
    assert (ride.tasks()[-1].number, ride.tasks()[-1].attempt) == ("other", 1)
    ride.finishes("wrong_number")
    assert ride.steps[-1] == "wrong"


def test_never_call_suppresses_calls_then_takes_its_branch() -> None:
    ride = Ride(call())
    ride.finishes("do_not_call")
    assert [effect.what for effect in ride.effects if isinstance(effect, Suppress)] == ["calls"]
    assert ride.ending == "gone"


def test_an_unknown_outcome_parks_the_run() -> None:
    ride = Ride(call())
    ride.finishes("abducted")
    assert isinstance(ride.position.tokens[0].state, Parked)
    assert ride.said("needs_attention") == [
        (
            "this version does not know the outcome abducted of inside_sales: "
            "move the run to a version that does (`cauce move`), or skip the step"
        )
    ]


def test_work_that_nobody_takes_in_time_is_taken_back_and_follows_no_answer() -> None:
    ride = Ride(call("    expires: 2 days\n"))
    ride.passes(days=2)
    taken_back = [effect for effect in ride.effects if isinstance(effect, WithdrawWork)]
    assert [(effect.reason, effect.task_ids) for effect in taken_back] == [
        ("expired", (ride.tasks()[0].task_id,))
    ]
    assert ride.steps[-1] == "missed"


def test_work_that_somebody_has_begun_is_looked_at_again_when_the_lease_ends() -> None:
    ride = Ride(call("    expires: 2 days\n"))
    ride.answers = [Done(0, taken=(ride.tasks()[0].task_id,), until=MONDAY + timedelta(days=2, minutes=30))]
    ride.passes(days=2, minutes=1)
    assert ride.turn.wake == MONDAY + timedelta(days=2, minutes=30)
    ride.finishes("won")
    assert ride.ending == "recovered"


def test_due_counts_business_time_and_overdue_runs_once_beside_the_work() -> None:
    ride = Ride(call("    due: 15 minutes\n    overdue: [notify: sales]\n"))
    assert ride.tasks()[0].due_at == MONDAY + timedelta(minutes=15)
    ride.passes(hours=3)
    assert ride.steps == ["offer", "sales"]
    assert ride.stands == ("offer", "an agent")


def test_due_in_days_are_business_days() -> None:
    ride = Ride("steps:\n  - wait: 4 days\n" + call("    due: 1 day\n").removeprefix("steps:\n"))
    ride.passes(days=4)
    assert ride.tasks()[0].due_at == datetime(2026, 1, 12, 9, 0, tzinfo=UTC), "from Friday to Monday"


def test_work_that_somebody_has_begun_is_not_overdue() -> None:
    ride = Ride(call("    due: 15 minutes\n    overdue: [notify: sales]\n"))
    ride.hears("call.started", task=ride.tasks()[0].task_id)
    ride.passes(hours=3)
    assert ride.steps == ["offer"]


def test_a_later_attempt_is_not_overdue_once_more() -> None:
    ride = Ride(
        call(
            "    due: 15 minutes\n    overdue: [notify: sales]\n    retry: {busy: 1 hour}\n    attempts: 3\n"
        )
    )
    ride.passes(minutes=20)
    ride.finishes("busy")
    ride.passes(hours=4)
    assert ride.steps == ["offer", "sales", "offer"]
    assert ride.tasks()[1].due_at == MONDAY + timedelta(minutes=95), "the agents still see by when"


def test_an_attempt_says_to_whenever_whether_another_follows() -> None:
    ride = Ride(
        'whenever:\n  - event: task.completed\n    where: event.outcome is "busy" and event.again\n'
        "    do: [notify: sales]\n" + call("    retry: {busy: 1 hour}\n    attempts: 2\n")
    )
    ride.finishes("busy")
    assert ride.steps.count("sales") == 1
    ride.finishes("busy")
    assert ride.steps.count("sales") == 1


def test_being_led_to_another_stage_withdraws_the_work_of_the_one_left() -> None:
    ride = Ride(
        "whenever:\n  - event: help.requested\n    go_to: second\nstages:\n  first:\n"
        "    - call: offer\n      queue: inside_sales\n      outcomes: "
        "{won: go_on, refused: go_on, busy: go_on, wrong_number: go_on, do_not_call: go_on}\n"
        "    - end: lost\n"
        "  second: [email: hello, wait: 1 day, end: gone]\n"
    )
    ride.hears("help.requested")
    assert [effect.kind for effect in ride.effects] == ["open_work", "withdraw_work", "send"]
    ride.hears("task.completed", task=ride.tasks()[0].task_id, outcome="won")
    assert ride.stands[0] == "1 day"


def test_an_exit_ends_the_run_and_leaves_the_withdrawing_to_its_end() -> None:
    ride = Ride("exit:\n  - event: order.completed\n    as: recovered\n" + call())
    ride.hears("order.completed")
    assert isinstance(ride.effects[-1], Finish)
    assert not ride.effects[-1].keeps_open


def test_a_call_to_a_lead_who_may_not_be_called_goes_the_way_of_an_expired_one() -> None:
    ride = Ride("steps:\n  - wait: 1 minute\n" + call().removeprefix("steps:\n"))
    ride.answers = [Done(0, ok=False, reason="no_consent")]
    ride.passes(minutes=1)
    assert ride.said("branch") == ["the lead may not be called: no_consent"]
    assert ride.steps[-1] == "missed"


def test_later_attempts_stay_with_the_number_that_is_not_dead() -> None:
    ride = Ride(call("    attempts: 3\n    retry: {no_answer: 2 hours}\n"))
    ride.finishes("wrong_number")
    ride.finishes("no_answer")
    assert (ride.tasks()[-1].attempt, ride.tasks()[-1].number) == (2, "other")


def test_a_canceled_task_goes_the_way_of_an_expired_one() -> None:
    ride = Ride(call())
    ride.hears("task.canceled", task=ride.tasks()[0].task_id)
    assert ride.steps[-1] == "missed"


def test_work_without_overdue_steps_does_not_wake_at_its_due_time() -> None:
    ride = Ride(call("    due: 15 minutes\n    expires: 2 days\n"))
    assert ride.turn.wake == MONDAY + timedelta(days=2)

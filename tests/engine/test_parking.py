"""A run that stands still because of something outside it: it says so once, looks again, and goes on after
repair."""

from __future__ import annotations

from datetime import timedelta

from engine.position import Parked
from engine.standing import attention
from engine.turn import Operator
from model.commands import Connected, Done, Sent
from tests.engine.riding import MONDAY, Ride
from tests.engine.test_work import call

GONE = "there is no email template a: put it back, restart the worker"
TWO = "steps:\n  - wait: 1 minute\n  - email: a\n  - email: b\n"


def gone(reason: str = GONE) -> Sent:
    return Sent(0, "needs_attention", reason=reason)


def parked(text: str = TWO, *answers: Sent | Done | Connected) -> Ride:
    ride = Ride(text)
    ride.answers = list(answers)
    ride.passes(minutes=1)
    assert isinstance(ride.position.tokens[0].state, Parked)
    return ride


def looks(ride: Ride, step: str = "a") -> list[timedelta]:
    """How long after it was parked the run looked, by the sends it tried."""
    seen: list[timedelta] = []
    while not ride.ended:
        before = len(ride.sends(step))
        assert ride.turn.wake is not None
        ride.until(ride.turn.wake)
        if len(ride.sends(step)) > before:
            seen.append(ride.now - MONDAY - timedelta(minutes=1))
        if ride.sends("b"):
            break
    return seen


def test_it_looks_again_at_growing_intervals_and_goes_on_by_itself() -> None:
    ride = parked(TWO, *[gone()] * 5)
    minutes = [look / timedelta(minutes=1) for look in looks(ride)]
    assert minutes == [15, 45, 105, 165, 225]
    assert ride.said("needs_attention") == [GONE], "it says so once"
    assert ride.ending == "finished"


def test_a_retry_keeps_the_id_of_what_provably_did_not_go() -> None:
    ride = parked(TWO, gone(), gone())
    ride.passes(days=1)
    assert len(ride.sends("a")) == 3
    assert len({send.send_id for send in ride.sends("a")}) == 1


def test_another_reason_is_said_and_looked_at_soon() -> None:
    ride = parked(TWO, gone(), gone(), gone("it is broken"), gone(GONE))
    ride.passes(days=1)
    assert ride.said("needs_attention") == [GONE, "it is broken", GONE]
    assert ride.ending == "finished"


def test_it_is_said_again_when_the_next_message_meets_the_same_trouble() -> None:
    ride = parked(TWO, gone(), Sent(0, "sent"), gone())
    ride.passes(days=1)
    assert ride.said("needs_attention") == [GONE, GONE]


def test_an_operators_retry_looks_at_once() -> None:
    ride = parked(TWO, gone())
    ride.orders(Operator("retry"))
    assert ride.steps == ["a", "a", "b"]
    assert ride.ending == "finished"


def test_a_retry_where_nothing_is_parked_does_nothing() -> None:
    ride = Ride(TWO)
    ride.orders(Operator("retry"))
    assert ride.steps == []
    assert ride.said("operator") == ["there is nothing to try again here"]


def test_an_exit_that_came_meanwhile_is_judged_before_it_tries_again() -> None:
    ride = parked("exit: {if: lead.score > 50, as: recovered}\n" + TWO, gone())
    ride.facts["lead.score"] = 80
    ride.orders(Operator("retry"))
    assert (ride.ending, ride.steps) == ("recovered", ["a"])


def test_an_exit_is_heard_while_it_is_parked() -> None:
    ride = parked("exit: {event: quote.completed, as: recovered}\n" + TWO, gone())
    ride.hears("quote.completed")
    assert ride.ending == "recovered"


def test_what_is_heard_while_it_is_parked_opens_a_wait_to_come() -> None:
    text = "steps:\n  - wait: 1 minute\n  - email: a\n  - wait_for: order.completed\n  - end: recovered\n"
    ride = parked(text, gone())
    ride.hears("order.completed")
    ride.orders(Operator("retry"))
    assert ride.ending == "recovered"


def test_the_if_of_a_message_is_judged_again() -> None:
    ride = parked("steps:\n  - wait: 1 minute\n  - email: a\n    if: lead.score is not known\n", gone())
    ride.facts["lead.score"] = 80
    ride.orders(Operator("retry"))
    assert (len(ride.sends()), ride.ending) == (1, "finished")


def test_not_after_holds_for_a_message_that_was_parked() -> None:
    text = "steps:\n  - wait: 1 minute\n  - email: a\n    not_after: 2026-01-05 at 12:00\n"
    ride = parked(text, *[gone()] * 9)
    ride.passes(days=1)
    assert ride.said("skipped") == ["past: not after 2026-01-05 12:00"]


def test_a_message_of_unknown_fate_is_never_sent_again_by_itself() -> None:
    ride = parked(TWO, Sent(0, "ask_human", reason="unknown"))
    ride.passes(days=300)
    assert ride.steps == ["a"]
    (why,) = ride.said("needs_attention")
    assert why.endswith("`retry` sends it once more, `skip` goes on without")


def test_an_operators_retry_sends_a_message_of_unknown_fate_under_a_new_id() -> None:
    ride = parked(TWO, Sent(0, "ask_human", reason="unknown"))
    ride.orders(Operator("retry"))
    first, second = ride.sends("a")
    assert first.send_id != second.send_id
    assert ride.ending == "finished"


def test_a_skipped_message_counts_as_not_sent() -> None:
    text = "steps:\n  - wait: 1 minute\n  - email: a\n  - wait_for: email.clicked\n    else: [end: gone]\n"
    ride = parked(text, gone())
    ride.orders(Operator("skip"))
    assert ride.ending == "gone"


def test_work_that_no_queue_took_is_opened_after_repair_and_its_times_count_from_then() -> None:
    stuck = Done(0, ok=False, reason="the vocabulary has no queue inside_sales")
    text = "steps:\n  - wait: 1 minute\n" + call("    expires: 2 days\n").removeprefix("steps:\n")
    ride = parked(text, stuck)
    ride.passes(minutes=15)
    first, second = ride.tasks()
    assert (first.task_id, second.ready_at) == (second.task_id, ride.now)
    assert ride.stands == ("offer", "an agent")
    ride.finishes("won")
    assert ride.ending == "recovered"


def test_skip_leaves_work_by_the_branch_of_work_that_nobody_took() -> None:
    ride = Ride(call())
    ride.finishes("abducted")
    ride.orders(Operator("skip"))
    assert ride.steps[-1] == "missed"


def test_several_branches_are_retried_together_or_by_their_step() -> None:
    text = (
        "steps:\n  - wait: 1 minute\n  - parallel:\n      one: [email: a]\n      two: [email: b]\n"
        "      three: [wait: 9 days]\n"
    )
    ride = Ride(text)
    ride.answers = [gone(), gone("b is broken")]
    ride.passes(minutes=1)
    assert attention(ride.position) == f"a: {GONE}; b: b is broken"
    ride.orders(Operator("retry", step="b"))
    assert attention(ride.position) == f"a: {GONE}"
    ride.orders(Operator("retry"))
    assert attention(ride.position) is None
    assert ride.steps == ["a", "b", "b", "a"]


def test_skip_means_all_that_is_parked_but_asks_for_a_name_where_others_wait() -> None:
    text = "steps:\n  - wait: 1 minute\n  - parallel:\n      one: [email: a]\n      two: [email: b]\n"
    ride = Ride(text)
    ride.answers = [gone(), gone()]
    ride.passes(minutes=1)
    ride.orders(Operator("skip"))
    assert ride.ending == "finished"


def test_a_parked_side_step_is_retried_too() -> None:
    text = "whenever:\n  - event: help.requested\n    do: [email: a]\nsteps:\n  - wait: 9 days\n"
    ride = Ride(text)
    ride.answers = [gone()]
    ride.hears("help.requested")
    assert attention(ride.position) == f"a: {GONE}"
    ride.passes(minutes=15)
    assert attention(ride.position) is None
    assert ride.steps == ["a", "a"]

"""The simulated queues: tasks, escalation and work without a run, as scenarios see them."""

from __future__ import annotations

from tests.engine.test_simulator import lines, play

WORK = ("call", "task", "escalated", "expired", "overdue", "retry", "end", "problem")
OUTCOMES = "{won: [end: recovered], refused or busy or no_answer or wrong_number or do_not_call: go_on}"
ASIDE = "steps:\n  - task: papers\n    queue: inside_sales\n    wait: false\n"


def test_a_task_needs_no_phone_and_its_outcome_is_given_by_its_name() -> None:
    (result,) = play(
        f"steps:\n  - task: papers\n    queue: inside_sales\n    outcomes: {OUTCOMES}\n".replace(
            "or no_answer ", ""
        ),
        "  - name: done\n    lead: {phone: nothing}\n"
        "    events: [{at: 1 hour, task: papers, outcome: won}]\n"
        "    expect: [day 0 task papers, day 0 end recovered]\n",
    )
    assert result.difference is None


def test_the_outcome_of_a_call_does_not_end_a_task_of_the_same_name() -> None:
    (result,) = play(
        ASIDE + f"  - call: papers\n    id: call\n    queue: inside_sales\n    outcomes: {OUTCOMES}\n",
        "  - name: both\n    events:\n      - {at: 1 hour, call: papers, outcome: won}\n"
        "      - {at: 2 hours, task: papers, outcome: won}\n"
        "    expect: [day 0 task papers, day 0 call papers, day 0 end recovered]\n",
    )
    assert result.difference is None


def test_the_queue_goes_on_with_the_attempts_after_the_end_of_the_run() -> None:
    (result,) = play(
        ASIDE.replace("task", "call") + "    attempts: on days 1, 2, 3\n",
        "  - name: nobody answers\n    events:\n"
        "      - {at: 1 hour, call: papers, outcome: no_answer}\n"
        "      - {at: 1 day at 9:30, call: papers, outcome: busy}\n"
        "      - {at: 2 days at 9:30, call: papers, outcome: busy}\n"
        "    expect: [day 0 call papers, day 0 end finished, day 1 at 9:00 call papers,"
        " day 2 at 9:00 call papers]\n",
    )
    assert result.difference is None


def test_work_without_a_run_expires_and_is_not_tried_again() -> None:
    (result,) = play(
        ASIDE + "    expires: 2 days\n    attempts: 3 every 1 day\n",
        "  - name: nobody takes it\n    expect: [day 0 task papers, day 0 end finished]\n",
    )
    assert lines(result, *WORK)[-1] == "day 2 at 10:00 expired papers"


def test_has_open_turns_with_the_work_at_once() -> None:
    (result,) = play(
        ASIDE + '  - first_of:\n      - if: not has_open("papers")\n        then: [end: recovered]\n'
        "    within: 3 days\n",
        "  - name: done\n    events: [{at: 1 day 1 hour, task: papers, outcome: won}]\n"
        "    expect: [day 0 task papers, day 1 at 11:00 end recovered]\n",
    )
    assert result.difference is None


def test_an_exit_takes_work_without_a_run_back_and_an_end_does_not() -> None:
    journey = (
        "exit: {event: order.completed, as: recovered}\n" + ASIDE + "    expires: never\n  - wait: 2 days\n"
    )
    exit_, end = play(
        journey,
        "  - name: exit\n    events:\n      - {at: 1 day, event: order.completed}\n"
        "      - {at: 2 days, task: papers, outcome: won}\n"
        "    expect: [day 0 task papers, day 1 end recovered]\n"
        "  - name: end\n    events: [{at: 2 days 1 hour, task: papers, outcome: won}]\n"
        "    expect: [day 0 task papers, day 2 end finished]\n",
    )
    assert (exit_.difference, end.difference) == (None, None)
    assert "event papers: won" not in " ".join(lines(exit_, "event"))
    assert "event papers: won" in " ".join(lines(end, "event"))


def test_the_other_number_is_tried_where_there_is_one() -> None:
    outcomes = OUTCOMES.replace("go_on", "[end: lost]")
    one, two = play(
        f"steps:\n  - call: offer\n    queue: inside_sales\n    outcomes: {outcomes}\n",
        "  - name: one number\n    events: [{at: 1 hour, call: offer, outcome: wrong_number}]\n"
        "    expect: [day 0 call offer, day 0 end lost]\n"
        '  - name: two\n    lead: {other_phone: "+34 910 111 222"}\n'
        "    events: [{at: 1 hour, call: offer, outcome: wrong_number}]\n"
        "    expect: [day 0 call offer, day 0 call offer, day 2 end lost]\n",
    )
    assert (one.difference, two.difference) == (None, None)


def test_a_call_that_has_begun_is_not_overdue() -> None:
    late, begun = play(
        "steps:\n  - call: offer\n    queue: inside_sales\n    due: 15 minutes\n"
        f"    overdue: [notify: sales]\n    outcomes: {OUTCOMES}\n",
        "  - name: late\n    events: [{at: 1 hour, call: offer, outcome: won}]\n"
        "    expect: [day 0 call offer, day 0 notify sales, day 0 end recovered]\n"
        "  - name: begun\n    events:\n      - {at: 5 minutes, event: call.started, task: offer}\n"
        "      - {at: 1 hour, call: offer, outcome: won}\n"
        "    expect: [day 0 call offer, day 0 end recovered]\n",
    )
    assert (late.difference, begun.difference) == (None, None)
    assert lines(begun, "notify", "overdue") == []


def test_work_that_nobody_has_begun_escalates_to_anybody_of_the_other_queue() -> None:
    text = (
        'whenever:\n  - event: task.escalated\n    where: event.queue is "seniors"\n    do: [notify: sales]\n'
        "steps:\n  - call: offer\n    queue: inside_sales\n    escalate: [{after: 15 minutes, to: seniors}]\n"
        f"    outcomes: {OUTCOMES}\n"
    )
    late, begun = play(
        text,
        "  - name: late\n    events: [{at: 1 hour, call: offer, outcome: won}]\n"
        "    expect: [day 0 at 10:00 call offer, day 0 at 10:15 notify sales, day 0 end recovered]\n"
        "  - name: begun\n    events:\n      - {at: 5 minutes, event: call.started, task: offer}\n"
        "      - {at: 1 hour, call: offer, outcome: won}\n"
        "    expect: [day 0 call offer, day 0 end recovered]\n",
    )
    assert (late.difference, begun.difference) == (None, None)
    assert lines(late, "escalated") == ["day 0 at 10:15 escalated offer to seniors"]


def test_somebody_who_does_not_work_in_the_queue_is_anybody() -> None:
    (result,) = play(
        f"steps:\n  - call: offer\n    queue: seniors\n    assign_to: ana\n    outcomes: {OUTCOMES}\n",
        "  - name: done\n    events: [{at: 1 hour, call: offer, outcome: won}]\n"
        "    expect: [day 0 call offer, day 0 end recovered]\n",
    )
    assert result.difference is None
    assert "ana does not work in seniors: anybody may take it" in " ".join(lines(result, "missing"))


def test_an_open_condition_on_a_queue_is_judged_when_it_opens() -> None:
    (result,) = play(
        'steps:\n  - wait: 9 hours 20 minutes\n  - first_of:\n      - if: queue_open("inside_sales")\n'
        "        then: [end: recovered]\n    within: 3 days\n",
        "  - name: the next morning\n    expect: [day 1 at 9:00 end recovered]\n",
    )
    assert result.difference is None


def test_a_later_wait_hears_the_last_attempt_of_work_that_the_queue_finishes() -> None:
    (result,) = play(
        ASIDE.replace("task", "call") + "    attempts: 2 every 1 day\n  - email: hello\n"
        '  - wait_for: task.completed\n    to: papers\n    then:\n      - if: event.outcome is "won"\n'
        "        then: [end: recovered]\n",
        "  - name: at the second attempt\n    events:\n"
        "      - {at: 1 hour, call: papers, outcome: no_answer}\n"
        "      - {at: 1 day at 9:30, call: papers, outcome: won}\n"
        "    expect: [day 0 call papers, day 0 email hello, day 1 at 9:00 call papers,"
        " day 1 at 9:30 end recovered]\n",
    )
    assert result.difference is None


def test_an_outcome_that_forbids_calls_holds_for_the_calls_to_come_though_no_run_waited_for_it() -> None:
    (result,) = play(
        ASIDE.replace("task", "call") + "  - wait: 1 day\n  - call: offer\n    queue: inside_sales\n"
        f"    outcomes: {OUTCOMES}\n",
        "  - name: not again\n    events: [{at: 1 hour, call: papers, outcome: do_not_call}]\n"
        "    expect: [day 0 call papers, day 1 end finished]\n",
    )
    assert result.difference is None

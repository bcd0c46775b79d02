"""The rules by which events reach a run, line by line (language.md §4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.scenario_runner import run_scenario
from engine.turn import Heard
from language.problems import Problems
from language.scenario import read_scenarios
from model.commands import Finish, Sent, WithdrawWork
from model.events import Delivery, Event
from tests.engine.riding import MONDAY, Ride, compiled, vocabulary

CALL = (
    "  - call: c\n    queue: inside_sales\n    outcomes:\n"
    "      won: [end: recovered]\n      refused or busy or wrong_number or do_not_call: go_on\n"
)


def played(text: str, events: str, expect: str) -> str | None:
    """Plays one scenario; gives where it parted."""
    journey, problems = compiled(text), Problems()
    head = 'journey: story\nlead: {phone: "+34600111222", consent: {email: true, sms: true}}\nscenarios:\n'
    whole = f"{head}  - name: x\n    events: {events}\n    expect: {expect}\n"
    (one,) = read_scenarios("x.test.yaml", whole, {"story": journey}, vocabulary(), problems)
    assert problems.all == ()
    difference = run_scenario(journey, vocabulary(), one).difference
    return None if difference is None else difference.message


# §4.1


def test_at_the_same_instant_the_event_goes_before_the_deadline() -> None:
    ride = Ride(
        "steps:\n  - wait_for: order.completed\n    within: 1 day\n    then: [end: recovered]\n"
        "    else: [end: lost]\n"
    )
    ride.now = MONDAY + timedelta(days=1)
    ride.hears("order.completed")
    assert ride.ending == "recovered"


def test_a_deadline_that_came_before_an_event_was_accepted_goes_first_however_late_both_are_taken() -> None:
    ride = Ride(
        "steps:\n  - wait_for: order.completed\n    within: 1 day\n    then: [end: recovered]\n"
        "    else: [wait: 5 days, end: lost]\n"
    )
    ride.now = MONDAY + timedelta(days=3)
    late = MONDAY + timedelta(days=1, seconds=1)
    ride.take(Heard((Delivery(1, late, Event("e", "order.completed", late)),)))
    ride.passes(days=6)
    assert ride.ending == "lost"


def test_an_event_is_taken_in_the_order_of_acceptance_whatever_its_own_time_says() -> None:
    ride = Ride(
        "steps:\n  - first_of:\n      - event: order.completed\n        then: [end: recovered]\n"
        "      - event: help.requested\n        then: [end: gone]\n    within: 1 day\n"
    )
    first = Event("a", "help.requested", ride.now, {"at": "2026-01-05T12:00:00+00:00"})
    second = Event("b", "order.completed", ride.now, {"at": "2026-01-01T12:00:00+00:00"})
    ride.take(Heard((Delivery(2, ride.now, second), Delivery(1, ride.now, first))))
    assert ride.ending == "gone"


def test_a_keyed_line_hears_neither_another_key_nor_an_event_without_one() -> None:
    ride = Ride(
        "key: start.quote_id\nsteps:\n  - wait_for: quote.completed\n    within: 1 day\n"
        "    then: [end: recovered]\n    else: [end: lost]\n",
        key="q1",
        quote_id="q1",
    )
    ride.hears("quote.completed")
    ride.hears("quote.completed", quote_id="q2")
    assert not ride.ended


# §4.2


def test_a_reaction_in_exit_and_whenever_means_every_message_of_the_run() -> None:
    ride = Ride(
        "whenever:\n  - event: email.opened\n    do: [sms: seen]\n"
        "exit:\n  - event: email.clicked\n    as: gone\nsteps: [email: a, email: b, wait: 9 days]\n"
    )
    ride.clicks("a", "email.opened")
    assert ride.steps == ["a", "b", "seen"]
    ride.clicks("a")
    assert ride.ending == "gone"


def test_to_in_an_exit_names_one_message() -> None:
    ride = Ride(
        "exit:\n  - event: email.clicked\n    to: b\n    as: gone\n"
        "steps: [email: a, email: b, wait: 9 days]\n"
    )
    ride.clicks("a")
    assert not ride.ended
    ride.clicks("b")
    assert ride.ending == "gone"


def test_a_message_that_could_go_by_several_channels_is_the_last_one_of_each() -> None:
    ride = Ride(
        "steps:\n  - email: a\n  - send: b\n    by: [sms, email]\n  - wait_for: email.clicked\n"
        "    within: 1 day\n    then: [end: gone]\n    else: [end: lost]\n"
    )
    ride.clicks("a")
    assert not ride.ended, "the last message that could go by e-mail went by sms"


def test_a_reply_without_a_message_reaches_the_run_that_last_wrote() -> None:
    ride = Ride("steps:\n  - sms: a\n  - wait_for: sms.replied\n    within: 1 day\n    then: [end: gone]\n")
    own = Event("r", "sms.replied", ride.now, {}, None, None, "run-1")
    ride.take(Heard((Delivery(1, ride.now, own),)))
    assert ride.ending == "gone"


def test_a_missed_call_and_one_that_is_nobodys_work_are_ordinary_events() -> None:
    text = "steps:\n  - wait_for: {}\n    within: 1 day\n    then: [end: gone]\n"
    for kind in ("call.missed", "call.ended"):
        ride = Ride(text.format(kind))
        ride.hears(kind)
        assert ride.ending == "gone", kind


def test_work_of_another_run_is_heard_only_with_of() -> None:
    text = "exit:\n  - event: task.completed\n{}    as: gone\nsteps: [wait: 9 days]\n"
    own = Ride(text.format(""))
    own.hears("task.completed", task="t9", run="run-2", outcome="won")
    assert not own.ended
    lead = Ride(text.format("    of: lead\n"))
    lead.hears("task.completed", task="t9", run="run-2", outcome="won")
    assert lead.ending == "gone"


def test_two_replies_with_personal_text_are_judged_each_for_itself() -> None:
    text = (
        "steps:\n  - sms: a\n  - wait: 1 day\n  - wait_for: sms.replied\n"
        '    where: event.text contains "yes"\n    within: 1 day\n'
        "    then: [end: recovered]\n    else: [end: lost]\n"
    )
    events = '[{at: 1 hour, event: sms.replied, text: "no"}, {at: 2 hours, event: sms.replied, text: "yes"}]'
    assert played(text, events, "[day 0 sms a, day 1 end recovered]") is None


# §4.2, not_sent


def test_to_any_is_not_sent_only_if_no_message_went() -> None:
    text = (
        "steps:\n  - email: a\n  - wait: 1 minute\n  - email: b\n  - wait_for: email.clicked\n    to: any\n"
        "    then: [end: gone]\n    else: [end: lost]\n"
    )
    ride = Ride(text)
    ride.answers = [Sent(0, "skipped", reason="cap")]
    ride.passes(minutes=1)
    assert not ride.ended, "the first message went, and may be clicked"
    ride.clicks("a")
    assert ride.ending == "gone"


def test_to_a_step_that_was_skipped_is_not_sent_also_if_another_message_followed() -> None:
    ride = Ride(
        "steps:\n  - wait: 1 minute\n  - email: a\n  - email: b\n  - wait_for: email.clicked\n    to: a\n"
        "    then: [end: gone]\n    else: [end: lost]\n"
    )
    ride.answers = [Sent(0, "skipped", reason="cap")]
    ride.passes(minutes=1)
    assert ride.ending == "lost"
    assert ride.said("timeout") == ["not_sent: the message was skipped"]


# §4.3


def test_arms_of_a_choice_keep_the_window_of_their_branch() -> None:
    ride = Ride(
        "steps:\n  - wait: 1 day\n  - wait_for: order.completed\n    within: 1 day\n  - if: lead.score > 3\n"
        "    then: [end: gone]\n    else:\n      - wait_for: help.requested\n        within: 1 day\n"
        "        then: [end: recovered]\n"
    )
    ride.passes(days=1)
    ride.hears("help.requested")
    ride.hears("order.completed")
    assert ride.ending == "recovered"


def test_one_event_opens_one_wait_and_fires_no_second() -> None:
    ride = Ride(
        "steps:\n  - wait: 1 day\n  - wait_for: order.completed\n    within: 1 day\n    then: [email: a]\n"
        "  - wait_for: order.completed\n    since: start\n    within: 1 day\n    then: [end: gone]\n"
        "    else: [end: lost]\n"
    )
    ride.hears("order.completed")
    ride.passes(days=3)
    assert ride.ending == "lost"


def test_an_event_that_whenever_do_acted_on_still_counts_for_a_wait_and_one_that_led_on_does_not() -> None:
    beside = Ride(
        "whenever:\n  - event: order.completed\n    do: [email: aside]\n"
        "steps:\n  - wait_for: order.completed\n    within: 1 day\n    then: [end: gone]\n"
    )
    beside.hears("order.completed")
    assert (beside.steps, beside.ending) == (["aside"], "gone")
    led = Ride(
        "whenever:\n  - event: order.completed\n    go_to: two\nstages:\n  one: [wait: 9 days, end: lost]\n"
        "  two:\n    - wait_for: order.completed\n      since: start\n      within: 1 day\n"
        "      then: [end: gone]\n      else: [end: lost]\n"
    )
    led.hears("order.completed")
    led.passes(days=2)
    assert led.ending == "lost"


def test_at_the_beginning_events_go_before_conditions_and_these_before_a_time_that_is_past() -> None:
    text = (
        "steps:\n  - wait: 1 day\n  - first_of:\n      - if: lead.score >= 5\n        then: [end: gone]\n"
        "      - event: order.completed\n        then: [end: recovered]\n"
        "    within: until 2026-01-02\n    else: [end: lost]\n"
    )
    event = Ride(text)
    event.hears("order.completed")
    event.facts["lead.score"] = 9
    event.passes(days=1)
    assert event.ending == "recovered"
    condition = Ride(text)
    condition.facts["lead.score"] = 9
    condition.passes(days=1)
    assert condition.ending == "gone"
    past = Ride(text)
    past.passes(days=1)
    assert past.ending == "lost"


# §4.4


def test_event_is_the_starting_one_then_the_one_that_opened_then_the_work_and_a_time_out_leaves_it() -> None:
    ride = Ride(
        "steps:\n  - set: {run.a: event.amount}\n  - wait_for: order.completed\n    within: 9 days\n"
        "  - set: {run.b: event.amount}\n  - wait_for: help.requested\n    within: 1 day\n"
        "  - set: {run.c: event.amount}\n" + CALL.replace("won: [end: recovered]", "won: go_on") +
        "  - set: {run.d: event.outcome}\n  - wait: 1 day\n",
        amount=1,
    )  # fmt: skip
    ride.hears("order.completed", amount=2)
    ride.passes(days=1)
    ride.finishes("won")
    assert ride.position.data == {"a": 1, "b": 2, "c": 2, "d": "won"}


def test_what_a_branch_reads_of_its_event_counts_in_exits_from_then_on() -> None:
    ride = Ride(
        "exit:\n  - if: event.amount > 100\n    as: gone\n"
        "steps:\n  - wait_for: order.completed\n    within: 1 day\n    then: [email: a, wait: 1 day]\n",
        amount=1,
    )
    ride.hears("order.completed", amount=500)
    assert (ride.steps, ride.ending) == ([], "gone"), "exits are judged before each step"


# §4.5


def test_becomes_in_exit_counts_from_entry_and_not_from_the_wait() -> None:
    text = "exit:\n  - becomes: lead.score > 5\n    as: gone\nsteps: [wait: 9 days]\n"
    found_false = Ride(text)
    found_false.changes(score=9)
    assert found_false.ending == "gone"
    found_true = Ride(
        "steps:\n  - wait: 1 minute\n  - email: a\n  - wait: 9 days\n" + text.partition("steps")[0]
    )
    found_true.changes(score=3)
    found_true.passes(minutes=1)
    found_true.changes(score=9)
    assert found_true.ending == "gone", "found false before, in whatever step"


def test_a_condition_that_reads_time_is_judged_again_when_it_can_change() -> None:
    ride = Ride(
        "steps:\n  - first_of:\n      - if: now > start.at + 3 days\n        then: [end: gone]\n"
        "    within: 9 days\n    else: [end: lost]\n"
    )
    ride.passes(days=3)
    assert not ride.ended
    ride.passes(seconds=2)
    assert ride.ending == "gone"


def test_an_exit_takes_back_work_that_nobody_has_begun() -> None:
    ride = Ride("exit:\n  - event: order.completed\n    as: gone\nsteps:\n" + CALL)
    ride.hears("order.completed")
    last = ride.effects[-1]
    assert isinstance(last, Finish)
    assert (last.ending, last.keeps_open) == ("gone", False)


def test_end_leaves_work_open_for_which_the_run_did_not_wait() -> None:
    ride = Ride("steps:\n  - call: c\n    queue: inside_sales\n    wait: false\n  - end: gone\n")
    last = ride.effects[-1]
    assert isinstance(last, Finish)
    assert (last.ending, last.keeps_open) == ("gone", True)


def test_go_to_takes_back_the_work_of_the_stage_that_is_left() -> None:
    inner = CALL.replace("\n", "\n  ").rstrip()
    ride = Ride(
        f"whenever:\n  - event: order.completed\n    go_to: two\nstages:\n  one:\n  {inner}\n"
        "    - end: lost\n  two: [wait: 1 day, end: gone]\n"
    )
    ride.hears("order.completed")
    (withdrawn,) = [effect for effect in ride.effects if isinstance(effect, WithdrawWork)]
    assert withdrawn.task_ids == (ride.tasks()[0].task_id,)


# §4.8


@pytest.mark.parametrize("hour", [6, 10])
def test_a_round_without_time_rests_until_nine_of_the_next_day_also_before_nine(hour: int) -> None:
    ride = Ride(f"steps:\n  - wait: until 2026-01-06 at {hour}:00\n  - repeat: 2\n    do: [email: a]\n")
    ride.until(MONDAY.replace(day=6, hour=hour - 1))
    assert len(ride.sends("a")) == 1
    assert ride.stands[1] == "no_rest: a rest between rounds"
    ride.until(MONDAY.replace(day=7, hour=7, minute=59))
    assert len(ride.sends("a")) == 1
    ride.until(MONDAY.replace(day=7, hour=8))
    assert len(ride.sends("a")) == 2
    assert ride.said("rest")[0].startswith("no_rest: ")


def test_restart_this_after_an_event_does_not_rest() -> None:
    ride = Ride(
        "steps:\n  - first_of:\n      - event: help.requested\n        then: [restart: this]\n"
        "    within: 2 days\n    else: [end: lost]\n"
    )
    ride.hears("help.requested")
    ride.hears("help.requested")
    assert ride.said("rest") == []

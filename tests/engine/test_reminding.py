"""`remind` of a `wait_for` (language.md §3, §4.2)."""

from __future__ import annotations

from datetime import timedelta

from engine.turn import Operator
from model.commands import Sent
from tests.engine.riding import Ride

TEXT = (
    "steps:\n  - email: invite\n  - wait_for: {}\n    remind:\n      every: 2 days\n      at_most: {}\n"
    "      do: [email: again]\n    within: 9 days\n    then: [end: recovered]\n    else: [end: lost]\n"
)


def invited(event: str = "order.completed", at_most: int = 3) -> Ride:
    return Ride(TEXT.format(event, at_most))


def test_a_wait_reminds_at_its_intervals_so_many_times_and_goes_on_waiting() -> None:
    ride = invited()
    ride.passes(days=2)
    assert ride.steps == ["invite", "again"]
    ride.passes(days=4)
    assert ride.steps == ["invite", "again", "again", "again"]
    ride.passes(days=2, hours=23)
    assert (len(ride.steps), ride.ending) == (4, None)
    ride.passes(hours=1)
    assert ride.ending == "lost"
    assert len({send.send_id for send in ride.sends("again")}) == 3


def test_without_at_most_it_reminds_as_long_as_the_wait_lasts() -> None:
    ride = Ride(
        "steps:\n  - wait_for: order.completed\n    remind: {every: 1 day, do: [email: again]}\n"
        "    then: [end: recovered]\n"
    )
    ride.passes(days=20)
    assert len(ride.sends("again")) == 20
    ride.hears("order.completed")
    assert ride.ending == "recovered"


def test_nothing_reminds_once_the_wait_is_over() -> None:
    ride = Ride(TEXT.format("order.completed", 3).replace("end: recovered", "wait: 30 days"))
    ride.passes(days=3)
    ride.hears("order.completed")
    ride.passes(days=20)
    assert ride.steps == ["invite", "again"]


def test_at_the_same_instant_the_end_of_the_wait_goes_first() -> None:
    ride = Ride(TEXT.format("order.completed", 3).replace("9 days", "4 days"))
    ride.passes(days=4)
    assert (ride.steps, ride.ending) == (["invite", "again"], "lost")


def test_a_reminder_that_is_held_is_dropped_when_the_wait_is_over() -> None:
    ride = invited()
    ride.answers = [Sent(0, "held", reason="quiet", until=ride.now + timedelta(days=3))]
    ride.passes(days=2)
    ride.hears("order.completed")
    assert ride.ending == "recovered"
    assert len(ride.sends("again")) == 1


def test_while_a_reminder_is_held_no_other_begins() -> None:
    ride = invited()
    ride.answers = [Sent(0, "held", reason="quiet", until=ride.now + timedelta(days=5))]
    ride.passes(days=4)
    assert ride.said("dropped") == ["no reminder: the last one is still at work"]
    ride.passes(days=4)
    assert ride.sends("again")[0].send_id == ride.sends("again")[1].send_id
    assert len({send.send_id for send in ride.sends("again")}) == 3, "the one left out does not count"


def test_a_reaction_to_a_reminder_opens_the_wait_and_so_does_one_to_the_message_before() -> None:
    by_reminder = invited("email.clicked")
    by_reminder.passes(days=2)
    by_reminder.clicks("again")
    assert by_reminder.ending == "recovered"
    by_first = invited("email.clicked")
    by_first.passes(days=4)
    by_first.clicks("invite")
    assert by_first.ending == "recovered"
    by_other = invited("email.clicked")
    by_other.passes(days=4)
    by_other.hears("email.clicked", message="another", run="run-2")
    assert by_other.ending is None


def test_after_the_wait_the_last_reminder_is_the_last_message() -> None:
    text = (
        TEXT.format("email.opened", 1).replace("end: recovered", "sms: thanks")
        + "  - wait_for: email.clicked\n    within: 1 day\n    then: [end: gone]\n    else: [end: lost]\n"
    )
    first = Ride(text)
    first.passes(days=2)
    first.clicks("again", "email.opened")
    first.clicks("invite")
    assert first.ending is None
    first.clicks("again")
    assert first.ending == "gone"


def test_a_reminder_that_was_skipped_is_no_last_message() -> None:
    ride = invited("email.clicked", 1)
    ride.answers = [Sent(0, "skipped", reason="cap")]
    ride.passes(days=3)
    ride.clicks("invite")
    assert ride.ending == "recovered"


def test_reminders_may_choose_and_end_the_run() -> None:
    ride = Ride(
        "steps:\n  - wait_for: order.completed\n    remind:\n      every: 1 day\n      do:\n"
        "        - if: lead.score > 10\n          then: [end: lost]\n          else: [email: again]\n"
    )
    ride.passes(days=1)
    assert ride.steps == ["again"]
    ride.facts["lead.score"] = 50
    ride.passes(days=1)
    assert ride.ending == "lost"


def test_a_system_that_stood_still_makes_up_for_no_reminder() -> None:
    ride = invited()
    ride.now += timedelta(days=5)
    ride.take()
    assert ride.steps == ["invite", "again"]
    ride.passes(days=2)
    assert ride.steps == ["invite", "again", "again"]


def test_an_operator_skips_the_wait_with_its_reminders() -> None:
    ride = Ride(TEXT.format("order.completed", 3).replace("end: lost", "wait: 30 days"))
    ride.orders(Operator("skip"))
    ride.passes(days=9)
    assert ride.steps == ["invite"]


def test_reminders_keep_the_round_and_the_event_of_their_wait() -> None:
    ride = Ride(
        "steps:\n  - repeat: 2\n    do:\n      - wait_for: order.completed\n        within: 3 days\n"
        "        remind: {every: 1 day, at_most: 1, do: [email: again, set: {run.last: round}]}\n"
    )
    ride.passes(days=5)
    assert ride.position.data == {"last": 2}


def test_since_start_hears_also_what_came_in_a_stage_before() -> None:
    ride = Ride(
        "stages:\n  first: [wait: 1 day, go_to: second]\n"
        "  second:\n    - wait_for: order.completed\n      since: start\n      within: 1 day\n"
        "      then: [end: recovered]\n      else: [end: gone]\n"
    )
    ride.hears("order.completed")
    ride.passes(days=1)
    assert ride.ending == "recovered"

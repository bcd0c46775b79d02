"""Which events a wait hears, and once each (language.md §4.1-4.4)."""

from __future__ import annotations

from datetime import timedelta

from engine.facts import Asked, Knowledge, judge
from engine.position import dump_position
from language.compiled import Message
from model.commands import Sent
from model.events import Event
from tests.engine.riding import MONDAY, Ride, compiled


def test_a_reaction_means_the_last_message_by_that_channel() -> None:
    ride = Ride(
        "steps:\n  - email: a\n  - email: b\n  - wait_for: email.clicked\n    within: 9 days\n"
        "    then: [end: gone]\n"
    )
    ride.clicks("a")
    assert ride.ending is None
    ride.clicks("b")
    assert ride.ending == "gone"


def test_to_names_another_message_and_any_means_all_of_the_run() -> None:
    text = (
        "steps:\n  - email: a\n  - email: b\n  - wait_for: email.clicked\n    to: {}\n"
        "    within: 9 days\n    then: [end: gone]\n"
    )
    first = Ride(text.format("a"))
    first.clicks("b")
    assert first.ending is None
    first.clicks("a")
    assert first.ending == "gone"
    every = Ride(text.format("any"))
    every.clicks("a")
    assert every.ending == "gone"


def test_a_reaction_to_a_message_of_another_run_is_heard_only_with_of() -> None:
    text = "steps:\n  - email: a\n  - wait_for: email.clicked\n{}    within: 9 days\n    then: [end: gone]\n"
    own = Ride(text.format(""))
    own.hears("email.clicked", message="another", run="run-2")
    assert own.ending is None
    lead = Ride(text.format("    of: lead\n"))
    lead.hears("email.clicked", message="another", run="run-2")
    assert lead.ending == "gone"


def test_a_reaction_that_came_before_the_wait_began_is_not_lost_and_counts_once() -> None:
    ride = Ride(
        "steps:\n  - email: a\n  - wait: 1 day\n  - wait_for: email.clicked\n    within: 1 day\n"
        "    then: [email: b]\n"
        "  - wait_for: email.clicked\n    to: a\n    within: 1 day\n    then: [end: gone]\n"
        "    else: [end: lost]\n"
    )
    ride.clicks("a")
    ride.passes(days=1)
    assert "b" in ride.steps
    ride.passes(days=2)
    assert ride.ending == "lost"


def test_a_wait_for_a_reaction_to_a_skipped_message_takes_else_at_once_unless_it_has_within() -> None:
    text = "steps:\n  - wait: 1 minute\n  - email: a\n  - wait_for: email.clicked\n{}    else: [end: lost]\n"
    without = Ride(text.format(""))
    without.answers = [Sent(0, "skipped", reason="no_consent")]
    without.passes(minutes=1)
    assert without.ending == "lost"
    assert without.said("timeout") == ["not_sent: the message was skipped"]
    within = Ride(text.format("    within: 1 day\n"))
    within.answers = [Sent(0, "skipped", reason="no_consent")]
    within.passes(minutes=1)
    assert within.ending is None
    within.passes(days=1)
    assert within.ending == "lost"


def test_replied_without_a_channel_is_any() -> None:
    ride = Ride("steps:\n  - sms: a\n  - wait_for: replied\n    within: 9 days\n    then: [end: gone]\n")
    ride.clicks("a", "sms.replied")
    assert ride.ending == "gone"


def test_a_wait_hears_what_came_since_the_previous_one_of_its_branch_began() -> None:
    two = (
        "steps:\n  - wait: 1 day\n  - wait_for: order.completed\n    within: 1 day\n"
        "    then: [email: first]\n"
        "  - wait_for: help.requested\n    within: 1 day\n    then: [end: gone]\n    else: [end: lost]\n"
    )
    before = Ride(two)
    before.hears("help.requested")
    before.passes(days=1)
    before.hears("order.completed")
    assert before.ending is None, "it came before the previous wait began"
    during = Ride(two)
    during.passes(days=1)
    during.hears("help.requested")
    during.hears("order.completed")
    assert during.ending == "gone"


def test_since_start_hears_all_since_entry() -> None:
    ride = Ride(
        "steps:\n  - wait: 1 day\n  - wait_for: order.completed\n    within: 1 day\n"
        "  - wait_for: help.requested\n    since: start\n    within: 1 day\n"
        "    then: [end: gone]\n    else: [end: lost]\n"
    )
    ride.hears("help.requested")
    ride.passes(days=1)
    ride.hears("order.completed")
    assert ride.ending == "gone"


def test_the_starting_event_is_never_heard() -> None:
    ride = Ride(
        "steps:\n  - wait_for: quote.started\n    within: 1 day\n    then: [end: gone]\n"
        "    else: [end: lost]\n"
    )
    ride.hears("quote.started", named="begin")
    ride.passes(days=1)
    assert ride.ending == "lost"


def test_waiting_events_go_in_order_each_against_the_lines_in_file_order() -> None:
    ride = Ride(
        "steps:\n  - wait: 1 day\n  - first_of:\n      - event: order.completed\n"
        "        then: [end: recovered]\n"
        "      - event: help.requested\n        then: [end: gone]\n    within: 1 day\n"
    )
    ride.hears("help.requested")
    ride.hears("order.completed")
    ride.passes(days=1)
    assert ride.ending == "gone"


def test_where_is_judged_over_the_event_and_the_branch_then_reads_it() -> None:
    ride = Ride(
        "steps:\n  - wait_for: order.completed\n    where: event.amount > 100\n    then:\n"
        "      - if: event.amount is 150\n        then: [end: recovered]\n"
    )
    ride.hears("order.completed", amount=50)
    assert ride.ending is None
    ride.hears("order.completed", amount=150)
    assert ride.ending == "recovered"


def test_a_keyed_line_hears_only_its_key_and_of_lead_hears_all() -> None:
    text = (
        "key: start.quote_id\nsteps:\n  - wait_for: quote.completed\n{}    within: 9 days\n"
        "    then: [end: recovered]\n"
    )
    keyed = Ride(text.format(""), key="q1", quote_id="q1")
    keyed.hears("quote.completed", quote_id="q2")
    assert keyed.ending is None
    keyed.hears("quote.completed", quote_id="q1")
    assert keyed.ending == "recovered"
    lead = Ride(text.format("    of: lead\n"), key="q1", quote_id="q1")
    lead.hears("quote.completed", quote_id="q2")
    assert lead.ending == "recovered"


def test_restart_on_starts_the_wait_over_and_uses_the_event() -> None:
    ride = Ride("steps:\n  - wait: 2 days\n    restart_on: quote.changed\n  - email: a\n")
    ride.passes(days=1)
    ride.hears("quote.changed")
    ride.passes(days=1, hours=1)
    assert ride.steps == []
    ride.passes(days=1)
    assert ride.steps == ["a"]


def test_a_condition_opens_a_wait_when_it_becomes_true_and_at_once_if_it_is() -> None:
    text = (
        "steps:\n  - first_of:\n      - if: lead.score >= 80\n        then: [end: recovered]\n"
        "    within: 2 days\n    else: [end: lost]\n"
    )
    later = Ride(text)
    later.changes(score=85)
    assert later.ending == "recovered"
    never = Ride(text)
    never.passes(days=3)
    assert never.ending == "lost"
    at_once = Ride("steps:\n  - wait: 1 minute\n" + text.removeprefix("steps:\n"))
    at_once.facts["lead.score"] = 80
    at_once.passes(minutes=1)
    assert at_once.ending == "recovered"


def test_becomes_in_a_wait_must_have_been_false_since_it_began() -> None:
    text = (
        "steps:\n  - wait: 1 minute\n  - first_of:\n      - becomes: lead.score >= 80\n"
        "        then: [end: recovered]\n"
        "    within: 2 days\n    else: [end: lost]\n"
    )
    ride = Ride(text)
    ride.facts["lead.score"] = 85
    ride.passes(minutes=1)
    assert ride.ending is None
    ride.changes(score=70)
    ride.changes(score=90)
    assert ride.ending == "recovered"


def test_restart_this_begins_the_listening_again() -> None:
    ride = Ride(
        "steps:\n  - first_of:\n      - event: help.requested\n        then: [email: help, restart: this]\n"
        "      - event: order.completed\n        then: [end: recovered]\n    within: 2 days\n"
        "    else: [end: lost]\n"
    )
    ride.hears("help.requested")
    ride.passes(days=1)
    ride.hears("help.requested")
    ride.passes(days=1, hours=12)
    assert ride.steps == ["help", "help"]
    ride.hears("order.completed")
    assert ride.ending == "recovered"


def test_a_stage_entered_by_go_to_hears_what_comes_after() -> None:
    ride = Ride(
        "whenever:\n  - event: help.requested\n    go_to: second\nstages:\n"
        "  first: [wait: 9 days, end: lost]\n"
        "  second:\n    - wait_for: order.completed\n      within: 1 day\n"
        "      then: [end: recovered]\n      else: [end: gone]\n"
    )
    ride.hears("order.completed")
    ride.hears("help.requested")
    ride.passes(days=2)
    assert ride.ending == "gone"


def test_only_events_that_a_wait_to_come_may_hear_are_kept_and_fifty_at_most() -> None:
    ride = Ride(
        "steps:\n  - wait: 9 days\n  - wait_for: order.completed\n"
        "    where: event.amount > 1000\n    within: 1 day\n"
    )
    for number in range(70):
        ride.hears("order.completed", amount=number)
        ride.hears("help.requested", topic="x")
    assert len(ride.position.unused) == 50
    assert {kept.event.type for kept in ride.position.unused} == {"order.completed"}
    assert len(dump_position(ride.position)) < 15_000


def test_nothing_is_lost_while_a_message_is_held() -> None:
    ride = Ride(
        "steps:\n  - wait: 1 minute\n  - email: a\n  - wait_for: order.completed\n"
        "    within: 1 day\n    then: [end: recovered]\n"
    )
    ride.answers = [Sent(0, "held", reason="quiet", until=ride.now + timedelta(hours=9))]
    ride.passes(minutes=1)
    ride.hears("order.completed")
    ride.passes(hours=10)
    assert ride.ending == "recovered"


def test_a_condition_is_asked_for_in_one_go() -> None:
    ride = Ride(
        'exit:\n  - if: lead.score >= 90\n    as: lost\n  - if: lead.tier is "hot"\n'
        "    as: gone\nsteps:\n  - wait: 1 day\n"
    )
    assert len(ride.asked) == 1
    assert {"lead.score", "lead.tier", "lead.zone", "company.zone"} <= ride.asked[0]


def test_a_stage_entered_by_go_to_does_not_hear_an_earlier_reaction() -> None:
    ride = Ride(
        "stages:\n  first: [email: a, wait: 1 day, go_to: second]\n"
        "  second:\n    - wait_for: email.clicked\n      within: 1 day\n      then: [end: recovered]\n"
        "      else: [end: gone]\n"
    )
    ride.clicks("a")
    ride.passes(days=2)
    assert ride.ending == "gone"


def test_a_click_by_a_machine_opens_no_wait_unless_the_line_speaks_of_machines() -> None:
    text = "steps:\n  - email: a\n  - wait_for: email.clicked\n{}    within: 9 days\n    then: [end: gone]\n"
    plain = Ride(text.format(""))
    plain.clicks("a", machine=True)
    assert plain.ending is None
    plain.clicks("a", machine=False)
    assert plain.ending == "gone"
    asked = Ride(text.format("    where: event.machine\n"))
    asked.clicks("a", machine=True)
    assert asked.ending == "gone"


def test_what_a_machine_did_counts_in_a_condition_only_where_it_speaks_of_machines() -> None:
    click = Event("1", "email.clicked", MONDAY, {"machine": True})
    known = Knowledge({}, "UTC", events={"email.clicked": [click]})
    parsed = compiled(
        'steps:\n  - email: a\n    if: did("email.clicked")\n'
        '  - email: b\n    if: did("email.clicked", machine)\n'
        '  - email: c\n    if: times("email.clicked", not machine) > 0\n'
    )
    conditions = [item.condition for item in parsed.program if isinstance(item, Message)]
    assert [judge(one, known, Asked(MONDAY)) for one in conditions if one] == [False, True, False]

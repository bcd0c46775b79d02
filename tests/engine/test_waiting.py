"""`wait` in every form: lengths, clocks, instants that move with their fact (language.md §3, §5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from model.commands import Sent
from tests.engine.riding import MONDAY, Ride

RENEWAL = "steps:\n  - wait: 1 minute\n  - wait: until lead.renews_on - 1 day at 9:00\n{}  - email: a\n"
NOON = "contact_hours: {days: mon-fri, from: 12:00, to: 20:00}\n"


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wait", "until"),
    [
        ("90 minutes", utc(1, 5, 10, 31)),
        ("2 days", utc(1, 7, 9, 1)),
        ("2 days at 9:00", utc(1, 7, 8)),
        ("2 days at 9:00 UTC", utc(1, 7, 9)),
        ("3 business days", utc(1, 8, 9, 1)),
        ("5 business days at 9:00", utc(1, 12, 8)),
        ("1 month", utc(2, 5, 9, 1)),
        ("until 18:30", utc(1, 5, 17, 30)),
        ("until 10:01", utc(1, 6, 9, 1)),
        ("until 9:30 UTC", utc(1, 5, 9, 30)),
        ("until 9:00 America/New_York", utc(1, 5, 14)),
        ("until monday at 9:00", utc(1, 12, 8)),
        ("until tuesday at 9:00 UTC", utc(1, 6, 9)),
        ("until 2026-03-02 at 9:00", utc(3, 2, 8)),
        ("until lead.renews_on", utc(1, 19, 23)),
        ("until lead.renews_on - 1 day at 9:00 UTC", utc(1, 19, 9)),
        ("until lead.renews_on - 2 business days at 9:00", utc(1, 16, 8)),
        ("until contact_hours", utc(1, 5, 11)),
        ('until queue_open("inside_sales")', utc(1, 5, 12)),
    ],
)
def test_a_wait_lasts_until_its_instant(wait: str, until: datetime) -> None:
    ride = Ride(f"{NOON}steps:\n  - wait: 1 minute\n  - wait: {wait}\n  - email: a\n")
    ride.facts |= {
        "lead.renews_on": "2026-01-20",
        "hours.queue.inside_sales": {"days": [0], "start": 13 * 60, "end": 1200, "holidays": None},
    }
    ride.until(until - timedelta(seconds=1))
    assert ride.steps == []
    ride.until(until)
    assert ride.steps == ["a"]


@pytest.mark.parametrize(
    ("wait", "now", "until"),
    [
        ("until next lead.renews_on", utc(1, 5, 9), utc(5, 19, 22)),
        ("until next lead.renews_on at 9:00", utc(5, 20, 6), utc(5, 20, 7)),
        ("until next lead.renews_on at 9:00", utc(5, 20, 7), datetime(2027, 5, 20, 7, tzinfo=UTC)),
        ("until next lead.renews_on - 7 days at 9:00", utc(5, 14, 9), datetime(2027, 5, 13, 7, tzinfo=UTC)),
        ("until next lead.renews_on + 2 years", utc(1, 5, 9), utc(5, 19, 22)),
    ],
)
def test_next_is_the_yearly_return_of_a_date_always_still_to_come(
    wait: str, now: datetime, until: datetime
) -> None:
    ride = Ride(
        f"life: 5 years\nsteps:\n  - wait: until 2026-01-05 at 10:01\n  - wait: {wait}\n  - email: a\n"
    )
    ride.facts["lead.renews_on"] = "1984-05-20"
    ride.now = now
    ride.take()
    ride.until(until - timedelta(seconds=1))
    assert ride.steps == []
    ride.until(until)
    assert ride.steps == ["a"]


def test_a_date_on_29_february_returns_on_the_28th_and_none_returns_before_it_has_been() -> None:
    text = "life: 5 years\nsteps:\n  - wait: 1 minute\n  - wait: until next lead.renews_on\n  - email: a\n"
    leap = Ride(text)
    leap.facts["lead.renews_on"] = "2004-02-29"
    leap.until(utc(2, 27, 22, 59))
    assert leap.steps == []
    leap.until(utc(2, 27, 23))
    assert leap.steps == ["a"]
    future = Ride(text)
    future.facts["lead.renews_on"] = "2028-01-20"
    future.until(datetime(2028, 1, 19, 22, 59, tzinfo=UTC))
    assert future.steps == []
    future.until(datetime(2028, 1, 19, 23, tzinfo=UTC))
    assert future.steps == ["a"]


def renewal(more: str = "", text: str = RENEWAL) -> Ride:
    ride = Ride(text.format(more))
    ride.facts["lead.renews_on"] = "2026-01-20"
    ride.passes(days=1)
    return ride


def test_an_instant_that_names_a_fact_moves_with_it_earlier_and_later() -> None:
    ride = renewal()
    ride.changes(renews_on="2026-01-30")
    assert ride.said("waiting")[-1] == "its time has moved: waits until 2026-01-29 09:00"
    ride.until(utc(1, 28, 12))
    ride.changes(renews_on="2026-01-29")
    assert ride.steps == ["a"], "it moved into the past, so the wait is over"


def test_an_event_that_is_heard_and_moves_the_fact_moves_the_instant() -> None:
    ride = renewal("    restart_on: quote.changed\n")
    ride.facts["lead.renews_on"] = "2026-01-08"
    ride.hears("help.requested")
    ride.until(utc(1, 7, 8))
    assert ride.steps == ["a"]


def test_an_instant_is_read_once_more_when_its_time_comes() -> None:
    ride = renewal()
    ride.facts["lead.renews_on"] = "2026-01-30"
    ride.until(utc(1, 19, 8))
    assert ride.steps == []
    ride.until(utc(1, 29, 8))
    assert ride.steps == ["a"]


def test_an_instant_cleared_while_waiting_rests_until_it_is_known_again() -> None:
    ride = renewal()
    ride.changes(renews_on=None)
    ride.passes(days=60)
    assert ride.steps == []
    assert ride.stands[1] == "an instant not known"
    ride.changes(renews_on="2026-03-20")
    ride.until(utc(3, 19, 8))
    assert ride.steps == ["a"]


def test_an_instant_cleared_while_waiting_takes_if_missing() -> None:
    ride = renewal("    if_missing: [sms: ask]\n")
    ride.changes(renews_on=None)
    assert ride.steps == ["ask", "a"]


def test_an_instant_missing_from_the_beginning_goes_on_by_if_missing_where_that_is_written() -> None:
    plain = Ride(RENEWAL.format(""))
    plain.passes(minutes=1)
    assert plain.steps == ["a"]
    assert plain.said("missing") == ["the instant to wait for is not known: goes on"]
    written = Ride(RENEWAL.format("    if_missing: [sms: ask, end: lost]\n"))
    written.passes(minutes=1)
    assert (written.steps, written.ending) == (["ask"], "lost")


def test_within_moves_with_its_fact_rests_when_it_is_cleared_and_past_takes_else_at_once() -> None:
    text = (
        "steps:\n  - wait: 1 minute\n  - wait_for: order.completed\n    within: until lead.renews_on\n"
        "    then: [end: recovered]\n    else: [end: lost]\n"
    )
    moved = renewal(text=text)
    moved.changes(renews_on=None)
    moved.until(utc(2, 10, 9))
    assert not moved.ended
    moved.changes(renews_on="2026-02-12")
    moved.until(utc(2, 11, 23))
    assert moved.ending == "lost"
    past = Ride(text)
    past.facts["lead.renews_on"] = "2025-12-31"
    past.passes(minutes=1)
    assert past.ending == "lost"


def test_expires_moves_only_where_it_names_a_fact() -> None:
    text = (
        "steps:\n  - call: c\n    queue: inside_sales\n    expires: {}\n    outcomes:\n"
        "      won or refused or busy or wrong_number or do_not_call: go_on\n      expired: [end: lost]\n"
    )
    fixed = Ride(text.format("until 18:30"))
    fixed.until(utc(1, 5, 12))
    fixed.changes(status="mql")
    fixed.until(utc(1, 5, 17, 30))
    assert fixed.ending == "lost"
    moving = Ride(
        "steps:\n  - wait: 1 minute\n" + text.format("until lead.renews_on").removeprefix("steps:\n")
    )
    moving.facts["lead.renews_on"] = "2026-01-20"
    moving.until(utc(1, 6, 9))
    moving.changes(renews_on="2026-01-08")
    moving.until(utc(1, 7, 23))
    assert moving.ending == "lost"


def test_restart_on_with_where_starts_over_only_by_the_event_it_means() -> None:
    ride = Ride(
        "steps:\n  - wait: 2 days\n    restart_on: quote.changed\n    where: event.amount > 100\n"
        "  - email: a\n"
    )
    ride.passes(days=1)
    ride.hears("quote.changed", amount=50)
    ride.hears("quote.changed", amount=150)
    ride.passes(days=1, hours=12)
    assert ride.steps == []
    ride.passes(hours=12)
    assert ride.steps == ["a"]
    assert ride.now == MONDAY + timedelta(days=3)


def test_an_event_used_by_restart_on_opens_no_later_wait() -> None:
    ride = Ride(
        "steps:\n  - wait: 2 days\n    restart_on: quote.changed\n  - wait_for: quote.changed\n"
        "    within: 1 day\n    then: [end: gone]\n    else: [end: lost]\n"
    )
    ride.hears("quote.changed")
    ride.passes(days=4)
    assert ride.ending == "lost"


def test_a_clock_time_after_a_length_that_is_past_does_not_wait() -> None:
    ride = Ride("steps:\n  - wait: 1 minute at 9:00\n  - email: a\n")
    assert ride.steps == ["a"]


def test_a_message_held_and_a_restart_meet_without_loss() -> None:
    ride = Ride("steps:\n  - wait: 1 hour\n    restart_on: quote.changed\n  - email: a\n")
    ride.answers = [Sent(0, "held", reason="quiet", until=MONDAY + timedelta(hours=9))]
    ride.passes(hours=2)
    ride.hears("quote.changed")
    ride.passes(hours=8)
    assert ride.steps == ["a", "a"], "the message was held, so the wait before it is not begun again"

"""When scans are due, in zones with summer time and months of every length."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from engine.schedule import instant_of, last_of, next_of
from language.schedule import every_text, parse_every
from model.time import OnDay

MADRID = "Europe/Madrid"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "after", "expected"),
    [
        ("hour", "2026-03-02T09:00", "2026-03-02T10:00"),
        ("day at 8:00", "2026-03-02T06:59", "2026-03-02T07:00"),
        ("day at 8:00", "2026-03-02T07:00", "2026-03-03T07:00"),
        ("monday at 9:00", "2026-03-02T08:00", "2026-03-09T08:00"),
        ("month on 1 at 9:00", "2026-03-02T08:00", "2026-04-01T07:00"),
        ("month on 31 at 9:00", "2026-01-31T08:00", "2026-02-28T08:00"),
        ("month on 29 at 9:00", "2028-02-01T08:00", "2028-02-29T08:00"),
    ],
)
def test_the_next_time_comes_strictly_after(every: str, after: str, expected: str) -> None:
    assert next_of(parse_every(every), at(after), MADRID) == at(expected)


def test_a_clock_time_that_the_day_skips_moves_forward_and_one_it_has_twice_comes_once() -> None:
    night = parse_every("day at 2:30")
    assert next_of(night, at("2026-03-28T12:00"), MADRID) == at("2026-03-29T01:30")
    autumn = [at("2026-10-24T12:00")]
    for _ in range(2):
        autumn.append(next_of(night, autumn[-1], MADRID))
    assert autumn[1:] == [at("2026-10-25T00:30"), at("2026-10-26T01:30")]


def test_an_hour_begins_when_the_clocks_of_the_zone_show_it() -> None:
    assert next_of(parse_every("hour"), at("2026-03-02T09:10"), "Asia/Kolkata") == at("2026-03-02T09:30")


@pytest.mark.parametrize("every", ["hour", "day at 2:30", "sunday at 9:00", "month on 31 at 0:00"])
def test_the_last_time_is_the_one_before_the_next(every: str) -> None:
    schedule, now = parse_every(every), at("2026-01-10T11:11")
    for _ in range(30):
        following = next_of(schedule, now, MADRID)
        assert last_of(schedule, following, MADRID) == following
        assert last_of(schedule, following - timedelta(seconds=1), MADRID) <= now
        now = following


def test_a_single_time_is_that_of_the_zone() -> None:
    assert instant_of(OnDay(date(2026, 3, 2), 9 * 60), MADRID) == at("2026-03-02T08:00")


@pytest.mark.parametrize("text", ["hour", "day at 8:00", "monday at 9:00", "month on 1 at 9:05"])
def test_times_are_worded_as_they_are_written(text: str) -> None:
    assert every_text(parse_every(text)) == f"every {text}"

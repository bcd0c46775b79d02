"""The calendar against zoneinfo, over all zones and the years 2024 to 2030."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import add, next_clock
from engine.hours import (
    NeverOpen,
    at_clock,
    business_add,
    is_open,
    next_open,
    next_open_everywhere,
)
from engine.zones import known_zones
from model.time import Hours, Length

zones = st.sampled_from(sorted(known_zones()))
BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2030, 12, 31, tzinfo=UTC)
FIRST_SUNDAY = datetime(2024, 1, 7, tzinfo=UTC)


def sunday(year: int, week: int, minutes: int) -> datetime:
    return FIRST_SUNDAY + timedelta(days=364 * year + 7 * week, minutes=minutes)


plain = st.integers(0, int((END - BEGIN).total_seconds())).map(lambda n: BEGIN + timedelta(seconds=n))
around_changes = st.builds(
    sunday, st.integers(0, 6), st.sampled_from([9, 10, 11, 12, 13, 42, 43, 44]), st.integers(-1440, 1440)
)
instants = plain | around_changes
minutes = st.integers(0, 1439)
hours = st.builds(
    lambda days, start, long, country: Hours(tuple(sorted(days)), start, min(start + long, 1440), country),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 1380),
    st.integers(60, 1440),
    st.sampled_from([None, "ES-MD", "US", "IN"]),
)
few = settings(max_examples=120, deadline=None, derandomize=True, database=None)


def exists(wall: datetime, zone: str) -> bool:
    there = wall.replace(tzinfo=ZoneInfo(zone))
    return there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall


@few
@given(instants, st.integers(1, 800), zones)
def test_days_keep_the_wall_time_unless_it_does_not_exist(at: datetime, days: int, zone: str) -> None:
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    moved = add(at, Length(days=days), zone, None).astimezone(ZoneInfo(zone))
    wanted = local + timedelta(days=days)
    if exists(wanted, zone):
        assert moved.replace(tzinfo=None) == wanted
    else:
        assert wanted < moved.replace(tzinfo=None) <= wanted + timedelta(hours=3)
    assert moved.fold == 0


@few
@given(instants, st.integers(0, 60), st.integers(0, 60), st.integers(0, 10**7), zones)
def test_a_longer_length_never_ends_earlier(
    at: datetime, days: int, more: int, seconds: int, zone: str
) -> None:
    short = add(at, Length(days=days, seconds=seconds), zone, None)
    assert add(at, Length(days=days + more, seconds=seconds), zone, None) >= short
    assert add(at, Length(days=days, seconds=seconds + more), zone, None) == short + timedelta(seconds=more)
    assert add(at, Length(months=more), zone, None) <= add(at, Length(months=more + 1), zone, None)


@few
@given(instants, minutes, st.none() | st.integers(0, 6), zones)
def test_the_next_clock_is_later_within_eight_days_and_reads_so(
    after: datetime, minute: int, weekday: int | None, zone: str
) -> None:
    found = next_clock(after, minute, weekday, zone)
    local = found.astimezone(ZoneInfo(zone))
    assert after < found <= after + timedelta(days=8 if weekday is not None else 2)
    assert weekday in (None, local.weekday())
    wall = datetime.combine(local.date(), datetime.min.time()) + timedelta(minutes=minute)
    in_a_gap = not exists(wall, zone) or not exists(wall - timedelta(days=1), zone)
    assert in_a_gap or local.hour * 60 + local.minute == minute


@few
@given(instants, hours, zones)
def test_the_next_opening_is_open_and_the_first(at: datetime, opening: Hours, zone: str) -> None:
    found = next_open(opening, at, zone)
    assert found >= at
    assert is_open(opening, found, zone)
    assert next_open(opening, found, zone) == found
    assert found == at or not is_open(opening, found - timedelta(seconds=1), zone)
    probes = (at + (found - at) * n / 40 for n in range(40))
    assert not any(is_open(opening, probe, zone) for probe in probes if probe < found)


@few
@given(instants, hours, zones)
def test_open_is_what_the_wall_clock_says(at: datetime, opening: Hours, zone: str) -> None:
    local = at.astimezone(ZoneInfo(zone))
    without_holidays = Hours(opening.days, opening.start, opening.end)
    inside = opening.start <= local.hour * 60 + local.minute < opening.end
    assert is_open(without_holidays, at, zone) == (local.weekday() in opening.days and inside)


@few
@given(instants, hours, zones, st.integers(0, 200_000), st.integers(0, 200_000))
def test_business_time_adds_up(at: datetime, opening: Hours, zone: str, first: int, second: int) -> None:
    middle = business_add(at, first, opening, zone)
    assert middle >= at + timedelta(seconds=first)
    assert business_add(middle, second, opening, zone) in (
        business_add(at, first + second, opening, zone),
        next_open(opening, business_add(at, first + second, opening, zone), zone),
    )


@settings(few, max_examples=60)
@given(instants, hours, st.lists(zones, min_size=1, max_size=3))
def test_open_everywhere_is_open_in_each_zone_or_says_never(
    at: datetime, opening: Hours, places: list[str]
) -> None:
    try:
        found = next_open_everywhere(opening, at, tuple(places))
    except NeverOpen:
        hour_by_hour = (at + timedelta(hours=n) for n in range(24 * 28))
        assert not any(all(is_open(opening, t, zone) for zone in places) for t in hour_by_hour)
    else:
        assert found >= at
        assert all(is_open(opening, found, zone) for zone in places)


def test_at_clock_agrees_with_zoneinfo_in_every_zone_on_fridays_to_sundays_of_2026() -> None:
    for zone in sorted(known_zones()):
        for day in (date(2026, 1, 2) + timedelta(days=n) for n in range(364) if n % 7 < 3):
            for minute in (0, 150):
                wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
                found = at_clock(day, minute, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
                assert found == wall or (not exists(wall, zone) and found > wall)

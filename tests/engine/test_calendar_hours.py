"""Opening hours, business time and zones, with dates worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.hours import (
    NeverOpen,
    UnknownHolidays,
    business_add,
    is_open,
    next_day_opening,
    next_open,
    next_open_everywhere,
)
from engine.zones import possible_zones, zone_or, zones_of_country
from model.time import Hours

MADRID = "Europe/Madrid"
OFFICE = Hours(days=(0, 1, 2, 3, 4), start=9 * 60, end=18 * 60, holidays="ES-MD")
ALWAYS = Hours(days=(0, 1, 2, 3, 4, 5, 6), start=0, end=1440)
HOUR = 3600


def madrid(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(MADRID), fold=fold).astimezone(UTC)


def test_hours_open_at_their_first_minute_and_close_at_their_last() -> None:
    assert not is_open(OFFICE, madrid("2026-11-04T08:59:59"), MADRID)
    assert is_open(OFFICE, madrid("2026-11-04T09:00"), MADRID)
    assert is_open(OFFICE, madrid("2026-11-04T17:59:59"), MADRID)
    assert not is_open(OFFICE, madrid("2026-11-04T18:00"), MADRID)


def test_a_regional_holiday_is_closed_in_its_region_only() -> None:
    the_regional_day_of_madrid = madrid("2028-05-02T10:00")
    assert not is_open(OFFICE, the_regional_day_of_madrid, MADRID)
    spain = Hours(OFFICE.days, OFFICE.start, OFFICE.end, "ES")
    assert is_open(spain, the_regional_day_of_madrid, MADRID)


def test_friday_evening_opens_on_monday_and_skips_a_holiday() -> None:
    assert next_open(OFFICE, madrid("2026-11-06T18:00"), MADRID) == madrid("2026-11-09T09:00")
    assert next_open(OFFICE, madrid("2026-12-24T20:00"), MADRID) == madrid("2026-12-28T09:00")


def test_an_opening_inside_a_gap_is_the_end_of_the_gap() -> None:
    night = Hours(ALWAYS.days, start=150, end=240)
    assert next_open(night, madrid("2026-03-29T00:00"), MADRID) == madrid("2026-03-29T03:00")


def test_hours_that_lie_inside_a_gap_stay_closed_that_day() -> None:
    night = Hours(ALWAYS.days, start=130, end=170)
    assert next_open(night, madrid("2026-03-29T00:00"), MADRID) == madrid("2026-03-30T02:10")


def test_hours_that_close_inside_a_fold_open_again_in_its_second_pass() -> None:
    night = Hours(ALWAYS.days, start=60, end=150)
    closed_in_the_first_pass = madrid("2026-10-25T02:45")
    assert not is_open(night, closed_in_the_first_pass, MADRID)
    assert next_open(night, closed_in_the_first_pass, MADRID) == madrid("2026-10-25T02:00", fold=1)


def test_hours_that_begin_inside_a_fold_begin_in_both_passes() -> None:
    night = Hours(ALWAYS.days, start=150, end=240)
    assert next_open(night, madrid("2026-10-25T00:00"), MADRID) == madrid("2026-10-25T02:30")
    before_the_second_half_past_two = madrid("2026-10-25T02:10", fold=1)
    assert next_open(night, before_the_second_half_past_two, MADRID) == madrid("2026-10-25T02:30", fold=1)


def test_business_time_ends_with_the_second_pass_of_a_fold() -> None:
    night = Hours(ALWAYS.days, start=60, end=150)
    start = madrid("2026-10-25T02:20", fold=1)
    assert business_add(start, 1200, night, MADRID) == madrid("2026-10-26T01:10")


@pytest.mark.parametrize(
    "hours", [Hours((), 0, 1440), Hours(ALWAYS.days, 600, 600), Hours(ALWAYS.days, 1200, 540)]
)
def test_hours_that_never_open_say_so(hours: Hours) -> None:
    at = madrid("2026-11-04T10:00")
    with pytest.raises(NeverOpen, match="400 days"):
        next_open(hours, at, MADRID)
    with pytest.raises(NeverOpen):
        business_add(at, 60, hours, MADRID)
    with pytest.raises(NeverOpen):
        next_day_opening(at, 2, hours, MADRID)


def test_zones_whose_hours_never_meet_say_so() -> None:
    with pytest.raises(NeverOpen, match="Asia/Tokyo"):
        next_open_everywhere(OFFICE, madrid("2026-11-04T10:00"), ("America/Sao_Paulo", "Asia/Tokyo"))


def test_an_unknown_holiday_calendar_says_so() -> None:
    for name in ("XX", "ES-ZZ", ""):
        hours = Hours(ALWAYS.days, 0, 1440, name)
        with pytest.raises(UnknownHolidays, match=repr(name)):
            is_open(hours, madrid("2026-11-04T10:00"), MADRID)


def test_several_zones_are_open_only_together() -> None:
    zones = (MADRID, "Atlantic/Canary")
    hours = Hours(ALWAYS.days, 9 * 60, 20 * 60)
    assert next_open_everywhere(hours, madrid("2026-11-04T08:00"), zones) == madrid("2026-11-04T10:00")
    assert next_open_everywhere(hours, madrid("2026-11-04T20:00"), zones) == madrid("2026-11-05T10:00")
    assert next_open_everywhere(hours, madrid("2026-11-04T19:59"), zones) == madrid("2026-11-04T19:59")


def test_business_time_passes_only_while_open() -> None:
    assert business_add(madrid("2026-11-04T10:00"), 900, OFFICE, MADRID) == madrid("2026-11-04T10:15")
    assert business_add(madrid("2026-11-06T17:50"), 900, OFFICE, MADRID) == madrid("2026-11-09T09:05")
    assert business_add(madrid("2026-11-07T12:00"), 900, OFFICE, MADRID) == madrid("2026-11-09T09:15")
    assert business_add(madrid("2026-11-05T09:00"), 20 * HOUR, OFFICE, MADRID) == madrid("2026-11-09T11:00")


def test_business_time_may_end_at_the_closing() -> None:
    assert business_add(madrid("2026-11-06T17:00"), HOUR, OFFICE, MADRID) == madrid("2026-11-06T18:00")


def test_business_time_of_hours_that_never_close_is_elapsed_time() -> None:
    start = madrid("2026-10-23T10:00")
    assert (business_add(start, 72 * HOUR, ALWAYS, MADRID) - start).total_seconds() == 72 * HOUR


def test_a_later_day_begins_with_the_opening() -> None:
    assert next_day_opening(madrid("2026-11-04T17:00"), 1, OFFICE, MADRID) == madrid("2026-11-05T09:00")
    assert next_day_opening(madrid("2026-11-04T17:00"), 3, OFFICE, MADRID) == madrid("2026-11-09T09:00")
    assert next_day_opening(madrid("2026-11-04T17:00"), 0, OFFICE, MADRID) == madrid("2026-11-04T09:00")


def test_only_zones_of_the_database_are_zones() -> None:
    assert zone_or("America/Mexico_City", MADRID) == "America/Mexico_City"
    for unknown in (None, "", "Europe", "europe/madrid", "localtime", "../etc/passwd", "Mars/Base", "a\0b"):
        assert zone_or(unknown, MADRID) == MADRID


def test_a_phone_tells_its_zones_the_most_populous_first() -> None:
    assert possible_zones("+34600111222", None) == ("Europe/Madrid", "Atlantic/Canary")
    assert possible_zones("+34928111222", None) == ("Atlantic/Canary",)
    assert possible_zones("+12125551234", None) == ("America/New_York",)
    assert set(possible_zones("+61412345678", None)) > {"Australia/Sydney", "Australia/Perth"}


def test_the_country_of_the_address_goes_before_the_phone() -> None:
    assert possible_zones("+12125551234", "es") == ("Europe/Madrid", "Africa/Ceuta", "Atlantic/Canary")
    assert possible_zones("+34600111222", "ES") == ("Europe/Madrid", "Atlantic/Canary")
    assert possible_zones(None, "PT")[0] == "Europe/Lisbon"


def test_a_number_of_a_country_without_known_prefix_has_the_countrys_zones() -> None:
    assert possible_zones("+5215512345678", None) == zones_of_country("MX")


def test_nothing_known_is_no_zone() -> None:
    for phone in (None, "", "hello", "+999123", "0034600111222"):
        assert possible_zones(phone, None) == ()
    assert possible_zones(None, "XX") == ()

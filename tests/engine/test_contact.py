"""The contact rules, one by one and in their order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from engine.contact import look_back, may_contact
from model.contact import (
    Allow,
    Caps,
    Consent,
    Contact,
    Contactability,
    Deny,
    Hold,
    Intent,
    Limit,
    Snooze,
)
from model.time import Hours

MADRID = "Europe/Madrid"
HOURS = Hours(days=(0, 1, 2, 3, 4, 5), start=9 * 60, end=20 * 60, holidays="ES-MD")


def madrid(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(MADRID)).astimezone(UTC)


NOON, NIGHT = madrid("2026-11-04T12:00"), madrid("2026-11-04T22:00")
NEXT_MORNING = madrid("2026-11-05T09:00")
LONG_AGO = madrid("2026-01-01T12:00")
LEAD = Contactability(
    addresses=("email", "sms", "call"),
    zones=(MADRID,),
    consents=tuple(Consent(channel, given=True, at=LONG_AGO) for channel in ("email", "sms", "call")),
)
OFFER = Intent("email", "marketing", topic="offers", journey="welcome", contact_key="run/1", hours=HOURS)
RECEIPT = replace(OFFER, purpose="service")


def word(
    channel: str,
    given: bool,
    day: int,
    topic: str | None = None,
    scope: Literal["marketing", "all"] = "marketing",
) -> Consent:
    return Consent(channel, given=given, at=LONG_AGO + timedelta(days=day), topic=topic, scope=scope)


def contacts(*hours_ago: float, topic: str = "offers") -> tuple[Contact, ...]:
    return tuple(
        Contact(NOON - timedelta(hours=ago), "sms", "marketing", topic, f"other/{ago}") for ago in hours_ago
    )


def test_a_consenting_lead_in_hours_may_be_contacted() -> None:
    assert may_contact(LEAD, OFFER, NOON) == Allow()


def test_a_channel_without_an_address_is_denied_to_service_too() -> None:
    lead = replace(LEAD, addresses=("sms",))
    assert may_contact(lead, OFFER, NOON) == may_contact(lead, RECEIPT, NOON) == Deny("no_address")


@pytest.mark.parametrize(
    ("scope", "marketing", "service"),
    [
        ("all", Deny("suppressed"), Deny("suppressed")),
        ("email", Deny("suppressed"), Deny("suppressed")),
        ("marketing", Deny("suppressed"), Allow()),
        ("sms", Allow(), Allow()),
        ("calls", Allow(), Allow()),
    ],
)
def test_a_suppression_covers_its_scope(scope: str, marketing: Allow | Deny, service: Allow | Deny) -> None:
    lead = replace(LEAD, suppressions=(scope,))
    assert may_contact(lead, OFFER, NOON) == marketing
    assert may_contact(lead, RECEIPT, NOON) == service


def test_calls_are_suppressed_by_the_word_calls() -> None:
    lead = replace(LEAD, suppressions=("calls",))
    assert may_contact(lead, replace(RECEIPT, channel="call"), NOON) == Deny("suppressed")


def test_marketing_needs_a_consent_and_service_none() -> None:
    lead = replace(LEAD, consents=(word("sms", True, 1),))
    assert may_contact(lead, OFFER, NOON) == Deny("no_consent")
    assert may_contact(lead, RECEIPT, NOON) == Allow()


@pytest.mark.parametrize(
    ("words", "marketing", "service"),
    [
        ([word("email", True, 1), word("email", False, 2)], False, True),
        ([word("email", False, 1), word("email", True, 2)], True, True),
        ([word("email", True, 1), word("email", False, 2, scope="all")], False, False),
        ([word("email", True, 1), word("sms", False, 2, scope="all")], True, True),
        ([word("email", True, 1), word("all", False, 2, scope="all")], False, False),
        ([word("all", False, 1, scope="all"), word("email", True, 2)], True, True),
        ([word("email", False, 2, scope="all"), word("all", True, 3)], False, False),
        ([word("email", True, 1), word("email", False, 2, "offers")], False, True),
        ([word("email", True, 1), word("email", False, 2, "news")], True, True),
        ([word("email", False, 1, "offers"), word("email", True, 2)], False, True),
        ([word("email", False, 1), word("email", True, 2, "offers")], True, True),
        ([word("email", True, 1, "news")], False, True),
        ([word("all", True, 1)], True, True),
        ([word("email", True, 1), word("email", False, 1)], False, True),
        ([], False, True),
    ],
)
def test_a_refusal_stands_until_something_as_narrow_is_given(
    words: list[Consent], marketing: bool, service: bool
) -> None:
    lead = replace(LEAD, consents=tuple(words))
    assert may_contact(lead, OFFER, NOON) == (Allow() if marketing else Deny("no_consent"))
    assert may_contact(lead, RECEIPT, NOON) == (Allow() if service else Deny("no_consent"))


def test_a_snoozed_lead_gets_no_marketing_until_then() -> None:
    lead = replace(LEAD, snooze=Snooze(NOON + timedelta(days=30)))
    assert may_contact(lead, OFFER, NOON) == Hold(NOON + timedelta(days=30), "snoozed")
    assert may_contact(lead, OFFER, NOON + timedelta(days=30)) == Allow()
    assert may_contact(lead, RECEIPT, NOON) == Allow()


def test_a_snooze_without_an_end_denies() -> None:
    lead = replace(LEAD, snooze=Snooze())
    assert may_contact(lead, OFFER, NOON) == Deny("snoozed")
    assert may_contact(lead, RECEIPT, NOON) == Allow()


def test_marketing_at_night_waits_for_the_opening() -> None:
    assert may_contact(LEAD, OFFER, NIGHT) == Hold(NEXT_MORNING, "quiet")
    assert may_contact(LEAD, replace(OFFER, on_quiet="skip"), NIGHT) == Deny("quiet")


def test_service_ignores_hours_unless_its_step_names_its_own() -> None:
    assert may_contact(LEAD, RECEIPT, NIGHT) == Allow()
    assert may_contact(LEAD, replace(RECEIPT, own_hours=True), NIGHT) == Hold(NEXT_MORNING, "quiet")


def test_a_service_call_keeps_contact_hours() -> None:
    assert may_contact(LEAD, replace(RECEIPT, channel="call"), NIGHT) == Hold(NEXT_MORNING, "quiet")


def test_a_message_without_hours_may_go_at_any_time() -> None:
    assert may_contact(LEAD, replace(OFFER, hours=None), NIGHT) == Allow()


def test_a_lead_in_one_of_several_zones_is_contacted_when_all_are_open() -> None:
    lead = replace(LEAD, zones=(MADRID, "Atlantic/Canary", "Mars/Base"))
    half_past_nine = madrid("2026-11-04T09:30")
    assert may_contact(lead, OFFER, half_past_nine) == Hold(madrid("2026-11-04T10:00"), "quiet")
    assert may_contact(lead, OFFER, madrid("2026-11-04T10:00")) == Allow()


def test_a_lead_of_no_known_zone_is_contacted_by_utc() -> None:
    lead = replace(LEAD, zones=("Mars/Base",))
    assert may_contact(lead, OFFER, madrid("2026-11-04T09:30")) == Hold(madrid("2026-11-04T10:00"), "quiet")


@pytest.mark.parametrize("hours", [Hours((), 0, 1440), replace(HOURS, holidays="XX")])
def test_hours_that_cannot_be_kept_deny(hours: Hours) -> None:
    assert may_contact(LEAD, replace(OFFER, hours=hours), NOON) == Deny("quiet")


@pytest.mark.parametrize(
    ("limit", "hours_ago", "free_in"),
    [
        (Limit(per_day=1), (5,), 19),
        (Limit(per_day=1), (24,), None),
        (Limit(per_day=2), (5,), None),
        (Limit(per_day=2), (5, 7), 17),
        (Limit(per_week=3), (5, 50, 100), 68),
        (Limit(per_week=3), (5, 50, 100, 120), 68),
        (Limit(per_week=3), (5, 50, 168), None),
        (Limit(min_gap=4 * 3600), (3,), 1),
        (Limit(min_gap=4 * 3600), (4,), None),
        (Limit(per_day=2, per_week=3, min_gap=4 * 3600), (1, 2, 100), 68),
    ],
)
def test_caps_count_what_was_sent_in_sliding_windows(
    limit: Limit, hours_ago: tuple[float, ...], free_in: int | None
) -> None:
    intent = replace(OFFER, caps=Caps(limit), hours=None)
    lead = replace(LEAD, recent=contacts(*hours_ago))
    if free_in is None:
        assert may_contact(lead, intent, NOON) == Allow()
        return
    assert may_contact(lead, intent, NOON) == Deny("cap")
    free = NOON + timedelta(hours=free_in)
    assert may_contact(lead, replace(intent, on_cap="hold"), NOON) == Hold(free, "cap")
    assert may_contact(lead, intent, free) == Allow()
    assert may_contact(lead, intent, free - timedelta(seconds=1)) == Deny("cap")


def test_a_cap_of_none_at_all_denies_even_to_hold() -> None:
    intent = replace(OFFER, caps=Caps(Limit(per_week=0)), on_cap="hold")
    assert may_contact(LEAD, intent, NOON) == Deny("cap")


def test_a_topics_cap_counts_that_topic_only() -> None:
    intent = replace(OFFER, caps=Caps(topics=(("offers", Limit(per_week=1)),)))
    assert may_contact(replace(LEAD, recent=contacts(5, topic="news")), intent, NOON) == Allow()
    assert may_contact(replace(LEAD, recent=contacts(5)), intent, NOON) == Deny("cap")
    assert may_contact(replace(LEAD, recent=contacts(5)), replace(intent, topic="news"), NOON) == Allow()


def test_service_neither_counts_nor_is_capped() -> None:
    caps = Caps(Limit(per_day=1))
    marketing, service = contacts(5), tuple(replace(c, purpose="service") for c in contacts(1, 2))
    assert may_contact(replace(LEAD, recent=marketing), replace(RECEIPT, caps=caps), NOON) == Allow()
    assert may_contact(replace(LEAD, recent=service), replace(OFFER, caps=caps), NOON) == Allow()


def test_messages_with_one_key_are_one_contact() -> None:
    caps = Caps(Limit(per_day=1, min_gap=3600))
    own = Contact(NOON, "sms", "marketing", "offers", "run/1")
    assert may_contact(replace(LEAD, recent=(own,)), replace(OFFER, caps=caps), NOON) == Allow()
    twice = tuple(replace(contact, contact_key="other") for contact in contacts(2, 3))
    two_a_day = replace(OFFER, caps=Caps(Limit(per_day=2)))
    assert may_contact(replace(LEAD, recent=twice), two_a_day, NOON) == Allow()
    unkeyed = tuple(replace(contact, contact_key=None) for contact in contacts(2, 3))
    assert may_contact(replace(LEAD, recent=unkeyed), two_a_day, NOON) == Deny("cap")


@pytest.mark.parametrize(
    "lead",
    [replace(LEAD, stopped=True), replace(LEAD, stopped_journeys=("welcome",)), replace(LEAD, paused=True)],
)
def test_a_stop_switch_holds_everything_for_five_minutes(lead: Contactability) -> None:
    for intent in (OFFER, RECEIPT):
        assert may_contact(lead, intent, NOON) == Hold(NOON + timedelta(minutes=5), "stopped")


def test_the_stop_switch_of_another_journey_holds_nothing() -> None:
    assert may_contact(replace(LEAD, stopped_journeys=("other",)), OFFER, NOON) == Allow()


def test_each_rule_speaks_before_the_next() -> None:
    intent = replace(OFFER, caps=Caps(Limit(per_day=0)), on_quiet="skip")
    lead = Contactability(
        (), (MADRID,), suppressions=("all",), snooze=Snooze(), stopped=True, recent=contacts(1)
    )
    assert may_contact(lead, intent, NIGHT) == Deny("no_address")
    lead = replace(lead, addresses=LEAD.addresses)
    assert may_contact(lead, intent, NIGHT) == Deny("suppressed")
    lead = replace(lead, suppressions=())
    assert may_contact(lead, intent, NIGHT) == Deny("no_consent")
    lead = replace(lead, consents=LEAD.consents)
    assert may_contact(lead, intent, NIGHT) == Deny("snoozed")
    lead = replace(lead, snooze=Snooze(NIGHT + timedelta(days=2)))
    assert may_contact(lead, intent, NIGHT) == Deny("quiet")
    intent = replace(intent, on_quiet="hold")
    assert may_contact(lead, intent, NIGHT) == Deny("cap")
    intent = replace(intent, caps=Caps(Limit(per_day=1)), on_cap="hold")
    assert may_contact(lead, intent, NIGHT) == Hold(NIGHT + timedelta(minutes=5), "stopped")
    lead = replace(lead, stopped=False)
    assert may_contact(lead, intent, NIGHT) == Hold(NIGHT + timedelta(days=2), "snoozed")
    lead = replace(lead, snooze=None)
    assert may_contact(lead, intent, NIGHT) == Hold(NEXT_MORNING, "quiet")


def test_a_message_held_overnight_is_not_skipped_for_a_cap_that_is_free_by_morning() -> None:
    intent = replace(OFFER, caps=Caps(Limit(per_day=1)))
    this_morning = Contact(madrid("2026-11-04T08:59"), "sms", "marketing", "offers", "other")
    later = replace(this_morning, at=madrid("2026-11-04T09:01"))
    assert may_contact(replace(LEAD, recent=(this_morning,)), intent, NIGHT) == Hold(NEXT_MORNING, "quiet")
    assert may_contact(replace(LEAD, recent=(later,)), intent, NIGHT) == Deny("cap")


def test_the_caps_say_how_far_back_they_look() -> None:
    assert look_back(Caps()) == timedelta(days=7)
    caps = Caps(Limit(min_gap=60), topics=(("news", Limit(min_gap=30 * 86_400)),))
    assert look_back(caps) == timedelta(days=30)

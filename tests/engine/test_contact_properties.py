"""What holds of the contact rules whatever the lead, the message and the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contact import may_contact
from engine.hours import is_open
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
    Purpose,
    Snooze,
)
from model.time import Hours

START = datetime(2026, 3, 25, tzinfo=UTC)
few = settings(max_examples=150, deadline=None)

instants = st.integers(0, 14 * 24 * 60).map(lambda n: START + timedelta(minutes=n))
channels = st.sampled_from(["email", "sms", "call"])
purposes: st.SearchStrategy[Purpose] = st.sampled_from(["marketing", "service"])
topics = st.sampled_from([None, "offers", "news"])
keys = st.sampled_from([None, "run/1", "run/2", "run/3"])
zones = st.sampled_from(["Europe/Madrid", "Atlantic/Canary", "America/New_York", "Asia/Tokyo", "Mars/Base"])
limits = st.builds(
    Limit,
    st.none() | st.integers(0, 3),
    st.none() | st.integers(0, 5),
    st.none() | st.integers(0, 10 * 86_400),
)
hours = st.builds(
    lambda days, start, long: Hours(tuple(sorted(days)), start, min(1440, start + long), "ES"),
    st.sets(st.integers(0, 6)),
    st.integers(0, 1400),
    st.integers(0, 1440),
)
consents = st.builds(
    Consent,
    channel=st.sampled_from(["email", "sms", "call", "all"]),
    given=st.booleans(),
    at=instants,
    topic=topics,
    scope=st.sampled_from(["marketing", "all"]),
)
leads = st.builds(
    Contactability,
    addresses=st.lists(channels, max_size=3).map(tuple),
    zones=st.lists(zones, max_size=3).map(tuple),
    consents=st.lists(consents, max_size=4).map(tuple),
    suppressions=st.lists(st.sampled_from(["all", "marketing", "email", "calls"]), max_size=1).map(tuple),
    snooze=st.none() | st.builds(Snooze, st.none() | instants),
    recent=st.lists(st.builds(Contact, instants, channels, purposes, topics, keys), max_size=8).map(tuple),
    stopped=st.booleans(),
    stopped_journeys=st.lists(st.sampled_from(["a", "b"]), max_size=1).map(tuple),
    paused=st.booleans(),
)
willing = Contactability(
    addresses=("email", "sms", "call"),
    zones=("Europe/Madrid",),
    consents=(Consent("all", given=True, at=START),),
)
caps = st.builds(Caps, limits, limits.map(lambda limit: (("offers", limit),)))
holding = st.sampled_from(["hold", "skip"])
intents = st.builds(
    Intent,
    channel=channels,
    purpose=purposes,
    topic=topics,
    journey=st.sampled_from([None, "a"]),
    contact_key=keys,
    hours=st.none() | hours,
    own_hours=st.booleans(),
    caps=caps,
    on_quiet=holding,
    on_cap=holding,
)
willing_leads = st.builds(
    lambda lead, places: replace(
        willing, zones=tuple(places), recent=lead.recent, snooze=lead.snooze, stopped=lead.stopped
    ),
    leads,
    st.lists(zones, max_size=3),
)


@few
@given(leads | willing_leads, intents, instants)
def test_an_answer_always_comes_and_a_hold_looks_ahead(
    lead: Contactability, intent: Intent, now: datetime
) -> None:
    verdict = may_contact(lead, intent, now)
    assert isinstance(verdict, Allow | Deny | Hold)
    assert not isinstance(verdict, Hold) or verdict.until > now


@few
@given(willing_leads, intents, instants)
def test_nothing_that_hours_bind_is_allowed_outside_them(
    lead: Contactability, intent: Intent, now: datetime
) -> None:
    if may_contact(lead, intent, now) == Allow() and intent.hours is not None:
        bound = intent.purpose == "marketing" or intent.channel == "call" or intent.own_hours
        places = [zone for zone in lead.zones if zone != "Mars/Base"] or ["UTC"]
        assert not bound or all(is_open(intent.hours, now, zone) for zone in places)


@few
@given(willing_leads, intents, instants)
def test_a_hold_is_over_when_it_says_unless_the_switch_stays_on(
    lead: Contactability, intent: Intent, now: datetime
) -> None:
    first = may_contact(lead, intent, now)
    if isinstance(first, Hold):
        lead = replace(lead, stopped=False) if first.reason == "stopped" else lead
        then = may_contact(lead, intent, first.until)
        assert not isinstance(then, Hold) or then.reason != first.reason


@few
@given(willing_leads, intents, instants)
def test_patience_leads_to_a_message_or_a_refusal(
    lead: Contactability, intent: Intent, now: datetime
) -> None:
    lead = replace(lead, stopped=False)
    for _ in range(40):
        verdict = may_contact(lead, intent, now)
        if not isinstance(verdict, Hold):
            return
        now = verdict.until
    raise AssertionError(f"still held: {verdict}")


@few
@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(0, 36_000),
    st.lists(st.tuples(st.integers(0, 60 * 30), st.integers(0, 12)), max_size=40),
)
def test_caps_hold_in_every_window_however_contacts_come(
    per_day: int, per_week: int, gap: int, tries: list[tuple[int, int]]
) -> None:
    now, lead, sent = START, willing, list[Contact]()
    for minutes, key in tries:
        now += timedelta(minutes=minutes)
        intent = Intent(
            "email", "marketing", contact_key=f"run/{key}", caps=Caps(Limit(per_day, per_week, gap))
        )
        if may_contact(lead, intent, now) == Allow():
            sent.append(Contact(now, "email", "marketing", None, intent.contact_key))
            lead = replace(lead, recent=tuple(sent))
    for first in sent:
        for most, window in ((per_day, timedelta(days=1)), (per_week, timedelta(days=7))):
            inside = {c.contact_key for c in sent if first.at <= c.at < first.at + window}
            assert len(inside) <= most
    for earlier, later in pairwise(sent):
        assert later.contact_key == earlier.contact_key or later.at - earlier.at >= timedelta(seconds=gap)

"""Conditions are judged by what is known: missing values, every operator, times in the run's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from language.evaluate import Context, MissingFacts, evaluate, holds
from language.facts import bind, fact_key, fact_nodes
from language.next_change import next_change, reads_time
from language.parser import parse_condition, parse_value
from model.expressions import Call, Name, Private
from tests.language.words import NOW, SCHEMA, SCOPE, ZONES, conditions

FACTS: dict[str, JsonValue] = {
    "lead.score": 80,
    "lead.status": "mql",
    "lead.interests": ["suv", "van"],
    "lead.last_login_at": "2026-02-27T23:30:00+00:00",
    "lead.renews_on": "2026-03-05",
    "lead.vip": True,
    "lead.tier": None,
    "lead.owner": None,
    "lead.created_at": None,
    "lead.consent.sms": None,
    "account.in_talks": False,
    'did("email.clicked")': True,
}
NAMES: dict[str, JsonValue] = {
    "start.amount": 10,
    "start.at": "2026-03-01T22:00:00+00:00",
    "start.expires_at": "2026-03-02T10:30:00+00:00",
    "run.tries": 2,
    "run.when": "2026-03-02T11:30:00+01:00",
    "run.day": "2026-03-02",
    "run.text": "hello",
    "run.yes": True,
    "run.list": ["a", 1],
    "round": 3,
}
CONTEXT = Context(NOW, "Europe/Madrid", NAMES, FACTS)


def judged(text: str, context: Context = CONTEXT) -> bool:
    return holds(parse_condition(text, SCHEMA, SCOPE), context)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lead.score is 80", True),
        ("lead.score is not 80", False),
        ("lead.score < 81", True),
        ("lead.score < 80", False),
        ("lead.score <= 80", True),
        ("lead.score > 80", False),
        ("lead.score >= 80", True),
        ("lead.score + 5 - 1 is 84", True),
        ("lead.score - (5 - 1) is 76", True),
        ('lead.status is "mql"', True),
        ('lead.status in ["new", "mql"]', True),
        ('lead.status not in ["new", "mql"]', False),
        ('lead.interests contains "suv"', True),
        ('lead.interests contains "city"', False),
        ('"van" in lead.interests', True),
        ('"city" not in lead.interests', True),
        ('run.text contains "ell"', True),
        ('run.text contains "ELL"', False),
        ('lower("ELL") is "ell"', True),
        ("lead.vip", True),
        ("not lead.vip", False),
        ("lead.vip is true", True),
        ("account.in_talks or lead.vip", True),
        ("account.in_talks and lead.vip", False),
        ("count(lead.interests) is 2", True),
        ("round is 3", True),
        ("run.tries is 2", True),
        ("run.yes is 1", False),
        ("run.yes is true", True),
        ("run.list contains 1", True),
        ("run.list contains true", False),
        ('did("email.clicked")', True),
        ("hour() is 11", True),
        ('weekday() is "monday"', True),
        ("days_since(lead.last_login_at) is 2", True),
        ("days_until(lead.renews_on) is 3", True),
        ("hours_since(start.at) is 12", True),
        ("start.expires_at is now", True),
        ("run.when is now", True),
        ("run.when > start.at", True),
        ("now > run.day", True),
        ("now >= 2026-03-02", True),
        ("now < 2026-03-03", True),
        ("2026-03-02 is run.day", True),
        ("now - start.at > 12 hours", True),
        ("now - start.at > 13 hours", False),
        ("now + 1 day > 2026-03-03T10:29:59Z", True),
        ("lead.renews_on - 1 month is 2026-02-05", True),
        ("2026-03-31 - 1 month is 2026-02-28", True),
    ],
)
def test_every_operator_gives_its_answer(text: str, expected: bool) -> None:
    assert judged(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('lead.tier is "T1"', False),
        ('lead.tier is not "T1"', True),
        ("lead.tier is lead.owner", False),
        ("lead.tier is not lead.owner", True),
        ('lead.tier in ["T1"]', False),
        ('lead.tier not in ["T1"]', True),
        ('lead.tier contains "T"', False),
        ("lead.tier in lead.interests", False),
        ("run.nothing < 3", False),
        ("run.nothing >= 3", False),
        ("run.nothing + 1 > 0", False),
        ("run.nothing", False),
        ("not run.nothing", True),
        ("lead.consent.sms", False),
        ("lead.consent.sms is false", False),
        ("lead.tier is known", False),
        ("lead.tier is not known", True),
        ("run.nothing is not known", True),
        ("days_since(lead.created_at) > 1", False),
        ("days_since(lead.created_at) is not known", True),
        ("count(run.nothing) is 0", True),
        ("lower(run.nothing) is known", False),
        ("now - lead.created_at > 1 day", False),
        ("run.text > 3", False),
        ("run.nothing or lead.vip", True),
        ("run.nothing and lead.vip", False),
    ],
)
def test_a_missing_value_equals_nothing(text: str, expected: bool) -> None:
    assert judged(text) is expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("run.tries + 1", 3),
        ("run.nothing + 1", None),
        ("start.amount - 0.5", 9.5),
        ("now + 2 days", "2026-03-04T10:30:00+00:00"),
        ("lead.renews_on + 1 month", "2026-04-05"),
        ("lead.renews_on + 1 hour", "2026-03-05T00:00:00+00:00"),
        ("lead.score", 80),
        ("count(lead.interests)", 2),
    ],
)
def test_a_value_is_given_as_json(text: str, value: JsonValue) -> None:
    assert evaluate(parse_value(text, SCHEMA, SCOPE), CONTEXT) == value


def test_days_keep_the_wall_time_of_the_zone_when_clocks_change() -> None:
    before = Context(datetime(2026, 3, 28, 9, 0, tzinfo=UTC), "Europe/Madrid")
    tree = parse_value("now + 1 day", SCHEMA, SCOPE)
    assert evaluate(tree, before) == "2026-03-29T08:00:00+00:00"
    hours = parse_value("now + 24 hours", SCHEMA, SCOPE)
    assert evaluate(hours, before) == "2026-03-29T09:00:00+00:00"


def test_all_missing_facts_are_asked_at_once_with_values_put_in() -> None:
    text = 'lead.score > 3 and did("quote.started", amount > start.amount) and lead.email is known'
    with pytest.raises(MissingFacts) as raised:
        judged(text, Context(NOW, "UTC", {"start.amount": 7}, {"lead.vip": True}))
    assert [fact_key(fact) for fact in raised.value.exprs] == [
        "lead.score",
        'did("quote.started", amount > 7)',
        "lead.email is known",
    ]


def test_what_is_not_needed_is_not_asked() -> None:
    assert judged("lead.vip or lead.score > 3", Context(NOW, "UTC", {}, {"lead.vip": True}))


def test_the_answer_to_a_private_condition_is_used_as_it_comes() -> None:
    known = {"lead.email is known": True}
    assert judged("lead.email is known", Context(NOW, "UTC", {}, known))
    assert not judged("not lead.email is known", Context(NOW, "UTC", {}, known))


BEGIN = datetime(2025, 12, 1, tzinfo=UTC)
MINUTES = st.integers(0, 180 * 24 * 60).map(lambda count: BEGIN + timedelta(minutes=count))
EXACT = st.integers(0, 180 * 86_400_000_000).map(lambda count: BEGIN + timedelta(microseconds=count))
NOWS = MINUTES | EXACT

LISTED: list[JsonValue] = ["a", 1, None]
MAPPED: dict[str, JsonValue] = {"a": 1}
VALUES: tuple[JsonValue, ...] = (
    None,
    True,
    0,
    2.5,
    -7,
    "x",
    "2026-03-02",
    "2026-03-02T10:00:00Z",
    10**400,
    LISTED,
    MAPPED,
)
JSON: st.SearchStrategy[JsonValue] = st.sampled_from(VALUES)
TIMES: st.SearchStrategy[JsonValue] = st.one_of(st.none(), NOWS.map(lambda at: at.isoformat()))
BY_TYPE: dict[str, st.SearchStrategy[JsonValue]] = {
    "number": st.one_of(st.integers(-3, 100), JSON),
    "text": st.one_of(st.text(max_size=4), JSON),
    "yes_no": st.one_of(st.booleans(), JSON),
    "time": TIMES,
    "date": st.one_of(st.none(), MINUTES.map(lambda at: at.date().isoformat())),
    "list": JSON,
    "any": JSON,
}


def answered(text: str, value: st.DataObject, now: datetime, zone: str) -> Context:
    """Makes a context that knows everything a condition asks, or knows it to be missing."""
    tree = parse_condition(text, SCHEMA, SCOPE)
    names: dict[str, JsonValue] = {
        "start.amount": 4,
        "start.at": "2026-02-01T00:00:00Z",
        "run.tries": value.draw(JSON),
        "run.flag": True,
    }
    names["start.expires_at"] = value.draw(TIMES)
    names["run.when"] = value.draw(st.one_of(TIMES, JSON))
    facts: dict[str, JsonValue] = {}
    for fact in fact_nodes(bind(tree, names)):
        facts[fact_key(fact)] = value.draw(BY_TYPE[fact.type if isinstance(fact, Name | Call) else "yes_no"])
        assert isinstance(fact, Name | Call | Private)
    return Context(now, zone, names, facts)


@settings(max_examples=200, deadline=None)
@given(conditions(), st.data(), NOWS, st.sampled_from(ZONES))
def test_judging_never_raises_once_everything_asked_is_answered(
    text: str, data: st.DataObject, now: datetime, zone: str
) -> None:
    tree = parse_condition(text, SCHEMA, SCOPE)
    assert holds(tree, answered(text, data, now, zone)) in (True, False)


@settings(max_examples=150, deadline=None)
@given(conditions(), st.data(), NOWS, st.sampled_from(ZONES))
def test_a_condition_stays_as_it_is_until_its_next_change(
    text: str, data: st.DataObject, now: datetime, zone: str
) -> None:
    tree = parse_condition(text, SCHEMA, SCOPE)
    context = answered(text, data, now, zone)
    change = next_change(tree, context)
    assert change is None or change > now
    end = min(change or now + timedelta(days=400), now + timedelta(days=400))
    value = holds(tree, context)
    steps = [now + (end - now) * part / 23 for part in range(23)] + [end - timedelta(microseconds=1)]
    for at in steps:
        if now < at < end:
            assert holds(tree, Context(at, zone, context.names, context.facts)) is value


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("lead.score > 3", None),
        ("now > start.expires_at", datetime(2026, 3, 2, 10, 30, 0, 1, tzinfo=UTC)),
        ("now > 2026-03-05", datetime(2026, 3, 4, 23, 0, tzinfo=UTC)),
        ("now > 2026-03-01", None),
        ("now - start.at > 13 hours", datetime(2026, 3, 2, 11, 0, tzinfo=UTC)),
        ("days_until(lead.renews_on) <= 2", datetime(2026, 3, 2, 23, 0, tzinfo=UTC)),
        ("hour() >= 12", datetime(2026, 3, 2, 11, 0, tzinfo=UTC)),
        ('weekday() is "tuesday"', datetime(2026, 3, 2, 23, 0, tzinfo=UTC)),
        ("hours_since(start.at) > 12", datetime(2026, 3, 2, 11, 0, tzinfo=UTC)),
        ("hours_since(lead.created_at) > 12", None),
        ('did("email.clicked", 30 days)', datetime(2026, 3, 2, 23, 0, tzinfo=UTC)),
        ('did("email.clicked")', None),
    ],
)
def test_the_next_change_is_an_instant_of_the_runs_zone(text: str, change: datetime | None) -> None:
    facts = {**FACTS, 'did("email.clicked", 30 days)': True}
    tree = parse_condition(text, SCHEMA, SCOPE)
    assert next_change(tree, Context(NOW, "Europe/Madrid", NAMES, facts)) == change
    assert reads_time(tree) or change is None


def test_a_change_in_months_is_approached_and_never_missed() -> None:
    tree = parse_condition("now > lead.renews_on + 2 months", SCHEMA, SCOPE)
    now, looks = NOW, 0
    while not holds(tree, Context(now, "Europe/Madrid", NAMES, FACTS)):
        change = next_change(tree, Context(now, "Europe/Madrid", NAMES, FACTS))
        assert change is not None
        now, looks = change, looks + 1
    assert now == datetime(2026, 5, 4, 22, 0, 0, 1, tzinfo=UTC)
    assert looks < 500

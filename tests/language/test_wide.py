"""Events of others: what a journey listens to, and by what it is looked up whom they are for."""

from __future__ import annotations

import pytest

from language.compiled import Lookup, Wide, dump, load
from language.facts import to_text
from tests.language.compiling import HEAD, codes, compiled

ANYONE = "steps:\n  - wait_for: quote.completed\n    of: anyone\n    where: {}\n    within: 1 day\n"


def heard(where: str) -> Wide:
    (one,) = compiled(ANYONE.format(where)).wide
    return one


@pytest.mark.parametrize(
    ("where", "lookup"),
    [
        ("event.quote_id is lead.id", Lookup("quote_id", "lead.id")),
        ("lead.id is event.quote_id", Lookup("quote_id", "lead.id")),
        ("event.quote_id in lead.interests", Lookup("quote_id", "lead.interests")),
        ("lead.interests contains event.quote_id", Lookup("quote_id", "lead.interests")),
        ("event.amount > 3 and event.quote_id is lead.email", Lookup("quote_id", "lead.email")),
        (
            "event.quote_id is lead.id and event.quote_id is start.quote_id",
            Lookup("quote_id", "start.quote_id"),
        ),
        ("event.amount > lead.score", None),
        ("event.quote_id is lead.id or event.amount > 3", None),
        ("event.quote_id is not lead.id", None),
        ('event.quote_id is "q1"', None),
    ],
)
def test_a_comparison_that_has_to_hold_says_by_what_runs_are_found(where: str, lookup: Lookup | None) -> None:
    assert heard(where).lookup == lookup


def test_what_reads_the_event_alone_is_judged_before_anybody_is_looked_up() -> None:
    only = heard("event.amount > 100 and event.quote_id is lead.id and lead.score > 3").only
    assert only is not None
    assert to_text(only) == "event.amount > 100"
    assert heard("event.quote_id is lead.id").only is None


def test_of_account_needs_no_where_and_lines_of_the_lead_are_not_wide() -> None:
    journey = compiled(
        "exit:\n  - event: quote.completed\n    of: account\n    as: recovered\n"
        "steps:\n  - wait_for: quote.changed\n    of: lead\n    within: 1 day\n"
    )
    assert journey.wide == (Wide("quote.completed", "account"),)
    assert load(dump(journey)) == journey


def test_every_line_that_names_an_event_takes_of() -> None:
    journey = compiled(
        "exit:\n  - event: quote.completed\n    of: account\n    as: recovered\n"
        "whenever:\n  - event: replied\n    of: account\n    do: [notify: managers]\n"
        "steps:\n  - wait: 1 day\n    restart_on: quote.changed\n    of: account\n"
        "  - first_of:\n      - event: quote.started\n        of: account\n    within: 1 day\n"
    )
    kinds = {one.event for one in journey.wide}
    assert {"quote.completed", "quote.changed", "quote.started", "email.replied", "sms.replied"} <= kinds
    assert "replied" not in kinds


def test_a_trigger_of_anyone_is_looked_up_by_an_attribute() -> None:
    head = "journey: example\nversion: 1\nstart:\n  event: quote.completed\n  of: anyone\n"
    start = head + "  where: {}\nsteps: [email: a]\n"
    (trigger,) = compiled(start.format("event.quote_id is lead.id")).starts
    assert (trigger.anyone, trigger.lookup) == (True, Lookup("quote_id", "lead.id"))
    assert codes(start.format("event.amount > 3")) == ["J005"]
    assert codes(start.format("event.quote_id is start.quote_id")) != []


def test_a_keyed_line_of_others_needs_no_key() -> None:
    text = (
        HEAD
        + "key: start.quote_id\nexit: {event: help.requested, of: account, as: lost}\nsteps: [email: a]\n"
    )
    assert "J036" not in codes(text)

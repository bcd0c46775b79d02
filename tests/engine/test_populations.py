"""Populations come in at the times of their trigger, and do what their own key is about."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from engine.population import PAST, Population
from language.crowd import Crowd, DayBetween, Drawn, Occurs, Shares, read_crowd
from language.journey import check_project
from language.problems import Problems
from language.values import Day
from language.vocabulary import load_vocabulary
from model.time import Length
from tests.engine.riding import compiled, vocabulary

HEAD = "journey: story\nversion: 1\nabout: A date.\n"
YEARLY = "start: {date: lead.renews_on, before: 7 days, at: 9:00, yearly: true}\nsteps:\n  - email: soon\n"
ONCE_EACH = YEARLY.replace(", yearly: true", "")
AROUND = """
account: {industry: text}
things: {policy: {key: policy_id, fields: {policy_id: text, kind: text, expires_on: date}}}
endings: {food: won}
"""
WEEK = Length(days=7)


def sent(text: str, leads: dict[str, Drawn]) -> Counter[tuple[date, str]]:
    """Sends by day to thirty leads who come in the week from Monday 2026-01-05 on."""
    crowd = Crowd(leads=leads, begin=Day(date(2026, 1, 5), 0), over=WEEK)
    return Population(compiled(HEAD + text), vocabulary(), crowd, 30).play(range(30)).sends


def on(day: str) -> dict[str, Drawn]:
    return {"renews_on": Shares(((day, 100.0),))}


def test_a_lead_comes_in_on_its_own_date_and_not_when_it_is_drawn() -> None:
    assert sent(YEARLY, on("1990-03-10")) == {(date(2026, 3, 3), "email"): 30}
    spread = sent(YEARLY, {"renews_on": DayBetween(date(1990, 1, 1), date(1990, 12, 31))})
    assert len(spread) > 20


def test_dates_that_are_past_let_nobody_in_unless_they_are_made_up_for() -> None:
    crowd = Crowd(leads=on("2026-01-06"), begin=Day(date(2026, 1, 5), 0), over=WEEK)
    tally = Population(compiled(HEAD + ONCE_EACH), vocabulary(), crowd, 30).play(range(30))
    assert (tally.entered, tally.refused) == (0, {PAST: 30})
    made_up = ONCE_EACH.replace("at: 9:00", "at: 9:00, catch_up: 30 days")
    assert sum(sent(made_up, on("2026-01-06")).values()) == 30


def test_what_a_lead_of_a_keyed_journey_does_is_about_its_own_key() -> None:
    text = (
        "start: {event: quote.started}\nkey: start.quote_id\nexit: [{event: quote.completed, as: gone}]\n"
        "steps:\n  - wait: 9 days\n"
    )
    occurs = Occurs("quote.completed", 100.0, WEEK)
    other = Occurs("quote.completed", 100.0, WEEK, {"quote_id": Shares((("another", 100.0),))})
    for event, ending in ((occurs, "gone"), (other, "finished")):
        population = Population(compiled(HEAD + text), vocabulary(), Crowd(events=(event,)), 5)
        assert population.play(range(5)).endings == {ending: 5}


def test_what_a_crowd_did_before_counts_where_the_journey_asks() -> None:
    text = 'start:\n  every: monday at 9:00\n  if: did("order.completed", 30 days)\nsteps:\n  - wait: 1 day\n'
    lately = Occurs("order.completed", 50.0, WEEK)
    crowd = Crowd(history=(lately,), begin=Day(date(2026, 1, 5), 0))
    tally = Population(compiled(HEAD + text), vocabulary(), crowd, 60).play(range(60))
    assert 20 <= tally.entered <= 40
    assert tally.entered + tally.refused.total() == 60


def test_what_happens_after_a_time_happens_then() -> None:
    text = (
        "start: {event: quote.started}\nexit: [{event: order.completed, as: gone}]\n"
        "steps:\n  - wait: 9 days\n  - email: soon\n  - wait: 9 days\n"
    )
    late = Occurs("order.completed", 100.0, WEEK, after=Length(days=10))
    tally = Population(compiled(HEAD + text), vocabulary(), Crowd(events=(late,)), 20).play(range(20))
    assert (tally.endings, sum(tally.sends.values())) == ({"gone": 20}, 20)


def test_each_lead_of_a_crowd_has_its_account_and_its_thing() -> None:
    names = load_vocabulary({"vocabulary.yaml": AROUND}, problems := Problems())
    crowd = read_crowd(
        "crowd.yaml",
        "leads:\n  account: {industry: {food: 50, steel: 50}}\n"
        "  policy: {kind: car, expires_on: 2026-03-02}\nfrom: 2026-01-05\n",
        names,
        problems,
    )
    journey = check_project(
        {
            "vocabulary.yaml": AROUND,
            "story.yaml": HEAD
            + "start: {date: policy.expires_on, before: 30 days, if: 'policy.kind is \"car\"'}\n"
            'steps:\n  - if: account.industry is "food"\n    then: [end: food]\n',
        }
    ).journeys["story"]
    assert problems.all == ()
    assert crowd is not None
    endings = Population(journey, names, crowd, 60).play(range(60)).endings
    assert endings.keys() == {"food", "finished"}
    assert endings.total() == 60


def test_what_stands_around_a_lead_is_checked() -> None:
    text = "leads:\n  account: {colour: red}\n  policy: car\n"
    names = load_vocabulary({"vocabulary.yaml": AROUND}, problems := Problems())
    read_crowd("crowd.yaml", text, names, problems)
    assert [(one.code, one.message) for one in problems.all] == [
        ("J010", "`account` has no field `colour`"),
        ("J005", "`policy` has fields"),
    ]


def test_shares_of_numbers_are_numbers() -> None:
    text = 'events: [{event: order.completed, with: {amount: {"5": 60, "2.5": 40}}}]\n'
    problems = Problems()
    crowd = read_crowd("crowd.yaml", text, vocabulary(), problems)
    assert problems.all == ()
    assert crowd is not None
    assert crowd.events[0].fields == {"amount": Shares(((5, 60.0), (2.5, 40.0)))}


@pytest.mark.parametrize(
    ("start", "day"),
    [("every: thursday at 9:00", date(2026, 1, 8)), ("once: 2026-02-03 at 9:00", date(2026, 2, 3))],
)
def test_a_trigger_by_the_clock_lets_all_in_at_its_time(start: str, day: date) -> None:
    found = sent(f"start: {{{start}}}\nsteps:\n  - email: soon\n", {})
    assert (day, "email") in found
    assert set(found) <= {(day, "email"), (date(2026, 1, 15), "email")}

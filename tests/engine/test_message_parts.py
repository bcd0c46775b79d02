"""The parts of a message, and every reason for which one is skipped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.simulator import simulate
from engine.story import LogLine
from language.problems import Problems
from language.vocabulary import Vocabulary, load_vocabulary
from model.commands import Sent
from model.time import Hours
from tests.engine.riding import MONDAY, VOCABULARY, Ride, compiled, vocabulary
from tests.engine.test_simulator import play

RENEWAL = "steps:\n  - wait: 1 minute\n  - email: offer\n    at: lead.renews_on - 2 days at 9:00\n"


def held(text: str, renews_on: str, hours: float = 5) -> Ride:
    """A run whose message came to its time on Wednesday at 9:00 and is held for some hours."""
    ride = Ride(text)
    ride.facts["lead.renews_on"] = renews_on
    ride.passes(minutes=1)
    ride.answers = [Sent(0, "held", "email", "cap", MONDAY + timedelta(days=2, hours=hours - 1))]
    ride.passes(days=2)
    assert ride.stands == ("offer", "held: cap")
    return ride


def test_a_held_message_whose_time_moves_on_is_set_down_for_it_at_once() -> None:
    ride = held(RENEWAL, "2026-01-09")
    ride.changes(renews_on="2026-01-20")
    assert ride.stands == ("offer", "the message's time")
    assert ride.turn.wake == MONDAY.replace(day=18, hour=8)


@pytest.mark.parametrize(
    ("if_past", "sends", "ending"), [("skip", 1, "finished"), ("send", 2, "finished"), ("end", 1, "finished")]
)
def test_a_held_message_whose_time_moves_back_is_past(if_past: str, sends: int, ending: str) -> None:
    ride = held(f"{RENEWAL}    if_past: {if_past}\n  - notify: sales\n", "2026-01-09")
    ride.changes(renews_on="2026-01-08")
    assert (len(ride.sends()), ride.ending) == (sends, ending)
    assert ("notify" in [effect.kind for effect in ride.effects]) == (if_past != "end")


def test_a_held_message_goes_when_the_hold_ends_though_its_time_was_long_ago() -> None:
    ride = held(RENEWAL, "2026-01-09")
    ride.changes(status="mql")
    ride.passes(hours=5)
    assert (len(ride.sends()), ride.ending) == (2, "finished")


def test_a_held_message_whose_time_is_cleared_rests_until_it_is_known_again() -> None:
    ride = held(RENEWAL, "2026-01-09")
    ride.facts["lead.renews_on"] = None
    ride.changes(status="mql")
    ride.passes(days=20)
    assert (len(ride.sends()), ride.ended) == (1, False)
    ride.changes(renews_on="2026-03-01")
    ride.until(MONDAY.replace(month=2, day=27))
    assert (len(ride.sends()), ride.ending) == (2, "finished")


def test_a_limit_that_names_a_fact_moves_with_it() -> None:
    text = "steps:\n  - wait: 1 minute\n  - email: offer\n    not_after: lead.renews_on\n"
    ride = Ride(text)
    ride.facts["lead.renews_on"] = "2026-01-09"
    ride.answers = [Sent(0, "held", "email", "cap", MONDAY + timedelta(days=2))]
    ride.passes(minutes=1)
    ride.changes(renews_on="2026-01-06")
    ride.passes(days=2)
    assert (len(ride.sends()), ride.said("skipped")) == (1, ["past: not after 2026-01-06 00:00"])


def test_its_if_is_judged_again_after_every_hold() -> None:
    ride = held(RENEWAL + '    if: lead.status is not "customer"\n', "2026-01-09")
    ride.changes(status="customer")
    ride.passes(hours=5)
    assert len(ride.sends()) == 1
    assert ride.said("skipped")[0].startswith("condition")


CAPS = "caps: {marketing: {per_day: 1}}\n"
REASONS = {
    "no_consent": ("sms", "  - sms: a\n"),
    "no_address": ("letter", "  - letter: a\n"),
    "suppressed": ("email", "  - suppress: email\n  - email: a\n"),
    "cap": ("email", "  - email: first\n  - wait: 1 hour\n  - email: a\n"),
    "quiet": ("email", "  - email: a\n    hours: mon-fri 7:00-8:00\n    on_quiet: skip\n"),
    "past": ("email", "  - email: a\n    at: 2026-01-01 at 9:00\n"),
    "missing": ("email", "  - email: a\n    at: lead.renews_on\n"),
    "condition": ("email", "  - email: a\n    if: lead.score > 300\n"),
}


def words(more: str = "") -> Vocabulary:
    problems = Problems()
    found = load_vocabulary({"vocabulary.yaml": VOCABULARY + more}, problems)
    assert not problems.all
    return found


@pytest.mark.parametrize("reason", REASONS)
def test_a_scenario_expects_every_reason(reason: str) -> None:
    channel, steps = REASONS[reason]
    first = "day 0 email first, " if "first" in steps else ""
    (result,) = play(
        f"steps:\n{steps}",
        "  - name: it is skipped\n    lead: {consent: {email: true, letter: true}}\n"
        f"    expect: [{first}day 0 {channel} a skipped {reason}, day 0 end finished]\n",
        words=words(CAPS),
    )
    assert result.difference is None


def lines(text: str, words_: Vocabulary | None = None) -> list[LogLine]:
    story = simulate(compiled(text), words_ or vocabulary(), {})
    return [line for line in story.log if line.kind == "email"]


def test_a_message_over_a_cap_may_wait_for_it() -> None:
    text = "steps:\n  - email: first\n  - wait: 1 hour\n  - email: a\n    on_cap: hold\n"
    first, second = lines(text, words(CAPS))
    assert (second.reason, second.at - first.at) == (None, timedelta(days=1))


def test_its_own_hours_hold_it() -> None:
    (line,) = lines("steps:\n  - email: a\n    hours: tue-fri 15:00-17:00\n")
    assert line.at.isoformat() == "2026-01-06T14:00:00+00:00", "Tuesday at 15:00 in Madrid"
    ride = Ride("steps:\n  - email: a\n    hours: mon-fri 9:00-17:00\n    on_unknown: ask_human\n")
    assert ride.sends()[0].hours == Hours((0, 1, 2, 3, 4), 540, 1020, None)
    assert ride.sends()[0].on_unknown == "ask_human"


def test_its_values_are_bound_when_it_goes() -> None:
    ride = Ride("steps:\n  - email: a\n    with: {sum: start.amount, word: hello}\n", amount=7)
    assert ride.sends()[0].bound.values == {"sum": 7, "word": "hello"}


def test_a_message_at_a_moment_goes_then_and_not_before() -> None:
    (line,) = lines("steps:\n  - email: a\n    at: 3 days at 17:30\n")
    assert line.at.isoformat() == "2026-01-08T16:30:00+00:00"

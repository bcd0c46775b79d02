"""The journey's own rules at the top of its file, from text to the compiled form."""

from __future__ import annotations

from datetime import date

import pytest

from language.compiled import dump, load
from language.diagram import mermaid
from language.diff import differences
from language.instructions import Work
from language.picture_graph import beside
from language.rules import AtATime, Live, Pace, pace_text
from language.values import Day
from model.time import Length
from tests.language.compiling import compiled, project

STEPS = "steps: [email: a]\n"


def test_the_rules_of_entry_are_compiled_and_read_back_equal() -> None:
    journey = compiled(
        "not_after: [lost, unsubscribed]\nholdout: 2.5 percent\n"
        f"live: {{from: 2026-01-01, until: 2026-12-31 at 18:00}}\n{STEPS}"
    )
    rules = journey.rules
    assert (rules.not_after, rules.holdout) == (("lost", "unsubscribed"), 2.5)
    assert rules.live == Live("Europe/Madrid", Day(date(2026, 1, 1)), Day(date(2026, 12, 31), 18 * 60))
    assert load(dump(journey)) == journey


def test_one_ending_needs_no_brackets() -> None:
    assert compiled(f"not_after: lost\n{STEPS}").rules.not_after == ("lost",)


@pytest.mark.parametrize("share", ["0 percent", "100 percent", "5", "5%", "five percent"])
def test_a_share_that_holds_out_nobody_or_everybody_is_refused(share: str) -> None:
    (problem,) = project(f"holdout: {share}\n{STEPS}").problems
    assert (problem.code, problem.message) == ("J005", f"`holdout` cannot be `{share}`")


def test_no_ending_of_the_vocabulary_is_called_as_the_control_group() -> None:
    (problem,) = project(f"exit: {{event: quote.completed, as: control}}\n{STEPS}").problems
    assert problem.code == "J011"


def test_a_change_of_the_rules_is_told_in_words() -> None:
    old = compiled(f"holdout: 5 percent\nlive: {{until: 2026-12-31}}\n{STEPS}")
    new = compiled(f"not_after: lost\nlive: {{until: 2027-06-30 at 12:00}}\n{STEPS}")
    assert [str(change) for change in differences(old, new)] == [
        "not_after: nothing -> lost",
        "holdout: 5 percent -> nothing",
        "live: until 2026-12-31 -> until 2027-06-30 at 12:00",
    ]


@pytest.mark.parametrize(
    ("pace", "length", "number", "words"),
    [
        ("500 per hour", Length(seconds=3600), 500, "500 per hour"),
        ("50 per 15 minutes", Length(seconds=900), 50, "50 per 15 minutes"),
        ("1000 per week", Length(days=7), 1000, "1000 per 7 days"),
        ("spread over 30 days", Length(days=30), None, "spread over 30 days"),
    ],
)
def test_a_pace_counts_leads_or_spreads_them(
    pace: str, length: Length, number: int | None, words: str
) -> None:
    found = compiled(f"pace: {pace}\n{STEPS}").rules.pace
    assert found == Pace(length, number)
    assert pace_text(found) == words


@pytest.mark.parametrize("pace", ["500", "0 per hour", "fast", "5 per business day", "spread 30 days"])
def test_a_pace_that_says_nothing_is_refused(pace: str) -> None:
    assert {problem.code for problem in project(f"pace: {pace}\n{STEPS}").problems} == {"J005"}


def test_so_many_at_a_time_of_the_journey_or_of_an_account() -> None:
    assert compiled(f"at_a_time: 200\n{STEPS}").rules.at_a_time == AtATime(200)
    assert compiled(f"at_a_time: 5 per account\n{STEPS}").rules.at_a_time == AtATime(5, per_account=True)
    for wrong in ("0", "many", "5 per lead"):
        (problem,) = project(f"at_a_time: {wrong}\n{STEPS}").problems
        assert problem.code == "J005"


def test_work_has_the_journeys_priority_unless_it_has_one_of_its_own() -> None:
    calls = (
        "steps:\n  - call: a\n    queue: sales\n    outcomes: {interested: go_on, not_interested: go_on}\n"
        "  - call: b\n    queue: sales\n    priority: low\n"
        "    outcomes: {interested: go_on, not_interested: go_on}\n"
    )
    for given, expected in (("priority: high\n", ["high", "low"]), ("", [None, "low"])):
        program = compiled(given + calls.replace("go_on}", "go_on, busy: go_on}")).program
        assert [item.priority for item in program if isinstance(item, Work)] == expected


def test_the_rules_and_the_winner_are_shown_in_diagram_and_picture() -> None:
    journey = compiled(
        "pace: 500 per hour\nholdout: 5 percent\nhold_while: lead.score < 3\nsteps:\n"
        "  - split: {a: 50, b: 50}\n    id: offer\n"
        "    winner: {by: quote.completed, within: 2 days, decide: after 10}\n"
        "    then: {a: go_on, b: go_on}\n"
    )
    drawn = mermaid(journey)
    for said in ("pace: 500 per hour", "holdout: 5 percent", "hold_while: lead.score < 3"):
        assert f'["{said}"]' in drawn
    assert "split offer, winner by quote.completed" in drawn
    assert dict(beside(journey)) == {
        "begins with": "quote.started", "hold_while": "lead.score < 3", "holdout": "5 percent",
        "pace": "500 per hour",
    }  # fmt: skip
    assert dict(beside(compiled(STEPS))) == {"begins with": "quote.started"}

"""The journey's own rules at the top of its file, from text to the compiled form."""

from __future__ import annotations

from datetime import date

import pytest

from language.compiled import dump, load
from language.diff import differences
from language.rules import Live
from language.values import Day
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

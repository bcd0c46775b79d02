"""`parallel` and `leave` as written: what is refused, and how the tools show them."""

from __future__ import annotations

import pytest

from language.compiled import Fork, Journey, Leave
from language.diagram import mermaid
from language.diff import differences
from language.picture_graph import stage_graph
from tests.language.compiling import compiled, project

BOTH = """steps:
  - parallel:
      mails: [{email: a}, {wait: 1 day}]
      calls: [{wait: 2 days}, {email: b}]
    id: both
  - email: z
"""


def wrong(text: str) -> list[str]:
    return [f"{one.code} {one.message}: {one.suggestion}" for one in project(text).problems if not one.hint]


def test_branches_follow_each_other_in_the_program_and_lead_behind_the_parallel() -> None:
    journey = compiled(BOTH)
    (fork,) = [item for item in journey.program if isinstance(item, Fork)]
    assert [way.name for way in fork.ways] == ["mails", "calls"]
    assert [journey.program[way.target].place.step for way in fork.ways] == ["a", "2 days"]
    assert journey.program[fork.exit].place.step == "z"
    assert not fork.first


REPEAT = "steps:\n  - repeat: 3\n    id: nagging\n    do: [{email: a}, {wait: 1 day}, {leave: nagging}]\n"


BESIDE = """whenever:
  - event: quote.completed
    do:
      - parallel: {x: [email: a], y: [email: b]}
steps: [email: c]
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps:\n  - parallel:\n      one: [{email: a}]\n", "J005 `parallel` has one branch only"),
        (BOTH.replace("    id: both", "    until: any"), "J005 `until` cannot be `any`"),
        (BOTH.replace("  - email: z", "  - leave: both"), "J028 there is no `repeat` to leave here"),
        (REPEAT.replace("leave: nag", "leave: na"), "J010 `leave` stands in no repeat `naging`"),
        (REPEAT.replace("    id: nagging\n", ""), "J010 `leave` stands in no repeat `nagging`"),
        (
            "steps:\n  - parallel:\n      one: [{end: lost}]\n      two: [{email: a}]\n  - email: b\n",
            "J023 no lead ever comes here",
        ),
        (BESIDE, "J028 `parallel` cannot stand in `do` or `overdue`"),
    ],
)
def test_what_cannot_be_is_said_in_plain_words(text: str, said: str) -> None:
    assert [one.partition(":")[0] for one in wrong(text)] == [said]


def test_leave_says_which_repeat_was_meant_or_that_it_needs_an_id() -> None:
    assert wrong(REPEAT.replace("leave: nag", "leave: na"))[0].endswith("did you mean `nagging`?")
    (without,) = wrong(REPEAT.replace("    id: nagging\n", ""))
    assert without.endswith("give the `repeat` an id: `id: nagging`")


def test_behind_a_parallel_a_lead_comes_where_the_first_branch_that_is_done_is_enough() -> None:
    arms = "      one: [{end: lost}]\n      two: [{email: a}]\n"
    text = f"steps:\n  - parallel:\n{arms}    until: first\n  - email: b\n"
    assert wrong(text) == []


ROUND = """steps:
  - repeat: for ever
    do:
      - parallel:
          x: [{email: a}]
          y: [{%s}]
%s"""


def test_a_circle_is_held_by_one_branch_of_all_and_by_all_until_the_first() -> None:
    assert wrong(ROUND % ("wait: 1 day", "")) == []
    assert [one[:4] for one in wrong(ROUND % ("email: b", ""))] == ["J022"]
    assert [one[:4] for one in wrong(ROUND % ("wait: 1 day", "        until: first\n"))] == ["J022"]


def test_a_repeat_for_ever_that_a_leave_leads_out_of_goes_on_behind_it() -> None:
    journey = compiled(
        "steps:\n  - repeat: for ever\n    id: nagging\n"
        "    do:\n      - wait: 1 day\n      - leave: nagging\n"
        "        if: lead.score > 3\n  - email: z\n"
    )
    (leave,) = [item for item in journey.program if isinstance(item, Leave)]
    assert journey.program[leave.target].place.step == "z"


def test_a_diagram_shows_the_branches_and_where_they_meet() -> None:
    drawn = mermaid(compiled(BOTH))
    assert '"in parallel"' in drawn
    assert '-- "mails" -->' in drawn
    graph = stage_graph(compiled(BOTH), "steps")
    named = {name: card.text for name, card in graph.cards.items()}
    ends = {(named[one], named[other]): text for (one, other), text in graph.arrows.items()}
    assert ends["until all are done", "a"] == "mails"
    assert ("b", "z") in ends
    assert ("1 day", "z") in ends


def changes(before: Journey, after: Journey) -> list[str]:
    return [str(one) for one in differences(before, after)]


def test_a_diff_says_what_changed_in_the_branches() -> None:
    first = compiled(BOTH.replace("    id: both", "    id: both\n    until: first"))
    assert changes(compiled(BOTH), first) == ["`both`: until the first is done no -> yes"]
    more = compiled(BOTH.replace("    id: both", "      texts: [{sms: c}]\n    id: both"))
    assert changes(compiled(BOTH), more) == [
        "added: sms `c`, after `both` (texts)",
        "added: branch texts of `both`",
    ]

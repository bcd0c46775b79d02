"""`run:` puts the steps of another journey in: its exits, stages, values and returns (language.md §3)."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import pytest

from language.compiled import Journey, dump, load
from language.lower import Around, lower_journey
from language.problems import Problems
from language.syntax.journey import read_journey
from language.syntax.model import JourneyText
from language.yaml import read_yaml
from model.commands import WithdrawWork
from tests.engine.riding import HEAD, MONDAY, Ride, vocabulary

INNER = """
journey: nurture
version: 3
start: {by: request}
inputs: {model: text, amount: number}
exit:
  - {event: order.completed, as: recovered}
steps:
  - email: first
    with: {model: start.model, sum: start.amount}
  - wait: 2 days
  - set: {run.seen: start.amount + 1}
  - if: start.amount > 10
    then: [end: lost]
  - email: second
"""
OUTER = """
steps:
  - email: before
  - run: nurture
    with: {model: Ibiza, amount: start.amount}
    then:
      recovered: [email: bought]
      lost: [email: given_up]
  - email: after
    with: {seen: returned.seen, own: start.amount}
"""


def text_of(whole: str) -> JourneyText:
    problems = Problems()
    node = read_yaml("inner.yaml", whole, problems)
    written = read_journey(node, tuple(whole.splitlines()), problems) if node is not None else None
    assert written is not None, problems.all
    return written


@cache
def joined(outer: str, *inner: str) -> Journey:
    """Compiles a journey that runs others, without a mistake, as the store would give it back."""
    problems = Problems()
    texts = [text_of(each) for each in inner]
    around = Around(vocabulary(), journeys={each.name.raw: each for each in texts})
    journey = lower_journey(text_of(HEAD + outer), around, problems)
    assert not problems.errors, problems.errors
    return load(dump(journey))


def ride(outer: str = OUTER, *inner: str, **fields: str | float) -> Ride:
    return Ride(joined(outer, *(inner or (INNER,))), **fields)


def test_the_steps_run_in_place_with_ids_of_their_own_and_their_own_start() -> None:
    run = ride(amount=3)
    assert run.steps == ["before", "nurture/first"]
    assert run.sends("nurture/first")[0].bound.values == {"model": "Ibiza", "sum": 3}
    assert run.stands == ("nurture/2 days", "until 2026-01-07 10:00")
    run.passes(days=2)
    assert run.steps == ["before", "nurture/first", "nurture/second", "after"]
    assert run.ending == "finished"


def test_behind_it_returned_reads_its_run_data_and_start_is_the_own_again() -> None:
    run = ride(amount=3)
    run.passes(days=2)
    assert run.sends("after")[0].bound.values == {"seen": 4, "own": 3}
    assert run.position.data == {}


def test_its_end_returns_here_by_what_follows_the_ending() -> None:
    run = ride(amount=30)
    run.passes(days=2)
    assert run.steps == ["before", "nurture/first", "given_up", "after"]
    assert run.ending == "finished"


def test_its_exit_returns_with_its_ending_and_uses_the_event() -> None:
    outer = OUTER + "  - wait_for: order.completed\n    within: 1 day\n    then: [email: heard_again]\n"
    run = ride(outer, amount=3)
    run.hears("order.completed", amount=1)
    assert run.steps == ["before", "nurture/first", "bought", "after"]
    run.passes(days=1)
    assert run.ending == "finished"
    assert "heard_again" not in run.steps


def test_behind_it_its_exit_holds_no_more() -> None:
    run = ride(OUTER + "  - wait: 5 days\n", amount=3)
    run.passes(days=3)
    run.hears("order.completed", amount=1)
    run.passes(days=5)
    assert run.ending == "finished"


def test_an_outer_exit_is_judged_first_and_ends_the_run() -> None:
    run = ride("exit: {event: order.completed, as: gone}\n" + OUTER.lstrip(), amount=3)
    run.hears("order.completed", amount=1)
    assert run.ending == "gone"


def test_an_exit_by_if_that_holds_already_returns_at_once() -> None:
    inner = INNER.replace("  - {event: order.completed, as: recovered}", "  - {if: lead.score > 5, as: lost}")
    outer = OUTER.replace("recovered: [email: bought]\n      lost", "lost")
    run = ride("steps:\n  - wait: 1 hour\n" + outer.split("steps:\n")[1], inner, amount=3)
    run.facts["lead.score"] = 9
    run.passes(hours=1)
    assert run.steps == ["before", "given_up", "after"]


STAGED = """
journey: nurture
version: 1
start: {by: request}
whenever:
  - {event: help.requested, in: [cold], go_to: warm}
  - event: quote.changed
    do: [{notify: sales}]
stages:
  cold:
    - task: look
      queue: inside_sales
      wait: false
      expires: never
    - wait: 10 days
    - end: lost
  warm:
    - email: warm_mail
    - wait_for: email.clicked
      within: 1 day
      then: [end: recovered]
    - go_to: cold
"""
AROUND = "steps:\n  - run: nurture\n    id: one\n  - wait: 1 day\n  - email: z\n"


def test_its_whenever_and_stages_are_its_own() -> None:
    run = ride(AROUND, STAGED)
    run.hears("help.requested", topic="x")
    (taken,) = [effect for effect in run.effects if isinstance(effect, WithdrawWork)]
    assert taken.steps == ("one/look",)
    assert run.steps[-1] == "one/warm_mail"
    run.hears("help.requested", topic="x")
    run.clicks("one/warm_mail")
    run.passes(days=1)
    assert run.steps[-1] == "z"
    assert run.ending == "finished"


def test_its_go_to_stays_within_it() -> None:
    run = ride(AROUND, STAGED)
    run.hears("help.requested", topic="x")
    run.passes(days=1)
    assert run.stands[0] == "one/10 days"
    run.passes(days=10)
    run.passes(days=1)
    assert run.ending == "finished"


def test_its_whenever_does_steps_beside_as_long_as_it_runs() -> None:
    run = ride(AROUND, STAGED)
    run.hears("quote.changed")
    assert [effect.kind for effect in run.effects if effect.kind == "notify"] == ["notify"]
    run.passes(days=10)
    run.hears("quote.changed")
    assert [effect.kind for effect in run.effects if effect.kind == "notify"] == ["notify"]


def test_work_that_nothing_waits_for_stays_open_after_an_end_and_is_taken_back_by_an_exit() -> None:
    run = ride(AROUND, STAGED)
    run.passes(days=10)
    assert not [effect for effect in run.effects if isinstance(effect, WithdrawWork)]
    exits = STAGED.replace("whenever:", "exit: {event: order.completed, as: recovered}\nwhenever:")
    run = ride(AROUND, exits)
    run.hears("order.completed", amount=1)
    (taken,) = [effect for effect in run.effects if isinstance(effect, WithdrawWork)]
    assert taken.steps == ("one/look",)


def test_a_message_sent_inside_is_the_last_one_behind_it_and_before_it_inside() -> None:
    outer = (
        OUTER + "  - wait_for: email.opened\n    to: nurture/second\n    within: 1 day\n    then: [sms: o]\n"
    )
    run = ride(outer, amount=3)
    run.passes(days=2)
    run.clicks("nurture/second", "email.opened")
    assert run.steps[-1] == "o"


def test_functions_about_a_step_mean_its_own_message() -> None:
    inner = INNER.replace("if: start.amount > 10", 'if: clicked("first")')
    run = ride(OUTER, inner, amount=3)
    run.facts['clicked("nurture/first")'] = True
    run.passes(days=2)
    assert run.steps[-2:] == ["given_up", "after"]


def test_the_same_journey_may_run_twice_side_by_side_each_with_its_own_values() -> None:
    run = ride(
        """
steps:
  - parallel:
      a:
        - run: nurture
          id: a
          with: {amount: 1}
        - email: a_done
          with: {n: returned.seen}
      b:
        - run: nurture
          id: b
          with: {amount: 5}
          then: {recovered: [email: b_bought]}
        - email: b_done
          with: {n: returned.seen}
  - email: z
    with: {n: returned.seen}
""",
    )
    assert run.steps == ["a/first", "b/first"]
    run.passes(days=2)
    assert [send.bound.values for send in run.sends("a_done")] == [{"n": 2}]
    assert [send.bound.values for send in run.sends("b_done")] == [{"n": 6}]
    assert run.ending == "finished"


def test_an_exit_heard_by_both_returns_both() -> None:
    run = ride(
        "steps:\n  - parallel:\n      a: [{run: nurture, id: a}]\n      b: [{run: nurture, id: b}]\n"
        "  - email: z\n"
    )
    run.hears("order.completed", amount=1)
    assert run.steps == ["a/first", "b/first", "z"]


def test_a_lost_branch_ends_the_journey_that_it_runs() -> None:
    run = ride(
        "steps:\n  - parallel:\n      a: [{run: nurture, id: a}]\n      b: [{wait: 1 day}]\n"
        "    until: first\n  - wait: 9 days\n"
    )
    run.passes(days=1)
    assert run.position.frames == ()
    run.hears("order.completed", amount=1)
    run.passes(days=9)
    assert run.steps == ["a/first"]
    assert run.ending == "finished"


FORKED = """
journey: nurture
version: 1
start: {by: request}
steps:
  - parallel:
      one:
        - wait: 1 day
        - end: lost
      two:
        - task: look
          queue: inside_sales
          expires: never
          outcomes: {"won or refused or busy or do_not_call or wrong_number": go_on}
"""


def test_an_end_in_a_branch_of_it_returns_with_all_its_branches() -> None:
    run = ride(AROUND, FORKED)
    task = run.tasks()[0].task_id
    run.passes(days=1)
    (taken,) = [effect for effect in run.effects if isinstance(effect, WithdrawWork)]
    assert taken.task_ids == (task,)
    run.passes(days=1)
    assert run.steps[-1] == "z"


NESTED = """
journey: middle
version: 1
start: {by: request}
exit: {event: help.requested, as: lost}
inputs: {amount: number}
steps:
  - set: {run.own: start.amount}
  - run: nurture
    with: {amount: start.amount}
  - email: between
    with: {inner: returned.seen, own: run.own}
"""


def test_journeys_inside_journeys_return_one_after_the_other() -> None:
    run = ride("steps:\n  - run: middle\n    with: {amount: 7}\n  - email: z\n", NESTED, INNER)
    assert run.steps == ["middle/nurture/first"]
    run.passes(days=2)
    assert run.steps == ["middle/nurture/first", "middle/nurture/second", "middle/between", "z"]
    assert run.sends("middle/between")[0].bound.values == {"inner": 8, "own": 7}


def test_an_exit_of_the_journey_between_ends_the_one_inside_it_too() -> None:
    run = ride("steps:\n  - run: middle\n    with: {amount: 7}\n  - email: z\n", NESTED, INNER)
    run.hears("help.requested", topic="x")
    assert run.steps == ["middle/nurture/first", "z"]
    assert run.ending == "finished"


def test_its_hold_while_holds_its_steps_alone() -> None:
    inner = INNER.replace("exit:", "hold_while: lead.score > 5\nexit:")
    run = ride(
        "steps:\n  - parallel:\n      a: [{run: nurture, id: a}]\n      b: [{wait: 1 day}, {email: b}]\n",
        inner,
    )
    run.facts["lead.score"] = 9
    run.passes(days=2)
    assert run.steps == ["a/first", "b"]
    run.changes(score=1)
    assert run.steps == ["a/first", "b", "a/second"]


def test_round_is_that_of_the_repeat_around_it_again_behind_it() -> None:
    run = ride(
        "steps:\n  - repeat: 2\n    do:\n      - run: nurture\n      - email: z\n        with: {n: round}\n",
        amount=1,
    )
    run.passes(days=4)
    assert [send.bound.values for send in run.sends("z")] == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("hours", [30, 60])
def test_a_wait_behind_it_hears_what_came_inside_it_and_was_not_used(hours: int) -> None:
    run = ride(OUTER + "  - wait_for: help.requested\n    within: 1 day\n    then: [sms: heard]\n", amount=3)
    run.until(MONDAY + timedelta(hours=1))
    run.hears("help.requested", topic="x")
    run.passes(hours=hours)
    assert ("heard" in run.steps) == (hours > 48)

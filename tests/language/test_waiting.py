"""What waits compile to, and how the tools show them."""

from __future__ import annotations

import pytest

from engine.scenario_runner import branches, coverage, run_scenario
from language.compiled import Journey, Listen, SideEnd, Wait, dump, load
from language.diagram import mermaid
from language.diff import differences
from language.format import formatted
from language.journey import check_project
from language.outline import instant_text
from language.picture import svg
from tests.language.compiling import HEAD, codes, compiled, project
from tests.language.golden_files import GOLDEN

REMIND = """steps:
  - wait_for: quote.completed
    remind:
      every: 2 days
      at_most: 3
      do:
        - email: again
    within: 9 days
    then: [end: recovered]
"""
MISSING = """steps:
  - wait: until lead.last_login_at - 1 day at 9:00 UTC
    if_missing:
      - email: ask
  - email: after
"""


def changed(before: Journey, after: Journey) -> list[str]:
    return [str(change) for change in differences(before, after)]


def test_reminders_stand_beside_the_wait_and_read_back_equal() -> None:
    journey = compiled(REMIND)
    listen = journey.program[0]
    assert isinstance(listen, Listen)
    assert listen.remind is not None
    assert isinstance(journey.program[listen.remind.target + 1], SideEnd)
    assert load(dump(journey)) == journey


def test_if_missing_stands_behind_its_wait_and_leads_on() -> None:
    journey = compiled(MISSING)
    wait = journey.program[0]
    assert isinstance(wait, Wait)
    assert wait.if_missing is not None
    assert [item.place.step for item in journey.program if item.place.step][1:3] == ["ask", "after"]
    assert "lead.last_login_at" in journey.watches
    assert load(dump(journey)) == journey


@pytest.mark.parametrize(
    "text",
    [
        "2 days at 9:00 UTC",
        "3 business days",
        "until 18:30 Europe/Madrid",
        "until monday at 9:00",
        "until next lead.last_login_at - 7 days at 9:00",
        "until lead.last_login_at + 1 month",
    ],
)
def test_an_instant_is_shown_as_it_was_written(text: str) -> None:
    wait = compiled(f"steps:\n  - wait: {text}\n").program[0]
    assert isinstance(wait, Wait)
    assert instant_text(wait.until) == text


def test_pictures_and_outline_show_reminders_and_what_follows_a_missing_instant() -> None:
    drawn, missing = svg(compiled(REMIND)), svg(compiled(MISSING))
    assert "again" in drawn
    assert "remind every 2 days, 3 times" in mermaid(compiled(REMIND))
    assert "missing" in mermaid(compiled(MISSING))
    assert "ask" in missing


def test_a_change_of_reminders_is_told_in_words() -> None:
    before = compiled(REMIND)
    assert changed(before, compiled(REMIND.replace("every: 2 days", "every: 3 days"))) == [
        "the wait for quote.completed: remind every 2 days, at_most 3 -> every 3 days, at_most 3"
    ]
    assert any(
        "ask" in line for line in changed(compiled(MISSING.replace("ask", "other")), compiled(MISSING))
    )


def test_a_reminder_is_a_step_that_to_may_name() -> None:
    journey = compiled(REMIND.replace("quote.completed", "email.clicked\n    to: again"))
    listen = journey.program[0]
    assert isinstance(listen, Listen)
    assert listen.lines[0].to == "again"


def test_the_form_of_an_older_version_reads_as_one_without_reminders() -> None:
    text = dump(compiled("steps:\n  - wait: 1 day\n  - wait_for: quote.completed\n    within: 1 day\n"))
    older = text.replace(',"if_missing":null', "").replace(',"remind":null', "")
    assert older != text
    assert load(older) == load(text)


def test_steps_after_an_if_missing_that_ends_are_reached_by_the_wait() -> None:
    assert codes(MISSING.replace("email: ask", "end: lost")) == []


def test_a_circle_through_if_missing_is_held_by_nothing() -> None:
    text = (
        "stages:\n  one:\n    - wait: until lead.last_login_at\n      if_missing: [go_to: one]\n"
        "    - end: lost\n"
    )
    assert codes(text) == ["J022"]


def test_a_zone_that_is_none_is_refused_with_the_form_that_works() -> None:
    (problem,) = project("steps:\n  - wait: until 9:00 Europe/Madird\n").problems
    assert (problem.code, problem.suggestion) == ("J005", "write one like `Europe/Madrid` or `UTC`")


def test_the_formatter_puts_the_words_of_waiting_into_order() -> None:
    text = HEAD + (
        "steps:\n  - wait_for: quote.completed\n    else: go_on\n"
        "    remind: {do: [email: again], every: 2 days}\n    within: 9 days\n    since: start\n"
    )
    lines = [line.strip() for line in formatted("x.yaml", text, "journey").splitlines()]
    assert [line.partition(":")[0].removeprefix("- ") for line in lines[4:]] == [
        "wait_for", "since", "remind", "within", "else",
    ]  # fmt: skip


def test_a_scenario_plays_reminders_and_covers_them_as_a_branch() -> None:
    scenarios = """
journey: example
lead: {consent: {email: true}}
scenarios:
  - name: reminded twice
    events: [{at: 5 days, event: quote.completed}]
    expect: [day 2 email again, day 4 email again, day 5 end recovered]
  - name: never
    expect: [day 2 email again, day 4 email again, day 7 email again, day 9 end finished]
"""
    vocabulary = (GOLDEN / "vocabulary.yaml").read_text(encoding="utf-8")
    found = check_project(
        {"journey.yaml": HEAD + REMIND, "x.test.yaml": scenarios, "vocabulary.yaml": vocabulary}
    )
    assert found.errors == (), found.report()
    journey = found.journeys["example"]
    results = [run_scenario(journey, found.vocabulary, one) for one in found.scenarios]
    assert [result.difference for result in results] == [None, None]
    assert ("quote.completed", "remind") in branches(journey)
    assert coverage(journey, results).percent == 100

"""What connectors answer in scenarios, and the lines that scenarios may expect of them."""

from __future__ import annotations

import pytest

from engine.scenario_runner import ScenarioResult, branches, run_scenario, shown
from engine.simulator import simulate
from language.problems import Problems
from language.scenario import read_scenarios
from tests.engine.riding import compiled, vocabulary

JOURNEY = """
steps:
  - wait: 1 day
  - fetch: router
    with: {lead_id: lead.id}
    else: [end: lost]
  - if: fetched.router.owner is "ana" and fetched.router.mobile is known
    then:
      - email: welcome
        if: fetched.router.mobile contains "+34"
        with: {mobile: fetched.router.mobile}
      - webhook: crm
        with: {lead_id: lead.id}
      - end: recovered
  - end: gone
"""


def played(events: str, expect: str) -> ScenarioResult:
    """Plays one scenario, which has no mistake."""
    problems = Problems()
    text = f"journey: story\nscenarios:\n  - name: one\n    events: [{events}]\n    expect: [{expect}]\n"
    found = read_scenarios("a.test.yaml", text, {"story": compiled(JOURNEY)}, vocabulary(), problems)
    assert [str(problem) for problem in problems.all] == []
    return run_scenario(compiled(JOURNEY), vocabulary(), found[0])


def told(result: ScenarioResult) -> str:
    """Words why a scenario failed, with the whole log."""
    log = [shown(line, result.story.zone) for line in result.log]
    return "\n".join([str(result.difference), *log])


@pytest.mark.parametrize(
    ("events", "expect"),
    [
        (
            '{answer: {router: {owner: ana, mobile: "+34600111222"}}}',
            "day 1 fetch router, day 1 email welcome, day 1 webhook crm, day 1 end recovered",
        ),
        ("{answer: {router: {owner: eva, seats: 3}}}", "day 1 end gone"),
        ("", "day 1 end gone"),
        ("{answer: {router: fails}}", "day 1 fetch router, day 1 end lost"),
        ("{answer: {router: fails}}, {at: 2 hours, answer: {router: {owner: eva}}}", "day 1 end gone"),
        ("{at: 2 days, answer: {router: fails}}", "day 1 end gone"),
        ("{at: 2026-02-05 at 7:00, event: quote.started}, {answer: {router: fails}}", "day 1 end lost"),
    ],
)
def test_a_scenario_says_what_connectors_answer(events: str, expect: str) -> None:
    result = played(events, expect)
    assert result.passed, told(result)


def test_the_way_without_an_answer_is_a_branch_to_be_covered() -> None:
    assert ("router", "else") in branches(compiled(JOURNEY))
    assert ("router", "else") in played("{answer: {router: fails}}", "day 1 end lost").covered


def test_a_lead_alone_is_simulated_with_answers_that_hold_nothing() -> None:
    story = simulate(compiled(JOURNEY), vocabulary(), {})
    assert story.ending == "gone"
    assert [(line.kind, line.text) for line in story.log if line.kind == "fetch"] == [("fetch", "router")]


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ("{answer: {ruter: fails}}", "the vocabulary has no connector `ruter`"),
        ("{answer: {router: {ownr: ana}}}", "`router` does not answer `ownr`"),
        ("{answer: {router: {seats: many}}}", "`seats` is not a number"),
        ("{answer: {router: breaks}}", "this is no answer"),
        ("{answer: {crm: {owner: ana}}}", "`crm` does not answer `owner`"),
    ],
)
def test_an_answer_that_no_connector_gives_is_a_mistake(events: str, message: str) -> None:
    problems = Problems()
    text = f"journey: story\nscenarios:\n  - name: one\n    events: [{events}]\n    expect: []\n"
    read_scenarios("a.test.yaml", text, {"story": compiled(JOURNEY)}, vocabulary(), problems)
    assert [problem.message for problem in problems.all] == [message]

"""`start_journey` and `stop_journey` of a run, and scenarios in which other journeys run beside their own."""

from __future__ import annotations

import pytest

from engine.scenario_runner import ScenarioResult, run_scenario
from language.journey import Project, check_project
from model.commands import BeginRun, StopRuns
from tests.engine.riding import VOCABULARY, Ride
from tests.engine.test_inlined import joined

OTHER = """
journey: other
version: 1
start:
  - by: request
  - {event: help.requested, as: helped}
inputs: {amount: number, phone: {type: text, pii: true}}
again: when finished
exit: {event: order.completed, as: recovered}
steps:
  - email: other_a
    with: {n: start.amount}
  - task: look
    queue: inside_sales
    wait: false
    expires: never
  - wait: 2 days
  - email: other_b
"""
ASKS = """
steps:
  - start_journey: other
    with: {amount: start.amount, phone: lead.phone}
  - wait: 1 day
  - stop_journey: other
  - email: z
"""


def test_a_step_asks_for_a_run_with_inputs_and_goes_on() -> None:
    ride = Ride(joined(ASKS, OTHER), amount=3)
    (asked,) = [effect for effect in ride.effects if isinstance(effect, BeginRun)]
    assert (asked.journey, asked.bound.values, list(asked.bound.private)) == (
        "other",
        {"amount": 3},
        ["phone"],
    )
    ride.passes(days=1)
    assert [effect.journey for effect in ride.effects if isinstance(effect, StopRuns)] == ["other"]
    assert ride.steps[-1] == "z"


def test_the_same_step_asks_under_another_id_each_time_it_comes() -> None:
    text = "steps:\n  - repeat: 2\n    do:\n      - start_journey: other\n      - wait: 1 day\n"
    ride = Ride(joined(text, OTHER))
    ride.passes(days=1)
    asked = [effect.id for effect in ride.effects if isinstance(effect, BeginRun)]
    assert len(asked) == len(set(asked)) == 2


def test_for_names_another_lead() -> None:
    text = "steps:\n  - start_journey: other\n    for: start.quote_id\n"
    ride = Ride(joined(text, OTHER), quote_id="lead-7")
    (asked,) = [effect for effect in ride.effects if isinstance(effect, BeginRun)]
    assert asked.whom is not None
    assert asked.whom.values == {"lead": "lead-7"}


def test_a_journey_that_stops_itself_ends_as_stopped() -> None:
    own = OTHER.replace("journey: other", "journey: story")
    ride = Ride(joined("steps:\n  - stop_journey: story\n  - email: never\n", own))
    assert ride.ending == "stopped"
    assert "never" not in ride.steps


OUTER = """
journey: outer
version: 1
about: Starts another.
start: {event: quote.started}
steps:
  - start_journey: other
    with: {amount: 5}
  - wait: 1 day
  - wait_for: journey.ended
    where: event.journey is "other"
    within: 5 days
    then: [email: heard]
  - email: z
"""
NAMED = "    with: [other]\n"


def project(expect: str, outer: str = OUTER, named: str = NAMED, events: str = "", **others: str) -> Project:
    scenario = (
        f"journey: outer\nscenarios:\n  - name: one\n{named}    events: [{{at: 2026-01-05 at 10:00, event:"
        f" quote.started, quote_id: q}}{events}]\n    expect:\n"
        + "".join(f"      - {line}\n" for line in expect.split(", "))
    )
    files = {"outer.yaml": outer, "other.yaml": OTHER, "outer.test.yaml": scenario, **others}
    return check_project({"vocabulary.yaml": VOCABULARY, **files})


def played(expect: str, outer: str = OUTER, named: str = NAMED, events: str = "") -> ScenarioResult:
    found = project(expect, outer, named, events)
    assert found.errors == (), found.report()
    return run_scenario(found.journeys["outer"], found.vocabulary, found.scenarios[0])


def log(result: ScenarioResult) -> list[str]:
    return [f"{line.day} {line.kind} {line.text}" for line in result.log]


def test_a_journey_named_in_the_scenario_runs_beside_it() -> None:
    result = played(
        "day 0 start_journey other, day 0 email other_a, day 0 task look, day 2 email other_b,"
        " day 2 email heard, day 2 email z, day 2 end finished"
    )
    assert result.passed, (result.difference, log(result))
    assert "2 ended other as finished" in log(result)


def test_without_its_name_it_is_a_line_and_nothing_comes_of_it() -> None:
    result = played("day 0 start_journey other, day 7 email z, day 7 end finished", named="")
    assert result.passed, (result.difference, log(result))
    (line,) = [line for line in result.log if line.kind == "missing"]
    assert line.reason == "it does not run here: name it under `with`"


def test_again_holds_for_it_and_a_refusal_is_a_line() -> None:
    outer = OUTER.replace("  - wait: 1 day\n", "  - start_journey: other\n    id: twice\n  - wait: 1 day\n")
    result = played("day 6 end finished", outer)
    assert "0 not_entered other" in log(result)
    assert [line.reason for line in result.log if line.kind == "not_entered"] == ["a run is open"]


def test_events_let_the_lead_into_it_and_its_exits_hear_them() -> None:
    outer = OUTER.replace("  - start_journey: other\n    with: {amount: 5}\n", "")
    events = (
        ", {at: 2 hours, event: help.requested, topic: x}, {at: 4 hours, event: order.completed, amount: 1}"
    )
    result = played(
        "day 0 email other_a, day 0 task look, day 1 email heard, day 1 email z, day 1 end finished", outer,
        events=events,
    )  # fmt: skip
    assert result.passed, (result.difference, log(result))
    assert "0 ended other as recovered" in log(result)


def test_stop_journey_ends_it_and_takes_its_work_back() -> None:
    outer = OUTER.replace("  - wait_for:", "  - stop_journey: other\n  - wait_for:")
    result = played(
        "day 0 email other_a, day 0 task look, day 1 email heard, day 1 email z, day 1 end finished", outer
    )
    assert result.passed, (result.difference, log(result))
    assert "1 ended other as stopped" in log(result)


def test_journey_entered_lets_others_in_but_not_the_journey_itself() -> None:
    outer = OUTER.replace("  - start_journey: other\n    with: {amount: 5}\n", "")
    where = '    where: event.journey is "other"\n'
    outer = outer.replace("journey.ended", "lead.created").replace(where, "")
    entered = "  - {event: journey.entered, as: too}\n  - {event: help.requested"
    other = OTHER.replace("  - {event: help.requested", entered).replace("when finished", "replace")
    expect = "day 0 email other_a, day 0 task look, day 2 email other_b, day 7 email z, day 7 end finished"
    found = project(expect, outer, **{"other.yaml": other})
    assert found.errors == (), found.report()
    result = run_scenario(found.journeys["outer"], found.vocabulary, found.scenarios[0])
    assert result.passed, (result.difference, log(result))
    assert log(result).count("0 begins other") == 1


@pytest.mark.parametrize(
    ("outer", "said"),
    [
        (OUTER.replace("start_journey: other", "start_journey: othr"), "J011 there is no journey `othr`"),
        (OUTER.replace("amount: 5", "amoun: 5"), "J010 the journey `other` has no input `amoun`"),
        (OUTER.replace("amount: 5", "amount: lead.email"), "J010 `amount` is a number, and this is a text"),
        (
            OUTER.replace("start_journey: other", "start_journey: outer").replace("{amount: 5}", "{}"),
            "J010 `outer` cannot be started: none of its triggers says `by: request`",
        ),
        (OUTER.replace("  - start_journey: other", "  - stop_journey: othr\n  - start_journey: other"),
         "J011 there is no journey `othr`"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_at_its_place(outer: str, said: str) -> None:
    found = [f"{one.code} {one.message}" for one in project("day 0 end finished", outer).errors]
    assert said in found


def test_a_scenario_names_journeys_that_are_there() -> None:
    (wrong,) = project("day 6 end finished", named="    with: [othr]\n").errors
    assert (wrong.code, wrong.message, wrong.suggestion) == (
        "J010", "there is no journey `othr`", "did you mean `other`?",
    )  # fmt: skip

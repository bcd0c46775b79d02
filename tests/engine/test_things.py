"""Things of a lead: which one a run reads, what events and runs write, what moves with it."""

from __future__ import annotations

import pytest

from engine.scenario_runner import ScenarioResult, run_scenario, shown
from engine.things import id_of, named, said
from language.compiled import Journey
from language.journey import check_project
from language.problems import Problems
from language.scenario import read_scenarios
from language.schema import FieldType
from language.terms import Thing
from language.vocabulary import Vocabulary, load_vocabulary
from tests.engine.riding import Ride

VOCABULARY = """
company: {name: Ejemplo Motor, zone: Europe/Madrid}
contact_hours: {days: mon-sun, from: 0:00, to: 24:00}
things:
  policy:
    key: policy_id
    fields: {policy_id: text, status: text, expires_on: date, holder: {type: text, pii: true}}
events:
  quote.started: {quote_id: text}
  policy.changed: {policy_id: text, status: text, expires_on: date}
  policy.paid: {policy_id: text, amount: number}
endings: {renewed: won, lost: lost}
"""
RENEWAL = """
journey: renewal
version: 1
start: {becomes: policy.status is "expiring"}
exit: {event: policy.paid, as: renewed}
steps:
  - email: soon
    with: {policy: start.policy_id, until: policy.expires_on, holder: policy.holder}
  - wait: until policy.expires_on - 7 days
  - if: policy.status is "expiring"
    then:
      - email: last_days
  - wait: until policy.expires_on
  - set: {policy.status: lapsed}
  - if: policy.status is "lapsed"
    then: [end: lost]
"""
POLICY = "{policy_id: p1, status: expiring, expires_on: 2026-02-10}"
OWN = f"{{policy: {POLICY}}}"
LAST = "day 0 email soon, day 29 email last_days, day 36 end lost"


def vocabulary() -> Vocabulary:
    """The vocabulary of these tests."""
    problems = Problems()
    found = load_vocabulary({"vocabulary.yaml": VOCABULARY}, problems)
    assert [str(problem) for problem in problems.all] == []
    return found


def compiled(text: str = RENEWAL) -> Journey:
    """Compiles a journey without a mistake."""
    found = check_project({"vocabulary.yaml": VOCABULARY, "journey.yaml": text})
    assert found.errors == (), found.report()
    return next(iter(found.journeys.values()))


def played(
    events: str, expect: str, lead: str = f"{{policy: {POLICY}}}", text: str = RENEWAL
) -> ScenarioResult:
    """Plays one scenario, which has no mistake."""
    problems, journey = Problems(), compiled(text)
    scenario = (
        f"journey: {journey.name}\nlead: {lead}\nscenarios:\n  - name: one\n    events: [{events}]\n"
        f"    expect: [{expect}]\n"
    )
    found = read_scenarios("a.test.yaml", scenario, {journey.name: journey}, vocabulary(), problems)
    assert [str(problem) for problem in problems.all] == []
    return run_scenario(journey, vocabulary(), found[0])


def told(result: ScenarioResult) -> str:
    """Words why a scenario failed, with the whole log."""
    return "\n".join([str(result.difference), *(shown(line, result.story.zone) for line in result.log)])


def test_a_trigger_on_a_thing_makes_the_thing_the_key() -> None:
    journey = compiled()
    assert (journey.key_field, journey.things) == ("policy_id", {"policy": "policy_id"})
    assert [(start.on, start.thing) for start in journey.starts] == [("becomes", "policy")]
    assert set(journey.watches) == {"policy.expires_on"}
    assert journey.reads["policy.paid"] == ("policy_id",)


def test_a_journey_that_reads_a_thing_keeps_the_key_that_names_it() -> None:
    text = (
        "journey: other\nversion: 1\nstart: {event: policy.paid}\nsteps:\n"
        "  - email: thanks\n    with: {status: policy.status}\n"
    )
    journey = compiled(text)
    assert (journey.key, journey.things) == (None, {"policy": "policy_id"})
    assert journey.reads["policy.paid"] == ("policy_id",)


@pytest.mark.parametrize(
    ("events", "expect"),
    [
        ("", LAST),
        ("{at: 2 days, event: policy.paid, policy_id: p1}", "day 0 email soon, day 2 end renewed"),
        (
            "{at: 2 days, event: policy.paid, policy_id: p2}",
            LAST,
        ),
        (
            "{at: 2 days, set: {policy.expires_on: 2026-03-10}}",
            "day 0 email soon, day 57 email last_days, day 64 end lost",
        ),
        (
            "{at: 2 days, event: policy.changed, policy_id: p1, expires_on: 2026-01-15}",
            "day 0 email soon, day 3 email last_days, day 10 end lost",
        ),
        (
            "{at: 2 days, event: policy.changed, policy_id: p2, expires_on: 2026-01-15}",
            LAST,
        ),
        ("{at: 2 days, set: {policy.status: paid}}", "day 0 email soon, day 36 end lost"),
    ],
)
def test_a_scenario_of_a_policy_goes_with_it(events: str, expect: str) -> None:
    result = played(events, expect)
    assert result.passed, told(result)


def test_the_event_that_begins_a_run_makes_the_thing() -> None:
    text = (
        'journey: other\nversion: 1\nstart: {event: policy.changed, if: policy.status is "new"}\n'
        "key: start.policy_id\nsteps:\n  - wait: until policy.expires_on\n  - end: renewed\n"
    )
    first = (
        "{at: 2026-01-05 at 10:00, event: policy.changed, policy_id: p9, status: new, expires_on: 2026-01-08}"
    )
    for lead in ("{score: 1}", f"{{policy: [{POLICY}, {{policy_id: p9, status: old}}]}}"):
        result = played(first, "day 3 end renewed", lead, text)
        assert result.passed, told(result)
    refused = first.replace("status: new, ", "")
    assert played(refused, "refused if", "{score: 1}", text).story.refused


def test_a_run_reads_its_own_thing_of_several() -> None:
    text = (
        "journey: other\nversion: 1\nstart: {event: policy.paid}\nkey: start.policy_id\nsteps:\n"
        '  - if: policy.status is "expiring"\n    then: [end: renewed]\n    else: [end: lost]\n'
    )
    lead = f"{{policy: [{POLICY}, {{policy_id: p2, status: other}}]}}"
    for own, ending in (("p1", "renewed"), ("p2", "lost"), ("p3", "lost")):
        event = f"{{at: 2026-01-05 at 10:00, event: policy.paid, policy_id: {own}}}"
        result = played(event, f"day 0 end {ending}", lead, text)
        assert result.passed, told(result)


@pytest.mark.parametrize(
    ("lead", "message"),
    [
        ("{policy: {status: new}}", "the policy has no `policy_id`"),
        ("{policy: {policy_id: p1, stauts: new}}", "`policy` has no field `stauts`"),
        ("{policy: {policy_id: p1, expires_on: soon}}", "`policy.expires_on` is not a date, 2026-11-04"),
        ("{policy: p1}", "this is no policy"),
        ("{polcy: {policy_id: p1}}", "`lead` has no field `polcy`"),
    ],
)
def test_a_thing_that_the_vocabulary_does_not_know_is_a_mistake(lead: str, message: str) -> None:
    problems = Problems()
    text = f"journey: renewal\nlead: {lead}\nscenarios:\n  - name: one\n    events: []\n    expect: []\n"
    read_scenarios("a.test.yaml", text, {"renewal": compiled()}, vocabulary(), problems)
    assert [problem.message for problem in problems.all] == [message]


def test_personal_fields_of_a_thing_stay_in_the_store() -> None:
    ride = Ride(compiled(), key="p1", policy_id="p1")
    (send,) = ride.sends("soon")
    assert set(send.bound.values) == {"policy", "until"}
    assert set(send.bound.private) == {"holder"}


def test_a_key_names_a_thing_as_text() -> None:
    assert [id_of(value) for value in ("a", 7, 7.0, 7.5, True, "", None, "x" * 201)] == [
        "a", "7", "7", None, None, None, None, None,
    ]  # fmt: skip


def test_what_is_said_of_another_type_is_passed_over() -> None:
    thing = Thing("car", "car_id", {"car_id": FieldType("number"), "model": FieldType("text")})
    assert named({"car": thing}, {"car_id": 7, "model": "x"}) == {"car": "7"}
    assert said(thing, {"car_id": 7, "model": 3, "other": "x"}) == {"car_id": 7}
    assert said(thing, {"model": None}) == {"model": None}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("things: {policy: {key: id, fields: {id: text}}}", "`id` cannot name a policy"),
        (
            "things: {policy: {key: iban, fields: {iban: {type: text, pii: true}}}}",
            "`iban` cannot name a policy",
        ),
        ("things: {policy: {key: on, fields: {on: date}}}", "`on` cannot name a policy"),
        (
            "things: {policy: {key: p, fields: {p: text, d: text}}}\nevents: {policy.a: {p: text, d: date}}",
            "`policy.a` writes `policy.d`, which is a text",
        ),
    ],
)
def test_a_vocabulary_says_what_can_name_a_thing(text: str, message: str) -> None:
    problems = Problems()
    load_vocabulary({"vocabulary.yaml": text}, problems)
    assert [problem.message.partition(":")[0] for problem in problems.all] == [message]


DATED = """
journey: reminder
version: 1
start: {date: policy.expires_on, before: 14 days, at: 9:00}
steps:
  - email: soon
    with: {until: start.date}
  - wait: until start.date
  - end: lost
"""


@pytest.mark.parametrize(
    ("events", "expect"),
    [
        ("", "day 0 at 9:00 email soon, day 14 end lost"),
        ("{at: 2 days, set: {policy.expires_on: 2026-02-20}}", "day 0 email soon, day 24 end lost"),
        ("{at: 2026-01-20 at 9:00, date: policy.expires_on}", "day 0 email soon, day 21 end lost"),
    ],
)
def test_a_date_of_a_thing_begins_and_moves_a_simulated_run(events: str, expect: str) -> None:
    result = played(events, expect, OWN, DATED)
    assert result.passed, told(result)


def test_a_date_of_a_thing_that_nobody_gave_is_made_to_fit() -> None:
    result = played("", "day 0 email soon, day 14 end lost", "{score: 1}", DATED)
    assert result.passed, told(result)


def test_triggers_by_the_clock_are_about_things_too() -> None:
    for start in ('{every: day at 8:00, if: policy.status is "new"}', "{date: policy.expires_on}"):
        journey = compiled(f"journey: j\nversion: 1\nstart: {start}\nsteps: [email: a]\n")
        assert [(one.thing, journey.key_field) for one in journey.starts] == [("policy", "policy_id")]
    journey = compiled("journey: j\nversion: 1\nstart: {every: day at 8:00}\nsteps: [email: a]\n")
    assert [(one.thing, journey.key) for one in journey.starts] == [(None, None)]

"""`fetch` and `webhook`: a connector is asked until it answers or its time is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.connecting import pause
from engine.standing import standing
from engine.turn import Operator
from language.compiled import Connect
from model.commands import CallConnector, Connected
from model.expressions import Name
from tests.engine.riding import MONDAY, Ride, compiled

FETCH = """
steps:
  - wait: 1 hour
  - fetch: router
    with: {lead_id: lead.id}
    else: [end: lost]
  - email: welcome
    with: {owner: fetched.router.owner}
  - if: fetched.router and fetched.router.seats > 3
    then: [end: recovered]
  - end: gone
"""
WITHOUT_ELSE = """
steps:
  - wait: 1 hour
  - fetch: router
    with: {lead_id: lead.id}
  - if: fetched.router.owner is known
    then: [end: recovered]
  - end: gone
"""


def later(reason: str, ride: Ride | None = None, after: float = 0.0) -> Connected:
    """Says that a try had no answer, and when the next may be made."""
    until = ride.now + timedelta(seconds=after) if ride is not None else None
    return Connected(0, "later", reason=reason, until=until)


def begun(text: str, *replies: Connected) -> Ride:
    """A ride that is about to ask."""
    ride = Ride(text)
    ride.replies = list(replies)
    return ride


def calls(ride: Ride) -> list[CallConnector]:
    """The tries so far."""
    return [effect for effect in ride.effects if isinstance(effect, CallConnector)]


def notes(ride: Ride, kind: str) -> list[str]:
    """What the run noted of a kind."""
    return [note.text for note in ride.notes if note.kind == kind]


def test_what_is_answered_is_read_by_values_and_conditions() -> None:
    ride = begun(FETCH, Connected(0, "answered", {"owner": "ana", "seats": 4}))
    ride.passes(hours=1)
    (send,) = ride.sends("welcome")
    assert send.bound.values == {"owner": "ana"}
    assert ride.ending == "recovered"


def test_an_answered_step_is_known_though_a_field_is_missing() -> None:
    ride = begun(WITHOUT_ELSE.replace("fetched.router.owner", "fetched.router"), Connected(0, "answered"))
    ride.passes(hours=1)
    assert ride.ending == "recovered"


def test_a_refusal_takes_else_at_once() -> None:
    ride = begun(FETCH, Connected(0, "failed", reason="http_404"))
    ride.passes(hours=1)
    assert ride.ending == "lost"
    assert [(n.branch, n.text) for n in ride.notes if n.branch] == [
        ("else", "no answer from router: http_404")
    ]


def test_without_else_a_failure_is_noted_the_answer_missing_and_the_run_goes_on() -> None:
    ride = begun(WITHOUT_ELSE, Connected(0, "failed", reason="http_404"))
    ride.passes(hours=1)
    assert ride.ending == "gone"
    assert notes(ride, "missing") == ["no answer from router: http_404; goes on"]


def test_it_is_tried_again_under_the_same_id_with_the_same_values() -> None:
    ride = begun(FETCH, later("http_503"), later("http_503"), Connected(0, "answered", {"seats": 9}))
    ride.facts["lead.id"] = "l1"
    ride.passes(hours=1)
    assert ride.ending is None
    ride.facts["lead.id"] = "l2"
    ride.passes(minutes=5)
    assert ride.ending == "recovered"
    assert [call.tries for call in calls(ride)] == [1, 2, 3]
    assert {(call.id, call.bound.values["lead_id"]) for call in calls(ride)} == {(calls(ride)[0].id, "l1")}
    assert notes(ride, "retry") == ["fetch router: http_503, tries again until 2026-01-05 12:00"]


def test_after_its_time_it_gives_up() -> None:
    ride = begun(FETCH, *[later("timeout")] * 100)
    ride.passes(hours=3)
    assert ride.ending == "lost"
    assert len(calls(ride)) > 5
    assert [n.text for n in ride.notes if n.branch] == [
        "no answer from router: timeout, given up after 1 hour"
    ]


def test_the_receiver_says_when_to_come_again() -> None:
    ride = Ride(FETCH)
    ride.until(MONDAY + timedelta(minutes=59))
    ride.replies = [Connected(0, "later", reason="http_429", until=MONDAY + timedelta(minutes=100))]
    ride.until(MONDAY + timedelta(minutes=99))
    assert len(calls(ride)) == 1
    ride.until(MONDAY + timedelta(minutes=101))
    assert len(calls(ride)) == 2


def test_one_that_may_only_come_after_its_time_is_given_up_at_once() -> None:
    ride = begun(FETCH, Connected(0, "later", reason="http_429", until=MONDAY + timedelta(days=1)))
    ride.passes(hours=1)
    assert ride.ending == "lost"


def test_an_exit_ends_a_run_that_waits_for_an_answer() -> None:
    ride = begun("exit: {event: quote.completed, as: recovered}\n" + FETCH.lstrip(), later("dns"))
    ride.passes(hours=1)
    ride.hears("quote.completed")
    assert ride.ending == "recovered"


def test_a_connector_that_nobody_knows_parks_the_run_until_somebody_has_mended_it() -> None:
    stuck = Connected(0, "needs_attention", reason="the vocabulary has no connector router: declare it")
    ride = begun(FETCH, *[stuck] * 4, Connected(0, "answered", {"seats": 9}))
    ride.passes(hours=2)
    assert standing(ride.position) == ("router", f"attention: {stuck.reason}")
    assert notes(ride, "needs_attention") == [stuck.reason]
    ride.passes(hours=3)
    assert ride.ending == "recovered"


def test_an_operator_may_skip_the_question() -> None:
    ride = begun(WITHOUT_ELSE, later("dns"))
    ride.passes(hours=1)
    ride.orders(Operator("skip"))
    assert ride.ending == "gone"


def test_a_second_question_that_fails_forgets_what_the_first_answered() -> None:
    again = """
steps:
  - repeat: 2
    do:
      - wait: 1 hour
      - fetch: router
        with: {lead_id: lead.id}
  - if: fetched.router.owner is known
    then: [end: recovered]
  - end: gone
"""
    ride = begun(again, Connected(0, "answered", {"owner": "ana"}), Connected(0, "failed", reason="http_410"))
    ride.passes(hours=2)
    assert ride.ending == "gone"
    assert len({call.id for call in calls(ride)}) == 2


def test_a_condition_on_what_was_fetched_is_judged_in_exits_too() -> None:
    text = "exit: {becomes: fetched.router.seats > 3, as: recovered}\n" + WITHOUT_ELSE.lstrip()
    ride = begun(text, Connected(0, "answered", {"seats": 4}))
    ride.passes(hours=1)
    assert ride.ending == "recovered"


def test_personal_fields_stay_an_expression_in_what_a_run_sends() -> None:
    text = FETCH.replace("{owner: fetched.router.owner}", "{mobile: fetched.router.mobile}")
    ride = begun(text, Connected(0, "answered"))
    ride.passes(hours=1)
    (send,) = ride.sends("welcome")
    assert send.bound.values == {}
    assert send.bound.private == {"mobile": Name("fetched.router.mobile", "text", pii=True)}


def test_a_condition_on_a_personal_field_is_asked_whole() -> None:
    text = WITHOUT_ELSE.replace("fetched.router.owner", "fetched.router.mobile")
    ride = begun(text, Connected(0, "answered"))
    ride.facts["fetched.router.mobile is known"] = True
    ride.passes(hours=1)
    assert ride.ending == "recovered"


def test_a_webhook_is_fired_and_nothing_need_be_read() -> None:
    ride = begun("steps:\n  - webhook: crm\n    with: {lead_id: lead.id}\n  - end: gone\n")
    assert [(call.verb, call.connector, call.answers) for call in calls(ride)] == [("webhook", "crm", {})]
    assert ride.ending == "gone"


def test_pauses_grow_to_an_hour_and_differ_from_run_to_run() -> None:
    pauses = [pause("one", tries).total_seconds() for tries in range(1, 40)]
    assert pauses[0] < 7
    assert max(pauses) <= 1.25 * 3600
    assert pauses[-1] >= 0.75 * 3600
    assert pause("one", 3) != pause("two", 3)


def test_what_a_connector_may_answer_is_frozen_with_the_journey() -> None:
    (connect,) = [item for item in compiled(FETCH).program if isinstance(item, Connect)]
    assert {name: (f.type, f.pii) for name, f in connect.answers.items()} == {
        "owner": ("text", False),
        "seats": ("number", False),
        "mobile": ("text", True),
    }
    assert (connect.timeout, connect.retry_for.seconds) == (9.0, 3600)


@pytest.mark.parametrize("held", [True, False])
def test_hold_while_keeps_a_question_back(held: bool) -> None:
    ride = Ride("hold_while: lead.score > 5\n" + WITHOUT_ELSE.lstrip())
    ride.facts["lead.score"] = 9 if held else 1
    ride.passes(hours=2)
    assert bool(calls(ride)) is not held

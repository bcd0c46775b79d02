"""`allow` and `suppress`: in force at once, told to others, taken back by a consent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.permission import told as events_of
from engine.position import Refusal
from engine.simulator import simulate
from engine.story import Story
from model.channels import MESSAGES
from model.commands import Permit, Suppress
from model.events import Fields
from tests.engine.riding import MONDAY, Ride, compiled, vocabulary
from tests.engine.test_simulator import play

LEAD: Fields = {"phone": "+34600111222", "push_token": "device-1"}


def told(text: str, **lead: object) -> Story:
    return simulate(compiled(text), vocabulary(), {**LEAD, **lead})  # type: ignore[dict-item]


def messages(story: Story) -> list[str]:
    kinds = {*MESSAGES, "call"}
    return [f"day {line.day} {line.kind} {line.reason or 'sent'}" for line in story.log if line.kind in kinds]


@pytest.mark.parametrize("what", ["marketing", "email", "push", "all"])
def test_what_is_suppressed_is_skipped_by_the_same_run(what: str) -> None:
    story = told(f"steps:\n  - suppress: {what}\n  - email: a\n  - push: a\n")
    stops = {"marketing": {"email", "push"}, "all": {"email", "push"}}.get(what, {what})
    expected = [f"day 0 {c} {'suppressed' if c in stops else 'sent'}" for c in ("email", "push")]
    assert messages(story) == expected


def test_a_suppression_with_an_end_holds_messages_until_then() -> None:
    story = told("steps:\n  - suppress: marketing\n    for: 30 days\n  - email: a\n")
    assert messages(story) == ["day 30 email sent"]
    (line,) = [line for line in story.log if line.kind == "suppress"]
    assert (line.text, line.reason) == ("marketing", "until 2026-02-04 10:00")


def test_a_suppression_of_one_channel_with_an_end_holds_only_that() -> None:
    story = told("steps:\n  - suppress: email\n    for: 2 days\n  - push: a\n  - email: a\n")
    assert messages(story) == ["day 0 push sent", "day 2 email sent"]


def test_a_shorter_suppression_does_not_end_a_longer_one() -> None:
    text = "steps:\n  - suppress: email\n    for: 9 days\n  - suppress: email\n    for: 1 day\n  - email: a\n"
    assert messages(told(text)) == ["day 9 email sent"]


def test_who_rests_from_calls_is_called_afterwards() -> None:
    call = (
        "  - call: intro\n    queue: inside_sales\n"
        "    outcomes: {won: go_on, refused: go_on, busy: go_on, wrong_number: go_on, do_not_call: go_on}\n"
    )
    text = f"steps:\n  - suppress: calls\n    for: 2 days\n{call}  - wait: 2 days\n{call}"
    assert messages(told(text)) == ["day 2 call sent"]


def test_a_consent_is_in_force_at_once() -> None:
    text = "steps:\n  - email: a\n  - allow: email\n  - email: b\n  - push: b\n"
    story = told(text, consent={"sms": True})
    assert messages(story) == ["day 0 email no_consent", "day 0 email sent", "day 0 push no_consent"]


def test_a_consent_comes_after_a_refusal_and_lifts_it() -> None:
    text = "steps:\n  - wait: 1 day\n  - allow: email\n  - email: b\n"
    assert messages(told(text, consent={"email": False})) == ["day 1 email sent"]


@pytest.mark.parametrize(
    ("stopped", "allowed", "sent"),
    [
        ("email", "email", True),
        ("marketing", "email", True),
        ("all", "email", False),
        ("push", "email", True),
        ("email", "push", False),
        ("email\n    for: 30 days", "email", True),
    ],
)
def test_a_consent_takes_back_what_a_journey_stopped_of_it(stopped: str, allowed: str, sent: bool) -> None:
    text = f"steps:\n  - suppress: {stopped}\n  - wait: 1 day\n  - allow: {allowed}\n  - email: a\n"
    assert messages(told(text)) == [f"day 1 email {'sent' if sent else 'suppressed'}"]


@pytest.mark.parametrize(
    ("step", "event", "fields"),
    [
        ("allow: email", "lead.consent_given", {"channel": "email"}),
        ("allow: calls", "lead.consent_given", {"channel": "call"}),
        ("suppress: sms", "lead.unsubscribed", {"channel": "sms", "scope": "all"}),
        ("suppress: marketing", "lead.unsubscribed", {"channel": "all", "scope": "marketing"}),
        (
            "suppress: sms\n    for: 2 days",
            "lead.snooze_requested",
            {"channel": "sms", "scope": "all", "until": "2026-01-07T09:00:00+00:00"},
        ),
    ],
)
def test_the_events_that_they_make(step: str, event: str, fields: Fields) -> None:
    (effect,) = Ride(f"steps:\n  - {step}\n  - wait: 1 day\n").effects
    assert isinstance(effect, Suppress | Permit)
    run = Ride("steps:\n  - wait: 1 day\n").position.run
    step_id = step.split()[1]
    assert events_of(effect, run) == (event, {"journey": "story", "step": step_id, **fields})


@pytest.mark.parametrize("step", ["allow: email", "suppress: sms", "suppress: sms\n    for: 2 days"])
def test_a_run_does_not_hear_of_what_it_did_itself(step: str) -> None:
    names = ("lead.consent_given", "lead.unsubscribed", "lead.snooze_requested")
    exits = "".join(f"  - event: {name}\n    as: lost\n" for name in names)
    lines = "".join(f"      - event: {name}\n" for name in names)
    story = told(f"exit:\n{exits}steps:\n  - {step}\n  - first_of:\n{lines}    within: 1 day\n")
    assert story.ending == "finished"
    assert [line.kind for line in story.log][-2:] == ["timeout", "end"]


def test_a_condition_on_who_can_be_reached_is_judged_again() -> None:
    text = (
        'steps:\n  - allow: email\n  - first_of:\n      - if: can_reach("email")\n'
        "        then: [end: recovered]\n    within: 1 day\n"
    )
    assert told(text, consent={"sms": True}).ending == "recovered"


def test_a_run_does_not_end_by_what_it_stopped_itself() -> None:
    story = told("steps:\n  - suppress: marketing\n  - wait: 1 day\n  - email: a\n")
    assert (story.ending, messages(story)) == ("finished", ["day 1 email suppressed"])


def test_their_effects_carry_what_and_until_when() -> None:
    ride = Ride("steps:\n  - allow: calls\n  - suppress: sms\n  - suppress: all\n    for: 2 days\n")
    permit, for_ever, for_a_time = ride.effects[:3]
    assert isinstance(permit, Permit)
    assert isinstance(for_ever, Suppress)
    assert isinstance(for_a_time, Suppress)
    assert (permit.what, for_ever.what, for_ever.until) == ("calls", "sms", None)
    assert (for_a_time.what, for_a_time.until) == ("all", MONDAY + timedelta(days=2))


def test_scenarios_expect_them() -> None:
    (result,) = play(
        "steps:\n  - allow: email\n  - suppress: sms\n    for: 1 week\n",
        "  - name: both\n    expect: [day 0 allow email, day 0 suppress sms, day 0 end finished]\n",
    )
    assert result.difference is None


def test_a_consent_takes_back_a_refusal_before_it_ends_the_run() -> None:
    text = "steps:\n  - wait: 1 day\n  - send: a\n    by: [email, sms]\n"
    ride = Ride(text)
    ride.hears("lead.unsubscribed", channel="email")
    ride.hears("lead.consent_given", channel="email")
    ride.hears("lead.unsubscribed", channel="sms")
    assert not ride.ended, "e-mail is allowed again"
    ride.hears("lead.unsubscribed", channel="email")
    assert ride.ending == "unsubscribed"


def test_a_consent_to_one_topic_takes_back_the_refusal_of_that_topic_alone() -> None:
    ride = Ride(
        "steps:\n  - wait: 1 day\n  - task: look\n    queue: inside_sales\n    wait: false\n  - email: a\n"
    )
    for topic in ("news", "offers"):
        ride.hears("lead.unsubscribed", channel="email", topic=topic)
    ride.hears("lead.consent_given", channel="email", topic="news")
    assert ride.position.refusals == (Refusal("email", "offers"),)

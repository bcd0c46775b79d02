"""Every channel of messages: addresses, consents, hours, the one that the lead prefers."""

from __future__ import annotations

import pytest

from engine.simulator import simulate
from engine.story import Story
from language.listening import watched
from model.channels import MESSAGES
from model.commands import Sent
from model.events import Fields
from tests.engine.riding import Ride, compiled, vocabulary
from tests.engine.test_simulator import play

EVERYTHING: Fields = {
    "email": "luis@example.com",
    "phone": "+34600111222",
    "push_token": "device-1",
    "postal_address": "Calle Mayor 1, Madrid",
    "x_handle": "@luis",
}
ADDRESS = {
    "email": "email", "sms": "phone", "whatsapp": "phone", "voice": "phone", "push": "push_token",
    "letter": "postal_address", "social": "x_handle",
}  # fmt: skip


def step(channel: str, more: str = "") -> str:
    network = "\n    network: x" if channel == "social" else ""
    return f"  - {channel}: hello{network}{more}\n"


def messages(story: Story) -> list[str]:
    return [f"{line.kind} {line.reason or 'sent'}" for line in story.log if line.kind in MESSAGES]


@pytest.mark.parametrize("channel", MESSAGES)
def test_a_scenario_expects_messages_of_every_channel(channel: str) -> None:
    text = "steps:\n" + step(channel)
    lead = ", ".join(f'{name}: "{value}"' for name, value in EVERYTHING.items())
    went, refused = play(
        text,
        f"  - name: it goes\n    lead: {{{lead}, consent: {{{channel}: true}}}}\n"
        f"    expect: [day 0 {channel} hello, day 0 end finished]\n"
        f"  - name: refused\n    lead: {{{lead}, consent: {{{channel}: false}}}}\n"
        f"    expect: [day 0 {channel} hello skipped no_consent, day 0 end finished]\n",
    )
    assert (went.difference, refused.difference) == (None, None)


@pytest.mark.parametrize(("channel", "attribute"), ADDRESS.items())
def test_each_channel_needs_its_own_address(channel: str, attribute: str) -> None:
    journey = compiled("steps:\n" + step(channel))
    others = {name: value for name, value in EVERYTHING.items() if name != attribute}
    assert messages(simulate(journey, vocabulary(), {**EVERYTHING})) == [f"{channel} sent"]
    assert messages(simulate(journey, vocabulary(), {**others, attribute: None})) == [f"{channel} no_address"]


def test_a_web_message_waits_on_the_site_for_every_lead() -> None:
    journey = compiled("steps:\n" + step("web_message"))
    assert messages(simulate(journey, vocabulary(), {})) == ["web_message sent"]


def test_a_handle_on_one_network_is_none_on_the_other() -> None:
    text = "steps:\n  - social: hello\n    network: facebook\n"
    assert messages(simulate(compiled(text), vocabulary(), EVERYTHING)) == ["social no_address"]


@pytest.mark.parametrize("channel", MESSAGES)
def test_marketing_on_every_channel_waits_for_contact_hours(channel: str) -> None:
    text = f"contact_hours: {{from: 12:00, to: 13:00}}\nsteps:\n{step(channel)}"
    story = simulate(compiled(text), vocabulary(), EVERYTHING)
    (line,) = [line for line in story.log if line.kind == channel]
    assert line.at.isoformat() == "2026-01-05T11:00:00+00:00", "12:00 in Madrid"


@pytest.mark.parametrize(("channel", "attribute"), [*ADDRESS.items(), ("web_message", "id")])
def test_can_reach_is_asked_of_every_channel_and_judged_again_when_the_address_changes(
    channel: str, attribute: str
) -> None:
    journey = compiled(
        f'steps:\n  - first_of:\n      - becomes: can_reach("{channel}")\n        then: [email: reached]\n'
        "    within: 2 days\n"
    )
    assert {f"lead.{attribute}", "lead.consent"} <= set(watched(journey))
    text = f'start:\n  event: quote.started\n  if: can_reach("{channel}")\nsteps:\n  - email: a\n'
    asked = compiled(f"journey: story\nversion: 1\n{text}")
    assert simulate(asked, vocabulary(), EVERYTHING).refused is None
    nobody: Fields = {**dict.fromkeys(EVERYTHING), "consent": {"email": True}}
    assert simulate(asked, vocabulary(), nobody).refused is not None


def test_who_wants_no_calls_gets_no_voice_message() -> None:
    text = "steps:\n  - suppress: calls\n  - voice: hello\n  - sms: hello\n"
    assert messages(simulate(compiled(text), vocabulary(), EVERYTHING)) == ["voice suppressed", "sms sent"]


PREFERS = "steps:\n  - send: hello\n    by: lead.preferred_channel\n    else: [end: gone]\n"


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        ({"preferred_channel": "sms"}, ["sms sent"]),
        ({"preferred_channel": "letter"}, ["letter sent"]),
        ({}, ["email sent"]),
        ({"preferred_channel": "call"}, ["email sent"]),
        ({"preferred_channel": "sms", "phone": None}, ["email sent"]),
        ({"email": None}, ["whatsapp sent"]),
    ],
)
def test_the_lead_is_written_to_as_it_prefers_and_else_by_the_first_that_reaches_it(
    lead: dict[str, str | None], expected: list[str]
) -> None:
    assert messages(simulate(compiled(PREFERS), vocabulary(), {**EVERYTHING, **lead})) == expected


def test_a_lead_whom_no_channel_reaches_goes_the_way_of_else() -> None:
    story = simulate(compiled(PREFERS), vocabulary(), {**EVERYTHING, "consent": {"email": False}})
    assert story.ending == "gone"


def test_a_social_message_without_a_network_is_left_out_of_what_a_lead_may_prefer() -> None:
    (message,) = (item for item in compiled(PREFERS).program if item.kind == "message")
    assert "social" not in message.channels
    with_network = PREFERS.replace("    else", "    network: x\n    else")
    (message,) = (item for item in compiled(with_network).program if item.kind == "message")
    assert set(message.channels) == set(MESSAGES)


def test_the_preferred_channel_is_read_when_the_message_goes() -> None:
    ride = Ride("steps:\n  - wait: 1 day\n" + PREFERS.removeprefix("steps:\n"))
    ride.facts["lead.preferred_channel"] = "push"
    ride.passes(days=1)
    (send,) = ride.sends()
    assert send.channels[:3] == ("push", "email", "whatsapp")


def test_a_preference_is_read_again_after_a_hold() -> None:
    ride = Ride("steps:\n  - wait: 1 day\n" + PREFERS.removeprefix("steps:\n"))
    ride.answers = [Sent(0, "held", "email", "quiet", ride.now.replace(day=7))]
    ride.passes(days=1)
    ride.facts["lead.preferred_channel"] = "sms"
    ride.passes(days=1)
    assert [send.channels[0] for send in ride.sends()] == ["email", "sms"]

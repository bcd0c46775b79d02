"""Messages of every channel on the real server: sent, seen, held and moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from temporalio.client import Client

from model.channels import MESSAGES
from model.records import Identifier
from store.consents import consents
from tests.house import House, house, project_of

VOCABULARY = """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [en]}
contact_hours: {days: mon-sun, from: 9:00, to: 20:00}
lead: {renews_on: date}
events:
  trial.started: {}
  offer.made: {}
  renewal.near: {}
  interest.shown: {}
  sunset.came: {}
  came.back: {}
  offer.wanted: {}
"""
EVERY = """
journey: every_channel
version: 1
start: {event: trial.started}
steps:
  - email: hello
  - sms: hello
  - whatsapp: hello
  - push: hello
  - web_message: hello
  - voice: hello
  - letter: hello
  - social: hello
    network: x
  - send: hello
    by: lead.preferred_channel
"""
LADDER = """
journey: ladder
version: 1
start: {event: offer.made}
steps:
  - send: offer
    by: [whatsapp, sms, email]
    until_seen: 6 hours
  - wait_for: whatsapp.read
    within: 1 hour
    then: [end: finished]
    else: [push: offer]
"""
RENEWAL = """
journey: renewal
version: 1
start: {event: renewal.near}
steps:
  - email: hello
    at: lead.renews_on - 1 day at 8:00
    hours: mon-sun 20:00-21:00
"""
SUNSET = """
journey: sunset
version: 1
start: {event: sunset.came}
again: when finished
steps:
  - suppress: sms
  - suppress: marketing
    for: 30 days
  - sms: hello
  - email: offer
  - email: hello
    id: good_bye
"""
BACK = """
journey: back
version: 1
start: {event: came.back}
steps:
  - allow: email
  - allow: sms
  - send: offer
    by: [sms]
"""
OTHER = """
journey: other
version: 1
start: {event: offer.wanted}
steps:
  - wait: 10 days
  - sms: offer
"""
FOLDERS = ("sms", "whatsapp", "push", "web", "voice", "letter", "social")
MAIL = (
    "---\nsubject: Hello\n{}---\n<mjml><mj-body><mj-section><mj-column>"
    "<mj-text>Hello {{{{ lead.first_name }}}}</mj-text></mj-column></mj-section></mj-body></mjml>"
)
PROJECT = {
    "vocabulary.yaml": VOCABULARY,
    "every_channel.yaml": EVERY,
    "ladder.yaml": LADDER,
    "renewal.yaml": RENEWAL,
    "sunset.yaml": SUNSET,
    "back.yaml": BACK,
    "other.yaml": OTHER,
    "templates/email/hello.mjml": MAIL.format("purpose: service\n"),
    "templates/email/offer.mjml": MAIL.format(""),
    **{f"templates/{folder}/hello.txt": "---\npurpose: service\n---\nHello {{ lead.first_name }}"
       for folder in FOLDERS},
    **{f"templates/{folder}/offer.txt": "An offer" for folder in FOLDERS},
}  # fmt: skip
LUIS = [Identifier("email", "luis@example.com")]


@pytest.fixture(params=[1000])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, temporal_client: Client
) -> AsyncIterator[House]:
    """A house with Luis in it; its worker keeps so many runs in memory."""
    project = project_of(tmp_path / "defs", PROJECT)
    async with house(tmp_path, temporal_client, project, cache=request.param) as opened:
        await opened.event(
            "lead.updated", first_name="Luis", zone="Europe/Madrid", phone="+34600111222",
            push_token="device-1", x_handle="@luis",
            postal_address="Calle Mayor 1, Madrid", preferred_channel="letter",
            consent=dict.fromkeys(MESSAGES, True),
        )  # fmt: skip
        yield opened


async def sent(world: House) -> list[tuple[str, str]]:
    return [(message.channel, f"{message.at:%d %H:%M}") for message in await world.outbox()]


async def test_every_channel_reaches_the_lead_at_its_own_address(world: House) -> None:
    await world.event("trial.started")
    taken = await world.outbox()
    lead = (await world.runs())[0].lead_id
    assert [(message.channel, message.to) for message in taken] == [
        ("email", "luis@example.com"), ("sms", "+34600111222"), ("whatsapp", "+34600111222"),
        ("push", "device-1"), ("web_message", lead), ("voice", "+34600111222"),
        ("letter", "Calle Mayor 1, Madrid"), ("social", "x:@luis"), ("letter", "Calle Mayor 1, Madrid"),
    ]  # fmt: skip
    assert {message.text for message in taken} == {"Hello Luis"}


@pytest.mark.parametrize("world", [0, 1000], indirect=True, ids=["replayed", "remembered"])
async def test_an_unseen_message_goes_from_channel_to_channel_each_in_its_hours(world: House) -> None:
    await world.event("offer.made")
    await world.pass_time(timedelta(days=1, hours=1))
    assert await sent(world) == [
        ("whatsapp", "04 09:00"), ("sms", "04 15:00"), ("email", "05 08:00"), ("push", "05 09:00"),
    ]  # fmt: skip
    async with world.store.read() as tx:
        (run,) = await world.runs()
        rows = await tx.sends.of_enrolment(run.id)
    offers = [row for row in rows if row.step == "offer"]
    assert {row.channel for row in offers} == {"whatsapp", "sms", "email"}
    assert len({row.send_id for row in offers}) == 1
    assert [row.state for row in offers] == ["accepted"] * 3


async def test_a_message_that_is_read_goes_no_further_and_the_next_wait_hears_of_it(world: House) -> None:
    await world.event("offer.made")
    (message,) = await world.outbox()
    await world.pass_time(timedelta(hours=2))
    row = await world.take("whatsapp.read", LUIS, message=message.send_id)
    (run,) = await world.runs()
    assert (row.run, row.body["step"], run.ending) == (run.id, "offer", "finished")
    assert await sent(world) == [("whatsapp", "04 09:00")]


async def test_a_reaction_of_another_channel_does_not_pass_for_one_of_this(world: House) -> None:
    await world.event("offer.made")
    (message,) = await world.outbox()
    await world.take("email.opened", LUIS, message=message.send_id)
    await world.pass_time(timedelta(hours=6, minutes=10))
    assert [channel for channel, _ in await sent(world)] == ["whatsapp", "sms"]
    last = (await world.outbox())[-1]
    await world.take("sms.delivered", LUIS, message=last.send_id)
    await world.pass_time(timedelta(hours=2))
    assert [channel for channel, _ in await sent(world)] == ["whatsapp", "sms", "push"]


async def test_a_held_message_moves_with_the_fact_that_it_names(world: House) -> None:
    await world.event("lead.updated", renews_on="2026-11-06")
    await world.event("renewal.near")
    await world.pass_time(timedelta(days=1))
    (run,) = await world.runs()
    assert run.waiting_for == "held: quiet"
    await world.event("lead.updated", renews_on="2026-11-10")
    (run,) = await world.runs()
    assert run.waiting_for == "the message's time"
    await world.pass_time(timedelta(days=5))
    assert await sent(world) == [("email", "09 19:00")]


async def test_what_a_journey_suppresses_is_in_force_at_once_and_ends_other_runs(world: House) -> None:
    await world.event("offer.wanted")
    await world.event("sunset.came")
    assert await sent(world) == []
    other, sunset = sorted(await world.runs(), key=lambda run: run.journey)
    assert (other.ending, sunset.waiting_for) == ("unsubscribed", "held: snoozed")
    story = [line.text for line in await world.timeline() if line.journey == "sunset"]
    assert "sms hello skipped: suppressed" in story
    await world.pass_time(timedelta(days=31))
    assert await sent(world) == [("email", "04 09:00"), ("email", "04 09:00")]


async def test_a_consent_of_a_journey_names_its_step_and_lifts_what_a_journey_stopped(world: House) -> None:
    await world.event("sunset.came")
    await world.event("came.back")
    run = next(run for run in await world.runs() if run.journey == "back")
    assert await sent(world) == [("sms", "04 09:00")]
    async with world.store.read() as tx:
        assert await tx.suppressions.active(run.lead_id) == ()
        assert await tx.suppressions.rests(run.lead_id, world.clock.at) == ()
        words = await tx.consents._run(select(consents).where(consents.c.source != "test"))
        found = [(word.channel, word.given, word.source) for word in words]
    assert found == [("email", True, "journey back: email"), ("sms", True, "journey back: sms")]

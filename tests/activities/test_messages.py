"""A message goes once, to whom may be reached; the provider's own log is the judge."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import JsonValue

from tests.activities.desk import NOON, Desk
from tests.fakes.server import HANG, RESET_AFTER, Behaviour, refuse


async def test_a_send_asked_for_again_goes_once(desk: Desk) -> None:
    letter = desk.letter()
    first, again = await desk.send(letter), await desk.send(letter)
    assert first == again
    assert first.result == "sent"
    assert desk.accepted() == [letter.send_id]


async def test_the_same_send_from_many_sides_at_once_goes_once(desk: Desk) -> None:
    letter = desk.letter("welcome")
    await asyncio.gather(*(desk.send(letter) for _ in range(8)))
    assert desk.accepted() == [letter.send_id]


@pytest.mark.parametrize("trouble", [RESET_AFTER, HANG, refuse(500)], ids=["reset", "hang", "500"])
async def test_what_may_have_gone_is_never_sent_again(desk: Desk, trouble: Behaviour) -> None:
    letter = desk.letter()
    desk.fake.next(trouble)
    assert (await desk.send(letter)).result == "sent", "assumed, and the run goes on"
    assert (await desk.row(letter)).state == "unknown"
    await desk.send(letter, NOON + timedelta(hours=2))
    assert len(desk.fake.log) == 1
    assert len(desk.accepted()) <= 1


async def test_what_provably_did_not_go_is_held_and_goes_later_under_the_same_id(desk: Desk) -> None:
    letter = desk.letter()
    desk.fake.next(refuse(429, {"errors": [{"message": "too many requests"}]}, Retry_After="60"))
    held = await desk.send(letter)
    assert (held.result, held.until) == ("held", NOON + timedelta(seconds=60))
    assert (await desk.send(letter, NOON + timedelta(seconds=60))).result == "sent"
    assert desk.accepted() == [letter.send_id]


async def test_a_refused_address_is_suppressed(desk: Desk) -> None:
    error: JsonValue = {
        "message": "Does not contain a valid address.",
        "field": "personalizations.0.to.0.email",
    }
    desk.fake.next(refuse(400, {"errors": [error]}))
    assert (await desk.send(desk.letter("welcome"))).result == "skipped"
    answer = await desk.send(desk.letter("welcome"))
    assert (answer.result, answer.reason) == ("skipped", "suppressed")
    assert desk.accepted() == []


async def test_nothing_marketing_goes_after_a_refusal_and_nothing_at_all_after_a_refusal_of_everything(
    desk: Desk,
) -> None:
    await desk.refuse()
    answer = await desk.send(desk.letter())
    assert (answer.result, answer.reason) == ("skipped", "no_consent")
    assert (await desk.send(desk.letter("welcome"))).result == "sent"
    await desk.refuse("all")
    assert (await desk.send(desk.letter("welcome"))).result == "skipped"
    assert len(desk.accepted()) == 1


async def test_two_marketing_messages_at_once_do_not_pass_a_cap_of_one(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.send(desk.letter()) for _ in range(4)))
    assert sorted(answer.result for answer in answers) == ["sent", "skipped", "skipped", "skipped"]
    assert {answer.reason for answer in answers if answer.result == "skipped"} == {"cap"}
    assert len(desk.accepted()) == 1


async def test_a_marketing_message_waits_for_the_morning(desk: Desk) -> None:
    late = NOON.replace(hour=22)
    held = await desk.send(desk.letter(), late)
    assert (held.result, held.reason) == ("held", "quiet")
    assert held.until is not None
    assert held.until.isoformat() == "2026-11-05T08:00:00+00:00"
    assert desk.fake.log == []


async def test_a_stop_switch_holds_everything(desk: Desk) -> None:
    async with desk.store.begin() as tx:
        await tx.switches.stop(NOON)
    assert (await desk.send(desk.letter("welcome"))).reason == "stopped"
    async with desk.store.begin() as tx:
        await tx.switches.resume()
    assert (await desk.send(desk.letter("welcome"))).result == "sent"


async def test_a_lead_that_asked_for_rest_gets_no_marketing(desk: Desk) -> None:
    async with desk.store.begin() as tx:
        await tx.leads.update(desk.run.lead_id, {"snoozed": True}, NOON)
    answer = await desk.send(desk.letter())
    assert (answer.result, answer.reason) == ("skipped", "snoozed")
    assert (await desk.send(desk.letter("welcome"))).result == "sent"


async def test_a_missing_template_parks_the_send_and_loses_nothing(desk: Desk) -> None:
    answer = await desk.send(desk.letter("vanished"))
    why = "there is no email template vanished: put it back, restart the worker"
    assert (answer.result, answer.reason) == ("needs_attention", why)
    assert desk.fake.log == []


async def test_what_may_have_gone_waits_for_a_person_where_the_step_says_so(desk: Desk) -> None:
    letter = replace(desk.letter(), on_unknown="ask_human")
    desk.fake.next(RESET_AFTER)
    answer = await desk.send(letter)
    assert (answer.result, answer.reason) == ("ask_human", "unknown")
    assert len(desk.fake.log) == 1


async def test_a_channel_that_nothing_carries_parks_the_send(desk: Desk) -> None:
    answer = await desk.send(replace(desk.letter(), channels=("letter",)))
    why = "nothing carries letter: set its provider (docs/channels.md), restart the worker"
    assert (answer.result, answer.channel, answer.reason) == ("needs_attention", "letter", why)
    assert desk.fake.log == []


async def test_a_message_tells_instants_by_the_leads_clock_and_how_the_run_began(desk: Desk) -> None:
    desk.run = replace(desk.run, trigger="visit")
    await desk.send(desk.letter("when"), NOON + timedelta(hours=1))
    content = str(desk.fake.accepted[0].content)
    assert "04/11 12:00" in content
    assert "It is 13:00, and it began by visit." in content

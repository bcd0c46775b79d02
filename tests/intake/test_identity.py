"""Whose event is it?"""

from __future__ import annotations

from model.events import Fields
from model.records import Identifier
from tests.house import House

EMAIL = Identifier("email", "luis@example.com")
PHONE = Identifier("phone", "+34600111222")
CRM = Identifier("external", "c-1", "crm")
BROKEN: Fields = {"to": 5, "valid_until": "no time at all"}


async def test_an_unknown_address_makes_the_lead_and_a_known_one_finds_it(world: House) -> None:
    first = await world.take("page.viewed", [EMAIL], url="/a")
    second = await world.take("page.viewed", [EMAIL, PHONE], url="/b")
    third = await world.take("page.viewed", [PHONE], url="/c")
    assert first.lead_id == second.lead_id == third.lead_id
    async with world.store.read() as tx:
        lead = await tx.leads.get(first.lead_id or "")
    assert lead is not None
    assert (lead.email, lead.phone) == ("luis@example.com", "+34600111222")


async def test_anonymous_visits_are_joined_at_the_first_form(world: House) -> None:
    visit = await world.take("page.viewed", [], visitor="v-1", url="/modelos/x")
    form = await world.take("form.submitted", [EMAIL], visitor="v-1", form="contact")
    assert form.lead_id is not None
    lines = [line.text for line in await world.timeline()]
    assert lines.count("page.viewed") == 1
    assert "form.submitted" in lines
    async with world.store.read() as tx:
        again = await tx.events.by_id(visit.id)
    assert again is not None
    assert again.lead_id == form.lead_id


async def test_anonymous_visits_are_joined_to_a_customer_known_before(world: House) -> None:
    known = await world.take("lead.updated", [EMAIL], first_name="Luis")
    await world.take("page.viewed", [], visitor="v-2", url="/modelos/x")
    form = await world.take("form.submitted", [EMAIL], visitor="v-2", form="contact")
    later = await world.take("page.viewed", [], visitor="v-2", url="/modelos/y")
    assert known.lead_id == form.lead_id == later.lead_id
    lines = [line.text for line in await world.timeline()]
    assert lines.count("page.viewed") == 2
    assert "earlier anonymous visits were joined to this lead" in lines
    async with world.store.read() as tx:
        assert await tx.leads.count() == 1


async def test_in_a_conflict_the_stronger_identifier_wins_and_the_timeline_says_so(world: House) -> None:
    luis = await world.take("lead.updated", [CRM, EMAIL], first_name="Luis")
    other = await world.take("lead.updated", [PHONE], first_name="Ana")
    assert luis.lead_id != other.lead_id
    mixed = await world.take("page.viewed", [CRM, PHONE], url="/a")
    assert mixed.lead_id == luis.lead_id
    assert any("phone of event" in line.text and "stronger" in line.text for line in await world.timeline())
    still = await world.take("page.viewed", [PHONE], url="/b")
    assert still.lead_id == other.lead_id


async def test_an_event_that_cannot_be_applied_becomes_a_dead_letter_and_holds_nobody_up(
    world: House,
) -> None:
    lost = await world.take("score.changed", [EMAIL], source="scorer", to=5, valid_until="no time at all")
    fine = await world.take("page.viewed", [PHONE], url="/b")
    assert (lost.state, lost.error, lost.attempts) == ("dead", "ValueError", 5)
    assert fine.state == "applied"
    async with world.store.begin() as tx:
        assert await tx.events.retry(lost.id)
        assert (await tx.events.pending())[0].id == lost.id


async def test_a_failed_event_is_never_overtaken_by_a_later_one_of_its_lead(world: House) -> None:
    await world.accept_row("score.changed", [EMAIL], BROKEN, source="scorer")
    await world.accept_row("page.viewed", [EMAIL], {"url": "/later"})
    await world.accept_row("page.viewed", [PHONE], {"url": "/other"})
    await world.intake.apply_waiting()
    async with world.store.read() as tx:
        waiting = [row.type for row in await tx.events.pending()]
    assert waiting == ["score.changed", "page.viewed"], (
        "the other lead's event was taken, this lead's was not"
    )


async def test_a_reaction_finds_its_lead_run_and_step_by_the_message_it_names(world: House) -> None:
    await world.event("trial.started", plan="basic")
    (message,) = await world.outbox()
    opened = await world.take("email.opened", [], message=message.send_id)
    (run,) = await world.runs()
    assert (opened.lead_id, opened.run, opened.body["step"]) == (run.lead_id, run.id, "welcome")


async def test_a_reply_that_names_no_message_is_of_the_last_one_on_its_channel(world: House) -> None:
    await world.event("trial.started", plan="basic")
    reply = await world.take("email.replied", [EMAIL], text="Gracias, ya veré")
    (run,) = await world.runs()
    assert (reply.run, reply.body["template"]) == (run.id, "welcome")


async def test_stop_is_an_opt_out_at_once_and_ends_what_is_only_marketing(world: House) -> None:
    await world.event("trial.started", plan="basic")
    stop = await world.take("email.replied", [EMAIL], text="Baja, por favor. STOP")
    async with world.store.read() as tx:
        words = await tx.consents.latest(stop.lead_id or "")
    assert [(word.channel, word.given, word.scope) for word in words] == [("all", False, "all")]
    assert "lead.unsubscribed" in [line.text for line in await world.timeline()]


async def test_stop_is_in_force_with_the_reply_itself_not_with_what_follows_from_it(world: House) -> None:
    row = await world.take("lead.updated", [EMAIL], first_name="Luis")
    await world.accept_row("email.replied", [EMAIL], {"text": "stop"})
    assert await world.intake.apply_waiting() == 1
    async with world.store.read() as tx:
        assert [event.type for event in await tx.events.pending()] == ["lead.unsubscribed"]
        assert [word.given for word in await tx.consents.latest(row.lead_id or "")] == [False]

"""Keys, leads, identifiers, consents, suppressions."""

from datetime import timedelta

import pytest

from model.contact import Consent, Rest, Snooze
from model.records import ApiKey, Identifier, NewConsent
from store import Store
from store.errors import IdentifierTaken, NotFound
from tests.store.making import NOON, Wall, event, make_lead

EMAIL = Identifier("email", "luis@example.com")
DAY = timedelta(days=1)


async def test_a_key_is_found_by_its_hash_and_a_second_one_may_speak_for_its_source(store: Store) -> None:
    one, two = (
        ApiKey(id=name, name=name, source="crm", hash=name * 2, scopes=("events",), created_at=NOON)
        for name in ("a", "b")
    )
    async with store.begin() as tx:
        await tx.keys.add(one)
        await tx.keys.add(two)
        assert await tx.keys.find_by_hash("aa") == one
        assert await tx.keys.find_by_hash("cc") is None
        assert await tx.keys.revoke("a", NOON)
        assert not await tx.keys.revoke("a", NOON)
        assert [key.revoked_at for key in await tx.keys.list()] == [NOON, None]


async def test_a_lead_is_found_by_any_of_its_identifiers(store: Store) -> None:
    external = Identifier("external", "77", "crm")
    async with store.begin() as tx:
        lead = await make_lead(tx)
        assert await tx.leads.attach(EMAIL, lead.id)
        assert await tx.leads.attach(external, lead.id)
        assert not await tx.leads.attach(EMAIL, lead.id)
        assert await tx.leads.find_by("email", "luis@example.com") == lead
        assert await tx.leads.find_by("external", "77", "crm") == lead
        assert await tx.leads.find_by("external", "77", "web") is None
        assert await tx.leads.find_all([EMAIL, Identifier("phone", "+34")]) == {EMAIL: lead.id}
        assert await tx.leads.identifiers_of(lead.id) == (EMAIL, external)
        await tx.leads.detach(EMAIL)
        assert await tx.leads.find_by("email", "luis@example.com") is None


async def test_an_identifier_names_one_lead(store: Store) -> None:
    async with store.begin() as tx:
        one, two = await make_lead(tx), await make_lead(tx)
        await tx.leads.attach(EMAIL, one.id)
        with pytest.raises(IdentifierTaken) as taken:
            await tx.leads.attach(EMAIL, two.id)
    assert taken.value.lead_id == one.id
    assert "luis" not in str(taken.value)


async def test_an_update_writes_what_is_named_and_leaves_the_rest(store: Store, wall: Wall) -> None:
    wall.on(days=1)
    async with store.begin() as tx:
        lead = await tx.leads.create("l", NOON, {"first_name": "Luis", "score": 3.5})
        changed = await tx.leads.update("l", {"score": None, "snoozed": True}, wall.now)
        assert (changed.first_name, changed.score, changed.updated_at) == ("Luis", None, wall.now)
        assert (lead.snooze, changed.snooze) == (None, Snooze(None))
        assert await tx.leads.lock("l") == changed
        with pytest.raises(NotFound):
            await tx.leads.update("nobody", {"score": 1}, NOON)


async def test_an_anonymous_lead_leaves_all_it_had_to_the_one_it_turned_out_to_be(store: Store) -> None:
    async with store.begin() as tx:
        stranger, lead = await make_lead(tx), await make_lead(tx)
        await tx.leads.attach(Identifier("visitor", "v1"), stranger.id)
        await tx.events.insert([event("e1", lead_id=stranger.id)])
        await tx.consents.add(NewConsent(lead_id=stranger.id, channel="email", given=True, at=NOON))
        await tx.leads.absorb(stranger.id, lead.id)
        assert await tx.leads.get(stranger.id) is None
        assert await tx.leads.find_by("visitor", "v1") == lead
        assert [one.lead_id for one in await tx.events.pending()] == [lead.id]
        assert await tx.consents.latest(lead.id) == (Consent("email", True, NOON),)


async def test_leads_come_when_their_score_is_due(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        await tx.leads.create("late", NOON, {"score_due_at": wall.now})
        wall.on(seconds=1)
        await tx.leads.create("later", NOON, {"score_due_at": wall.now})
        await tx.leads.create("never", NOON)
        assert [lead.id for lead in await tx.leads.score_due(NOON)] == ["late"]
        assert [lead.id for lead in await tx.leads.score_due(wall.now)] == ["late", "later"]


async def test_the_last_word_on_a_channel_and_topic_holds(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)

        async def says(given: bool, channel: str = "email", topic: str | None = None) -> None:
            wall.on(hours=1)
            word = NewConsent(lead_id=lead.id, channel=channel, given=given, at=wall.now, topic=topic)
            await tx.consents.add(word)

        await says(True)
        await says(False, "sms")
        await says(False, topic="news")
        await says(False)
        await says(True)
        words = {(one.channel, one.topic): one.given for one in await tx.consents.latest(lead.id)}
        assert words == {("email", None): True, ("email", "news"): False, ("sms", None): False}


async def test_a_refusal_of_everything_is_not_narrowed_by_a_later_smaller_one(store: Store) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        everything = NewConsent(lead_id=lead.id, channel="email", given=False, at=NOON, scope="all")
        await tx.consents.add(everything)
        await tx.consents.add(NewConsent(lead_id=lead.id, channel="email", given=False, at=NOON))
        assert await tx.consents.latest(lead.id) == (Consent("email", False, NOON, None, "all"),)
        await tx.consents.add(NewConsent(lead_id=lead.id, channel="email", given=True, at=NOON))
        await tx.consents.add(NewConsent(lead_id=lead.id, channel="email", given=False, at=NOON))
        assert await tx.consents.latest(lead.id) == (Consent("email", False, NOON),)


async def test_suppressions_of_a_lead_and_of_its_addresses_hold_until_lifted(store: Store) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        assert await tx.suppressions.add("marketing", "asked", NOON, lead_id=lead.id)
        assert not await tx.suppressions.add("marketing", "again", NOON, lead_id=lead.id)
        assert await tx.suppressions.add("email", "bounced", NOON, address="a@example.com")
        assert await tx.suppressions.active(lead.id) == ("marketing",)
        assert await tx.suppressions.active(lead.id, ["a@example.com"]) == ("email", "marketing")
        assert await tx.suppressions.lift("marketing", NOON, lead_id=lead.id)
        assert not await tx.suppressions.lift("marketing", NOON, lead_id=lead.id)
        assert await tx.suppressions.active(lead.id) == ()
        assert await tx.suppressions.add("marketing", "asked anew", NOON, lead_id=lead.id)


async def test_a_suppression_with_an_end_is_a_rest_until_then_and_gives_way_to_a_longer_one(
    store: Store,
) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        rests = tx.suppressions.rests
        assert await tx.suppressions.add("sms", "journey a: sms", NOON, lead_id=lead.id, until=NOON + DAY)
        assert not await tx.suppressions.add("sms", "b", NOON, lead_id=lead.id, until=NOON + DAY / 2)
        assert await tx.suppressions.active(lead.id) == ()
        assert await rests(lead.id, NOON) == (Rest("sms", NOON + DAY),)
        assert await rests(lead.id, NOON + DAY) == ()
        assert await tx.suppressions.add("sms", "c", NOON, lead_id=lead.id, until=NOON + 2 * DAY)
        assert await rests(lead.id, NOON) == (Rest("sms", NOON + 2 * DAY),)
        assert await tx.suppressions.add("sms", "journey d: sms", NOON, lead_id=lead.id)
        assert (await rests(lead.id, NOON), await tx.suppressions.active(lead.id)) == ((), ("sms",))
        assert not await tx.suppressions.add("sms", "e", NOON, lead_id=lead.id, until=NOON + 9 * DAY)
        assert await tx.suppressions.lift_of_journeys("sms", NOON, lead.id)
        assert await tx.suppressions.add("sms", "an operator", NOON, lead_id=lead.id)
        assert not await tx.suppressions.lift_of_journeys("sms", NOON, lead.id)

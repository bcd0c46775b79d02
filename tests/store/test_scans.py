"""Scans in the store: whom they see, what became of their events, and facts of many leads at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from engine.facts import Needs
from intake.crowd import gather_many
from intake.fired import fired_event
from intake.knowledge import Gatherer
from language.vocabulary import Vocabulary
from model.records import Identifier, NewConsent
from model.scans import Entries, Scan
from store import Store, new_id
from tests.store.making import NOON, event, make_enrolment, send, task

SCAN = Scan(name="weekly/every", journey="weekly", trigger="every", kind="every", version=1, since=NOON)


async def test_a_scan_sees_known_people_page_by_page(store: Store) -> None:
    async with store.begin() as tx:
        ids = []
        for number in range(3):
            lead = await tx.leads.create(new_id(), NOON, {"email": f"{number}@example.com"})
            ids.append(lead.id)
        visitor = await tx.leads.create(new_id(), NOON)
        await tx.leads.attach(Identifier("visitor", "v"), visitor.id)
        named = await tx.leads.create(new_id(), NOON)
        await tx.leads.attach(Identifier("external", "8812", "crm"), named.id)
        await tx.leads.update(ids[1], {"erased_at": NOON}, NOON)
    async with store.read() as tx:
        first = await tx.scans.people("", 2)
        assert [lead.id for lead in first] == [ids[0], ids[2]]
        assert [lead.id for lead in await tx.scans.people(first[-1].id, 2)] == [named.id]


async def test_the_events_of_an_occurrence_are_counted_by_what_became_of_them(store: Store) -> None:
    async with store.begin() as tx:
        leads = [await tx.leads.create(new_id(), NOON) for _ in range(4)]
        news = [fired_event("weekly", "every", "one", lead.id, NOON) for lead in leads]
        assert await tx.events.insert(news) == ("accepted",) * 4
        assert await tx.events.insert(news) == ("duplicate",) * 4
        await tx.events.insert([fired_event("weekly", "every", "one more", leads[0].id, NOON)])
        rows = await tx.events.pending()
        await tx.events.mark_applied(rows[0].id, ["run"])
        await tx.events.mark_applied(rows[1].id)
    async with store.read() as tx:
        assert await tx.scans.entries("weekly/every", "one") == Entries(entered=1, refused=1, waiting=2)
        assert await tx.scans.entries("weekly/every") == Entries(entered=1, refused=1, waiting=3)
        assert await tx.scans.entries("weekly/other") == Entries()


async def test_a_scan_is_nudged_until_it_was_heard(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.scans.add(SCAN)
        assert not await tx.scans.add(replace(SCAN, version=2))
        await tx.scans.nudge([SCAN.name])
        (waiting,) = await tx.scans.unheard()
        await tx.scans.change(SCAN.name, heard=waiting.nudge)
        assert await tx.scans.unheard() == ()
        await tx.scans.change(SCAN.name, state="off")
        await tx.scans.nudge([SCAN.name])
        assert await tx.scans.unheard() == ()


async def test_many_leads_are_known_as_each_alone_is(store: Store) -> None:
    gatherer = Gatherer(Vocabulary())
    wanted = Needs(frozenset({"page.viewed"}), steps=False, tasks=True, reach=True, consents=True)
    async with store.begin() as tx:
        leads = []
        for number in range(3):
            changes = {"email": f"{number}@example.com", "phone": f"+3460011122{number}"}
            leads.append(await tx.leads.create(new_id(), NOON, changes))  # type: ignore[arg-type]
        first, second, _ = leads
        for given, scope, hours in ((True, "marketing", 0), (False, "all", 1), (False, "marketing", 2)):
            said = NewConsent(
                lead_id=first.id, channel="email", given=given, at=NOON + timedelta(hours=hours),
                scope=scope,  # type: ignore[arg-type]
            )  # fmt: skip
            await tx.consents.add(said)
        await tx.suppressions.add("calls", "asked", NOON, lead_id=second.id)
        await tx.suppressions.add("email", "bounced", NOON, address="0@example.com")
        seen = [replace(event("e1"), lead_id=first.id), replace(event("e2"), lead_id=second.id)]
        await tx.events.insert(seen)
        for row in await tx.events.pending():
            await tx.events.mark_applied(row.id)
        run = await make_enrolment(tx, first.id)
        await tx.sends.reserve(send(run), "planned")
        await tx.tasks.create(task(run))
    async with store.read() as tx:
        together = await gather_many(tx, gatherer, leads, wanted, NOON)
        alone = {lead.id: await gatherer.gather(tx, lead, wanted, NOON) for lead in leads}
        assert together == alone
        assert alone[first.id].open_tasks == {"intro"}
        assert alone[first.id].contact != alone[second.id].contact
        assert await tx.many.last_runs([lead.id for lead in leads], "welcome") == {first.id: run}

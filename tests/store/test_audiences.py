"""Members of audiences, and dates that let leads enter, on both databases."""

from __future__ import annotations

from datetime import timedelta

from model.audiences import Member
from store import Store, new_id
from store.dates import DueDate
from tests.store.making import NOON


async def test_a_lead_is_in_an_audience_once_until_it_leaves(store: Store) -> None:
    async with store.begin() as tx:
        ids = [(await tx.leads.create(new_id(), NOON)).id for _ in range(3)]
        assert await tx.audiences.join("vip", ids[0], NOON, "api")
        assert not await tx.audiences.join("vip", ids[0], NOON, "import")
        later = NOON + timedelta(hours=1)
        await tx.audiences.join_many(
            [Member(audience="vip", lead_id=one, at=later, by="rule") for one in ids]
        )
        assert await tx.audiences.leave("vip", ids[1])
        assert not await tx.audiences.leave("vip", ids[1])
        await tx.audiences.join("spring", ids[2], NOON, "journey")
    async with store.read() as tx:
        assert await tx.audiences.of_many(ids) == {ids[0]: {"vip"}, ids[2]: {"vip", "spring"}}
        assert await tx.audiences.counts() == {"vip": 2, "spring": 1}
        page = await tx.audiences.list("vip", limit=1)
        assert [(one.lead_id, one.by) for one in page.items] == [(ids[0], "api")]
        rest = await tx.audiences.list("vip", limit=1, cursor=page.next)
        assert [(one.lead_id, one.by) for one in rest.items] == [(ids[2], "rule")]
        assert [one.lead_id for one in await tx.audiences.members("vip", ids[0], 9)] == [ids[2]]


async def test_audiences_are_filled_once(store: Store) -> None:
    async with store.begin() as tx:
        await tx.audiences.mark_filled(["vip", "quiet"], NOON)
        await tx.audiences.mark_filled(["vip"], NOON + timedelta(days=1))
        assert await tx.audiences.filled() == {"vip", "quiet"}


async def test_dates_are_due_in_their_order_and_gone_when_done(store: Store) -> None:
    async with store.begin() as tx:
        lead = (await tx.leads.create(new_id(), NOON)).id
        dates = [
            DueDate(scan="s/date", lead_id=lead, occurrence=f"2026-11-0{day}", at=NOON + timedelta(days=day))
            for day in (5, 4)
        ]
        await tx.dates.replace("s/date", [(lead, "")], dates)
        assert await tx.dates.due("s/date", NOON, 9) == ()
        assert await tx.dates.next("s/date") == dates[1].at
        due = await tx.dates.due("s/date", NOON + timedelta(days=4), 9)
        assert due == (dates[1],)
        await tx.dates.done("s/date", due)
        assert await tx.dates.of_many("s/date", [lead]) == {(lead, ""): {"2026-11-05": dates[0].at}}
        await tx.dates.replace("s/date", [(lead, "")], [])
        assert await tx.dates.next("s/date") is None


async def test_a_visitor_that_turns_out_to_be_somebody_leaves_nothing_behind(store: Store) -> None:
    async with store.begin() as tx:
        visitor, known = [(await tx.leads.create(new_id(), NOON)).id for _ in range(2)]
        await tx.audiences.join("vip", visitor, NOON, "rule")
        row = DueDate(scan="s/date", lead_id=visitor, occurrence="2026-11-05", at=NOON)
        await tx.dates.replace("s/date", [(visitor, "")], [row])
        await tx.leads.absorb(visitor, known)
        assert await tx.leads.get(visitor) is None
        assert await tx.audiences.of(visitor) == frozenset()

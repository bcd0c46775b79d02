"""Journeys, enrolments and the wake-ups on their way to them."""

import asyncio

import pytest

from model.events import Delivery, Event
from model.runs import Progress
from store import Store, Tx
from store.errors import AlreadyEnrolled, NotFound, VersionTaken
from tests.store.making import NOON, Wall, journey, make_enrolment, make_lead, new_enrolment


async def test_a_version_is_published_once_and_never_changed(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.journeys.publish(journey(1)) == "published"
        assert await tx.journeys.publish(journey(1)) == "unchanged"
        with pytest.raises(VersionTaken):
            await tx.journeys.publish(journey(1, "other"))
        await tx.journeys.publish(journey(10, "h10"))
        await tx.journeys.publish(journey(9, "h9"))
        await tx.journeys.publish(journey(1, "z", "another"))
        assert await tx.journeys.latest("welcome") == journey(10, "h10")
        assert await tx.journeys.get("welcome", 1) == journey(1)
        assert await tx.journeys.latest("none") is None
        assert [one.name for one in await tx.journeys.all_latest()] == ["another", "welcome"]
        assert await tx.journeys.versions("welcome") == (1, 9, 10)


async def test_a_lead_has_one_open_run_of_a_journey_and_key(store: Store) -> None:
    async with store.begin() as tx:
        lead, other = await make_lead(tx), await make_lead(tx)
        first = await make_enrolment(tx, lead.id)
        with pytest.raises(AlreadyEnrolled):
            await make_enrolment(tx, lead.id)
        keyed = await make_enrolment(tx, lead.id, '"q1"')
        await make_enrolment(tx, other.id)
        assert {one.id for one in await tx.enrolments.open_for(lead.id)} == {first.id, keyed.id}
        assert await close(tx, first.id)
        again = await make_enrolment(tx, lead.id)
        assert {one.id for one in await tx.enrolments.open_for(lead.id)} == {again.id, keyed.id}
        assert len(await tx.enrolments.all_of(lead.id)) == 3
        assert await tx.enrolments.last_of(lead.id, "welcome") == again
        assert await tx.enrolments.last_of(lead.id, "welcome", '"q2"') is None


async def test_two_that_enrol_one_lead_at_once_make_one_run(store: Store) -> None:
    async with store.begin() as tx:
        await tx.journeys.publish(journey())
        lead = await make_lead(tx)

    async def enrol() -> bool:
        try:
            async with store.begin() as tx:
                await tx.enrolments.open(new_enrolment(lead.id))
        except AlreadyEnrolled:
            return False
        return True

    assert sum(await asyncio.gather(*(enrol() for _ in range(8)))) == 1


async def test_a_run_ends_once(store: Store) -> None:
    async with store.begin() as tx:
        run = await make_enrolment(tx, (await make_lead(tx)).id)
        assert await close(tx, run.id)
        assert not await close(tx, run.id, "second")
        ended = await tx.enrolments.get(run.id)
    assert ended is not None
    assert (ended.state, ended.ending, ended.outcome, ended.ended_at) == ("ended", "done", "won", NOON)


async def test_progress_never_goes_back_and_never_wakes_the_dead(store: Store) -> None:
    async with store.begin() as tx:
        run = await make_enrolment(tx, (await make_lead(tx)).id)
        await tx.enrolments.save_progress(run.id, Progress(5, NOON, "the wait", "wait_1", paused=True))
        await tx.enrolments.save_progress(run.id, Progress(4, None, None, "older"))
        stands = await tx.enrolments.get(run.id)
        assert stands is not None
        assert (stands.applied_seq, stands.waiting_until, stands.step) == (5, NOON, "wait_1")
        assert stands.state == "paused"
        assert [one.id for one in await tx.enrolments.open_for(run.lead_id)] == [run.id]
        await tx.enrolments.save_progress(run.id, Progress(5, None, None, "wait_1"))
        assert [one.id for one in (await tx.enrolments.list(state="open")).items] == [run.id]
        await close(tx, run.id)
        await tx.enrolments.save_progress(run.id, Progress(9, None, None, "late"))
        ended = await tx.enrolments.get(run.id)
        assert ended is not None
        assert (ended.state, ended.applied_seq) == ("ended", 5)


async def test_runs_are_listed_by_journey_and_state(store: Store) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        runs = [await make_enrolment(tx, lead.id, key) for key in ("1", "2", "3")]
        await close(tx, runs[0].id)
        first = await tx.enrolments.list(journey="welcome", state="open", limit=1)
        rest = await tx.enrolments.list(journey="welcome", state="open", cursor=first.next)
        assert {one.id for one in (*first.items, *rest.items)} == {runs[1].id, runs[2].id}
        assert (await tx.enrolments.list(journey="other")).items == ()
        assert [one.id for one in (await tx.enrolments.list(state="ended")).items] == [runs[0].id]


async def test_a_number_of_a_run_that_is_not_there_is_refused(store: Store) -> None:
    async with store.begin() as tx:
        with pytest.raises(NotFound):
            await tx.enrolments.next_seq("nothing")


async def test_wake_ups_come_by_run_in_the_order_of_their_numbers(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        one, two = [await make_enrolment(tx, lead.id, key) for key in ("1", "2")]
        await queue(tx, two.id, 3)
        wall.on(seconds=1)
        await queue(tx, one.id, 3)
        await queue(tx, two.id, 9)
        waiting = await tx.deliveries.undelivered()
        assert [(run, [item.seq for item in items]) for run, items in waiting] == [
            (two.id, list(range(1, 13))), (one.id, [1, 2, 3]),
        ]  # fmt: skip
        assert waiting[0][1][0].payload == Delivery(1, NOON, Event("e", "x", NOON, {"a": 1}))
        assert [len(items) for _, items in await tx.deliveries.undelivered(runs=1, each=5)] == [5]
        await tx.deliveries.mark_delivered(two.id, [1, 2])
        assert (await tx.deliveries.undelivered(runs=1))[0][1][0].seq == 3
        assert await tx.deliveries.mark_after_end(two.id) == 10
        assert [run for run, _ in await tx.deliveries.undelivered()] == [one.id]
        assert await tx.deliveries.put_back(two.id, 2) == 1
        assert [one.state for one in await tx.deliveries.of(two.id)][:3] == [
            "delivered",
            "waiting",
            "after_end",
        ]


async def test_a_run_that_cannot_be_reached_rests_and_blocks_no_other(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        bad, good = [await make_enrolment(tx, lead.id, key) for key in ("1", "2")]
        await queue(tx, bad.id, 2)
        await queue(tx, good.id, 1)
        rests = []
        for _ in range(8):
            await tx.deliveries.mark_failed(bad.id, [1])
            rest = (await tx.deliveries.of(bad.id))[0].retry_at
            assert rest is not None
            rests.append((rest - wall.now).total_seconds())
        assert rests == [1, 2, 4, 8, 16, 32, 60, 60]
        assert [run for run, _ in await tx.deliveries.undelivered()] == [good.id]
        wall.on(seconds=60)
        assert {run for run, _ in await tx.deliveries.undelivered()} == {bad.id, good.id}
        assert await tx.deliveries.oldest_waiting() == NOON


async def queue(tx: Tx, run: str, count: int) -> None:
    for _ in range(count):
        seq = await tx.enrolments.next_seq(run)
        await tx.deliveries.add(run, Delivery(seq, NOON, Event("e", "x", NOON, {"a": 1})))


async def close(tx: Tx, run: str, ending: str = "done") -> bool:
    return await tx.enrolments.close(run, ending=ending, outcome="won", reason=None, at=NOON)

"""Work for people: each task once, the newest lease alone counts."""

import asyncio
from datetime import timedelta

import pytest

from model.records import Enrolment
from model.results import Task
from model.work import Appointment, Job
from store import Store, Tx
from store.errors import LeaseLost
from tests.store.making import LEASE, NOON, Wall, make_enrolment, make_lead, task

QUEUE = "inside_sales"
HOUR = timedelta(hours=1)


async def test_a_task_is_made_once(store: Store) -> None:
    async with store.begin() as tx:
        run = await a_run(tx)
        assert await tx.tasks.create(task(run, id="t"))
        assert not await tx.tasks.create(task(run, id="t", queue="other"))
        made = await tx.tasks.get("t")
    assert made is not None
    assert (made.queue, made.state, made.fence) == (QUEUE, "ready", 0)


async def test_ten_agents_and_twenty_tasks_each_once(store: Store) -> None:
    async with store.begin() as tx:
        run = await a_run(tx)
        for number in range(20):
            await tx.tasks.create(task(run, id=f"t{number:02}"))
    claimed: list[str] = []

    async def work(agent: str) -> None:
        misses = 0
        while misses < 3:
            async with store.begin() as tx:
                found = await tx.tasks.claim(QUEUE, agent, NOON, LEASE)
            if found is None:
                misses += 1
                await asyncio.sleep(0.01)
            else:
                claimed.append(found.id)

    await asyncio.gather(*(work(f"a{number}") for number in range(10)))
    assert sorted(claimed) == [f"t{number:02}" for number in range(20)]


async def test_callbacks_come_first_then_new_work_by_priority_and_due_time_then_retries(store: Store) -> None:
    async with store.begin() as tx:
        run = await a_run(tx)
        for one in (
            task(run, id="retry", attempt=2, priority="high"),
            task(run, id="late", due_at=NOON + 2 * HOUR),
            task(run, id="soon", due_at=NOON + HOUR),
            task(run, id="low", priority="low", due_at=NOON),
            task(run, id="high", priority="high"),
            task(run, id="callback", attempt=3, callback=True),
            task(run, id="elsewhere", queue="other"),
        ):
            await tx.tasks.create(one)
        order = ["callback", "high", "soon", "late", "low", "retry"]
        assert [one.id for one in await tx.tasks.candidates(QUEUE, "ana", NOON)] == order
        assert await claimed(tx) == "callback"
        second = await tx.tasks.claim(QUEUE, "ana", NOON, LEASE, skip=["high"])
        assert second is not None
        assert second.id == "soon"
        taken = await tx.tasks.take("low", "ana", NOON, LEASE)
        assert taken is not None
        assert await tx.tasks.take("low", "eva", NOON, LEASE) is None
        assert [await claimed(tx) for _ in range(4)] == ["high", "late", "retry", None]


async def test_new_work_that_is_late_anyway_waits_behind_what_may_be_on_time_and_waiting_counts(
    store: Store,
) -> None:
    async with store.begin() as tx:
        run = await a_run(tx)
        for one in (
            task(run, id="in time", due_at=NOON + HOUR, priority="low"),
            task(run, id="too late", due_at=NOON - HOUR, priority="high"),
            task(run, id="low, a day old", ready_at=NOON - 24 * HOUR, priority="low", attempt=2),
            task(run, id="normal", attempt=2),
            task(run, id="low", attempt=2, priority="low"),
        ):
            await tx.tasks.create(one)
        found = [one.id for one in await tx.tasks.candidates(QUEUE, "ana", NOON)]
        assert found == ["in time", "too late", "low, a day old", "normal", "low"]


async def test_nobody_claims_what_is_early_expired_or_anothers(store: Store) -> None:
    async with store.begin() as tx:
        run = await a_run(tx)
        await tx.tasks.create(task(run, id="early", ready_at=NOON + HOUR))
        await tx.tasks.create(task(run, id="expired", expires_at=NOON))
        await tx.tasks.create(task(run, id="eva", assign_to="eva"))
        assert await claimed(tx) is None
        mine = await tx.tasks.claim(QUEUE, "eva", NOON, LEASE)
        later = await tx.tasks.claim(QUEUE, "ana", NOON + HOUR, LEASE)
        assert mine is not None
        assert later is not None
        assert (mine.id, later.id) == ("eva", "early")


async def test_a_lapsed_lease_passes_on_and_the_old_holder_is_stale(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        await tx.tasks.create(task(await a_run(tx), id="t"))
        first = await claim(tx, "ana")
        wall.on(minutes=9)
        await tx.tasks.renew("t", first.fence, LEASE)
        wall.on(minutes=9)
        assert await tx.tasks.claim(QUEUE, "eva", NOON, LEASE) is None
        wall.on(minutes=1)
        second = await claim(tx, "eva")
        assert (second.agent, second.fence) == ("eva", first.fence + 1)
        for action in (tx.tasks.release("t", first.fence), tx.tasks.renew("t", first.fence, LEASE)):
            with pytest.raises(LeaseLost):
                await action
        assert await finish(tx, first.fence, "c1") == "stale"
        assert await finish(tx, second.fence, "c2") == "completed"


async def test_a_completion_counts_once_and_its_repeat_is_known(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        await tx.tasks.create(task(await a_run(tx), id="t"))
        assert await finish(tx, 0, "c0") == "stale"
        held = await claim(tx, "ana")
        begun = await tx.tasks.begin("t", held.fence, NOON)
        assert (begun.state, begun.began_at) == ("in_progress", NOON)
        wall.on(hours=1)
        assert await finish(tx, held.fence, "c1") == "completed"
        assert await finish(tx, held.fence, "c1") == "repeat"
        assert await finish(tx, held.fence, "c2") == "stale"
        assert await finish(tx, held.fence, "c1", "none") == "stale"
        done = await tx.tasks.get("t")
        assert done is not None
        assert (done.state, done.outcome, done.agent, done.lease_until) == ("completed", "sold", "ana", None)
        assert await claimed(tx) is None
        with pytest.raises(LeaseLost):
            await tx.tasks.begin("t", held.fence, NOON)


async def test_a_released_task_is_free_again_and_its_fence_grows(store: Store) -> None:
    async with store.begin() as tx:
        await tx.tasks.create(task(await a_run(tx), id="t"))
        first = await claim(tx, "ana")
        assert (await tx.tasks.release("t", first.fence)).agent is None
        assert (await claim(tx, "eva")).fence == first.fence + 1


async def test_only_work_that_nobody_holds_is_withdrawn(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        run = await a_run(tx)
        for name in ("free", "lapsed", "held", "other"):
            await tx.tasks.create(task(run, id=name))
        await tx.tasks.take("lapsed", "ana", NOON, LEASE)
        wall.on(minutes=10)
        await tx.tasks.take("held", "ana", NOON, LEASE)
        found = await tx.tasks.withdraw(["free", "lapsed", "held"], "withdrawn", NOON)
        held = found.held
        assert {one.id for one in found.gone} == {"free", "lapsed"}
        assert [(one.id, one.lease_until) for one in held] == [("held", wall.now + LEASE)]
        states = {one.id: one.state for one in await tx.tasks.of_enrolment(run.id)}
        assert states == {"free": "canceled", "lapsed": "canceled", "held": "reserved", "other": "ready"}
        assert {one.id for one in await tx.tasks.open_for(run.lead_id)} == {"held", "other"}
        assert (await tx.tasks.withdraw(["other"], "expired", NOON)).held == ()
        expired = await tx.tasks.get("other")
        assert expired is not None
        assert expired.state == "expired"
        assert (await tx.tasks.withdraw([], "expired", NOON)).gone == ()


async def test_a_scheduled_task_reads_ready_when_its_time_has_come(store: Store) -> None:
    async with store.begin() as tx:
        run = await a_run(tx)
        await tx.tasks.create(task(run, id="now"))
        await tx.tasks.create(task(run, id="later", ready_at=NOON + HOUR))
        for now, ready, scheduled in ((NOON, ["now"], ["later"]), (NOON + HOUR, ["now", "later"], [])):
            found = (await tx.tasks.list(now, queue=QUEUE, state="ready")).items
            assert [one.id for one in found] == ready
            assert {one.state for one in found} == {"ready"}
            waiting = (await tx.tasks.list(now, lead_id=run.lead_id, state="scheduled")).items
            assert [one.id for one in waiting] == scheduled
        assert await tx.tasks.counts(NOON) == {QUEUE: {"ready": 1, "scheduled": 1}}
        first = await tx.tasks.list(NOON, limit=1)
        assert [one.id for one in (await tx.tasks.list(NOON, cursor=first.next)).items] == ["later"]


async def test_appointments_are_kept_once_and_only_of_open_tasks(store: Store) -> None:
    ready, late = Appointment(NOON, "ready"), Appointment(NOON + HOUR, "escalate", "seniors")
    async with store.begin() as tx:
        run = await a_run(tx)
        await tx.tasks.create(task(run, id="t", agenda=(ready, late), assign_to="eva"))
        await tx.tasks.create(task(run, id="done", agenda=(late,)))
        await tx.tasks.withdraw(["done"], "withdrawn", NOON)
        (due,) = await tx.appointments.due(NOON, 10)
        assert (due.id, due.agenda) == ("t", (ready, late))
        taken = await tx.appointments.take(due, [late], late.at)
        assert taken is not None
        assert taken.agenda == (late,)
        assert await tx.appointments.take(due, [late], late.at) is None
        assert await tx.appointments.due(NOON, 10) == ()
        assert await tx.appointments.next() == late.at
        await tx.appointments.move("t", "seniors")
        moved = await tx.tasks.get("t")
        assert moved is not None
        assert (moved.queue, moved.assign_to) == ("seniors", None)
        for at in (NOON, NOON + HOUR):
            await tx.appointments.begun("t", at)
        begun = await tx.tasks.get("t")
        assert begun is not None
        assert begun.began_at == NOON


async def test_work_that_no_run_waits_for_is_found_by_its_steps(store: Store) -> None:
    async with store.begin() as tx:
        run = await a_run(tx)
        await tx.tasks.create(task(run, id="waited"))
        await tx.tasks.create(task(run, id="alone", job=Job("alone", NOON, tried={"busy": 2})))
        assert await tx.tasks.alone(run.id) == ("alone",)
        assert await tx.tasks.alone(run.id, ["intro"]) == ("alone",)
        assert await tx.tasks.alone(run.id, ["other"]) == ()
        found = await tx.tasks.get("alone")
        assert found is not None
        assert found.job is not None
        assert found.job.tried == {"busy": 2}


async def test_an_agent_is_offered_what_asks_no_more_than_the_agent_knows(store: Store) -> None:
    async with store.begin() as tx:
        run = await a_run(tx)
        for name, skills in (("any", ""), ("one", "spanish"), ("both", "premium,spanish")):
            await tx.tasks.create(task(run, id=name, skills=skills))
        for known, offered in (((), 1), (("spanish",), 2), (("premium",), 1), (("spanish", "premium"), 3)):
            found = await tx.tasks.candidates(QUEUE, "ana", NOON, skills=known)
            assert len(found) == offered, known
        assert await tx.tasks.next_ready(QUEUE, NOON) is None
        await tx.tasks.create(task(run, id="later", ready_at=NOON + HOUR))
        assert await tx.tasks.next_ready(QUEUE, NOON) == NOON + HOUR


async def a_run(tx: Tx) -> Enrolment:
    return await make_enrolment(tx, (await make_lead(tx)).id)


async def claimed(tx: Tx) -> str | None:
    found = await tx.tasks.claim(QUEUE, "ana", NOON, LEASE)
    return None if found is None else found.id


async def claim(tx: Tx, agent: str) -> Task:
    found = await tx.tasks.claim(QUEUE, agent, NOON, LEASE)
    assert found is not None
    return found


async def finish(tx: Tx, fence: int, completion_id: str, task_id: str = "t") -> str:
    return await tx.tasks.complete(task_id, fence, completion_id=completion_id, outcome="sold", at=NOON)

"""The inbox: accepted once, taken by state, kept as history."""

from datetime import timedelta

import pytest

from model.records import Backlog, Identifier, NewEvent
from store import Store
from store.errors import NotFound
from tests.store.making import NOON, Wall, event, make_lead


async def test_the_same_event_is_a_duplicate_and_another_body_a_conflict(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.events.insert([event("e1")]) == ("accepted",)
    async with store.begin() as tx:
        again = [
            event("e1"),
            event("e1", body_hash="other"),
            event("e2"),
            event("e2"),
            event("e2", body_hash="x"),
        ]
        assert await tx.events.insert(again) == ("duplicate", "conflict", "accepted", "duplicate", "conflict")
        assert [one.event_id for one in await tx.events.pending()] == ["e1", "e2"]
        assert await tx.events.insert([]) == ()


async def test_one_id_of_two_sources_is_two_events(store: Store) -> None:
    other = NewEvent(source="crm", event_id="e1", type="page.viewed", at=NOON, body_hash="other")
    async with store.begin() as tx:
        assert await tx.events.insert([event("e1"), other]) == ("accepted", "accepted")


async def test_a_thousand_are_accepted_in_the_order_given(store: Store) -> None:
    names = [f"e{number:04}" for number in reversed(range(1000))]
    async with store.begin() as tx:
        assert set(await tx.events.insert([event(name) for name in names])) == {"accepted"}
        assert [one.event_id for one in await tx.events.pending(1000)] == names


async def test_an_event_comes_back_whole(store: Store) -> None:
    whole = NewEvent(
        source="web", event_id="e1", type="form.submitted", at=NOON, body_hash="h", body={"a": [1, "x"]},
        identifiers=(Identifier("external", "7", "crm"),), visitor="v", message="m", task="t", run="r",
    )  # fmt: skip
    async with store.begin() as tx:
        await tx.events.insert([whole])
        stored = await tx.events.get("web", "e1")
    assert stored is not None
    for name in NewEvent.__slots__:
        assert getattr(stored, name) == getattr(whole, name)
    assert (stored.state, stored.attempts, stored.recorded_at) == ("pending", 0, NOON)


async def test_the_fifth_failure_sends_a_row_to_the_dead_letters_and_a_retry_brings_it_back(
    store: Store,
) -> None:
    async with store.begin() as tx:
        await tx.events.insert([event("bad"), event("good")])
        bad = (await tx.events.pending())[0].id
        states = [(await tx.events.mark_failed(bad, "boom")).state for _ in range(5)]
        assert states == ["pending"] * 4 + ["dead"]
        assert [one.event_id for one in await tx.events.pending()] == ["good"]
        letters = (await tx.events.dead()).items
        assert [(one.event_id, one.error, one.attempts) for one in letters] == [("bad", "boom", 5)]
        assert await tx.events.retry(bad)
        assert not await tx.events.retry(bad)
        assert [one.event_id for one in await tx.events.pending()] == ["bad", "good"]
        with pytest.raises(NotFound):
            await tx.events.mark_failed(99, "boom")


async def test_an_applied_row_waits_no_more_and_names_the_runs_it_reached(store: Store) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        await tx.events.insert([event("e1"), event("e2"), event("e3")])
        one, two, three = (row.id for row in await tx.events.pending())
        await tx.events.assign([two, one], lead.id)
        assert [row.id for row in await tx.events.pending_of(lead.id)] == [one, two]
        await tx.events.mark_applied(one, ["run-1"])
        assert [row.id for row in await tx.events.lock_pending([one, two, three])] == [two, three]
        applied = await tx.events.by_id(one)
    assert applied is not None
    assert (applied.state, applied.reached, applied.applied_at) == ("applied", ("run-1",), NOON)


async def test_a_failure_of_an_applied_row_changes_nothing(store: Store) -> None:
    async with store.begin() as tx:
        await tx.events.insert([event("e1")])
        row = (await tx.events.pending())[0].id
        await tx.events.mark_applied(row)
        assert (await tx.events.mark_failed(row, "late")).state == "applied"


async def test_anonymous_events_join_the_lead_once(store: Store) -> None:
    async with store.begin() as tx:
        lead, other = await make_lead(tx), await make_lead(tx)
        visits = [event("e1", visitor="v1"), event("e2", visitor="v2"), event("e3", visitor="v1")]
        await tx.events.insert(visits)
        for row in await tx.events.pending():
            await tx.events.mark_applied(row.id)
        assert await tx.events.join_visitor("v1", lead.id) == 2
        assert await tx.events.join_visitor("v1", other.id) == 0
        assert [one.event_id for one in await tx.events.history(lead.id)] == ["e1", "e3"]


async def test_history_holds_what_was_applied_and_what_is_being_applied(store: Store) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        later = NOON + timedelta(days=2)
        await tx.events.insert(
            [
                event("e1", lead_id=lead.id),
                event("e2", lead_id=lead.id, type="email.clicked", at=later, run="r"),
                event("e3", lead_id=lead.id, at=later),
                event("e4", lead_id=lead.id, at=later),
            ]
        )
        rows = await tx.events.pending()
        await tx.events.mark_applied(rows[0].id)
        await tx.events.mark_applied(rows[1].id)

        async def names(**asked: object) -> list[str]:
            history = tx.events.history(lead.id, **asked)  # type: ignore[arg-type]
            return [one.event_id for one in await history]

        assert await names() == ["e1", "e2"]
        assert await names(through=rows[2].id) == ["e1", "e2", "e3"]
        assert await names(types=["email.clicked"]) == ["e2"]
        assert await names(types=[]) == []
        assert await names(since=later) == ["e2"]
        assert await names(until=NOON) == ["e1"]
        assert await names(run="r") == ["e2"]
        assert await names(latest=1) == ["e2"]


async def test_the_backlog_says_how_many_wait_and_since_when(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        assert await tx.events.backlog() == Backlog(count=0, oldest=None)
        await tx.events.insert([event("e1")])
        wall.on(minutes=5)
        await tx.events.insert([event("e2")])
        assert await tx.events.backlog() == Backlog(count=2, oldest=NOON)

"""The door: what a transaction promises on both databases."""

import asyncio
import logging
import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import IntegrityError

from model.events import Fields
from model.records import Identifier
from model.results import NewOutcome
from store import Store, new_id
from store.engines import connect_database
from store.errors import BadCursor, NaiveTime, NestedTransaction, UnsupportedDatabase
from tests.store.making import NOON, event, make_enrolment, make_lead, task


async def test_a_block_that_raises_leaves_nothing_behind(store: Store) -> None:
    async def fail() -> None:
        async with store.begin() as tx:
            await make_lead(tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.read() as tx:
        assert await tx.leads.count() == 0


async def test_a_task_that_writes_twice_at_once_is_told_so_instead_of_waiting_for_ever(store: Store) -> None:
    async with store.begin() as tx:
        with pytest.raises(NestedTransaction):
            async with store.begin():
                pass
        await make_lead(tx)
    async with store.begin() as tx:
        assert await tx.leads.count() == 1


async def test_a_naive_time_is_refused_and_others_come_back_in_utc(store: Store) -> None:
    summer = datetime(2026, 7, 1, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    async with store.begin() as tx:
        lead = await tx.leads.create(new_id(), summer)
        assert (await tx.clock.get()) is None
        await tx.clock.set(NOON)
        await tx.clock.set(summer)
    async with store.read() as tx:
        assert await tx.leads.get(lead.id) == lead
        assert await tx.clock.get() == summer
    assert lead.created_at == summer
    assert lead.created_at.tzinfo == UTC
    with pytest.raises(NaiveTime):
        async with store.begin() as tx:
            await tx.clock.set(datetime(2026, 7, 1))  # noqa: DTZ001


async def test_times_of_other_zones_sort_as_instants(store: Store) -> None:
    early = datetime(2026, 1, 1, 23, tzinfo=timezone(timedelta(hours=10)))
    late = datetime(2026, 1, 1, 14, tzinfo=UTC)
    async with store.begin() as tx:
        second = await tx.leads.create("a", late)
        first = await tx.leads.create("b", early)
        assert (await tx.leads.page()).items == (first, second)


async def test_rows_that_point_nowhere_are_refused(store: Store) -> None:
    with pytest.raises(IntegrityError):
        async with store.begin() as tx:
            await tx.leads.attach(Identifier("email", "a@example.com"), "nobody")


async def test_errors_hold_no_values(store: Store) -> None:
    with pytest.raises(IntegrityError) as refused:
        async with store.begin() as tx:
            await tx.suppressions.add("all", "asked", NOON)
    assert "parameters hidden" in str(refused.value)


async def test_the_log_of_statements_holds_no_values(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sqlalchemy.engine")
    async with store.begin() as tx:
        await tx.leads.find_by("email", "luis@example.com")
    assert "luis@example.com" not in caplog.text


async def test_a_reader_sees_one_state_and_does_not_wait_for_a_writer(store: Store) -> None:
    async with store.read() as reader:
        assert await reader.leads.count() == 0
        async with store.begin() as writer:
            await make_lead(writer)
        assert await reader.leads.count() == 0
    async with store.read() as reader:
        assert await reader.leads.count() == 1


async def test_fifty_writers_at_once_from_three_stores_lose_nothing(store: Store, database_url: str) -> None:
    stores = [store, Store.open(database_url), Store.open(database_url)]
    async with store.begin() as tx:
        run = await make_enrolment(tx, (await make_lead(tx)).id)

    async def take(number: int) -> int:
        async with stores[number % 3].begin() as tx:
            await tx.enrolments.get(run.id)
            return await tx.enrolments.next_seq(run.id)

    taken = await asyncio.gather(*(take(number) for number in range(50)))
    assert sorted(taken) == list(range(1, 51))
    for opened in stores[1:]:
        await opened.close()


async def test_resolving_one_identifier_goes_one_at_a_time(store: Store) -> None:
    wanted = [Identifier("email", "a@example.com"), Identifier("phone", "+34600111222")]

    async def resolve(identifiers: list[Identifier]) -> str:
        async with store.begin() as tx:
            await tx.leads.lock_identifiers(identifiers)
            known = await tx.leads.find_all(identifiers)
            if known:
                return next(iter(known.values()))
            lead = await make_lead(tx)
            for identifier in identifiers:
                await tx.leads.attach(identifier, lead.id)
            return lead.id

    orders = [wanted, wanted[::-1]] * 5
    assert len(set(await asyncio.gather(*(resolve(order) for order in orders)))) == 1


async def test_pages_join_without_gap_or_repeat_and_strange_cursors_are_refused(store: Store) -> None:
    async with store.begin() as tx:
        made = [(await make_lead(tx)).id for _ in range(5)]
        seen: list[str] = []
        page = await tx.leads.page(limit=2)
        while True:
            seen += [lead.id for lead in page.items]
            if page.next is None:
                break
            page = await tx.leads.page(limit=2, cursor=page.next)
        assert sorted(seen) == sorted(made)
        assert len(seen) == 5
        for strange in ("x", "WyJhIl0", "", "é", (await tx.leads.page(limit=1)).next or ""):
            with pytest.raises(BadCursor):
                await tx.events.dead(cursor=strange)


async def test_json_comes_back_as_it_was(store: Store) -> None:
    attributes: Fields = {"año": "ñ", "n": 1, "x": 0.1, "list": [1, None, True, {"deep": []}], "none": None}
    async with store.begin() as tx:
        lead = await tx.leads.create(new_id(), NOON, {"attributes": attributes, "reasons": ["a"]})
        run = await make_enrolment(tx, lead.id)
        await tx.tasks.create(task(run, id="t"))
        await tx.outcomes.record(
            NewOutcome(outcome_id="o", lead_id=lead.id, type="sale", at=NOON, body={}, body_hash="h")
        )
    async with store.read() as tx:
        assert (await tx.leads.get(lead.id)) == lead
        assert lead.attributes == attributes
        assert await tx.enrolments.get(run.id) == run
        assert run.start.fields == {"amount": 3.5}
        assert run.shift == -86400.000001
        outcome = await tx.outcomes.get("o")
        assert outcome is not None
        assert outcome.snapshot is None


async def test_listeners_are_woken_by_commits_alone(store: Store) -> None:
    async with store.listen("inbox") as waker, store.listen("other") as other:
        await settle(waker.wait, other.wait)
        with pytest.raises(ZeroDivisionError):
            await notify_and_fail(store)
        assert not await waker.wait(0.1)
        async with store.begin() as tx:
            await tx.events.insert([event("e1")])
            tx.notify("inbox")
        assert await waker.wait(5)
        await store.notify("inbox")
        assert await waker.wait(5)
        assert not await other.wait(0.05)


async def test_a_wake_up_reaches_other_processes_on_postgres(fresh_postgres_url: str) -> None:
    one, two = Store.open(fresh_postgres_url), Store.open(fresh_postgres_url)
    async with one.listen("inbox") as waker:
        await settle(waker.wait)
        await two.notify("inbox")
        assert await waker.wait(5)
    await one.close()
    await two.close()


async def notify_and_fail(store: Store) -> None:
    async with store.begin() as tx:
        tx.notify("inbox")
        raise ZeroDivisionError


async def settle(*waits: object) -> None:
    """Lets listeners connect: each rings once when it begins to listen on PostgreSQL."""
    for wait in waits:
        assert callable(wait)
        await wait(0.5)


def test_other_databases_are_refused() -> None:
    for url in ("mysql://u:secret@h/d", "sqlite:///x.db", "nonsense"):
        with pytest.raises(UnsupportedDatabase) as refused:
            Store.open(url)
        assert "secret" not in str(refused.value)


async def test_ids_sort_by_the_time_of_their_making() -> None:
    first = new_id()
    await asyncio.sleep(0.002)
    assert first < new_id()
    assert len({new_id() for _ in range(100)}) == 100


async def test_sqlite_loses_no_commit_and_checks_what_rows_point_at(sqlite_url: str) -> None:
    engine = connect_database(sqlite_url)
    async with engine.connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        told = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one() for name in asked]
    await engine.dispose()
    assert told == ["wal", 2, 1, 5000]


async def test_a_reading_that_asked_nothing_leaves_the_next_writer_its_turn(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    await store.migrate()
    async with store.read():
        pass
    other = stranger(sqlite_url)
    async with store.begin() as tx:
        assert await tx.leads.count() == 0
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.close()
    await store.close()


async def test_a_writer_waits_for_a_stranger_and_holds_up_nobody(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    await store.migrate()
    other = stranger(sqlite_url)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> str:
        async with store.begin() as tx:
            return (await make_lead(tx)).id

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.05)
    assert not writing.done()
    other.rollback()
    other.close()
    written = await writing
    async with store.read() as tx:
        assert await tx.leads.get(written) is not None
    await store.close()


def stranger(url: str) -> sqlite3.Connection:
    """Another process's connection to the same file, which waits for nobody."""
    return sqlite3.connect(url.partition("///")[2], timeout=0, isolation_level=None)

"""Leads that wait for their turn: `pace` and `at_a_time`, by the business clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from model.events import Fields
from model.waiting import Queue
from tests.house import BEGIN, House, house, project_of
from tests.workflows.test_journey import PROJECT, VOCABULARY

JOURNEY = """
journey: trial
version: 1
about: A trial with a line before it.
start:
  event: trial.started
  if: lead.status is not "customer"
{rules}
exit:
  - event: trial.bought
    as: bought
steps:
  - wait: {days} days
"""
WORDS = VOCABULARY + "lead: {status: text}\naccount: {domain: text}\n"


@asynccontextmanager
async def line(
    tmp_path: Path, client: Client, database: str, rules: str, days: int = 10
) -> AsyncIterator[House]:
    files = PROJECT | {"vocabulary.yaml": WORDS, "trial.yaml": JOURNEY.format(rules=rules, days=days)}
    async with house(tmp_path, client, project_of(tmp_path / "defs", files), url=database) as world:
        yield world


async def come(world: House, *numbers: int, account: str | None = None) -> None:
    """Leads ask to enter, one after the other."""
    for number in numbers:
        email = f"lead{number}@example.com"
        about: Fields = {} if account is None else {"account": {"domain": account}}
        await world.accept("lead.updated", email, first_name="Ana", **about)
        await world.accept("trial.started", email, plan="basic")
    await world.settle()


async def waiting(world: House) -> Queue:
    async with world.store.read() as tx:
        return await tx.waiting.count("trial")


async def inside(world: House) -> list[str]:
    """The addresses of those with a run, in the order in which they entered."""
    runs = await world.runs()
    async with world.store.read() as tx:
        leads = [await tx.leads.get(run.lead_id) for run in runs]
    return [lead.email or "" for lead in leads if lead is not None]


async def entries(world: House, number: int) -> list[str]:
    lines = await world.timeline(f"lead{number}@example.com")
    return [line.text for line in lines if line.kind == "entered"]


async def test_a_pace_lets_so_many_in_and_the_others_wait_in_order(
    tmp_path: Path, temporal_client: Client, database: str
) -> None:
    async with line(tmp_path, temporal_client, database, "pace: 2 per hour") as world:
        await come(world, 1, 2, 3, 4, 5)
        assert await waiting(world) == Queue(3, BEGIN)
        assert await entries(world, 3) == ["waits for its turn in trial: 2 per hour"]
        await world.pass_time(timedelta(minutes=59))
        assert len(await inside(world)) == 2
        await world.pass_time(timedelta(minutes=1))
        assert await inside(world) == [f"lead{n}@example.com" for n in (1, 2, 3, 4)]
        assert (await entries(world, 3))[1] == (
            "entered trial 1 by trial.started, waited since 2026-11-04 09:00 UTC"
        )
        run = (await world.runs())[2]
        assert run.opened_at == BEGIN + timedelta(hours=1)
        await world.pass_time(timedelta(hours=1))
        assert await waiting(world) == Queue(0, None)


async def test_so_many_at_a_time_and_the_next_enters_when_one_ends(
    tmp_path: Path, temporal_client: Client, database: str
) -> None:
    async with line(tmp_path, temporal_client, database, "at_a_time: 2") as world:
        await come(world, 1, 2, 3, 4)
        assert len(await inside(world)) == 2
        await world.event("trial.bought", "lead1@example.com", plan="basic")
        assert len(await inside(world)) == 3
        assert (await waiting(world)).waiting == 1
        await world.pass_time(timedelta(days=10, minutes=1))
        assert len(await inside(world)) == 4


async def test_so_many_of_each_account_and_without_one_nobody_waits(
    tmp_path: Path, temporal_client: Client, database: str
) -> None:
    async with line(tmp_path, temporal_client, database, "at_a_time: 1 per account") as world:
        await come(world, 1, 2, account="acme.example")
        await come(world, 3, account="other.example")
        await come(world, 4, 5)
        assert sorted(await inside(world)) == [f"lead{n}@example.com" for n in (1, 3, 4, 5)]
        assert (await waiting(world)).waiting == 1
        await world.event("trial.bought", "lead3@example.com", plan="basic")
        assert (await waiting(world)).waiting == 1
        await world.event("trial.bought", "lead1@example.com", plan="basic")
        assert "lead2@example.com" in await inside(world)


async def test_when_the_turn_comes_everything_is_judged_again(
    tmp_path: Path, temporal_client: Client, sqlite_url: str
) -> None:
    rules = "pace: 1 per hour\nlive: {until: 2026-11-04 at 14:30}"
    async with line(tmp_path, temporal_client, sqlite_url, rules) as world:
        await come(world, 1, 2, 3, 4, 5, 6, 7, 8)
        await world.event("lead.updated", "lead2@example.com", status="customer")
        await world.pass_time(timedelta(hours=1))
        assert await inside(world) == ["lead1@example.com", "lead3@example.com"]
        assert (await entries(world, 2))[-1] == (
            'not entered into trial: `lead.status is not "customer"` does not hold'
        )
        for _ in range(5):
            await world.pass_time(timedelta(hours=1))
        assert len(await inside(world)) == 5
        assert (await entries(world, 8))[-1].startswith("not entered into trial: it is not live any more")
        assert (await waiting(world)).waiting == 0


async def test_who_waits_is_not_let_wait_twice_and_leaves_the_line_by_an_exit(
    tmp_path: Path, temporal_client: Client, sqlite_url: str
) -> None:
    async with line(tmp_path, temporal_client, sqlite_url, "at_a_time: 1") as world:
        await come(world, 1, 2, 3, 2)
        assert (await entries(world, 2))[-1] == "not entered into trial: it waits for its turn already"
        await world.event("trial.bought", "lead2@example.com", plan="basic")
        assert (await waiting(world)).waiting == 1
        reason = "trial.bought came while it waited for its turn, which ends it as bought"
        assert (await entries(world, 2))[-1] == f"not entered into trial: {reason}"


async def test_a_pace_that_spreads_gives_each_lead_its_own_instant(
    tmp_path: Path, temporal_client: Client, sqlite_url: str
) -> None:
    async with line(tmp_path, temporal_client, sqlite_url, "pace: spread over 10 days", days=1) as world:
        await come(world, *range(1, 13))
        assert (await waiting(world)).waiting == 12
        await world.pass_time(timedelta(days=5))
        assert 0 < (await waiting(world)).waiting < 12
        await world.pass_time(timedelta(days=5))
        assert (await waiting(world)).waiting == 0
        assert len({run.opened_at for run in await world.runs()}) > 1


async def test_a_run_that_is_replaced_makes_room_for_its_own_follower(
    tmp_path: Path, temporal_client: Client, sqlite_url: str
) -> None:
    async with line(tmp_path, temporal_client, sqlite_url, "at_a_time: 1\nagain: replace") as world:
        await come(world, 1, 1)
        assert [run.ending for run in await world.runs()] == ["replaced", None]


async def test_a_lead_that_was_erased_leaves_the_line_without_a_trace(
    tmp_path: Path, temporal_client: Client, sqlite_url: str
) -> None:
    async with line(tmp_path, temporal_client, sqlite_url, "at_a_time: 1") as world:
        await come(world, 1, 2)
        async with world.store.begin() as tx:
            lead = await tx.leads.find_by("email", "lead2@example.com")
            assert lead is not None
            await tx.leads.update(lead.id, {"erased_at": world.clock.at}, world.clock.at)
        await world.event("trial.bought", "lead1@example.com", plan="basic")
        assert (await waiting(world)).waiting == 0
        assert len(await inside(world)) == 1


async def test_a_lead_that_cannot_be_judged_holds_nobody_up(
    tmp_path: Path, temporal_client: Client, sqlite_url: str
) -> None:
    async with line(tmp_path, temporal_client, sqlite_url, "at_a_time: 1") as world:
        await come(world, 1, 2, 3)
        async with world.store.begin() as tx:
            first = (await tx.waiting.next("trial", world.clock.at, 1))[0]
            broken = replace(first.start, fields={"plan": 1}, id="9" * 30)
            await tx.waiting.renew(first.id, broken, first.trigger)
        await world.event("trial.bought", "lead1@example.com", plan="basic")
        assert await inside(world) == ["lead1@example.com", "lead3@example.com"]
        assert (await waiting(world)).waiting == 1

"""Triggers by a date of the lead, on the real server in virtual time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import Client

from tests.house import House, house, project_of
from tests.workflows.test_scans import MAIL, receivers

VOCABULARY = """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [en]}
contact_hours: {days: mon-sun, from: 0:00, to: 24:00}
lead: {renews_on: date, born: {type: date, pii: true}, visits: list of date}
events: {interest.shown: {}}
"""
RENEWAL = """
journey: renewal
version: {version}
about: Before a policy ends.
start:
  date: lead.{field}
  {parts}
steps:
  - email: hello
  - wait: until start.date at 12:00
    if: start.date is known
  - email: bye
"""
BEGIN = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)


def files(field: str, *parts: str, version: int = 1) -> dict[str, str]:
    journey = RENEWAL.format(field=field, version=version, parts="\n  ".join(parts))
    templates = {f"templates/email/{name}.en.mjml": MAIL for name in ("hello", "bye")}
    return {"vocabulary.yaml": VOCABULARY, "renewal.yaml": journey, **templates}


async def sent(world: House) -> list[str]:
    return [f"{message.template} {message.at:%m-%d %H:%M}" for message in await world.outbox()]


async def opened(world: House) -> list[str]:
    return [f"{run.date} {run.opened_at:%m-%d %H:%M}" for run in await world.runs()]


async def test_a_date_that_becomes_known_later_lets_the_lead_enter_in_its_own_zone(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", files("renews_on", "before: 7 days", "at: 9:00"))
    async with house(tmp_path, temporal_client, project, begin=BEGIN) as world:
        await world.event("lead.updated", "ana@example.com", renews_on="2026-11-20")
        await world.event("lead.updated", "bob@example.com", renews_on="2026-11-20", zone="America/New_York")
        await world.event("lead.updated", "eva@example.com", renews_on="2026-11-08")
        await world.pass_time(timedelta(days=10))
        assert await opened(world) == ["2026-11-20 11-13 08:00", "2026-11-20 11-13 14:00"]
        await world.pass_time(timedelta(days=7))
        assert await receivers(world) == ["ana", "ana", "bob", "bob"], "of eva it was known too late"
        assert [line.partition(":")[0] for line in await sent(world)] == [
            "hello 11-13 08", "hello 11-13 14", "bye 11-20 11", "bye 11-20 17",
        ]  # fmt: skip


async def test_a_date_that_moves_takes_its_open_run_along_and_begins_none(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", files("renews_on", "before: 7 days", "at: 9:00"))
    async with house(tmp_path, temporal_client, project, begin=BEGIN) as world:
        await world.event("lead.updated", renews_on="2026-11-15")
        await world.pass_time(timedelta(days=5))
        await world.event("lead.updated", renews_on="2026-11-25")
        await world.pass_time(timedelta(days=10))
        assert [line.partition(":")[0] for line in await sent(world)] == ["hello 11-08 08"]
        await world.pass_time(timedelta(days=7))
        assert [line.partition(":")[0] for line in await sent(world)] == ["hello 11-08 08", "bye 11-25 11"]
        (run,) = await world.runs()
        assert (run.date, run.ending) == ("2026-11-25", "finished")
        await world.event("lead.updated", renews_on="2026-11-15")
        await world.event("lead.updated", renews_on="2026-11-25")
        await world.event("lead.updated", renews_on="2026-12-20")
        await world.pass_time(timedelta(days=20))
        assert await opened(world) == ["2026-11-25 11-08 08:00", "2026-12-20 12-13 08:00"], (
            "once for each date"
        )


async def test_a_birthday_comes_every_year_and_a_late_one_is_made_up_for(
    tmp_path: Path, temporal_client: Client
) -> None:
    parts = ("at: 9:00", "yearly: true", "catch_up: 2 days")
    project = project_of(tmp_path / "defs", files("born", *parts))
    async with house(tmp_path, temporal_client, project, begin=BEGIN) as world:
        await world.event("lead.updated", born="1990-11-03")
        assert await opened(world) == ["2026-11-03 11-04 09:00"]
        await world.pass_time(timedelta(days=366))
        assert await opened(world) == ["2026-11-03 11-04 09:00", "2027-11-03 11-03 08:00"]


async def test_each_of_several_dates_has_a_run_of_its_own(tmp_path: Path, temporal_client: Client) -> None:
    project = project_of(tmp_path / "defs", files("visits", "before: 7 days"))
    async with house(tmp_path, temporal_client, project, begin=BEGIN) as world:
        await world.event("lead.updated", visits=["2026-11-12", "2026-11-14"])
        await world.pass_time(timedelta(days=3))
        assert await opened(world) == ["2026-11-12 11-04 23:00", "2026-11-14 11-06 23:00"]
        assert [run.state for run in await world.runs()] == ["open", "open"]
        await world.event("lead.updated", visits=["2026-11-12", "2026-11-18"])
        await world.pass_time(timedelta(days=12))
        assert [line.partition(":")[0] for line in await sent(world)] == [
            "hello 11-04 23", "hello 11-06 23", "bye 11-12 11", "bye 11-18 11",
        ]  # fmt: skip
        assert len(await world.runs()) == 2


async def test_a_new_version_counts_from_its_publishing_and_doubles_nobody(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", files("renews_on", "before: 7 days", "at: 9:00"))
    async with house(tmp_path, temporal_client, project, begin=BEGIN) as world:
        await world.event("lead.updated", "ana@example.com", renews_on="2026-11-12")
        await world.event("lead.updated", "bob@example.com", renews_on="2026-11-20")
        await world.event("lead.updated", "eva@example.com", renews_on="2026-11-14")
        await world.pass_time(timedelta(days=2))
        assert await receivers(world) == ["ana"]
        world.project = project_of(
            tmp_path / "second", files("renews_on", "before: 9 days", "at: 9:00", version=2)
        )
        await world.publish()
        await asyncio.sleep(0.3)
        await world.settle()
        await world.pass_time(timedelta(days=5))
        assert await opened(world) == ["2026-11-12 11-05 08:00", "2026-11-20 11-11 08:00"], "eva's was past"
        assert {run.version for run in await world.runs()} == {1, 2}

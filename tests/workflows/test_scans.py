"""Scans on the real server in virtual time: who enters, when, and once."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import Client

from model.scans import Entries, scan_workflow_id
from runtime.temporal_server import TemporalServer
from tests.house import House, house, project_of
from tests.intake.victim import KILLED

MAIL = (
    "---\nsubject: Hello\npurpose: service\n---\n<mjml><mj-body><mj-section><mj-column>"
    "<mj-text>Hello</mj-text></mj-column></mj-section></mj-body></mjml>"
)
VOCABULARY = """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [en]}
contact_hours: {days: mon-sun, from: 0:00, to: 24:00}
lead: {plan: text}
events: {interest.shown: {}}
"""
JOURNEY = """
journey: scanned
version: {version}
about: Writes to those on a plan.
start:
  {start}
  if: lead.plan is "{plan}"
again: {again}
steps:
  - email: hello
"""


def files(start: str, *, version: int = 1, plan: str = "basic", again: str = "never") -> dict[str, str]:
    return {
        "vocabulary.yaml": VOCABULARY,
        "scanned.yaml": JOURNEY.format(start=start, version=version, plan=plan, again=again),
        "templates/email/hello.en.mjml": MAIL,
    }


async def people(world: House, *plans: str) -> None:
    for number, plan in enumerate(plans):
        await world.event("lead.updated", f"lead{number}@example.com", plan=plan)


async def receivers(world: House) -> list[str]:
    return sorted(message.to.partition("@")[0] for message in await world.outbox())


async def entries(world: House) -> Entries:
    (scan,) = await world.scans()
    async with world.store.read() as tx:
        return await tx.scans.entries(scan.name)


async def test_a_daily_scan_lets_each_lead_enter_for_whom_it_holds(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", files("every: day at 8:00", again="after 2 days"))
    begin = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)
    async with house(tmp_path, temporal_client, project, begin=begin) as world:
        await people(world, "basic", "gold", "basic")
        (scan,) = await world.scans()
        assert scan.next_at == datetime(2026, 11, 5, 7, 0, tzinfo=UTC), "8:00 in the company's zone"
        assert await receivers(world) == []
        await world.pass_time(timedelta(days=1))
        assert await receivers(world) == ["lead0", "lead2"]
        (scan,) = await world.scans()
        assert (scan.looked, scan.found, scan.occurrence) == (3, 2, None)
        assert await entries(world) == Entries(entered=2)
        runs = await world.runs()
        assert {run.trigger for run in runs} == {"every"}
        assert {run.opened_at for run in runs} == {datetime(2026, 11, 5, 7, 0, tzinfo=UTC)}
        await world.event("lead.updated", "lead1@example.com", plan="basic")
        await world.pass_time(timedelta(days=1))
        assert await receivers(world) == ["lead0", "lead1", "lead2"], "the others came a day ago"
        await world.pass_time(timedelta(days=1))
        assert await receivers(world) == ["lead0", "lead0", "lead1", "lead2", "lead2"]
        lines = [line.text for line in await world.timeline("lead0@example.com") if line.kind == "entered"]
        assert lines == ["entered scanned 1 by every"] * 2, "to be passed over leaves no line"


async def test_a_scan_that_takes_place_once_ends_and_a_new_version_with_a_later_day_scans_again(
    tmp_path: Path, temporal_client: Client
) -> None:
    once = "once: 2026-11-05 at 9:00"
    again = "when finished"
    project = project_of(tmp_path / "defs", files(once, again=again))
    async with house(tmp_path, temporal_client, project) as world:
        await people(world, "basic")
        await world.pass_time(timedelta(days=2))
        assert await receivers(world) == ["lead0"]
        assert await world.scans() == []
        later = files("once: 2026-11-08 at 9:00", version=2, again=again)
        world.project = project_of(tmp_path / "later", later)
        await world.publish()
        await asyncio.sleep(0.3)
        await world.settle()
        await world.pass_time(timedelta(days=3))
        assert await receivers(world) == ["lead0", "lead0"]
        assert {run.version for run in await world.runs()} == {1, 2}


async def test_a_day_that_was_past_at_publishing_is_not_scanned(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", files("once: 2026-11-01 at 9:00"))
    async with house(tmp_path, temporal_client, project) as world:
        await people(world, "basic")
        await world.pass_time(timedelta(days=1))
        assert await receivers(world) == []
        assert await world.scans() == []


async def test_a_new_version_takes_over_without_doubles_and_one_without_the_trigger_ends_it(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", files("every: hour", again="after 30 days"))
    async with house(tmp_path, temporal_client, project) as world:
        await people(world, "basic", "gold")
        await world.pass_time(timedelta(minutes=61))
        assert await receivers(world) == ["lead0"]
        world.project = project_of(
            tmp_path / "second", files("every: hour", version=2, plan="gold", again="after 30 days")
        )
        await world.publish()
        await asyncio.sleep(0.3)
        await world.settle()
        assert await receivers(world) == ["lead0"], "the hour under way was scanned already"
        await world.pass_time(timedelta(hours=1))
        assert await receivers(world) == ["lead0", "lead1"]
        world.project = project_of(tmp_path / "third", files("by: request", version=3))
        await world.publish()
        await asyncio.sleep(0.3)
        await world.settle()
        assert await world.scans() == []
        handle = temporal_client.get_workflow_handle(scan_workflow_id(world.task_queue, "scanned/every"))
        async with asyncio.timeout(10):
            await handle.result()


async def test_killed_between_two_pages_a_scan_goes_on_where_it_was(
    tmp_path: Path, temporal: TemporalServer, temporal_client: Client, sqlite_url: str, task_queue: str
) -> None:
    project = project_of(tmp_path / "defs", files("every: hour"))
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.intake.victim", "after_page", sqlite_url, temporal.address, task_queue,
        str(tmp_path),
    )  # fmt: skip
    async with asyncio.timeout(60):
        assert await victim.wait() == KILLED
    begin = datetime(2026, 11, 4, 10, 0, 1, tzinfo=UTC)
    async with house(
        tmp_path, temporal_client, project, url=sqlite_url, task_queue=task_queue, begin=begin
    ) as world:
        (scan,) = await world.scans()
        assert scan.occurrence is not None
        assert 0 < scan.looked < 7
        await world.settle()
        assert await receivers(world) == [f"lead{number}" for number in range(7)]
        assert await entries(world) == Entries(entered=7)
        (scan,) = await world.scans()
        assert (scan.looked, scan.found) == (7, 7)


async def test_who_waits_in_line_is_passed_over_until_its_turn(
    tmp_path: Path, temporal_client: Client
) -> None:
    texts = files("every: hour")
    texts["scanned.yaml"] = texts["scanned.yaml"].replace("steps:", "pace: 1 per day\nsteps:")
    project = project_of(tmp_path / "defs", texts)
    async with house(tmp_path, temporal_client, project) as world:
        await people(world, "basic", "basic", "basic")
        await world.pass_time(timedelta(hours=3, minutes=1))
        assert len(await receivers(world)) == 1
        assert await entries(world) == Entries(entered=1, refused=2), "nobody was asked for anew"
        for number in range(3):
            lines = await world.timeline(f"lead{number}@example.com")
            assert len([line for line in lines if line.kind == "entered"]) == 1
        await world.pass_time(timedelta(days=2))
        assert await receivers(world) == ["lead0", "lead1", "lead2"]

"""Processes are killed at every point between the inbox and the provider: nothing is lost, nothing goes
twice."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from runtime.temporal_server import TemporalServer
from tests.house import House, house, project_of
from tests.intake.victim import KILLED
from tests.workflows.test_journey import PROJECT


async def kill_at(point: str, url: str, server: TemporalServer, queue: str, folder: Path) -> None:
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.intake.victim", point, url, server.address, queue, str(folder)
    )
    async with asyncio.timeout(60):
        assert await victim.wait() == KILLED


async def one_run_sent_one_welcome(world: House) -> None:
    (run,) = await world.runs()
    assert run.state == "open"
    assert [message.template for message in await world.outbox()] == ["welcome"]


@pytest.mark.parametrize("point", ["after_inbox", "after_outbox", "after_temporal"])
async def test_killed_between_inbox_and_run(
    point: str,
    tmp_path: Path,
    temporal: TemporalServer,
    temporal_client: Client,
    database: str,
    task_queue: str,
) -> None:
    project = project_of(tmp_path / "defs", PROJECT)
    await kill_at(point, database, temporal, task_queue, tmp_path)
    async with house(tmp_path, temporal_client, project, url=database, task_queue=task_queue) as world:
        await world.settle()
        await one_run_sent_one_welcome(world)
        await world.event("trial.bought", plan="basic")
        assert [run.ending for run in await world.runs()] == ["bought"]


async def test_a_worker_killed_after_the_provider_accepted_never_sends_again(
    tmp_path: Path, temporal: TemporalServer, temporal_client: Client, sqlite_url: str, task_queue: str
) -> None:
    project = project_of(tmp_path / "defs", PROJECT)
    await kill_at("after_provider", sqlite_url, temporal, task_queue, tmp_path)
    async with house(tmp_path, temporal_client, project, url=sqlite_url, task_queue=task_queue) as world:
        await world.settle()
        await asyncio.sleep(15)
        await world.pass_time(timedelta(minutes=1))
        await one_run_sent_one_welcome(world)
        (run,) = await world.runs()
        async with world.store.read() as tx:
            (send,) = await tx.sends.of_enrolment(run.id)
        assert (send.state, send.reason) == ("unknown", "worker_lost")

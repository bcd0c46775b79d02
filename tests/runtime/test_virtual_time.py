"""A run under virtual time stands still until it is moved, and then passes everything on its way."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from runtime.virtual_time import VirtualTime


@activity.defn
async def note(text: str) -> str:
    """Stands for an effect."""
    return text


@workflow.defn
class Reminders:
    """Waits ten days and acts, three times; counts signals."""

    def __init__(self) -> None:
        self.acted: list[datetime] = []
        self.heard = 0

    @workflow.run
    async def run(self) -> int:
        for _ in range(3):
            await workflow.sleep(timedelta(days=10))
            await workflow.execute_activity(note, "due", start_to_close_timeout=timedelta(seconds=10))
            self.acted.append(workflow.now())
        return self.heard

    @workflow.signal
    def hear(self) -> None:
        self.heard += 1

    @workflow.query
    def times(self) -> list[datetime]:
        return self.acted


@pytest.fixture
async def worker(temporal_client: Client, task_queue: str) -> AsyncIterator[None]:
    async with Worker(temporal_client, task_queue=task_queue, workflows=[Reminders], activities=[note]):
        yield


async def _start(virtual_time: VirtualTime, queue: str) -> WorkflowHandle[Reminders, int]:
    return await virtual_time.client.start_workflow(
        Reminders.run, id=f"reminders/{uuid4()}", task_queue=queue, start_signal="hear"
    )


@pytest.mark.usefixtures("worker")
async def test_a_jump_moves_time_by_as_much_and_fires_what_is_due(
    virtual_time: VirtualTime, task_queue: str
) -> None:
    run = await _start(virtual_time, task_queue)
    before = await virtual_time.now(run.id)

    assert await virtual_time.jump([run.id], timedelta(days=9)) == frozenset()
    assert await run.query(Reminders.times) == []
    await virtual_time.jump([run.id], timedelta(days=12))

    passed = await virtual_time.now(run.id) - before
    assert timedelta(days=21) <= passed < timedelta(days=21, seconds=30)
    assert len(await run.query(Reminders.times)) == 2


@pytest.mark.usefixtures("worker")
async def test_a_signal_between_jumps_is_heard(virtual_time: VirtualTime, task_queue: str) -> None:
    run = await _start(virtual_time, task_queue)
    await virtual_time.jump([run.id], timedelta(days=15))
    await run.signal(Reminders.hear)
    await virtual_time.finish(run.id)
    assert await run.result() == 2


@pytest.mark.usefixtures("worker")
async def test_runs_jump_together_and_those_over_are_told(virtual_time: VirtualTime, task_queue: str) -> None:
    ended = await _start(virtual_time, task_queue)
    await virtual_time.finish(ended.id)
    runs = [await _start(virtual_time, task_queue) for _ in range(3)]
    ids = [ended.id, *(run.id for run in runs)]
    assert await virtual_time.jump(ids, timedelta(days=25)) == {ended.id}
    assert await virtual_time.jump(ids, timedelta(days=25)) == set(ids)

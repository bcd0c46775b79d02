"""The yardstick: the same two sends as a hand-written Temporal workflow, without anything around it.

It runs in a worker process of its own, with the settings of ours, on the same server:
`python -m bench.bare ADDRESS TASK_QUEUE DATABASE`. A send puts the message into an outbox, as ours does.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

with workflow.unsafe.imports_passed_through():
    from model.messages import Outgoing
    from runtime import wiring
    from store import Store
    from worker import PASSED_THROUGH, STICKY_WAIT

BARE, BEGIN, READY = "bare", "begin", "bare worker ready"


@dataclass(frozen=True, slots=True)
class Lead:
    """Whom the workflow writes to, and the seconds between the two messages."""

    email: str
    wait: float


@dataclass(frozen=True, slots=True)
class Message:
    """One message to send."""

    id: str
    to: str
    subject: str


@workflow.defn(name=BARE)
class BareJourney:
    """A message, a timer, a message."""

    def __init__(self) -> None:
        self._begun = False

    @workflow.signal(name=BEGIN)
    def begin(self) -> None:
        """The event that starts it."""
        self._begun = True

    @workflow.run
    async def run(self, lead: Lead) -> None:
        """Sends twice."""
        await workflow.wait_condition(lambda: self._begun)
        await self._send(lead, "hello")
        await asyncio.sleep(lead.wait)
        await self._send(lead, "goodbye")

    async def _send(self, lead: Lead, subject: str) -> None:
        message = Message(f"{workflow.info().workflow_id}/{subject}", lead.email, subject)
        await workflow.execute_activity("send", message, start_to_close_timeout=timedelta(seconds=20))


class Sender:
    """The activity: hands a message to its provider."""

    def __init__(self, store: Store) -> None:
        self._keep = wiring.outbox(store)

    @activity.defn(name="send")
    async def send(self, message: Message) -> None:
        """Sends one message."""
        text = f"Dear reader, this is {message.subject}."
        await self._keep(
            Outgoing(message.id, "email", message.to, text, datetime.now(UTC), subject=message.subject)
        )


async def serve(address: str, task_queue: str, database: str) -> None:
    """Works until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    store = Store.open(f"sqlite+aiosqlite:///{database}")
    await store.migrate()
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    worker = Worker(
        client,
        task_queue=task_queue,
        workflows=[BareJourney],
        activities=[Sender(store).send],
        workflow_runner=SandboxedWorkflowRunner(restrictions=restrictions),
        max_cached_workflows=1000,
        sticky_queue_schedule_to_start_timeout=STICKY_WAIT,
    )
    async with worker:
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        await stop.wait()
    await store.close()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:4]))

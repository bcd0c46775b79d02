"""Time that passes by command, run by run, on a development server started for virtual time.

A run started through `VirtualTime.client` stands still between jumps, apart from the seconds that pass
anyway. A jump fires the timers on its way in order, and waits for activities in flight; each timer costs
about 0.2 s of server time, many runs at once are cheaper than one after the other. Runs under virtual
time must never continue as new: from the third of a chain on, server 1.32.0 adds the whole skipped time
to the next wait.
"""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

MOST_TIMERS = 100_000
"""Timers one jump may pass. At the server's default, 200, a jump stops short and, a minute later, is
answered as if the run were over."""

ANY_QUESTION = "__temporal_workflow_metadata"
"""A question that every run answers."""

LONGEST_ANSWER = timedelta(seconds=3)

MOST_LOOKS = 300
"""Looks at a run that is at work, 10 ms apart, before its time is moved all the same."""


class VirtualTime:
    """Starts runs whose time stands still, and moves their time."""

    def __init__(self, client: Client) -> None:
        frozen = TimeSkippingConfig(enabled=False, max_session_skip_count=MOST_TIMERS)
        self._skipper = TimeSkipper(client, config=frozen)

    @property
    def client(self) -> Client:
        """Client to start runs with, also by signal-with-start; the given one starts runs in real time."""
        return self._skipper.client

    async def jump(self, workflow_ids: Collection[str], by: timedelta) -> frozenset[str]:
        """Moves the runs' time on together and waits until each got there; returns those that are over."""
        arrived = await asyncio.gather(*(self._forward(id_, by) for id_ in workflow_ids))
        return frozenset(id_ for id_, alive in zip(workflow_ids, arrived, strict=True) if not alive)

    async def finish(self, workflow_id: str) -> None:
        """Lets all timers of a run fire as they come, and waits until it is over."""
        await self._forward(workflow_id, None)

    async def now(self, workflow_id: str) -> datetime:
        """Reads a run's own time; aware, UTC."""
        return await self._skipper.get_current_time(self.client.get_workflow_handle(workflow_id))

    async def started(self, workflow_id: str) -> datetime:
        """Reads when a run was started, in its own time; aware, UTC."""
        return (await self.client.get_workflow_handle(workflow_id).describe()).start_time

    async def _forward(self, workflow_id: str, by: timedelta | None) -> bool:
        handle = self.client.get_workflow_handle(workflow_id)
        try:
            await self._at_rest(handle)
            return await self._skipper.fast_forward(handle, by)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and "completed" in error.message:
                return False
            raise

    async def _at_rest(self, handle: WorkflowHandle[object, object]) -> None:
        """Waits until a run has set the timer for which it stands still: a leap before that would be added to
        it. A question is answered once the work in hand is done; without a worker nobody answers.
        """
        with suppress(RPCError, WorkflowQueryFailedError):
            await handle.query(ANY_QUESTION, rpc_timeout=LONGEST_ANSWER)
        for _ in range(MOST_LOOKS):
            described = await handle.describe()
            if not described.raw_description.HasField("pending_workflow_task"):
                return
            await asyncio.sleep(0.01)

"""Brings wake-ups to the runs: every delivery is signal-with-start, so that a lost run begins anew with its
whole input."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Sequence
from dataclasses import replace

import structlog
from pydantic_core import to_json
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from engine.run_input import HISTORY_LIMIT, LONGEST_CALL, RunInput
from intake.catalog import Catalog
from intake.enrol import run_of
from model.events import Delivery
from model.records import Enrolment, QueuedDelivery
from model.runs import DELIVER, JOURNEY, workflow_id
from store import Store

MOST_EVENTS = 100
MOST_BYTES = 256 * 1024
AT_ONCE = 32
"""Runs signalled side by side."""

log = structlog.get_logger(__name__)


class Deliverer:
    """Empties the outbox of wake-ups."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        client: Client,
        task_queue: str,
        history_limit: int = HISTORY_LIMIT,
        longest_call: float = LONGEST_CALL,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._client = client
        self._task_queue = task_queue
        self._history_limit = history_limit
        self._longest_call = longest_call
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def deliver_waiting(self) -> int:
        """Delivers what waits, each run's in order of `seq`; answers how many runs were reached.

        A run that Temporal cannot take now is tried again later; nothing is dropped.
        """
        async with self._store.read() as tx:
            groups = await tx.deliveries.undelivered(runs=4 * AT_ONCE, each=MOST_EVENTS)
        done = await asyncio.gather(*(self._reach(run, rows) for run, rows in groups))
        return sum(done)

    async def _reach(self, enrolment_id: str, rows: Sequence[QueuedDelivery]) -> bool:
        async with self._gate:
            rows = fitting(rows)
            given = await self._input(enrolment_id)
            try:
                await self._signal(given, [row.payload for row in rows])
            except WorkflowAlreadyStartedError:
                async with self._store.begin() as tx:
                    await tx.deliveries.mark_after_end(enrolment_id)
                return True
            except (RPCError, OSError) as error:
                log.warning("run not reached", enrolment=enrolment_id, error=type(error).__name__)
                async with self._store.begin() as tx:
                    await tx.deliveries.mark_failed(enrolment_id, [row.seq for row in rows])
                return False
            async with self._store.begin() as tx:
                await tx.deliveries.mark_delivered(enrolment_id, [row.seq for row in rows])
            return True

    async def _input(self, enrolment_id: str) -> RunInput:
        async with self._store.read() as tx:
            enrolment = await tx.enrolments.get(enrolment_id)
            assert enrolment is not None, "a delivery belongs to an enrolment"
            journey = await self._catalog.get(tx, enrolment.journey, enrolment.version)
        return start_input(
            enrolment,
            RunInput(run_of(enrolment, journey.key_field), journey, longest_call=self._longest_call),
            self._history_limit,
        )

    async def _signal(self, given: RunInput, deliveries: list[Delivery]) -> None:
        news = [delivery for delivery in deliveries if delivery.kind != "open"]
        start = functools.partial(
            self._client.start_workflow,
            JOURNEY,
            given,
            id=workflow_id(given.run.enrolment_id),
            task_queue=self._task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        await (start(start_signal=DELIVER, start_signal_args=[news]) if news else start())


def start_input(enrolment: Enrolment, given: RunInput, history_limit: int) -> RunInput:
    """Gives the full input of a run's first workflow."""
    return replace(given, shift=enrolment.shift, history_limit=history_limit)


def fitting(rows: Sequence[QueuedDelivery]) -> list[QueuedDelivery]:
    """Takes from the front as many wake-ups as one signal may carry, at least one."""
    kept: list[QueuedDelivery] = []
    size = 0
    for row in rows[:MOST_EVENTS]:
        size += len(to_json(row.payload))
        if kept and size > MOST_BYTES:
            break
        kept.append(row)
    return kept

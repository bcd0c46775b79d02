"""Brings wake-ups to the runs: every delivery is signal-with-start, so that a lost run begins anew with its
whole input."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, assert_never

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
from model.records import QueuedDelivery
from model.runs import DELIVER, JOURNEY, workflow_id
from store import Store, Tx

MOST_EVENTS = 100
MOST_BYTES = 256 * 1024
AT_ONCE = 32
"""Runs signalled side by side."""

Result = Literal["delivered", "over", "failed"]

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
            groups = dict(await tx.deliveries.undelivered(runs=4 * AT_ONCE, each=MOST_EVENTS))
            inputs = await self._inputs(tx, groups)
        rows = {run: fitting(waiting) for run, waiting in groups.items()}
        results = await asyncio.gather(*(self._reach(inputs[run], rows[run]) for run in rows))
        if rows:
            await self._write_down(dict(zip(rows, results, strict=True)), rows)
        return sum(result != "failed" for result in results)

    async def _reach(self, given: RunInput, rows: Sequence[QueuedDelivery]) -> Result:
        async with self._gate:
            try:
                await self._signal(given, [row.payload for row in rows])
            except WorkflowAlreadyStartedError:
                return "over"
            except (RPCError, OSError) as error:
                log.warning("run not reached", enrolment=given.run.enrolment_id, error=type(error).__name__)
                return "failed"
            return "delivered"

    async def _write_down(
        self, results: Mapping[str, Result], rows: Mapping[str, Sequence[QueuedDelivery]]
    ) -> None:
        """Marks what became of each run's wake-ups; a repeat after a crash before this is harmless."""
        async with self._store.begin() as tx:
            for run, result in results.items():
                seqs = [row.seq for row in rows[run]]
                match result:
                    case "delivered":
                        await tx.deliveries.mark_delivered(run, seqs)
                    case "over":
                        await tx.deliveries.mark_after_end(run)
                    case "failed":
                        await tx.deliveries.mark_failed(run, seqs)
                    case _:
                        assert_never(result)

    async def _inputs(self, tx: Tx, ids: Collection[str]) -> dict[str, RunInput]:
        """Gives the full input of each run, as its first workflow begins with it."""
        inputs = {}
        for run in (await tx.enrolments.get_many(ids)).values():
            journey = await self._catalog.get(tx, run.journey, run.version)
            inputs[run.id] = RunInput(
                run_of(run, journey.key_field),
                await self._catalog.text(tx, run.journey, run.version),
                shift=run.shift,
                history_limit=self._history_limit,
                longest_call=self._longest_call,
            )
        return inputs

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

"""Compares the runs that the store calls open with what Temporal has, and repairs either side."""

from __future__ import annotations

from datetime import datetime

import structlog
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from model.records import Enrolment
from model.results import NewEntry
from model.runs import workflow_id
from store import Store

ALIVE = frozenset({WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW})

log = structlog.get_logger(__name__)


async def sweep(store: Store, client: Client, now: datetime) -> int:
    """Repairs runs that were lost or ended from outside; answers how many.

    A run that Temporal does not know begins anew from its first delivery: the ledger keeps its messages
    from going twice. One that was terminated or failed is closed as `stopped`.
    """
    repaired = 0
    cursor: str | None = None
    while True:
        async with store.read() as tx:
            page = await tx.enrolments.list(state="open", cursor=cursor)
        for run in page.items:
            repaired += await _repair(store, client, run, now)
        cursor = page.next
        if cursor is None:
            return repaired


async def _repair(store: Store, client: Client, run: Enrolment, now: datetime) -> bool:
    status = await _status(client, run)
    if status in ALIVE:
        return False
    async with store.begin() as tx:
        found = await tx.enrolments.get(run.id)
        if found is None or found.state == "ended" or await tx.deliveries.waiting(run.id):
            return False
        if status is None:
            await tx.deliveries.put_back(run.id, 0)
            text = "the run was lost and begins anew"
        else:
            await tx.enrolments.close(run.id, ending="stopped", outcome="neutral", reason=status.name, at=now)
            text = f"the run was ended from outside ({status.name.lower()})"
        line = NewEntry(
            lead_id=run.lead_id,
            at=now,
            kind="operator",
            text=text,
            dedup=f"sweep/{run.id}/{now.isoformat()}",
            enrolment_id=run.id,
            journey=run.journey,
        )
        await tx.timeline.add_many([line])
    log.warning("run repaired", enrolment=run.id, found=status.name if status else "nothing")
    return True


async def _status(client: Client, run: Enrolment) -> WorkflowExecutionStatus | None:
    try:
        return (await client.get_workflow_handle(workflow_id(run.id)).describe()).status
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise

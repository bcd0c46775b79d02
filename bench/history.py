"""History events of a journey, all its runs together."""

from __future__ import annotations

import time

from temporalio.client import Client

from bench import leads
from bench.house import House
from bench.report import Row, judged
from bench.waiting import until
from model.runs import JOURNEY

SAMPLE = 50


async def events_of(client: Client, query: str, limit: int) -> list[int]:
    """Lists the history lengths of workflow executions."""
    return [found.history_length async for found in client.list_workflows(query, limit=limit)]


async def events_of_latest(client: Client, workflow: str) -> float:
    """Averages the history lengths of workflows of a type that completed last."""
    query = f"WorkflowType='{workflow}' AND ExecutionStatus='Completed'"
    found = await events_of(client, query, SAMPLE)
    return sum(found) / max(1, len(found))


async def measure(house: House) -> list[Row]:
    """Counts the events of one journey with a branch on the score; its day of waiting is two seconds."""
    (email,) = leads.addresses(1)
    known = {found.id async for found in house.client.list_workflows(f"WorkflowType='{JOURNEY}'")}
    phone = f"+346{int(time.time()) % 10**8:08}"
    await house.wire.post(leads.event("bench.branch", email, phone=phone))

    async def ended() -> set[str]:
        query = f"WorkflowType='{JOURNEY}' AND ExecutionStatus='Completed'"
        return {found.id async for found in house.client.list_workflows(query)} - known

    (run,) = await until(ended)
    total = sum(await events_of(house.client, f"WorkflowId='{run}'", 100))
    return [judged("history events: e-mail, 1 day, branch on score, SMS", total, "events", "<=", 25)]

"""`cauce tasks`: work that waits for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from commands.finding import lead_named
from commands.house import business_now, in_store
from commands.output import AsJson, Limit, emit_json, table
from model.results import Task
from settings import Settings

if TYPE_CHECKING:
    from store import Store

app = typer.Typer(no_args_is_help=True, help="See the work that waits for people.")

State = Literal["scheduled", "ready", "reserved", "in_progress", "completed", "expired", "canceled"]


@app.command("list")
def list_tasks(
    queue: Annotated[str | None, typer.Option("--queue", help="Of one queue.")] = None,
    state: Annotated[State | None, typer.Option("--state", help="In one state.")] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="Of one lead: id, e-mail, phone.")] = None,
    limit: Limit = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """List tasks by the time they are ready."""

    async def work(store: Store, settings: Settings) -> tuple[Task, ...]:
        async with store.read() as tx:
            lead_id = None if lead is None else (await lead_named(tx, lead)).id
            now = await business_now(tx, settings)
            found = await tx.tasks.list(now, queue=queue, state=state, lead_id=lead_id, limit=limit)
        return found.items

    found = in_store(work)
    if as_json:
        emit_json(found)
        return
    headings = ("id", "queue", "name", "try", "state", "ready (UTC)", "due (UTC)", "agent", "outcome")
    table((*headings, "lead"), [_row(task) for task in found], "no tasks")


def _row(task: Task) -> tuple[object, ...]:
    return (
        task.id, task.queue, task.name, task.attempt, task.state.replace("_", " "), task.ready_at,
        task.due_at, task.agent, task.outcome, task.lead_id,
    )  # fmt: skip

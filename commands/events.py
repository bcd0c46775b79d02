"""`cauce events`: the inbox and its dead letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from commands.finding import lead_named
from commands.house import Refused, business_now, in_store, say
from commands.output import AsJson, Limit, emit_json, facts, table
from model.records import InboxEvent
from settings import Settings

if TYPE_CHECKING:
    from store import Store, Tx

DETAILS = (
    "id", "source", "event_id", "type", "state", "at", "recorded_at", "applied_at", "lead_id", "visitor",
)  # fmt: skip
app = typer.Typer(no_args_is_help=True, help="Look into the inbox; try dead letters again.")


@app.command("list")
def list_events(
    lead: Annotated[str | None, typer.Option("--lead", help="Of one lead: id, e-mail, phone.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Of one type, like dealer.visited.")] = None,
    limit: Limit = 50,
    *,
    waiting: Annotated[bool, typer.Option("--waiting", help="Those that wait to be applied.")] = False,
    as_json: AsJson = False,
) -> None:
    """List events, the newest first; a lead's and those that wait in the order of their acceptance."""

    async def work(store: Store, _settings: Settings) -> tuple[InboxEvent, ...]:
        async with store.read() as tx:
            if lead is not None:
                types = None if type_ is None else (type_,)
                found = await tx.events.history((await lead_named(tx, lead)).id, types, latest=limit)
            elif waiting:
                found = await tx.events.pending(limit)
            else:
                found = await tx.events.latest(limit, type_)
        return tuple(one for one in found if type_ in (None, one.type))

    _listed(in_store(work), "no events", as_json=as_json)


@app.command("show")
def show(
    source: Annotated[str, typer.Argument(help="The source that sent it, like crm.")],
    event_id: Annotated[str, typer.Argument(metavar="ID", help="The sender's id of the event.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one event: whether it waits, is applied and to which runs it came, or is dead."""

    async def work(store: Store, _settings: Settings) -> InboxEvent | None:
        async with store.read() as tx:
            return await tx.events.get(source, event_id)

    found = in_store(work)
    if found is None:
        raise Refused(f"there is no event {event_id} of the source {source}")
    if as_json:
        emit_json(found)
        return
    facts((name.replace("_", " "), getattr(found, name)) for name in DETAILS)
    facts([("runs reached", found.reached), ("error", found.error), ("tries failed", found.attempts or None)])
    facts((f"  {name}", value) for name, value in found.body.items())


@app.command("dead")
def dead(limit: Limit = 100, *, as_json: AsJson = False) -> None:
    """List events that could not be applied five times, the oldest first."""

    async def work(store: Store, _settings: Settings) -> tuple[InboxEvent, ...]:
        async with store.read() as tx:
            return (await tx.events.dead(limit)).items

    _listed(in_store(work), "no dead letters", as_json=as_json)


@app.command("retry")
def retry(
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="[ID]...", help="Ids, as `dead` shows them.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
) -> None:
    """Put dead letters back into the inbox, with five tries before them."""
    if bool(ids) == everything:
        raise Refused("name the dead letters by id, or say --all; `cauce events dead` lists them")

    async def work(store: Store, settings: Settings) -> int:
        async with store.begin() as tx:
            wanted = await _all_dead(tx) if everything else (ids or [])
            for row_id in wanted:
                if not await tx.events.retry(row_id):
                    raise Refused(f"{row_id} is no dead letter; nothing was put back")
                await tx.audit.add(await business_now(tx, settings), "dead_letter.retry", str(row_id), None)
            return len(wanted)

    count = in_store(work)
    say(f"{count} put back; a running cauce applies them within a second")


async def _all_dead(tx: Tx) -> list[int]:
    found: list[int] = []
    cursor: str | None = None
    while True:
        page = await tx.events.dead(500, cursor)
        found += [one.id for one in page.items]
        if (cursor := page.next) is None:
            return found


def _listed(found: Sequence[InboxEvent], empty: str, *, as_json: bool) -> None:
    if as_json:
        emit_json(found)
        return
    headings = ("id", "at (UTC)", "source", "event", "type", "state", "error", "lead")
    rows = [
        (one.id, one.at, one.source, one.event_id, one.type, one.state, one.error, one.lead_id)
        for one in found
    ]
    table(headings, rows, empty)

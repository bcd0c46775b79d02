"""`cauce outbox`: messages that the outbox channel took instead of a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from commands.finding import lead_named
from commands.house import Refused, in_store, say
from commands.output import AsJson, Limit, emit_json, facts, table
from model.results import OutboxMessage
from settings import Settings

if TYPE_CHECKING:
    from store import Store

app = typer.Typer(no_args_is_help=True, help="Read the messages that the outbox channel took.")


@app.command("list")
def list_messages(
    lead: Annotated[str | None, typer.Option("--lead", help="Of one lead: id, e-mail, phone.")] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="email, sms, whatsapp, …")] = None,
    limit: Limit = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """List messages in the order in which they were sent, the last ones where there are more."""

    async def work(store: Store, _settings: Settings) -> list[OutboxMessage]:
        async with store.read() as tx:
            lead_id = None if lead is None else (await lead_named(tx, lead)).id
            found: list[OutboxMessage] = []
            cursor: str | None = None
            while True:
                page = await tx.outbox.list(lead_id=lead_id, channel=channel, limit=500, cursor=cursor)
                found = [*found, *page.items][-limit:]
                if (cursor := page.next) is None:
                    return found

    found = in_store(work)
    if as_json:
        emit_json(found)
        return
    headings = ("id", "at (UTC)", "channel", "to", "template", "subject or text")
    rows = [(one.id, one.at, one.channel, one.to, one.template, _short(one)) for one in found]
    table(headings, rows, "nothing was sent")


@app.command("show")
def show(
    message: Annotated[int, typer.Argument(metavar="ID", help="Its id, as `cauce outbox list` shows it.")],
    *,
    html: Annotated[bool, typer.Option("--html", help="Print the HTML alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one message as it would have gone out."""

    async def work(store: Store, _settings: Settings) -> OutboxMessage | None:
        from store.base import encode_cursor

        async with store.read() as tx:
            page = await tx.outbox.list(limit=1, cursor=encode_cursor(max(message - 1, 0)))
        return next((one for one in page.items if one.id == message), None)

    found = in_store(work)
    if found is None:
        raise Refused(f"there is no message {message} in the outbox; `cauce outbox list` shows all")
    if as_json:
        emit_json(found)
    elif html:
        say(found.html or "")
    else:
        heads = ("at", "channel", "to", "template", "language", "subject", "send_id", "lead_id")
        facts((name.replace("_", " "), getattr(found, name)) for name in heads)
        say("\n" + (found.text or ""))


def _short(message: OutboxMessage) -> str:
    words = " ".join((message.subject or message.text or "").split())
    return words if len(words) <= 60 else words[:59] + "…"

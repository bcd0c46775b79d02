"""Messages that the outbox channel took instead of a provider."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, select

from model.records import Page
from model.results import NewOutboxMessage, OutboxMessage
from store.base import BigId, Repository, Shape, after, columns_of, metadata, page, text_column, time_column

outbox_messages = Table(
    "outbox_messages",
    metadata,
    Column("id", BigId, primary_key=True),
    text_column("send_id", null=False),
    text_column("channel", null=False),
    Column("lead_id", ForeignKey("leads.id")),
    text_column("to", null=False),
    *(text_column(name) for name in ("subject", "text", "html", "language", "template")),
    time_column("at"),
    time_column("recorded_at"),
    Index(None, "lead_id", "id"),
    Index(None, "send_id"),
)

_MESSAGE = Shape(OutboxMessage)


class Outbox(Repository):
    """What would have gone out. Each call of the channel is a row of its own, so that a double send shows."""

    async def add(self, message: NewOutboxMessage) -> int:
        """Keeps a message; answers its id."""
        row = {**columns_of(message), "recorded_at": self._wall()}
        return int(str((await self._add_new(outbox_messages, [row], outbox_messages.c.id))[0][0]))

    async def list(
        self,
        *,
        lead_id: str | None = None,
        channel: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[OutboxMessage]:
        """Lists messages in the order in which they were sent."""
        one = outbox_messages.c
        wanted = select(outbox_messages).where(after((one.id,), cursor)).order_by(one.id).limit(limit + 1)
        if lead_id is not None:
            wanted = wanted.where(one.lead_id == lead_id)
        if channel is not None:
            wanted = wanted.where(one.channel == channel)
        return page(await self._all(_MESSAGE, wanted), limit, lambda message: (message.id,))

"""The default channel: messages are stored, readable by API and command line, and go nowhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from model.messages import Accepted, Outgoing, Receipt


class OutboxChannel:
    """Keeps messages instead of sending them."""

    provider = "outbox"
    timeout = 5.0

    def __init__(self, keep: Callable[[Outgoing], Awaitable[None]]) -> None:
        self._keep = keep

    async def send(self, message: Outgoing) -> Receipt:
        """Stores the message; a repeat of the same `send_id` is stored once."""
        await self._keep(message)
        return Accepted(f"outbox-{message.send_id}")

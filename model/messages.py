"""A finished message on its way to a provider, and what the provider made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A rendered message to one address; `send_id` is what the provider's callbacks will carry.

    `at` is business time. `lead_id` is None for a message to a team. `headers` are an e-mail's own; after
    `valid_for` seconds a provider shall no longer deliver what it still holds. `network` is that of `social`.
    """

    send_id: str
    channel: str
    to: str
    text: str
    at: datetime
    subject: str | None = None
    html: str | None = None
    language: str | None = None
    template: str | None = None
    lead_id: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    valid_for: int | None = None
    network: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it, under its own id."""

    provider_id: str
    kind: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True)
class NotSent:
    """Provably not sent; may be tried again after `retry_after` seconds.

    `transient`: DNS, refused connection, 429. `configuration`: our key, sender or account; nothing goes out
    until an operator mends it.
    """

    reason: str
    cause: Literal["transient", "configuration"]
    retry_after: float = 30.0
    kind: Literal["not_sent"] = "not_sent"


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider refused it for good: the address is dead, the lead opted out there, or the content is
    not taken."""

    reason: str
    cause: Literal["recipient", "opted_out", "content"]
    kind: Literal["rejected"] = "rejected"


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have been sent: a time-out, a dropped connection, a 5xx, an answer that is not the
    provider's."""

    reason: str
    kind: Literal["unknown"] = "unknown"


Receipt = Accepted | NotSent | Rejected | Unknown


class Channel(Protocol):
    """One provider's way of sending on one channel. `send` never raises for what a provider or the network
    does."""

    @property
    def provider(self) -> str:
        """The provider's name, as the ledger keeps it."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds after which a call is given up as unknown."""
        ...

    async def send(self, message: Outgoing) -> Receipt:
        """Sends once and says what became of it."""
        ...

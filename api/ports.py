"""What the routes stand on, handed down by `create_app` through the application's state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final, Protocol

from fastapi import Depends, Request

from api.temporal import Runs
from language.vocabulary import Vocabulary
from model.clock import Clock
from model.scoring import Scorer
from settings import Settings
from store import Store, Tx

INBOX: Final = "inbox"
"""The store's channel on which the intake listens, in this process or another."""


class Intake(Protocol):
    """Applies what the inbox holds."""

    async def run(self) -> None:
        """Works until cancelled."""
        ...

    def wake(self) -> None:
        """Says that something was committed by another process."""
        ...


@dataclass(slots=True)
class House:
    """Everything a request may reach."""

    settings: Settings
    store: Store
    clock: Clock
    runs: Runs
    vocabulary: Vocabulary | None = None
    scorer: Scorer | None = None
    intake: Intake | None = None
    intake_task: asyncio.Task[None] | None = None
    migrated: bool = False

    @asynccontextmanager
    async def accept(self) -> AsyncIterator[Tx]:
        """Opens a writing transaction for the inbox; the intake is woken after its commit."""
        async with self.store.begin() as tx:
            yield tx
            tx.notify(INBOX)


def house(request: Request) -> House:
    """Finds the house of a request."""
    found = request.app.state.house
    assert isinstance(found, House)
    return found


def wall() -> datetime:
    """Reads the wall, for leases and keys; business time comes from the clock."""
    return datetime.now(UTC)


InHouse = Annotated[House, Depends(house)]

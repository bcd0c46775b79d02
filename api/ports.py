"""What the routes stand on, handed down by `create_app` through the application's state."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Protocol

from fastapi import Depends, Request

from api.inbox import Inbox
from api.temporal import Runs
from language.vocabulary import Vocabulary
from model.clock import Clock
from model.scoring import Scorer
from runtime.editing import Desk
from settings import Settings
from store import Store


class Intake(Protocol):
    """Applies what the inbox holds."""

    async def run(self) -> None:
        """Works until cancelled."""
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

    inbox: Inbox = field(init=False)
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.store)
        self.desk = Desk(self.settings.journeys_dir)


def house(request: Request) -> House:
    """Finds the house of a request."""
    found = request.app.state.house
    assert isinstance(found, House)
    return found


def wall() -> datetime:
    """Reads the wall, for leases and keys; business time comes from the clock."""
    return datetime.now(UTC)


InHouse = Annotated[House, Depends(house)]

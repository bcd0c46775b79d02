"""Business time of a story: it passes with the real seconds, and leaps where nothing happens."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import datetime, timedelta

from runtime.demo.house import House
from runtime.virtual_time import VirtualTime


class Pace:
    """Keeps the API's clock and the runs' own time together.

    A run's time goes on by itself between leaps, so this time does too: otherwise work that a run opens
    would lie some seconds ahead of the clock by which it is claimed.
    """

    def __init__(self, begins: datetime, house: House, virtual: VirtualTime) -> None:
        self._house = house
        self._virtual = virtual
        self._base = begins
        self._since = time.monotonic()
        self.leaps = 0

    def now(self) -> datetime:
        """Gives business time; aware, UTC."""
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    async def tell(self) -> None:
        """Sets the API's clock to now."""
        await self._house.set_clock(self.now())

    async def leap(self, until: datetime, workflow_ids: Collection[str]) -> None:
        """Moves all of the runs, and the clock after them, to an instant; does nothing if it is past."""
        by = until - self.now()
        if by <= timedelta():
            return
        self.leaps += 1
        if workflow_ids:
            await self._virtual.jump(workflow_ids, by)
        self._base += by
        await self.tell()

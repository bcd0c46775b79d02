"""Business time of a story: it passes with the real seconds, and leaps where nothing happens.

TimeStuck    a run did not get where it should; its worker fails, most likely
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from datetime import datetime, timedelta

from runtime.demo.house import House
from runtime.virtual_time import VirtualTime


LEAP_WITHIN = 30.0
"""Seconds that a leap may take; each timer on its way costs a fraction of one."""


class TimeStuck(Exception):
    """A run did not get where it should."""


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
        """Moves all of the runs, and the clock after them, to an instant; does nothing if it is past.

        Raises TimeStuck.
        """
        by = until - self.now()
        if by <= timedelta():
            return
        self.leaps += 1
        if workflow_ids:
            await self._jump(workflow_ids, by)
        self._base += by
        await self.tell()

    async def _jump(self, workflow_ids: Collection[str], by: timedelta) -> None:
        try:
            async with asyncio.timeout(LEAP_WITHIN):
                await self._virtual.jump(workflow_ids, by)
        except TimeoutError:
            raise TimeStuck(f"no run came {by} further within {LEAP_WITHIN:.0f} s of waiting") from None

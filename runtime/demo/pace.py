"""Business time of a story: it passes with the real seconds, and leaps where nothing happens.

TimeStuck    a run did not get where it should; its worker fails, most likely
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from runtime.demo.house import House, Run
from runtime.virtual_time import VirtualTime

LEAP_WITHIN = 30.0
"""Seconds that a leap may take; each timer on its way costs a fraction of one."""

SHORT = timedelta(seconds=2)
"""What is waited out instead of leapt over: the server must take a leap in before its end is past, else it
leaps on to the next timer, however far."""


class TimeStuck(Exception):
    """A run did not get where it should."""


class Pace:
    """Keeps the API's clock and the runs' own time together.

    A run's time goes on by itself between leaps, so this time does too. The clock follows the slowest run and
    never runs ahead of one: a run must not hear of an event before the event's own time.
    """

    def __init__(self, begins: datetime, house: House, virtual: VirtualTime) -> None:
        self._house = house
        self._virtual = virtual
        self._base = begins
        self._since = time.monotonic()
        self._shifts: dict[str, timedelta] = {}

    def now(self) -> datetime:
        """Gives business time; aware, UTC."""
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    async def tell(self) -> None:
        """Sets the API's clock to now."""
        await self._house.set_clock(self.now())

    async def leap(self, until: datetime, runs: Iterable[Run]) -> None:
        """Moves all open runs, and the clock after them, to an instant; nothing if it is past.

        Raises TimeStuck.
        """
        if self.now() >= until:
            return
        still_open = [run for run in runs if run.state != "ended"]
        try:
            async with asyncio.timeout(LEAP_WITHIN):
                reached = await asyncio.gather(*(self._move(run, until) for run in still_open))
        except TimeoutError:
            place = f"{until:%Y-%m-%d %H:%M} UTC"
            raise TimeStuck(f"a run did not come to {place} within {LEAP_WITHIN:.0f} s") from None
        slowest = min((at for at in reached if at is not None), default=until)
        await asyncio.sleep((until - slowest).total_seconds())
        self._base, self._since = max(until, slowest, self.now()), time.monotonic()
        await self.tell()

    async def _move(self, run: Run, until: datetime) -> datetime | None:
        """Moves one run; gives its business time then, None if it is over."""
        id_ = f"journey/{run.id}"
        by = until - await self._time_of(run, id_)
        if by > SHORT and await self._virtual.jump([id_], by):
            return None
        return await self._time_of(run, id_)

    async def _time_of(self, run: Run, id_: str) -> datetime:
        own = await self._virtual.now(id_)
        return own + self._shifts.setdefault(run.id, run.opened_at - await self._virtual.started(id_))

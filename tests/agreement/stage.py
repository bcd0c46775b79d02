"""Moves many leads through virtual time together: one clock, from one instant at which something is due to
the next.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from model.records import Enrolment
from model.runs import workflow_id
from store.tasks import OPEN
from tests.house import House

JUST_BEFORE = timedelta(milliseconds=20)
WELL_AFTER = timedelta(seconds=30)
"""A jump that ends while effects are in flight runs on to the next timer."""
TOGETHER = timedelta(seconds=5)
"""What is due within so short a time is due at once."""
LATE = 10
"""Seconds of the wall for a jump to be answered."""
Happens = Callable[[], Awaitable[None]]
Who = Callable[[], str]
"""Gives the id of the lead, once it is there."""


class Stage:
    """What is to happen, and the house in which it does; what happens goes first at its instant."""

    def __init__(self, world: House) -> None:
        self._world = world
        self._due: list[tuple[datetime, int, Who, Happens]] = []
        self._started: dict[str, datetime] = {}
        self._expected = 0

    def expect(self, at: datetime, who: Who, happens: Happens) -> None:
        """Notes what happens to a lead and when; of the same instant, in the order of the calls."""
        self._expected += 1
        heapq.heappush(self._due, (at, self._expected, who, happens))

    async def play(self, horizon: timedelta) -> None:
        """Lets everything happen, then lets time pass until nothing is due within the horizon."""
        while True:
            runs = await self._world.open_runs()
            soonest = await self._soonest(runs)
            ahead = self._due[0][0] if self._due else None
            if ahead is not None and (soonest is None or ahead <= soonest):
                await self._happens(runs)
            elif soonest is None or soonest > self._world.clock.at + horizon:
                return
            else:
                at = soonest + TOGETHER
                self._world.clock.at = max(self._world.clock.at, at)
                await self._jump([run for run in runs if _is_due(run, at)], at + WELL_AFTER)
                await self._world.settle()

    async def _soonest(self, runs: Sequence[Enrolment]) -> datetime | None:
        """Gives the first instant at which a run or a queue has something to do."""
        async with self._world.store.read() as tx:
            tasks = (await tx.tasks.list(self._world.clock.at, limit=1000)).items
        looks = [task.next_at for task in tasks if task.state in OPEN]
        waits = [run.waiting_until for run in runs] + looks
        return min((at for at in waits if at is not None), default=None)

    async def _happens(self, runs: Sequence[Enrolment]) -> None:
        at, _, who, happens = heapq.heappop(self._due)
        mine = [run for run in runs if run.lead_id == who()]
        await self._jump(mine, at - JUST_BEFORE)
        self._world.clock.at = max(self._world.clock.at, at)
        await happens()
        await self._world.settle(self._world.clock.at - JUST_BEFORE)

    async def _jump(self, runs: Sequence[Enrolment], to: datetime) -> None:
        await asyncio.gather(*(self._jump_one(run, to) for run in runs))

    async def _jump_one(self, run: Enrolment, to: datetime) -> None:
        """Moves the time of a run on to a business instant.

        A jump that meets a timer just firing may be answered minutes late, though the run is there.
        """
        name, time = workflow_id(run.id), self._world.time
        if name not in self._started:
            self._started[name] = await time.started(name)
        while (by := to - run.opened_at - (await time.now(name) - self._started[name])) > timedelta():
            with suppress(TimeoutError):
                if await asyncio.wait_for(time.jump([name], by), LATE):
                    return


def _is_due(run: Enrolment, at: datetime) -> bool:
    return run.waiting_until is not None and run.waiting_until <= at

"""Plays everybody's part: the dealer's, the CRM's, the web's and the operators', each at its time.

Before each step in time all that was posted is applied and every run shows that it took it in; then time
leaps to what comes first, the next act or a run's next wake-up.

PlayFailed    the story did not go as its file says; the message begins with FILE:LINE
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import httpx
from temporalio.service import RPCError

from runtime.demo.house import ApiRefused, House, Run
from runtime.demo.pace import Pace, TimeStuck
from runtime.demo.parts import Parts, Unplayable
from runtime.demo.script import Script

PATIENCE = 20.0
"""Seconds within which an event is applied and a run comes to rest; both take milliseconds."""

LOOK_AGAIN = 0.05
PAST = timedelta(seconds=10)
"""How far past a run's wake-up a leap goes: the run must be asleep again before the leap's end, else the
server leaps on to its next timer, however far."""

MOST_WAKE_UPS = 400
"""Wake-ups after the last act within which every story must end."""


class PlayFailed(Exception):
    """The story did not go as its file says."""


class Player:
    """One script on one system; `at_rest` is called whenever everything has come to rest."""

    def __init__(
        self, script: Script, house: House, pace: Pace, at_rest: Callable[[], Awaitable[None]]
    ) -> None:
        self._script = script
        self._house = house
        self._pace = pace
        self._at_rest = at_rest
        self.parts = Parts(script, house, pace)
        self._seen: list[Run] = []
        self.leads: dict[str, str] = {}

    async def play(self) -> None:
        """Plays the script to the endings of all its stories; raises PlayFailed."""
        await self._pace.tell()
        for cue in self._script.cues:
            with self._blaming(cue.line, cue.story):
                await self._pass_time(cue.at)
                await self.parts.act(cue, self.leads.get(cue.story))
        with self._blaming(self._script.cues[-1].line, None):
            await self._to_the_endings()

    async def _pass_time(self, until: datetime) -> None:
        while self._pace.now() < until:
            runs = await self._rest()
            wake = _next_wake(runs)
            await self._pace.leap(until if wake is None or wake > until else wake + PAST, runs)

    async def _to_the_endings(self) -> None:
        for _ in range(MOST_WAKE_UPS):
            runs = await self._rest()
            missing = [story for story in self._script.casts if not self._has_ended(story, runs)]
            if not missing:
                return
            wake = _next_wake(
                [run for run in runs if run.lead_id in {self.leads.get(one) for one in missing}]
            )
            if wake is None:
                raise Unplayable(
                    f"the story {missing[0]!r} does not end: {self._whereabouts(missing[0], runs)}"
                )
            await self._pace.leap(wake + PAST, runs)
        raise Unplayable(f"no end after {MOST_WAKE_UPS} wake-ups: {self._whereabouts(missing[0], runs)}")

    def _has_ended(self, story: str, runs: list[Run]) -> bool:
        wanted = self._script.casts[story].ends
        own = [run for run in runs if run.lead_id == self.leads.get(story) and run.journey == wanted.journey]
        if any(run.ending == wanted.ending for run in own):
            return True
        if own and all(run.state == "ended" for run in own):
            raise Unplayable(
                f"the story {story!r} should end as {wanted.ending}, but {self._whereabouts(story, runs)}"
            )
        return False

    async def _rest(self) -> list[Run]:
        """Waits until everything posted is applied and all runs have come to rest."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._applied()
                runs = await self._still()
        except TimeoutError:
            raise Unplayable(await self._why_restless()) from None
        self._seen = runs
        await self._at_rest()
        return runs

    async def _applied(self) -> None:
        while self.parts.posted:
            source, event_id = self.parts.posted[0]
            state = await self._house.event(source, event_id)
            if state.state == "dead":
                raise Unplayable(f"the event {event_id} ({state.type}) is a dead letter: {state.error}")
            if state.state == "applied":
                self.parts.posted.pop(0)
            else:
                await asyncio.sleep(LOOK_AGAIN)
        for story in self._script.casts:
            await self._meet(story)

    async def _meet(self, story: str) -> None:
        if story not in self.leads:
            name, value = next(iter(self._script.casts[story].lead.items()))
            lead = await self._house.find_lead({name: value})
            if lead is not None:
                self.leads[story] = lead.id

    async def _still(self) -> list[Run]:
        """Reads all runs until nothing about them changes any more."""
        before: list[Run] | None = None
        while True:
            runs = await self._runs()
            if runs == before and all(_rests(run, self._pace.now()) for run in runs):
                return runs
            before = runs
            await asyncio.sleep(LOOK_AGAIN)

    async def _runs(self) -> list[Run]:
        return [run for lead_id in self.leads.values() for run in await self._house.runs(lead_id)]

    async def _why_restless(self) -> str:
        if self.parts.posted:
            return f"the event {self.parts.posted[0][1]} was not applied within {PATIENCE:.0f} s"
        restless = [run for run in await self._runs() if not _rests(run, self._pace.now())]
        return (
            f"not at rest within {PATIENCE:.0f} s: {'; '.join(_where(run) for run in restless) or 'the runs'}"
        )

    def _whereabouts(self, story: str, runs: list[Run]) -> str:
        own = [_where(run) for run in runs if run.lead_id == self.leads.get(story)]
        return "; ".join(own) or "it began no journey"

    @contextmanager
    def _blaming(self, line: int, story: str | None) -> Iterator[None]:
        try:
            yield
        except (Unplayable, TimeStuck, ApiRefused, httpx.HTTPError, RPCError) as error:
            what = str(error) or type(error).__name__
            where = f"\n{story}: {self._whereabouts(story, self._seen)}" if story is not None else ""
            raise PlayFailed(f"{self._script.path}:{line}: {what}{where}") from error


def _rests(run: Run, now: datetime) -> bool:
    if run.state != "open":
        return True
    waits = run.waiting_for is not None or run.waiting_until is not None
    awake = run.waiting_until is not None and run.waiting_until <= now
    return waits and not awake and run.applied_seq >= run.last_seq


def _next_wake(runs: list[Run]) -> datetime | None:
    wakes = [run.waiting_until for run in runs if run.state == "open" and run.waiting_until is not None]
    return min(wakes, default=None)


def _where(run: Run) -> str:
    if run.state == "ended":
        return f"{run.journey} ended as {run.ending}"
    until = f" until {run.waiting_until:%Y-%m-%d %H:%M} UTC" if run.waiting_until else ""
    return f"{run.journey} is at {run.step}, waits for {run.waiting_for}{until}"

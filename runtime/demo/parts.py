"""The parts to be played: what each kind of act does to the system, over HTTP.

Unplayable    an act cannot be played, or the system does not come to rest; the message says why
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from runtime.demo.house import House, Task
from runtime.demo.pace import Pace
from runtime.demo.script import Cue, Posted, Put, Script, Worked

COMES_WITHIN = 5.0
"""Seconds within which a task or message that an act needs must be there; runs are at rest before."""

LOOK_AGAIN = 0.1
OWN_SOURCE = "cauce"
"""Source of the events that the system itself makes, a task's completion among them."""


class Unplayable(Exception):
    """An act cannot be played, or the system does not come to rest."""


class Parts:
    """Acts one line after the other.

    `posted` are the events whose application is to be awaited, `posters` who posted each, `scripts` what an
    agent read on taking a task, by its id.
    """

    def __init__(self, script: Script, house: House, pace: Pace) -> None:
        self._casts = script.casts
        self._house = house
        self._pace = pace
        self._in_hand: list[Task] = []
        self.posted: list[tuple[str, str]] = []
        self.posters: dict[str, str] = {}
        self.scripts: dict[str, str] = {}

    async def act(self, cue: Cue, lead_id: str | None) -> None:
        """Does what a line says; raises Unplayable, ApiRefused."""
        await self._pace.tell()
        match cue.act:
            case Put() as put:
                await self._put(cue, put)
            case Posted() as posted:
                await self._post(cue, posted, lead_id)
            case Worked() as worked:
                await self._work(cue, worked, lead_id)
            case _:
                assert_never(cue.act)

    async def _put(self, cue: Cue, put: Put) -> None:
        lead = self._casts[cue.story].lead
        names: dict[str, JsonValue] = {name: lead[name] for name in ("email", "phone") if name in lead}
        written = await self._house.put_lead(lead["external_id"], {**names, **put.put})
        self._follow(written.source, written.event_id, put.who)

    async def _post(self, cue: Cue, posted: Posted, lead_id: str | None) -> None:
        lead = self._casts[cue.story].lead
        by = posted.by or (next(iter(lead)),)
        names: dict[str, JsonValue] = {name: lead[name] for name in by}
        body: dict[str, JsonValue] = {
            "id": event_id(cue), "type": posted.event, "lead": names, "properties": posted.properties,
        }  # fmt: skip
        if posted.message is not None:
            body["message"] = await self._sent(posted.message, lead_id)
        self._follow(await self._house.post_event(body), event_id(cue), posted.who)

    def _follow(self, source: str, event_id: str, who: str) -> None:
        self.posted.append((source, event_id))
        self.posters[event_id] = who

    async def _sent(self, template: str, lead_id: str | None) -> str:
        messages = await self._house.outbox()
        found = [one.send_id for one in messages if one.lead_id == lead_id and one.template == template]
        if not found:
            raise Unplayable(f"no message {template} was sent to react to")
        return found[-1]

    async def _work(self, cue: Cue, worked: Worked, lead_id: str | None) -> None:
        task = await self._take(worked, lead_id)
        if task.script:
            self.scripts[task.id] = task.script
        body: dict[str, JsonValue] = {"completion_id": event_id(cue), "outcome": worked.outcome}
        if worked.notes is not None:
            body["notes"] = worked.notes
        if worked.callback_at is not None:
            body["callback_at"] = _aware(worked.callback_at, self._casts[cue.story].zone).isoformat()
        await self._house.complete(task, body)
        self._follow(OWN_SOURCE, f"task.completed/{task.id}", worked.who)

    async def _take(self, worked: Worked, lead_id: str | None) -> Task:
        """Claims from the queue until the lead's task is in hand; others are kept for their own lines."""
        loop = asyncio.get_running_loop()
        late = loop.time() + COMES_WITHIN
        while True:
            for task in self._in_hand:
                if task.lead_id == lead_id and task.name == worked.task:
                    self._in_hand.remove(task)
                    return task
            claimed = await self._house.claim(worked.queue, worked.who)
            if claimed is not None:
                self._in_hand.append(claimed)
            elif loop.time() > late:
                raise Unplayable(await self._no_task(worked, lead_id))
            else:
                await asyncio.sleep(LOOK_AGAIN)
                await self._pace.tell()

    async def _no_task(self, worked: Worked, lead_id: str | None) -> str:
        tasks = await self._house.tasks(lead_id) if lead_id else []
        known = [
            f"{one.name} in {one.queue}: {one.state} since {one.ready_at:%Y-%m-%d %H:%M} UTC" for one in tasks
        ]
        return (
            f"no task {worked.task} can be claimed in the queue {worked.queue};"
            f" the lead's tasks: {'; '.join(known) or 'none'}"
        )


def event_id(cue: Cue) -> str:
    """Names what a line posts for one story."""
    return f"{cue.story}-{cue.line}"


def _aware(at: datetime, zone: str) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)

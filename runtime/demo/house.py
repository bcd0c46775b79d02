"""The public HTTP API as the demo uses it; nothing else of the system is touched while a story plays.

ApiRefused    the API answered with a problem; the message has its code and what it says
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Generic, Literal, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue

PAGE = 200


class ApiRefused(Exception):
    """The API answered with a problem."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}"
        )
        self.status = answer.status_code


class Read(BaseModel):
    """What is read of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class EventState(Read):
    """What became of an event."""

    id: str
    type: str
    state: Literal["accepted", "applied", "dead"]
    error: str | None


class Run(Read):
    """Where an enrolment stands; `waiting_until` is business time."""

    id: str
    lead_id: str
    journey: str
    opened_at: datetime
    state: Literal["open", "paused", "ended"]
    step: str | None
    waiting_until: datetime | None
    waiting_for: str | None
    applied_seq: int
    last_seq: int
    ending: str | None
    outcome: Literal["won", "lost", "neutral"] | None


class Entry(Read):
    """A line of a timeline."""

    id: int
    at: datetime
    kind: str
    text: str
    enrolment_id: str | None
    journey: str | None
    step: str | None
    data: dict[str, JsonValue]


class Message(Read):
    """A message in the outbox."""

    id: int
    send_id: str
    channel: str
    to: str
    at: datetime
    subject: str | None
    text: str | None
    template: str | None
    lead_id: str | None


class Task(Read):
    """Work of a queue; `script` comes with the claim."""

    id: str
    queue: str
    name: str
    lead_id: str
    state: str
    ready_at: datetime
    fence: int
    outcome: str | None
    script: str | None = None


class Written(Read):
    """Where a write can be followed."""

    source: str
    event_id: str


class Source(Read):
    """Whose events a key sends."""

    source: str


class Claimed(Read):
    """A task in hand, or none."""

    task: Task | None


class Lead(Read):
    """A person."""

    id: str
    first_name: str | None = None
    last_name: str | None = None


Item = TypeVar("Item", bound=Read)


class Page(Read, Generic[Item]):
    """Some of a list."""

    items: tuple[Item, ...]
    next: str | None = None


class House:
    """A running system, reached with an API key."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def set_clock(self, now: datetime) -> None:
        """Sets business time of API and intake; raises ApiRefused."""
        await self._call("PUT", "/v1/clock", {"now": now.isoformat()})

    async def put_lead(self, external_id: str, body: Mapping[str, JsonValue]) -> Written:
        """Writes a lead; the write is an event to be followed."""
        answer = await self._call("PUT", f"/v1/leads/external:{external_id}", dict(body))
        return Written.model_validate_json(answer.content)

    async def post_event(self, body: Mapping[str, JsonValue]) -> str:
        """Posts an event; gives the source that it came from."""
        answer = await self._call("POST", "/v1/events", dict(body))
        return Source.model_validate_json(answer.content).source

    async def event(self, source: str, event_id: str) -> EventState:
        """Asks what became of an event."""
        answer = await self._call("GET", f"/v1/events/{source}/{event_id}")
        return EventState.model_validate_json(answer.content)

    async def find_lead(self, names: Mapping[str, str]) -> Lead | None:
        """Finds the lead that identifiers name."""
        body: dict[str, JsonValue] = dict(names)
        answer = await self._call("POST", "/v1/leads:search", body)
        found = Page[Lead].model_validate_json(answer.content).items
        return found[0] if found else None

    async def runs(self, lead_id: str) -> tuple[Run, ...]:
        """Lists all runs of a lead."""
        answer = await self._call("GET", "/v1/enrolments", lead_id=lead_id)
        return Page[Run].model_validate_json(answer.content).items

    async def timeline(self, lead_id: str) -> list[Entry]:
        """Reads a lead's whole timeline."""
        return await self._all(Page[Entry], f"/v1/leads/{lead_id}/timeline")

    async def outbox(self) -> list[Message]:
        """Reads the whole outbox, also what went to teams."""
        return await self._all(Page[Message], "/v1/outbox")

    async def tasks(self, lead_id: str) -> list[Task]:
        """Lists all tasks of a lead."""
        return await self._all(Page[Task], "/v1/tasks", lead_id=lead_id)

    async def claim(self, queue: str, agent: str) -> Task | None:
        """Takes the best task of a queue, if there is one that may be done now."""
        body: dict[str, JsonValue] = {"queue": queue, "agent": agent, "lease_seconds": 600}
        answer = await self._call("POST", "/v1/tasks:claim", body)
        return Claimed.model_validate_json(answer.content).task

    async def complete(self, task: Task, body: Mapping[str, JsonValue]) -> None:
        """Completes a claimed task."""
        await self._call("POST", f"/v1/tasks/{task.id}:complete", {"fence": task.fence, **body})

    async def _all(self, shape: type[Page[Item]], path: str, **query: str) -> list[Item]:
        found: list[Item] = []
        while True:
            answer = await self._call("GET", path, None, limit=str(PAGE), **query)
            page = shape.model_validate_json(answer.content)
            found += page.items
            if page.next is None:
                return found
            query["cursor"] = page.next

    async def _call(
        self, method: str, path: str, body: Mapping[str, JsonValue] | None = None, **query: str
    ) -> httpx.Response:
        answer = await self._client.request(method, path, json=body, params=query)
        if not answer.is_success:
            raise ApiRefused(answer)
        return answer

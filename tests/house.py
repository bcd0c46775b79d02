"""A whole house in one process: real store, real Temporal, real worker; virtual time moves by command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from temporalio import activity
from temporalio.client import Client

from channels.scorer import ScorerClient
from engine.run_input import VIRTUAL_HISTORY_LIMIT
from intake.service import Intake
from language.compiled import digest, dump
from model.events import Fields
from model.records import Enrolment, Identifier, InboxEvent, NewEvent, PublishedJourney
from model.results import Entry, OutboxMessage
from model.runs import (
    CARRY_OUT,
    SAVE_PROGRESS,
    CarriedOut,
    EffectRequest,
    ProgressRequest,
    workflow_id,
)
from model.scans import Scan, scan_workflow_id
from runtime import wiring
from runtime.project import Project, load_project
from runtime.virtual_time import VirtualTime
from settings import Settings
from store import Store, new_id
from store import digest as hash_of
from worker import make_worker

BEGIN = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)
BEYOND = timedelta(seconds=5)

RULES = """
model: {id: small, version: 1, label: sale_90d, kind: rules}
scores: {engagement: {min: -50, max: 200}, fit: {min: -100, max: 100}}
groups: {web: {score: engagement, min: 0, max: 150}}
rules:
  - {id: interest, group: web, event: interest.shown, points: 80, per: day, strong: true, expire: never}
fit_grades: {A: 60, B: 30, C: 0, D: -100}
engagement_bands: {"1": 80, "2": 30, "3": -50}
tiers: {T1: [A1, B1, C1], T2: [A2, B2, C2], T3: ["*"]}
stages:
  sales_ready: {enter: {engagement: ">=80", fit: ">=C", any_strong_within: 30 days}, leave: {engagement:
  "<40"}}
"""


Watcher = Callable[[EffectRequest | ProgressRequest, CarriedOut | None], None]
"""Is told what the runs ask for, and the answers."""


def watched(activities: Sequence[Callable[..., Any]], watcher: Watcher) -> Sequence[Callable[..., object]]:
    """Wraps activities so that the watcher is told of every request that was carried out."""
    made: dict[str, Callable[..., Any]] = {each.__name__: each for each in activities}
    carried, saved = made[CARRY_OUT], made[SAVE_PROGRESS]

    @activity.defn(name=CARRY_OUT)
    async def carry_out(request: EffectRequest) -> CarriedOut:
        done: CarriedOut = await carried(request)
        watcher(request, done)
        return done

    @activity.defn(name=SAVE_PROGRESS)
    async def save_progress(request: ProgressRequest) -> None:
        await saved(request)
        watcher(request, None)

    made |= {CARRY_OUT: carry_out, SAVE_PROGRESS: save_progress}
    return tuple(made.values())


class HandClock:
    """Business time set by hand; in `real_time` the wall's, and nothing sets it."""

    def __init__(self, at: datetime, *, real_time: bool = False) -> None:
        self.at = at
        self._real_time = real_time

    def now(self) -> datetime:
        """Gives the time set last."""
        return datetime.now(UTC) if self._real_time else self.at


def project_of(folder: Path, files: Mapping[str, str], rules: str = RULES) -> Project:
    """Writes a small project to disk and compiles it; fails with the report of its mistakes."""
    for path, text in {"scoring.yaml": rules, **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    project = load_project(folder)
    assert not project.errors, "\n".join(project.rendered(problem) for problem in project.errors)
    return project


@dataclass
class House:
    """The system and the hands that move it."""

    store: Store
    time: VirtualTime
    intake: Intake
    clock: HandClock
    project: Project
    count: int = 0
    name: str = "e"
    task_queue: str = ""
    shifts: dict[str, timedelta] = field(default_factory=dict)

    async def publish(self) -> None:
        """Publishes every journey of the project."""
        async with self.store.begin() as tx:
            for journey in self.project.journeys.values():
                published = PublishedJourney(
                    name=journey.name,
                    version=journey.version,
                    hash=digest(journey),
                    compiled=dump(journey),
                    source="",
                    published_at=self.clock.now(),
                )
                await tx.journeys.publish(published)

    async def event(self, kind: str, email: str = "luis@example.com", **fields: JsonValue) -> None:
        """Sends an event of the lead with this address, and lets the house come to rest."""
        await self.accept(kind, email, **fields)
        await self.settle()

    async def accept(self, kind: str, email: str = "luis@example.com", **fields: JsonValue) -> None:
        """Puts an event into the inbox, as the API does, and wakes the intake."""
        await self.accept_row(kind, [Identifier("email", email)], fields)
        await self.store.notify("inbox")

    async def take(
        self,
        kind: str,
        identifiers: Sequence[Identifier],
        *,
        visitor: str | None = None,
        message: str | None = None,
        source: str = "test",
        **fields: JsonValue,
    ) -> InboxEvent:
        """Puts an event with these identifiers into the inbox, and gives its row once it is applied or
        dead."""
        event_id = await self.accept_row(
            kind, identifiers, fields, visitor=visitor, message=message, source=source
        )
        await self.settle()
        async with self.store.read() as tx:
            row = await tx.events.get(source, event_id)
        assert row is not None
        return row

    async def accept_row(
        self,
        kind: str,
        identifiers: Sequence[Identifier],
        body: Fields,
        *,
        visitor: str | None = None,
        message: str | None = None,
        source: str = "test",
    ) -> str:
        """Puts an event with these identifiers into the inbox, and gives its id."""
        self.count += 1
        new = NewEvent(
            source=source,
            event_id=f"{self.name}{self.count}",
            type=kind,
            at=self.clock.now(),
            body_hash=hash_of(body),
            body=body,
            identifiers=tuple(identifiers),
            visitor=visitor,
            message=message,
        )
        async with self.store.begin() as tx:
            assert await tx.events.insert([new]) == ("accepted",)
        return new.event_id

    async def settle(self, now: datetime | None = None) -> None:
        """Waits until everything accepted is applied and every run stands still.

        Runs whose time comes before `now`, else by the clock's time, are about to move.
        """
        async with asyncio.timeout(30):
            while await self._is_busy(now or self.clock.now()):
                await asyncio.sleep(0.02)

    async def pass_time(self, by: timedelta) -> None:
        """Lets business time pass, deadline by deadline."""
        until = self.clock.at + by
        while self.clock.at < until:
            runs, scans = await self.open_runs(), await self.scans()
            ends = [run.waiting_until for run in runs] + [scan.next_at for scan in scans]
            ends += await self._next_appointment()
            step = min([until, *(end for end in ends if end and end > self.clock.at)]) - self.clock.at
            before, self.clock.at = self.clock.at, self.clock.at + step
            await asyncio.gather(
                *(self._move(workflow_id(run.id), before) for run in runs),
                *(self._move(scan_workflow_id(self.task_queue, scan.name), before) for scan in scans),
            )
            await self.settle()

    async def _move(self, id_: str, before: datetime) -> None:
        """Moves a run or a scan a little beyond the clock: what it does on the way has to fit into its leap,
        else the server leaps on to its next timer. `before` is where the clock stood when it was at rest.
        """
        own = await self.time.now(id_)
        shift = self.shifts.setdefault(id_, before - own)
        by = self.clock.at + BEYOND - own - shift
        if by > timedelta():
            await self.time.jump([id_], by)

    async def _next_appointment(self) -> list[datetime]:
        async with self.store.read() as tx:
            at = await tx.appointments.next()
        return [] if at is None else [at]

    async def open_runs(self) -> list[Enrolment]:
        """Lists the runs that have not ended."""
        async with self.store.read() as tx:
            page = await tx.enrolments.list(limit=1000)
        return [run for run in page.items if run.state != "ended"]

    async def runs(self) -> list[Enrolment]:
        """Lists all runs."""
        async with self.store.read() as tx:
            return list((await tx.enrolments.list(limit=1000)).items)

    async def scans(self) -> list[Scan]:
        """Lists the scans that are on."""
        async with self.store.read() as tx:
            return [scan for scan in await tx.scans.all() if scan.state == "on"]

    async def outbox(self) -> list[OutboxMessage]:
        """Lists what the outbox took."""
        async with self.store.read() as tx:
            return list((await tx.outbox.list()).items)

    async def timeline(self, email: str = "luis@example.com") -> list[Entry]:
        """Lists a lead's timeline."""
        async with self.store.read() as tx:
            lead = await tx.leads.find_by("email", email)
            assert lead is not None
            return list((await tx.timeline.page(lead.id, limit=1000)).items)

    async def _is_busy(self, now: datetime) -> bool:
        looking = any(_looks(scan, now) for scan in await self.scans())
        if await self.intake.apply_waiting() or await self.intake.deliver_waiting():
            return True
        if await self.intake.tend_scans() or await self.intake.release_waiting():
            return True
        if await self.intake.look_after_queues():
            return True
        runs = await self.open_runs()
        return looking or any(run.applied_seq < run.next_seq - 1 or not _rests(run, now) for run in runs)


def _looks(scan: Scan, now: datetime) -> bool:
    """Says whether a scan has something to do."""
    if scan.kind in ("date", "audiences") and scan.built != scan.version:
        return True
    return scan.kind != "date" if scan.next_at is None else scan.next_at <= now


def _rests(run: Enrolment, now: datetime) -> bool:
    """Says whether a run waits for something still to come; one whose time has come is about to move."""
    if run.state == "paused":
        return True
    if run.waiting_until is not None:
        return run.waiting_until > now
    return run.waiting_for is not None


@asynccontextmanager
async def house(
    folder: Path,
    client: Client,
    project: Project,
    *,
    begin: datetime = BEGIN,
    url: str | None = None,
    cache: int = 1000,
    real_time: bool = False,
    history_limit: int = VIRTUAL_HISTORY_LIMIT,
    task_queue: str | None = None,
    worker: bool = True,
    scorer: ScorerClient | None = None,
    scorer_url: str | None = None,
    provider_timeout: float = 5.0,
    watcher: Watcher | None = None,
) -> AsyncIterator[House]:
    """Opens a house whose runs live in virtual time, or, for waits of seconds, in `real_time`.

    Several houses on one database and `task_queue` are one; those without a `worker` leave the runs to
    others.
    """
    settings = Settings(
        data_dir=folder,
        database_url=url or f"sqlite+aiosqlite:///{folder}/house.db",
        clock="system" if real_time else "manual",
        task_queue=task_queue or f"house-{new_id()}",
        workflow_cache=cache,
        scorer_url=scorer_url,
        provider_timeout=provider_timeout,
        connector_hosts=("127.0.0.1",),
    )
    store = Store.open(settings.database_url)
    await store.migrate()
    time, clock = VirtualTime(client), HandClock(begin, real_time=real_time)

    async def connect() -> Client:
        return client if real_time else time.client

    intake = Intake(
        store,
        project.vocabulary,
        project.sound_rules(),
        clock,
        connect,
        settings.task_queue,
        history_limit=history_limit,
        virtual=not real_time,
        scorer=scorer,
        longest_call=provider_timeout,
    )
    opened = House(store, time, intake, clock, project, task_queue=settings.task_queue)
    await opened.publish()
    effects = wiring.activities(settings, store, project)
    effects = effects if watcher is None else watched(effects, watcher)
    try:
        async with make_worker(client, settings, effects) if worker else nullcontext():
            yield opened
    finally:
        await store.close()

"""Keeps the scans in step with the published journeys: which there are, and that their workflows run."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from intake.catalog import Catalog
from intake.grouping import GROUPING, version_of
from intake.scanning import trigger_of
from language.compiled import Journey, Trigger
from model.scans import LOOK, SCAN, Scan, ScanInput, ScanKind, scan_name, scan_workflow_id
from store import Store, Tx

Connect = Callable[[], Awaitable[Client]]
Versions = tuple[tuple[str, int], ...]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A scan that a published journey asks for."""

    journey: Journey
    trigger: Trigger
    kind: ScanKind

    @property
    def name(self) -> str:
        """The scan's name."""
        return scan_name(self.journey.name, self.trigger.name)


def wanted_by(journeys: Sequence[Journey]) -> Iterator[Wanted]:
    """Lists the scans of the newest versions."""
    for journey in journeys:
        for trigger in journey.starts:
            if trigger.on == "every" or trigger.on == "once" or trigger.on == "date":
                yield Wanted(journey, trigger, trigger.on)
            if trigger.everybody:
                yield Wanted(journey, trigger, "members")


class ScanKeeper:
    """Starts, wakes and stops scans."""

    def __init__(self, store: Store, catalog: Catalog, task_queue: str, history_limit: int) -> None:
        self._store = store
        self._catalog = catalog
        self._task_queue = task_queue
        self._history_limit = history_limit
        self._seen: Versions | None = None

    async def tend(self, connect: Connect, shift: float) -> int:
        """Brings the scans in line with what is published, wakes those that are to look; answers how many.

        A published version takes over the scan of the one before, wherever it stands.
        """
        async with self._store.read() as tx:
            journeys = await self._catalog.latest(tx)
            unheard = await tx.scans.unheard()
        versions = tuple((journey.name, journey.version) for journey in journeys)
        if versions != self._seen:
            async with self._store.begin() as tx:
                await self._align(tx, journeys, datetime.now(UTC) + timedelta(seconds=shift))
                unheard = await tx.scans.unheard()
            self._seen = versions
        for scan in unheard:
            await self._wake(await connect(), scan, shift)
        return len(unheard)

    async def sweep(self, client: Client) -> None:
        """Has the scans begin anew whose workflow is gone."""
        async with self._store.read() as tx:
            scans = [scan for scan in await tx.scans.all() if scan.state == "on"]
        lost = [scan.name for scan in scans if not await self._is_alive(client, scan.name)]
        if lost:
            log.warning("scans begin anew", scans=lost)
            async with self._store.begin() as tx:
                await tx.scans.nudge(lost)

    async def _align(self, tx: Tx, journeys: Sequence[Journey], now: datetime) -> None:
        wanted = {one.name: one for one in wanted_by(journeys)}
        known = {scan.name: scan for scan in await tx.scans.all()}
        await self._align_grouping(tx, known.pop(GROUPING, None), now)
        for name, one in wanted.items():
            if name not in known:
                await tx.scans.add(await self._new(tx, one))
            elif known[name].version != one.journey.version or known[name].state == "off":
                await self._take_over(tx, known[name], one)
        for name, scan in known.items():
            if name not in wanted and scan.state != "off":
                await tx.scans.change(name, state="off", next_at=None, nudge=scan.nudge + 1)
                await tx.dates.forget(name)

    async def _align_grouping(self, tx: Tx, scan: Scan | None, now: datetime) -> None:
        """Has the audiences by rule filled where their rules are new, and judged every night."""
        version = version_of(self._catalog.vocabulary)
        if scan is None and version:
            await tx.scans.add(
                Scan(name=GROUPING, journey="", trigger="", kind="audiences", version=version, since=now)
            )
        elif scan is not None and (scan.version != version or (scan.state == "off") == bool(version)):
            state = "on" if version else "off"
            values = {"occurrence": None, "cursor": None, "nudge": scan.nudge + 1}
            await tx.scans.change(GROUPING, version=version, state=state, next_at=None, **values)

    async def _new(self, tx: Tx, one: Wanted) -> Scan:
        published = await tx.journeys.get(one.journey.name, one.journey.version)
        assert published is not None
        return Scan(
            name=one.name,
            journey=one.journey.name,
            trigger=one.trigger.name,
            kind=one.kind,
            version=one.journey.version,
            since=published.published_at,
        )

    async def _take_over(self, tx: Tx, scan: Scan, one: Wanted) -> None:
        """Lets the new version go on where the old one is; with other times it counts from its publishing."""
        before = trigger_of(await self._catalog.get(tx, scan.journey, scan.version), scan.trigger)
        values: dict[str, object] = {
            "version": one.journey.version, "kind": one.kind, "state": "on", "nudge": scan.nudge + 1,
        }  # fmt: skip
        same = before is not None and _times(before) == _times(one.trigger)
        if not same or scan.state == "off":
            since = (await self._new(tx, one)).since
            values |= {"since": since, "last_at": None, "built": None, "cursor": None, "occurrence": None}
        else:
            values["state"] = scan.state
            values["built"] = one.journey.version if scan.built == scan.version else None
        await tx.scans.change(scan.name, **values)

    async def _wake(self, client: Client, scan: Scan, shift: float) -> None:
        if scan.state == "on":
            start = functools.partial(
                client.start_workflow,
                SCAN,
                ScanInput(scan.name, shift, self._history_limit),
                id=scan_workflow_id(self._task_queue, scan.name),
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
            await start(start_signal=LOOK)
        else:
            await self._signal(client, scan.name)
        async with self._store.begin() as tx:
            await tx.scans.change(scan.name, heard=scan.nudge)

    async def _signal(self, client: Client, name: str) -> None:
        try:
            await client.get_workflow_handle(scan_workflow_id(self._task_queue, name)).signal(LOOK)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _is_alive(self, client: Client, name: str) -> bool:
        try:
            handle = client.get_workflow_handle(scan_workflow_id(self._task_queue, name))
            status = (await handle.describe()).status
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return status in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW)


def _times(trigger: Trigger) -> tuple[object, ...]:
    """Gives what decides when a trigger's leads enter."""
    return trigger.every, trigger.once, trigger.date, trigger.audience

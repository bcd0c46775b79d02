"""The intake at work: takes what waits in the inbox, applies it, delivers wake-ups, and keeps scores due up
to date."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from temporalio.client import Client

from engine.run_input import LONGEST_CALL
from intake.announce import Announcer
from intake.apply import Applier
from intake.catalog import Catalog
from intake.deliver import Deliverer
from intake.experiments import decide_winners
from intake.identify import UnknownLead
from intake.knowledge import Gatherer
from intake.outside import OutsideScoring
from intake.queues import Queues
from intake.scans import ScanKeeper
from intake.score import Scoring
from intake.sweep import sweep
from intake.turns import Turns
from language.vocabulary import Vocabulary
from model.clock import Clock
from model.records import InboxEvent
from model.scoring import Scorer
from scoring.rules import RuleModel
from store import Store
from store.errors import is_outage

POLL = 1.0
"""Seconds between looks at inbox and outbox when nobody wakes us; for correctness only."""

SWEEP = 300.0
"""Seconds between two comparisons of open runs with Temporal."""

BATCH = 200

TOGETHER = 8
"""Events applied in one transaction: on SQLite nothing is accepted while it lasts."""

POLITE = 1
"""The same while requests come in; after each, the intake rests as long as it worked."""

POSTED_LATELY = 0.1
LONGEST_PAUSE = 0.02
"""Seconds."""

log = structlog.get_logger(__name__)

Connect = Callable[[], Awaitable[Client]]


class Intake:
    """The loop between the inbox and Temporal. Any number of processes may run one on the same store."""

    def __init__(
        self,
        store: Store,
        vocabulary: Vocabulary,
        rules: RuleModel,
        clock: Clock,
        connect: Connect,
        task_queue: str,
        *,
        history_limit: int,
        virtual: bool = False,
        longest_call: float = LONGEST_CALL,
        scorer: Scorer | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._connect = connect
        self._task_queue = task_queue
        self._history_limit = history_limit
        self._longest_call = longest_call
        self._virtual = virtual
        self._catalog = Catalog(vocabulary)
        self._scoring = Scoring(rules, outside=scorer is not None)
        self._outside = None if scorer is None else OutsideScoring(store, self._scoring, scorer)
        gatherer = Gatherer(vocabulary)
        self._applier = Applier(self._catalog, gatherer, self._scoring)
        announcer = Announcer(self._catalog, self._scoring)
        self._turns = Turns(store, self._catalog, gatherer, announcer)
        self._queues = Queues(self._catalog, gatherer, announcer)
        self._deliverer: Deliverer | None = None
        self._scans = ScanKeeper(store, self._catalog, task_queue, history_limit)
        self._inbox = asyncio.Event()
        self._outbox = asyncio.Event()
        self._dates = asyncio.Event()
        self._posted = 0.0

    def wake(self) -> None:
        """Says that something was committed to inbox or outbox."""
        self._inbox.set()
        self._outbox.set()

    async def run(self) -> None:
        """Works until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hear("inbox", self._inbox))
            group.create_task(self._hear("deliveries", self._outbox))
            group.create_task(self._forever(self._inbox, self.apply_waiting))
            group.create_task(self._forever(self._outbox, self.deliver_waiting))
            group.create_task(self._forever(asyncio.Event(), self.report_outcomes))
            group.create_task(self._forever(self._dates, self.tend_scans))
            group.create_task(self._forever(asyncio.Event(), self.release_waiting))
            group.create_task(self._forever(asyncio.Event(), self.look_after_queues))
            group.create_task(self._sweeping())

    async def apply_waiting(self) -> int:
        """Applies what waits in the inbox now; answers how many events were taken."""
        async with self._store.read() as tx:
            waiting = await tx.events.pending(BATCH)
        if waiting:
            await self._apply_batch(waiting)
            self._outbox.set()
        return len(waiting) or await self._rescore_due()

    async def deliver_waiting(self) -> int:
        """Delivers what waits in the outbox now; answers how many runs were reached."""
        if self._deliverer is None:
            client = await self._connect()
            self._deliverer = Deliverer(
                self._store,
                self._catalog,
                client,
                self._task_queue,
                self._history_limit,
                self._longest_call,
            )
        return await self._deliverer.deliver_waiting()

    async def tend_scans(self) -> int:
        """Starts, wakes and stops scans as the published journeys ask; answers how many were woken."""
        return await self._scans.tend(self._connect, await self._shift())

    async def _apply_batch(self, waiting: tuple[InboxEvent, ...]) -> None:
        """Applies a batch, a few events a transaction; from one that fails on, each event in its own."""
        left = waiting
        while left:
            some = left[: POLITE if self._requests_come() else TOGETHER]
            began = time.monotonic()
            try:
                await self._apply_together(some)
            except Exception as error:  # noqa: BLE001
                log.warning("events not applied, trying one by one", error=type(error).__name__)
                await self._apply_singly(left)
                return
            left = left[len(some) :]
            self._outbox.set()
            if left and self._requests_come():
                await asyncio.sleep(min(time.monotonic() - began, LONGEST_PAUSE))

    def _requests_come(self) -> bool:
        """Says whether requests to this process keep writing events: they go first."""
        return time.monotonic() - self._posted < POSTED_LATELY

    async def _apply_together(self, some: tuple[InboxEvent, ...]) -> None:
        async with self._store.begin() as tx:
            for event in await tx.events.lock_pending([event.id for event in some]):
                await self._applier.apply(tx, event, await self._shift())

    async def _apply_singly(self, waiting: tuple[InboxEvent, ...]) -> None:
        """Applies event by event; after one that failed, the later ones of the same lead wait for the next
        look."""
        held: set[str] = set()
        for event in waiting:
            if held & owners(event):
                held |= owners(event)
                continue
            try:
                async with self._store.begin() as tx:
                    for row in await tx.events.lock_pending([event.id]):
                        await self._applier.apply(tx, row, await self._shift())
            except Exception as error:
                if is_outage(error):
                    raise
                held |= owners(event)
                await self._failed(event, error)

    async def _failed(self, event: InboxEvent, error: Exception) -> None:
        code = "unknown_lead" if isinstance(error, UnknownLead) else type(error).__name__
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.filename}:{frame.lineno}"
        log.error("event not applied", row=event.id, type=event.type, error=code, at=place)
        async with self._store.begin() as tx:
            row = await tx.events.mark_failed(event.id, code)
        if row.state == "dead":
            log.error("event is a dead letter", row=event.id, type=event.type, error=code)

    async def _rescore_due(self) -> int:
        now = self._clock.now()
        async with self._store.read() as tx:
            due = await tx.leads.score_due(now, BATCH)
        for lead in due:
            if self._outside is not None and lead.score_due_at is not None:
                await self._outside.ask(lead, lead.score_due_at, now)
            else:
                await self._rescore(lead.id, now)
        return len(due)

    async def _rescore(self, lead_id: str, now: datetime) -> None:
        async with self._store.begin() as tx:
            lead = await tx.leads.lock(lead_id)
            if lead is not None and lead.score_due_at is not None and lead.score_due_at <= now:
                cause = f"{lead.id}/{lead.score_due_at.isoformat()}"
                told = (await self._scoring.rescore(tx, lead, now, cause)).told
                if told is not None:
                    await tx.events.insert([told])
                    tx.notify("inbox")

    async def report_outcomes(self) -> int:
        """Tells the outside scorer, if there is one, what became of leads; answers how many it took."""
        return await self._outside.report_waiting() if self._outside is not None else 0

    async def release_waiting(self) -> int:
        """Lets leads in whose turn has come, names winners of splits; answers how many left a line."""
        await decide_winners(self._store, self._catalog, self._clock.now())
        left = await self._turns.release(self._clock.now(), await self._shift())
        if left:
            self._outbox.set()
        return left

    async def look_after_queues(self) -> int:
        """Does what queues have to do with their tasks by now; answers with how many."""
        return await self._queues.look(self._store, self._clock.now())

    async def _shift(self) -> float:
        """Gives the seconds from the wall to business time: 0 unless time is set by hand."""
        if not self._virtual:
            return 0.0
        return (self._clock.now() - datetime.now(UTC)).total_seconds()

    async def _sweeping(self) -> None:
        """Compares open runs with Temporal now and then."""
        while True:
            await asyncio.sleep(SWEEP)
            try:
                await sweep(self._store, await self._connect(), self._clock.now())
                await self._scans.sweep(await self._connect())
                self._outbox.set()
            except Exception as error:  # noqa: BLE001
                log.warning("sweep waits", error=type(error).__name__)

    async def _hear(self, channel: str, stirred: asyncio.Event) -> None:
        async with self._store.listen(channel) as waker:
            while True:
                if await waker.wait(60):
                    stirred.set()
                    self._posted = time.monotonic() if stirred is self._inbox else self._posted

    async def _forever(self, stirred: asyncio.Event, work: Callable[[], Awaitable[int]]) -> None:
        while True:
            stirred.clear()
            try:
                busy = await work()
            except Exception as error:  # noqa: BLE001
                log.warning("intake waits", error=type(error).__name__)
                busy = 0
            if not busy:
                await _rest(stirred)


def owners(event: InboxEvent) -> set[str]:
    """Names whom an event may belong to, so that a lead's later events never overtake a failed one."""
    named = {f"{item.kind}/{item.scope}/{item.value}" for item in event.identifiers}
    ids = {event.lead_id or "", f"visitor//{event.visitor}" if event.visitor else ""} - {""}
    return named | ids


async def _rest(stirred: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(POLL):
            await stirred.wait()
    except TimeoutError:
        pass

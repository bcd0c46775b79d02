"""The workflow of a scan: its timer. Where the scan stands, and whom it finds, is in the store."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from model.scans import LOOK, SCAN, SCAN_PAGE, ScanInput, ScanRequest, ScanStep
    from workflows.effects import RETRIES

LONGEST_PAGE = timedelta(seconds=30)
LONGEST_SLEEP = timedelta(days=365)


@workflow.defn(name=SCAN)
class ScanRun:
    """One trigger's scan, for as long as its journey is published."""

    @workflow.init
    def __init__(self, given: ScanInput) -> None:
        self._given = given
        self._shift = timedelta(seconds=given.shift)
        self._woken = False

    @workflow.run
    async def run(self, given: ScanInput) -> None:
        """Looks page by page at what is due, and sleeps until the next occurrence."""
        while True:
            self._woken = False
            step = await self._page()
            if step.over and not self._woken:
                return
            if workflow.info().get_current_history_length() >= given.history_limit and not self._woken:
                workflow.continue_as_new(given)
            if not step.more and not step.over:
                await self._rest(step.next_at)

    @workflow.signal(name=LOOK)
    def look(self) -> None:
        """Makes the scan look anew: its journey has another version, or a date is known."""
        self._woken = True

    def _now(self) -> datetime:
        return workflow.now() + self._shift

    async def _page(self) -> ScanStep:
        step: ScanStep = await workflow.execute_local_activity(
            SCAN_PAGE,
            ScanRequest(self._given.name, self._now()),
            result_type=ScanStep,
            start_to_close_timeout=LONGEST_PAGE,
            retry_policy=RETRIES,
        )
        return step

    async def _rest(self, until: datetime | None) -> None:
        sleep = LONGEST_SLEEP if until is None else min(LONGEST_SLEEP, until - self._now())
        if sleep > timedelta():
            with contextlib.suppress(asyncio.TimeoutError):
                await workflow.wait_condition(lambda: self._woken, timeout=sleep)

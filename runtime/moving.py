"""Moves the open runs of a journey from one version to another: who lands where, who cannot, and the move
itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError, RPCStatusCode

from engine.moving import CannotMove, landings, moved
from engine.position import Position
from engine.standing import standing
from intake.moving import settle, tell_of_both
from language.compiled import load_once
from model.records import Enrolment, Page, PublishedJourney
from model.runs import MOVE, POSITION, MoveOrder, workflow_id
from runtime.orders import AT_WORK, PATIENCE, OrderRefused, give_order
from store import Store

AT_ONCE = 8
"""Runs moved side by side."""

TRIES = 5
"""How often a run that is at work is asked again."""

SOON = 0.2
"""Seconds between two such tries."""


@dataclass(frozen=True, slots=True)
class Versions:
    """From which published version to which, and what steps are called there."""

    old: PublishedJourney
    new: PublishedJourney
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a run stands, what it waits for, where it lands, or why it stays; `anew`: a step begins there."""

    run: str
    lead: str
    step: str | None
    waits_for: str | None
    lands_at: str | None = None
    anew: bool = False
    why: str | None = None
    moved: bool = False


def unknown_steps(versions: Versions) -> list[tuple[str, int, tuple[str, ...]]]:
    """Lists the steps of the mapping that a version does not have, with the version and the steps it has."""
    found = []
    for published, names in (
        (versions.old, versions.mapping.keys()), (versions.new, versions.mapping.values()),
    ):  # fmt: skip
        program = load_once(published.compiled).program
        steps = tuple(dict.fromkeys(item.place.step for item in program if item.place.step))
        found += [(name, published.version, steps) for name in names if name not in steps]
    return found


class Mover:
    """Moves runs; `by` is the id of the key that asked."""

    def __init__(self, store: Store, client: Client, versions: Versions, by: str | None) -> None:
        self._store, self._client, self._by = store, client, by
        self._versions = versions
        self._old, self._new = load_once(versions.old.compiled), load_once(versions.new.compiled)
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def page(
        self, now: datetime, *, dry_run: bool, limit: int = 100, cursor: str | None = None
    ) -> Page[Landing]:
        """Moves a page of the open runs of the old version, or says only where they would land.

        Raises OrderRefused where Temporal does not answer.
        """
        async with self._store.read() as tx:
            found = await tx.enrolments.list(
                journey=self._old.name, version=self._old.version, limit=limit, cursor=cursor
            )
        gone = await asyncio.gather(*(self.one(run, now, dry_run=dry_run) for run in found.items))
        return Page(tuple(gone), found.next)

    async def one(self, run: Enrolment, now: datetime, *, dry_run: bool) -> Landing:
        """Moves one run, or says only where it would land."""
        async with self._gate:
            landing = await self._seen(run)
            if dry_run or landing.why is not None:
                return landing
            try:
                await self._move(run, now)
            except OrderRefused as refused:
                if refused.code == "runs_unavailable":
                    raise
                return replace(landing, lands_at=None, anew=False, why=str(refused) or _worded(refused))
            return replace(landing, moved=True)

    async def _seen(self, run: Enrolment) -> Landing:
        """Says where a run would land."""
        plain = Landing(run.id, run.lead_id, run.step, run.waiting_for)
        try:
            position, found = await self._judged(run)
        except OrderRefused as refused:
            if refused.code == "runs_unavailable":
                raise
            return replace(plain, why=_worded(refused))
        step, waits_for = standing(position)
        here = replace(plain, step=step, waits_for=waits_for)
        if isinstance(found, CannotMove):
            return replace(here, why=str(found))
        lands = landings(position, found)
        names = ", ".join(dict.fromkeys(after for _, after, _ in lands))
        return replace(here, lands_at=names, anew=any(anew for _, _, anew in lands))

    async def _judged(self, run: Enrolment) -> tuple[Position, Position | CannotMove]:
        """Judges whether a run may be moved; one that is at work is asked again a moment later."""
        for left in range(TRIES - 1, -1, -1):
            position = await stands(self._client, run.id)
            found = moved(self._old, self._new, position, self._versions.mapping)
            if not left or not isinstance(found, CannotMove) or not found.at_work:
                break
            await asyncio.sleep(SOON)
        return position, found

    async def _move(self, run: Enrolment, now: datetime) -> None:
        versions = self._versions
        order = MoveOrder(
            versions.old.version, versions.new.version, versions.new.compiled, dict(versions.mapping)
        )
        async with self._store.begin() as tx:
            await tell_of_both(tx, run, self._new)
        for left in range(TRIES - 1, -1, -1):
            try:
                await give_order(self._client, run.id, MOVE, order)
                break
            except OrderRefused as refused:
                if left and str(refused) == AT_WORK:
                    await asyncio.sleep(SOON)
                    continue
                if refused.code == "refused_by_run":
                    await self._take_back(run.id)
                raise
        async with self._store.begin() as tx:
            target = f"{run.id} {self._old.version}->{self._new.version}"
            await tx.audit.add(now, "run.move", target, self._by)

    async def _take_back(self, run_id: str) -> None:
        """Lets a run that stays be told of what its version hears, and no more."""
        async with self._store.begin() as tx:
            run = await tx.enrolments.get(run_id)
            if run is not None and run.version == self._old.version:
                await settle(tx, run, self._old)


async def stands(client: Client, enrolment_id: str) -> Position:
    """Asks a run where it stands; raises OrderRefused."""
    handle = client.get_workflow_handle(workflow_id(enrolment_id))
    try:
        found: Position = await handle.query(POSITION, result_type=Position, rpc_timeout=PATIENCE)
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError):
        raise OrderRefused("refused_by_run") from None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise OrderRefused("run_not_begun") from None
        raise OrderRefused("runs_unavailable") from None
    return found


def _worded(refused: OrderRefused) -> str:
    return refused.code.replace("_", " ")

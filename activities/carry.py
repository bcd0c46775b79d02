"""The activities that Temporal calls: facts, effects, progress."""

from __future__ import annotations

from typing import assert_never

from temporalio import activity

from activities.booking import book
from activities.connect import Connect
from activities.data import Data
from activities.journeys import Journeys
from activities.message import Messages
from activities.values import Values
from activities.work import Work
from intake.moving import settle
from language.compiled import load_once
from model.commands import (
    AddScore,
    BeginRun,
    CallConnector,
    Enlist,
    Finish,
    Notify,
    OpenWork,
    Permit,
    Report,
    Send,
    SetFacts,
    StopRuns,
    Suppress,
    WithdrawWork,
)
from model.runs import (
    CARRY_OUT,
    READ_FACTS,
    SAVE_PROGRESS,
    CarriedOut,
    EffectRequest,
    FactsAnswer,
    FactsRequest,
    ProgressRequest,
    Run,
)
from store import Store, Tx


class Activities:
    """All activities of a run; what they raise is retried, what is final comes back as an answer."""

    def __init__(
        self,
        store: Store,
        values: Values,
        messages: Messages,
        work: Work,
        data: Data,
        connect: Connect,
        journeys: Journeys,
    ) -> None:
        self._store = store
        self._values = values
        self._messages = messages
        self._work = work
        self._data = data
        self._connect = connect
        self._journeys = journeys

    @activity.defn(name=READ_FACTS)
    async def read_facts(self, request: FactsRequest) -> FactsAnswer:
        """Reads the facts a turn asks for."""
        return await self._values.read_facts(request)

    @activity.defn(name=CARRY_OUT)
    async def carry_out(self, request: EffectRequest) -> CarriedOut:
        """Carries out one effect."""
        return await self._effect(request)

    @activity.defn(name=SAVE_PROGRESS)
    async def save_progress(self, request: ProgressRequest) -> None:
        """Writes down where a run stands."""
        async with self._store.begin() as tx:
            await book(tx, request.run, request.progress)
            if request.progress.moved:
                await _over(tx, request.run)
            await tx.enrolments.save_progress(request.run.enrolment_id, request.progress)

    async def _effect(self, request: EffectRequest) -> CarriedOut:  # noqa: C901 - a case an effect
        effect = request.effect
        match effect:
            case Send():
                return await self._messages.send(request, effect)
            case OpenWork():
                return await self._work.open(request, effect)
            case WithdrawWork():
                return CarriedOut(await self._work.withdraw(request, effect))
            case SetFacts():
                return CarriedOut(await self._data.set_facts(request, effect))
            case AddScore():
                return CarriedOut(await self._data.add_score(request, effect))
            case Report():
                return CarriedOut(await self._data.report(request, effect))
            case Notify():
                return CarriedOut(await self._data.notify(request, effect))
            case Suppress():
                return CarriedOut(await self._data.suppress(request, effect))
            case Permit():
                return CarriedOut(await self._data.permit(request, effect))
            case CallConnector():
                return await self._connect.call(request, effect)
            case Enlist():
                return CarriedOut(await self._data.enlist(request, effect))
            case BeginRun():
                return CarriedOut(await self._journeys.begin(request, effect))
            case StopRuns():
                return CarriedOut(await self._journeys.stop(request, effect))
            case Finish():
                return CarriedOut(await self._data.finish(request, effect))
            case _:
                assert_never(effect)


async def _over(tx: Tx, run: Run) -> None:
    """Writes down the version into which a run has gone over."""
    published = await tx.journeys.get(run.journey, run.version)
    known = await tx.enrolments.get(run.enrolment_id)
    if published is not None and known is not None:
        await settle(tx, known, load_once(published.compiled))

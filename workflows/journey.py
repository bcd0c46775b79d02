"""The workflow of a run: a thin driver around `engine.advance`.

It hands deliveries to the engine, carries out the effects that come back, and sleeps until the earliest
wake-up or the next delivery. Signal and update handlers only append; the loop alone moves the run.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from engine.advance import advance, start
    from engine.moving import CannotMove, moved
    from engine.run_input import VIRTUAL_HISTORY_LIMIT, RunInput
    from engine.standing import must_be_named, parked, skippable, steps_of
    from engine.turn import Ask, Heard, News, Operator, Turn
    from language.compiled import load_once
    from model.commands import Answer, Effect, Note
    from model.events import Delivery, Fields
    from model.runs import (
        DELIVER,
        JOURNEY,
        MOVE,
        POSITION,
        EffectRequest,
        FactsRequest,
        MoveOrder,
        Progress,
        ProgressRequest,
    )
    from workflows import effects

LONGEST_SLEEP = timedelta(days=365)
"""A run without a deadline wakes once a year, looks and sleeps on."""


@workflow.defn(name=JOURNEY)
class JourneyRun:
    """One lead in one journey, from entry to ending."""

    @workflow.init
    def __init__(self, given: RunInput) -> None:
        self._given = given
        self._shift = timedelta(seconds=given.shift)
        self._latest = max([given.run.entered_at, *(delivery.at for delivery in given.inbox)])
        self._journey = load_once(given.journey)
        self._position = given.position or start(self._journey, given.run, self._now())
        self._deliveries: list[Delivery] = list(given.inbox)
        self._orders: list[Operator] = []
        self._notes: list[Note] = []
        self._paused = given.paused
        self._ended = False
        self._saved: Progress | None = None
        self._facts: Fields = {}
        self._resting = False
        self._moved = self._in_another_version = False

    @workflow.run
    async def run(self, given: RunInput) -> None:
        """Drives the run to its ending."""
        answers: list[News] = []
        while not self._ended:
            while not self._may_move():
                await self._stand_still()
            if self._moved:
                await self._save(None)
            turn = await self._turn([*answers, *self._news()])
            answers = [await self._carry_out(effect, turn) for effect in turn.effects]
            self._ended = turn.ended
            if not turn.effects:
                await self._rest(turn.wake)
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.signal(name=DELIVER)
    def deliver(self, deliveries: list[Delivery]) -> None:
        """Takes wake-ups from the intake, in order of `seq`."""
        for delivery in deliveries:
            if delivery.kind == "end":
                self._orders.append(Operator("end", delivery.ending or "replaced"))
            else:
                self._deliveries.append(delivery)
            self._latest = max(self._latest, delivery.at)

    @workflow.update
    def pause(self) -> None:
        """Holds the run: nothing moves until `resume`; what comes meanwhile waits."""
        self._paused = True

    @workflow.update
    def resume(self) -> None:
        """Lets a paused run go on; deadlines that passed meanwhile are taken at once."""
        self._paused = False

    @workflow.update
    def skip(self, step: str | None = None) -> None:
        """Skips the wait or the held message at which the run stands; `step` says which of several."""
        self._orders.append(Operator("skip", step=step))

    @workflow.update
    def retry(self, step: str | None = None) -> None:
        """Tries again at once what the run is parked at, all of it or the one at `step`."""
        self._orders.append(Operator("retry", step=step))

    @workflow.update
    def end(self, ending: str) -> None:
        """Ends the run as `ending`, also a paused one."""
        self._orders.append(Operator("end", ending))

    @workflow.update(name=MOVE)
    def move(self, order: MoveOrder) -> None:
        """Goes on in another version, at rest as it is; what is delivered meanwhile waits for it."""
        before, found = self._journey.version, self._landing(order)
        if isinstance(found, CannotMove):
            raise _wrong_state(str(found))
        self._journey, self._position = load_once(order.journey), found
        run = replace(self._given.run, version=order.version, key_field=self._journey.key_field)
        self._given = replace(self._given, run=run, journey=order.journey)
        text = f"moved from version {before} to {order.version}"
        self._notes.append(Note("operator", found.tokens[0].step if found.tokens else "", text, self._now()))
        self._moved = self._in_another_version = True

    @workflow.query(name=POSITION)
    def where(self) -> effects.Position:
        """Says where the run stands."""
        return self._position

    @move.validator
    def _may_be_moved(self, order: MoveOrder) -> None:
        self._refuse_if(not self._resting or self._moved, "at work: try again")
        self._refuse_if(order.old != self._journey.version, f"in version {self._journey.version}")
        found = self._landing(order)
        if isinstance(found, CannotMove):
            raise _wrong_state(str(found))

    def _landing(self, order: MoveOrder) -> effects.Position | CannotMove:
        with workflow.unsafe.sandbox_unrestricted():
            return moved(self._journey, load_once(order.journey), self._position, order.mapping)

    @pause.validator
    def _may_pause(self) -> None:
        self._refuse_if(self._paused, "paused already")

    @resume.validator
    def _may_resume(self) -> None:
        self._refuse_if(not self._paused, "not paused")

    @skip.validator
    def _may_skip(self, step: str | None = None) -> None:
        self._refuse_if(self._paused, "paused: resume it first")
        found = skippable(self._position.tokens)
        steps = steps_of(found)
        several = f"at several steps: name one of {', '.join(steps)}"
        self._refuse_if(step is None and must_be_named(found), several)
        self._refuse_if(step is not None and step not in steps, f"not at the step {step}")

    @retry.validator
    def _may_retry(self, step: str | None = None) -> None:
        self._refuse_if(self._paused, "paused: resume it first")
        steps = steps_of(parked(self._position.tokens))
        self._refuse_if(not steps, "not in need of attention: there is nothing to try again")
        where = f"not in need of attention at {step}, but at {', '.join(steps)}"
        self._refuse_if(step is not None and step not in steps, where)

    @end.validator
    def _may_end(self, ending: str) -> None:
        self._refuse_if(False, "")

    def _refuse_if(self, wrong: bool, why: str) -> None:
        if self._ended:
            raise ApplicationError("the run has ended", type="run_ended", non_retryable=True)
        if wrong:
            raise _wrong_state(f"the run is {why}")

    def _now(self) -> datetime:
        """Gives business time; never before what was heard, though another machine's clock was ahead."""
        return max(self._own_time(), self._latest)

    def _own_time(self) -> datetime:
        """Gives business time by the run's own clock, by which it sleeps."""
        return workflow.now() + self._shift

    def _may_move(self) -> bool:
        return not self._paused or any(order.action == "end" for order in self._orders)

    def _news(self) -> list[News]:
        news: list[News] = [*self._orders]
        if self._deliveries:
            news.append(Heard(tuple(self._deliveries)))
        self._orders, self._deliveries = [], []
        return news

    async def _turn(self, news: list[News]) -> Turn[effects.Position]:
        facts, self._facts = self._facts, {}
        while True:
            now = self._now()
            with workflow.unsafe.sandbox_unrestricted():  # the library of public holidays reads its texts
                turn = advance(self._journey, self._position, news, now, facts)
            self._position = turn.position
            self._notes.extend(turn.notes)
            if turn.ask is None:
                return turn
            facts |= await self._read(turn.ask)
            news = []

    async def _read(self, ask: Ask) -> Fields:
        request = FactsRequest(self._given.run, ask.wanted, self._now(), ask.names, ask.event)
        return (await effects.read_facts(request)).values

    async def _carry_out(self, effect: Effect, turn: Turn[effects.Position]) -> Answer:
        progress = self._progress(turn.wake)
        self._notes = []
        request = EffectRequest(self._given.run, effect, self._now(), progress)
        done = await effects.carry_out(request, self._given.longest_call)
        self._facts = done.facts
        return done.answer

    async def _stand_still(self) -> None:
        """Waits while the run is paused; what comes meanwhile is carried on, the history stays small."""
        await self._save(None)
        await self._until(lambda: self._may_move() or self._moved or self._history_is_long(), None)
        if not self._may_move() and not self._moved and self._history_is_long():
            workflow.continue_as_new(self._carried())

    async def _rest(self, wake: datetime | None) -> None:
        await self._save(wake)
        if self._stirred():
            return
        if self._history_is_long():
            workflow.continue_as_new(self._carried())
        sleep = LONGEST_SLEEP if wake is None else min(LONGEST_SLEEP, wake - self._own_time())
        if sleep > timedelta():
            await self._until(self._stirred, sleep)

    async def _until(self, true: Callable[[], bool], sleep: timedelta | None) -> None:
        """Rests until something holds, `sleep` at most; only a run that rests may be moved."""
        self._resting = True
        with contextlib.suppress(asyncio.TimeoutError):
            await workflow.wait_condition(true, timeout=sleep)
        self._resting = False

    async def _save(self, wake: datetime | None) -> None:
        progress = self._progress(wake)
        if progress != self._saved:
            self._notes, self._moved = [], False
            await effects.save_progress(ProgressRequest(self._given.run, self._now(), progress))
            self._saved = self._progress(wake)

    def _stirred(self) -> bool:
        return bool(self._deliveries or self._orders) or self._paused or self._moved

    def _history_is_long(self) -> bool:
        limit = self._given.history_limit
        anew = self._in_another_version and limit < VIRTUAL_HISTORY_LIMIT
        long = anew or workflow.info().get_current_history_length() >= limit
        return long and workflow.all_handlers_finished()

    def _carried(self) -> RunInput:
        return RunInput(
            run=self._given.run,
            journey=self._given.journey,
            shift=self._given.shift,
            history_limit=self._given.history_limit,
            longest_call=self._given.longest_call,
            position=self._position,
            inbox=tuple(self._deliveries),
            paused=self._paused,
        )

    def _progress(self, wake: datetime | None) -> Progress:
        return effects.progress(self._position, wake, tuple(self._notes), self._paused, self._moved)


def _wrong_state(why: str) -> ApplicationError:
    return ApplicationError(why, type="wrong_state", non_retryable=True)

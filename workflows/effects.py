"""How a run reaches the activities: time-outs, retries, and what it tells of itself on the way.

All are local activities: the ledger, not Temporal, decides that a send happens once, so a repeat is
harmless, and the server keeps half the events (docs/decisions/0002-sends-as-local-activities.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from engine.position import Position
    from engine.run_input import LONGEST_CALL
    from engine.standing import attention, standing
    from model.commands import CallConnector, Effect, Note, Send
    from model.runs import (
        CARRY_OUT,
        READ_FACTS,
        SAVE_PROGRESS,
        CarriedOut,
        EffectRequest,
        FactsAnswer,
        FactsRequest,
        Progress,
        ProgressRequest,
    )

RETRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=1),
    maximum_attempts=0,
)
"""Without end: what an activity raises is a store or a Temporal that is down; what is final comes back as
an answer."""

LONGEST_EFFECT = timedelta(seconds=20)
"""Longer than a provider's time-out and the two ledger transactions around it."""


async def read_facts(request: FactsRequest) -> FactsAnswer:
    """Reads the facts a turn asks for, all in one go."""
    facts: FactsAnswer = await workflow.execute_local_activity(
        READ_FACTS,
        request,
        result_type=FactsAnswer,
        start_to_close_timeout=LONGEST_EFFECT,
        retry_policy=RETRIES,
    )
    return facts


async def carry_out(request: EffectRequest, longest_call: float) -> CarriedOut:
    """Carries out one effect; `longest_call` is what a provider may take, in seconds."""
    outside = _outside(request.effect, longest_call)
    if outside > LONGEST_CALL:
        return await _apart(request, timedelta(seconds=outside))
    done: CarriedOut = await workflow.execute_local_activity(
        CARRY_OUT,
        request,
        result_type=CarriedOut,
        start_to_close_timeout=LONGEST_EFFECT,
        retry_policy=RETRIES,
    )
    return done


def _outside(effect: Effect, longest_call: float) -> float:
    """Gives how many seconds others may take to answer an effect."""
    match effect:
        case Send():
            return longest_call
        case CallConnector():
            return effect.timeout
        case _:
            return 0.0


async def _apart(request: EffectRequest, longest_call: timedelta) -> CarriedOut:
    """Carries an effect out by a normal activity: while it lasts, the run can hear."""
    done: CarriedOut = await workflow.execute_activity(
        CARRY_OUT,
        request,
        result_type=CarriedOut,
        start_to_close_timeout=longest_call + LONGEST_EFFECT,
        retry_policy=RETRIES,
    )
    return done


async def save_progress(request: ProgressRequest) -> None:
    """Writes down where the run stands, with the notes of its timeline."""
    await workflow.execute_local_activity(
        SAVE_PROGRESS,
        request,
        start_to_close_timeout=LONGEST_EFFECT,
        retry_policy=RETRIES,
    )


def progress(
    position: Position, wake: datetime | None, notes: tuple[Note, ...], paused: bool, moved: bool = False
) -> Progress:
    """Says where a run stands: its step, what it waits for, and the last delivery it took."""
    step, waiting_for = standing(position)
    return Progress(position.seq, wake, waiting_for, step, notes, paused, attention(position), moved)


__all__ = ["Position", "carry_out", "progress", "read_facts", "save_progress"]

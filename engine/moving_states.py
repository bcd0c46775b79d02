"""What a thread waits for, carried along to the same kind of step in another version of its journey."""

from __future__ import annotations

from dataclasses import replace

from engine.asking import Unanswered
from engine.moving_places import Places
from engine.position import (
    RUNNING,
    Forked,
    Held,
    Listening,
    OnHold,
    Parked,
    Resting,
    Resuming,
    Scheduled,
    State,
    Unseen,
    Waiting,
    Working,
)
from engine.reading import moves
from engine.waits import text_of
from language.compiled import Connect, Fork, Instruction, Listen, LoopBack, Message, Restart, Wait, Work


def carried(state: State, here: Instruction, there: Instruction, places: Places) -> State | None:  # noqa: C901 - a case a state
    """Gives a state as the other version has it; None where that cannot be.

    RUNNING begins the step anew where nothing is lost by it.
    """
    match state, there:
        case Waiting(), Wait():
            return state if state.until is not None or moves(there.until) else RUNNING
        case Scheduled(), Message():
            known = state.until is not None or (there.at is not None and moves(there.at))
            return state if known and there.at is not None else Resuming(state.not_after)
        case Held() | Unseen(), Message():
            return state
        case OnHold(), _:
            return state
        case Listening(), Listen():
            return _listening(state, here, there)
        case Working(), Work():
            return state if _same_work(here, there, places) else None
        case Forked(), Fork():
            return state if _same_ways(here, there) else None
        case Resting(), LoopBack() | Restart():
            return replace(state, target=there.target)
        case Unanswered(), Connect():
            return state if isinstance(here, Connect) and here.connector == there.connector else RUNNING
        case Parked(), _:
            return _parked(state, here, there, places)
        case _:
            return None


def _listening(state: Listening, here: Instruction, there: Listen) -> Listening | None:
    """Keeps since when and until when it listens; one that gets a first limit begins anew."""
    if not isinstance(here, Listen):
        return None
    before = [(line.hears, line.condition) for line in here.lines]
    false_seen = [before[number] for number in state.false_seen if number < len(before)]
    now = [(line.hears, line.condition) for line in there.lines]
    return replace(
        state,
        until=state.until if there.within is not None else None,
        false_seen=tuple(number for number, line in enumerate(now) if line in false_seen),
        text=text_of(there),
        remind_at=state.remind_at if there.remind is not None else None,
    )


def _same_work(here: Instruction, there: Work, places: Places) -> bool:
    """Says whether an open task fits: the same queue, which knows all outcomes that the task may have."""
    if not isinstance(here, Work) or (here.work, here.queue, here.wait) != (
        there.work,
        there.queue,
        there.wait,
    ):
        return False
    old, new = places.old.queues.get(here.queue), places.new.queues.get(there.queue)
    return old is not None and new is not None and old.outcomes.keys() <= new.outcomes.keys()


def _same_ways(here: Instruction, there: Fork) -> bool:
    names = {way.name for way in there.ways}
    return isinstance(here, Fork) and all(way.name in names for way in here.ways)


def _parked(state: Parked, here: Instruction, there: Instruction, places: Places) -> State | None:
    """Keeps what a thread is parked at; a step that has changed is looked at at once."""
    if isinstance(state.before, Working) and (not isinstance(there, Work) or here.kind != there.kind):
        return None
    changed = replace(here, place=there.place) != there or places.old.queues != places.new.queues
    return replace(state, until=places.past) if changed and not state.decide else state

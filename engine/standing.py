"""Where a run stands and what it waits for, in words for people."""

from __future__ import annotations

from engine.asking import Unanswered
from engine.position import (
    Forked,
    Held,
    Listening,
    OnHold,
    Parked,
    Position,
    Resting,
    Scheduled,
    State,
    Token,
    Unseen,
    Waiting,
    Working,
)

SKIPPED = (Waiting, Scheduled, Held, Unseen, Listening, Resting, OnHold, Unanswered, Parked)


def threads(position: Position) -> tuple[Token, ...]:
    """Lists the threads that are at work: the run itself, or its branches in the order of the file."""
    found = (token for token in position.tokens if token.side is None and not isinstance(token.state, Forked))
    return tuple(sorted(found, key=lambda token: (token.index, token.id)))


def may_skip(state: State) -> bool:
    """Says whether an operator may skip what a thread waits for."""
    return isinstance(state, SKIPPED)


def skippable(position: Position) -> list[str]:
    """Lists the steps whose waits or held messages an operator may skip."""
    return [token.step for token in threads(position) if may_skip(token.state)]


def standing(position: Position) -> tuple[str | None, str | None]:
    """Says at which step a run stands and what it waits for; both None once it has ended.

    Of several branches the first gives the step; what is waited for is said of each, by its step.
    """
    at = threads(position)
    if position.ended or not at:
        return None, None
    if len(at) == 1:
        return at[0].step or None, _waits_for(at[0].state)
    waiting = [(token.step or token.branch or "", _waits_for(token.state) or "going on") for token in at]
    return at[0].step or at[0].branch, "; ".join(f"{step}: {what}" for step, what in waiting)


def _waits_for(state: State) -> str | None:
    match state:
        case Waiting() | Listening():
            return state.text or None
        case Scheduled():
            return "the message's time"
        case Held():
            return f"held: {state.reason}"
        case Unseen():
            return f"to be seen: {', '.join(state.ladder.gone)}"
        case Working():
            return "an agent"
        case Resting():
            return "no_rest: a rest between rounds"
        case OnHold():
            return "held: hold_while"
        case Unanswered(reason=reason, attention=attention):
            return f"attention: {reason}" if attention else f"an answer: {reason}"
        case Parked():
            return f"attention: {state.reason}"
        case _:
            return None

"""Where a run stands and what it waits for, in words for people."""

from __future__ import annotations

from collections.abc import Collection, Iterable

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


def skippable(tokens: Iterable[Token]) -> list[Token]:
    """Lists the threads whose waits or held messages an operator may skip, and what is parked anywhere."""
    return [token for token in tokens if isinstance(token.state, SKIPPED if token.side is None else Parked)]


def parked(tokens: Iterable[Token]) -> list[Token]:
    """Lists the threads that need attention, side steps too."""
    return [token for token in tokens if isinstance(token.state, Parked)]


def steps_of(tokens: Iterable[Token]) -> list[str]:
    """Names the steps at which threads stand, each once."""
    return list(dict.fromkeys(token.step for token in tokens))


def must_be_named(tokens: Collection[Token]) -> bool:
    """Says whether an operator has to say which of these threads is meant: several, and not all parked."""
    return len(tokens) > 1 and len(parked(tokens)) < len(tokens)


def attention(position: Position) -> str | None:
    """Says what needs somebody's attention, by step; None if nothing does."""
    found = parked(position.tokens)
    said = [
        f"{token.step or 'the beginning'}: {token.state.reason}"
        for token in found
        if isinstance(token.state, Parked)
    ]
    return "; ".join(said) or None


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
        case Unanswered():
            return f"an answer: {state.reason}"
        case Parked():
            return f"attention: {state.reason}"
        case _:
            return None

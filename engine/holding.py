"""`hold_while`: what a run keeps from beginning as long as a condition holds (language.md §1)."""

from __future__ import annotations

from engine.draft import Draft
from engine.levels import levels_of
from engine.position import RUNNING, OnHold, Resuming, Token
from language.compiled import Message


def kept_back(draft: Draft, token: Token, held: OnHold) -> bool:
    """Puts a token that is about to do something on hold while the condition holds; raises MissingFacts."""
    why = _holds(draft, token)
    if why is None:
        return False
    step = draft.at(token).place.step
    draft.waits += 1
    draft.note("waiting", step, f"held: {why}")
    draft.enter(token.at(token.index, token.state, step, token.visit), held)
    return True


def let_go(draft: Draft) -> bool:
    """Lets what is on hold go on, where the condition holds no more; says whether anything does."""
    held = [(token, token.state) for token in draft.tokens.values() if isinstance(token.state, OnHold)]
    free = [(token, state) for token, state in held if _holds(draft, token) is None]
    for token, state in free:
        draft.note("waiting", token.step, "goes on: nothing holds it any more")
        message = isinstance(draft.at(token), Message)
        draft.enter(token, Resuming(state.not_after, state.at, state.ladder) if message else RUNNING)
    return bool(free)


def _holds(draft: Draft, token: Token) -> str | None:
    """Says why a token is held, None if it is not."""
    if draft.journey.rules.hold_while is None and not draft.frames:
        return None
    before = draft.asking
    for level in levels_of(draft, token):
        hold = level.hold
        if hold is None:
            continue
        draft.asking = level.reader
        names = draft.names(level.reader)
        if draft.read.holds(hold.condition, names):
            return draft.read.because(hold.text, hold.condition, names)
    draft.asking = before
    return None

"""Threads that stand still because something outside them is broken, and how they go on (language.md §11).

A deleted template, an unknown queue or connector stops a thread; nothing of it is lost. It looks again by
itself, or at once when an operator says so, and judges everything anew: exits, `if`, hours, caps,
`not_after`. What provably did not go out keeps its id.
"""

from __future__ import annotations

from engine.asking import Connecting
from engine.connecting import ask_anew
from engine.draft import Draft
from engine.holding import kept_back
from engine.messages import end_hold, send_again
from engine.position import Held, OnHold, Opening, Parked, Sending, Token, Working
from engine.steps import applies
from engine.work import is_first, judge_again, open_anew
from language.compiled import Connect, Instruction, Message, Work


def look_anew(draft: Draft, token: Token, here: Instruction | None, state: Parked) -> None:
    """Tries again what a thread was parked at; raises MissingFacts."""
    match here, state.before:
        case Message(), Sending() as before if state.decide:
            send_again(draft, token, here, before)
        case Message(), Sending() as before:
            held = Held(draft.now, state.reason, before.not_after, before.at, before.ladder)
            end_hold(draft, token, here, held)
        case Work(), Working(job=job):
            judge_again(draft, token, here, job)
        case Work(), Opening(job=job):
            if not is_first(job) or _may_begin(draft, token, here):
                open_anew(draft, token, here, job)
        case Connect(), Connecting() as before:
            if _may_begin(draft, token, here):
                ask_anew(draft, token, here, before)
        case _:
            draft.move(token, token.index)


def _may_begin(draft: Draft, token: Token, here: Work | Connect) -> bool:
    """Judges once more whether a step that has not begun may; else lets it wait or leaves it out."""
    if kept_back(draft, token, OnHold()):
        return False
    if applies(draft, token, here):
        return True
    draft.move(token, token.index + 1)
    return False


def retry(draft: Draft, step: str | None) -> bool:
    """Lets the threads that are parked, or the one at `step`, look again now; says whether there are any."""
    meant = [
        (token, token.state)
        for token in draft.tokens.values()
        if isinstance(token.state, Parked) and step in (None, token.step)
    ]
    for token, state in meant:
        now = Parked(state.reason, draft.now, state.before, state.decide)
        draft.put(token.at(token.index, now, token.step, token.visit))
        draft.note("operator", token.step, "tried again by an operator")
    return bool(meant)

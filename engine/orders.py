"""What an operator may do with a run: skip what a thread of it waits for, try it again, or end the run."""

from __future__ import annotations

from engine.draft import Draft
from engine.messages import skip
from engine.parking import retry
from engine.position import (
    Held,
    Listening,
    OnHold,
    Parked,
    Resting,
    Scheduled,
    Sending,
    Token,
    Unseen,
)
from engine.standing import must_be_named, skippable
from engine.turn import Operator
from engine.waits import take_else
from engine.work import leave_work
from language.compiled import Instruction, Listen, Message, Work


def obey(draft: Draft, order: Operator) -> None:
    """Does what an operator says; of several threads that wait the order names one by its step.

    Without a step it means all that are parked.
    """
    main = draft.main
    if order.action == "end" or main is None:
        draft.note("operator", main.step if main is not None else "", f"ended as {order.ending}")
        draft.finish(order.ending, "by an operator")
        return
    if order.action == "retry":
        if not retry(draft, order.step):
            draft.note("operator", order.step or main.step, "there is nothing to try again here")
        return
    meant = [token for token in skippable(draft.tokens.values()) if order.step in (None, token.step)]
    if not meant:
        draft.note("operator", order.step or main.step, "there is nothing to skip here")
    elif must_be_named(meant):
        steps = ", ".join(token.step for token in meant)
        draft.note("operator", main.step, f"nothing is skipped: name one of the steps {steps}")
    for token in meant if not must_be_named(meant) else ():
        draft.asking = token
        _skip(draft, token)
        draft.note("operator", token.step, "skipped by an operator")


def _skip(draft: Draft, token: Token) -> None:
    here, state = instruction_of(draft, token), token.state
    match state, here:
        case Scheduled() | Held() | Unseen() | OnHold(), Message():
            skip(draft, token, here, "operator", "skipped by an operator")
        case Listening(), Listen():
            take_else(draft, token, here, "skipped by an operator")
        case Resting(), _:
            draft.move(token, state.target)
        case Parked(before=Sending() as before, decide=False), Message():
            token = draft.put(token.at(token.index, before, token.step, token.visit))
            skip(draft, token, here, "operator", "skipped by an operator")
        case Parked(), Work():
            leave_work(draft, token, here)
        case _:
            draft.move(token, token.index + 1)


def instruction_of(draft: Draft, token: Token) -> Instruction | None:
    """Gives the instruction at which a token stands, None beyond the end."""
    return draft.at(token) if token.index < len(draft.journey.program) else None

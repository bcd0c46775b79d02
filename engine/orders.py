"""What an operator may do with a run: skip what a thread of it waits for, or end it."""

from __future__ import annotations

from engine.draft import Draft
from engine.messages import skip
from engine.position import (
    Held,
    Listening,
    OnHold,
    Resting,
    Scheduled,
    Token,
    Unseen,
)
from engine.standing import may_skip
from engine.turn import Operator
from engine.waits import take_else
from language.compiled import Instruction, Listen, Message


def obey(draft: Draft, order: Operator) -> None:
    """Does what an operator says; of several branches that wait the order names one by its step."""
    main = draft.main
    if order.action == "end" or main is None:
        draft.note("operator", main.step if main is not None else "", f"ended as {order.ending}")
        draft.finish(order.ending, "by an operator")
        return
    waiting = [token for token in draft.threads() if may_skip(token.state)]
    meant = [token for token in waiting if order.step in (None, token.step)]
    if not meant:
        draft.note("operator", order.step or main.step, "there is nothing to skip here")
    elif len(meant) > 1:
        steps = ", ".join(token.step for token in meant)
        draft.note("operator", main.step, f"nothing is skipped: name one of the steps {steps}")
    else:
        draft.asking = meant[0]
        _skip(draft, meant[0])
        draft.note("operator", meant[0].step, "skipped by an operator")


def _skip(draft: Draft, token: Token) -> None:
    here, state = instruction_of(draft, token), token.state
    match state, here:
        case Scheduled() | Held() | Unseen() | OnHold(), Message():
            skip(draft, token, here, "operator", "skipped by an operator")
        case Listening(), Listen():
            take_else(draft, token, here, "skipped by an operator")
        case Resting(), _:
            draft.move(token, state.target)
        case _:
            draft.move(token, token.index + 1)


def instruction_of(draft: Draft, token: Token) -> Instruction | None:
    """Gives the instruction at which a token stands, None beyond the end."""
    return draft.at(token) if token.index < len(draft.journey.program) else None

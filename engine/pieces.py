"""The pieces in which a run takes its news, and their order (language.md §4.1, §4.5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, assert_never

from engine.draft import Draft
from engine.hearing import keep
from engine.holding import let_go
from engine.judging import judge, look_again, opt_in
from engine.messages import end_hold, end_schedule, end_unseen, hear_seen, move_hold, move_schedule, skip
from engine.permission import is_own
from engine.position import (
    Held,
    Listening,
    OnHold,
    Parked,
    Position,
    Resting,
    Resuming,
    Running,
    Scheduled,
    Token,
    Unseen,
    Waiting,
    Working,
    deadline_of,
)
from engine.reading import moves
from engine.steps import step
from engine.turn import Operator
from engine.waits import end_wait, hear, listening_due, look, restart_wait, take_else, time_out
from engine.work import hear_work, move_expiry, time_is_up
from language.compiled import Instruction, Listen, Message, Wait, Work
from model.events import Delivery, Event
from model.record import record


@record
class Deadline:
    """An instant that has come: of a token (0: the run's life or its conditions)."""

    at: datetime
    of: Literal["token", "look", "life"]
    token: int = 0


Piece = Literal["go_on"] | Operator | Delivery | Deadline


def next_piece(position: Position, now: datetime) -> Piece | None:
    """Gives what a run takes next; None: it waits for an answer, an event or an instant to come."""
    if position.ended or position.flight is not None:
        return None
    if not position.begun or position.pending or _running(position.tokens) is not None:
        return "go_on"
    if position.orders:
        return position.orders[0]
    head = position.inbox[0] if position.inbox and position.inbox[0].seq == position.seq + 1 else None
    due = next_deadline(position)
    if due.at <= now and (head is None or due.at < head.at):
        return due
    return head


def next_deadline(position: Position) -> Deadline:
    """Gives the earliest instant at which a run moves by itself, at the latest its life's end.

    Of equal ones conditions go first, then the tokens in their order.
    """
    due = Deadline(position.life_over, "life")
    for token in reversed(position.tokens):
        at = deadline_of(token.state)
        if at is not None and at <= due.at:
            due = Deadline(at, "token", token.id)
    return Deadline(position.look, "look") if position.look is not None and position.look <= due.at else due


def take(draft: Draft, piece: Piece) -> None:
    """Takes a piece and all that follows from it up to the next effect or wait; raises MissingFacts."""
    match piece:
        case "go_on":
            draft.begun = True
        case Operator():
            _obey(draft, piece)
        case Delivery():
            _hear(draft, piece)
        case Deadline():
            _come_due(draft, piece)
        case _:
            assert_never(piece)
    _run(draft)
    if not draft.ended:
        look_again(draft)


def _run(draft: Draft) -> None:
    while draft.effect is None and not draft.ended:
        if draft.pending:
            first, *rest = draft.pending
            draft.pending = tuple(rest)
            draft.emit(first)
            return
        token = _running(draft.tokens.values())
        if token is None:
            if let_go(draft):
                continue
            return
        if draft.dirty and judge(draft):
            continue
        draft.steps -= 1
        if draft.steps < 0:
            draft.park(token, "it went round 1,000 steps without a rest")
        else:
            step(draft, token)


def _running(tokens: Iterable[Token]) -> Token | None:
    """Gives the token that goes on next: side steps before the run, whose end would drop them."""
    found: Token | None = None
    for token in tokens:
        if isinstance(token.state, Running | Resuming) and (found is None or _rank(token) < _rank(found)):
            found = token
    return found


def _rank(token: Token) -> tuple[bool, int]:
    return token.side is None, token.id


def _hear(draft: Draft, delivery: Delivery) -> None:
    event = delivery.event
    if delivery.kind == "end":
        draft.finish(delivery.ending or "stopped", "told to end from outside")
        return
    if event is not None:
        opt_in(draft, event)
    if event is None or is_own(event, draft.run):
        _hear_of_change(draft)
    elif not _is_known(draft, event):
        of_left_work = event.task is not None and event.task in draft.left
        _hear_of_change(draft) if of_left_work else _hear_event(draft, event)


def _hear_of_change(draft: Draft) -> None:
    if not judge(draft):
        _facts_changed(draft)


def _is_known(draft: Draft, event: Event) -> bool:
    """Says whether the run has heard this very event before."""
    kept = (each.event.id for each in draft.unused)
    return event.id == draft.run.start.id or event.id in draft.used or event.id in kept


def _hear_event(draft: Draft, event: Event) -> None:
    draft.heard += 1
    if judge(draft, event):
        return
    used = [_tell(draft, token, event) for token in list(draft.tokens.values())]
    if not any(used):
        keep(draft, event)
    _facts_changed(draft)


def _tell(draft: Draft, token: Token, event: Event) -> bool:
    """Lets a token hear an event; says whether it used it."""
    here = instruction_of(draft, token)
    match token.state, here:
        case Waiting(), Wait():
            return restart_wait(draft, token, here, event)
        case Listening(), Listen():
            return hear(draft, token, here, event)
        case Working(), Work():
            return hear_work(draft, token, here, token.state, event)
        case Unseen() | Held() | OnHold(), Message():
            return hear_seen(draft, token, here, event)
        case _:
            return False


def _look(draft: Draft) -> None:
    """Judges the conditions of the waits."""
    for token in list(draft.tokens.values()):
        here = instruction_of(draft, token)
        if isinstance(token.state, Listening) and isinstance(here, Listen):
            look(draft, token, here, token.state)


def _facts_changed(draft: Draft) -> None:
    """Reads the instants again that name facts, then judges the conditions of the waits."""
    for token in list(draft.tokens.values()):
        _read_again(draft, token)
    _look(draft)


def _read_again(draft: Draft, token: Token) -> None:
    here, state = instruction_of(draft, token), token.state
    match state, here:
        case Waiting(), Wait() if moves(here.until):
            end_wait(draft, token, here, state)
        case Scheduled(), Message():
            move_schedule(draft, token, here, state)
        case Held(), Message():
            move_hold(draft, token, here, state)
        case Listening(), Listen() if here.within is not None and moves(here.within):
            time_out(draft, token, here, state)
        case Working(), Work():
            move_expiry(draft, token, here, state)
        case _:
            return


def _come_due(draft: Draft, due: Deadline) -> None:
    if due.of == "life":
        why = f"it has lived until {draft.read.shown(due.at)}"
        draft.finish("life_over", why, keeps_open=True)
        return
    if judge(draft):
        return
    token = draft.tokens.get(due.token)
    if due.of == "look":
        _look(draft)
    elif token is not None:
        _end_of_state(draft, token)


def _end_of_state(draft: Draft, token: Token) -> None:
    here, state = instruction_of(draft, token), token.state
    match state, here:
        case Waiting(), Wait():
            end_wait(draft, token, here, state)
        case Scheduled(), Message():
            end_schedule(draft, token, here, state)
        case Held(), Message():
            end_hold(draft, token, here, state)
        case Unseen(), Message():
            end_unseen(draft, token, here, state)
        case Listening(), Listen():
            listening_due(draft, token, here, state)
        case Working(), Work():
            time_is_up(draft, token, here, state)
        case Resting(), _:
            draft.move(token, state.target)
        case _:
            draft.park(token, "its place in the journey does not fit what it waits for")


def instruction_of(draft: Draft, token: Token) -> Instruction | None:
    """Gives the instruction at which a token stands, None beyond the end."""
    return draft.at(token) if token.index < len(draft.journey.program) else None


def _obey(draft: Draft, order: Operator) -> None:
    main = draft.main
    if order.action == "end" or main is None:
        draft.note("operator", main.step if main is not None else "", f"ended as {order.ending}")
        draft.finish(order.ending, "by an operator")
        return
    here, state = instruction_of(draft, main), main.state
    match state, here:
        case Scheduled() | Held() | Unseen() | OnHold(), Message():
            skip(draft, main, here, "operator", "skipped by an operator")
        case Listening(), Listen():
            take_else(draft, main, here, "skipped by an operator")
        case Waiting() | Parked() | OnHold(), _:
            draft.move(main, main.index + 1)
        case Resting(), _:
            draft.move(main, state.target)
        case _:
            draft.note("operator", main.step, "there is nothing to skip here")
            return
    draft.note("operator", main.step, "skipped by an operator")

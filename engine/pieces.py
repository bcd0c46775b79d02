"""The pieces in which a run takes its news, and their order (language.md §4.1, §4.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal, assert_never

from engine.asking import Unanswered
from engine.connecting import ask_again
from engine.draft import DECIDE, Draft
from engine.hearing import keep
from engine.holding import let_go
from engine.judging import judge, look_again, opt_in
from engine.messages import end_hold, end_schedule, end_unseen, hear_seen, move_hold, move_schedule
from engine.orders import instruction_of, obey
from engine.parking import look_anew
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
)
from engine.reading import moves
from engine.states import deadline_of
from engine.steps import step
from engine.turn import Operator
from engine.waits import end_wait, hear, listening_due, look, restart_wait, time_out
from engine.work import hear_work, move_expiry, time_is_up, with_again
from language.compiled import Connect, Listen, Message, Wait, Work
from language.evaluate import MissingFacts
from model.commands import Finish
from model.events import Delivery, Event
from model.expressions import Expr
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
    if not position.begun or position.pending or position.unread or _running(position.tokens) is not None:
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

    Of equal ones conditions go first, then the branches in the order of the file, then side steps.
    """
    due, first = Deadline(position.life_over, "life"), (True, 0)
    for token in reversed(position.tokens):
        at = deadline_of(token.state)
        if at is None or at > due.at:
            continue
        rank = (token.side is not None, token.index)
        if at < due.at or due.of == "life" or rank <= first:
            due, first = Deadline(at, "token", token.id), rank
    return Deadline(position.look, "look") if position.look is not None and position.look <= due.at else due


def take(draft: Draft, piece: Piece) -> None:
    """Takes a piece and all that follows from it up to the next effect or wait; raises MissingFacts."""
    match piece:
        case "go_on":
            draft.begun = True
        case Operator():
            obey(draft, piece)
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
            if isinstance(first, Finish):
                draft.finish(first.ending, first.reason)
            else:
                draft.emit(first)
            return
        token = _running(draft.tokens.values())
        if token is None and not draft.unread:
            if let_go(draft):
                continue
            return
        if draft.dirty and judge(draft):
            continue
        if draft.unread:
            _read_on(draft)
        elif token is not None:
            _step(draft, token)


def _step(draft: Draft, token: Token) -> None:
    draft.steps -= 1
    if draft.steps < 0:
        draft.park(token, f"it went round 1,000 steps without a rest: {DECIDE}", decide=True)
        return
    draft.asking = token
    step(draft, token)
    draft.asking = None


def _running(tokens: Iterable[Token]) -> Token | None:
    """Gives the token that goes on next: side steps before the run, whose end would drop them."""
    found: Token | None = None
    for token in tokens:
        if isinstance(token.state, Running | Resuming) and (found is None or _rank(token) < _rank(found)):
            found = token
    return found


def _rank(token: Token) -> tuple[bool, int]:
    """Side steps go by their age, branches in the order of the file."""
    return token.side is None, token.id if token.side is not None else token.index


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
    if not judge(draft) or draft.led:
        _facts_changed(draft)


def _is_known(draft: Draft, event: Event) -> bool:
    """Says whether the run has heard this very event before."""
    kept = (each.event.id for each in draft.unused)
    return event.id == draft.run.start.id or event.id in draft.used or event.id in kept


def _hear_event(draft: Draft, event: Event) -> None:
    draft.heard += 1
    event = with_again(draft, event)
    if judge(draft, event) and not draft.led:
        return
    used = {owner for owner, by_event in draft.led.items() if by_event}
    used |= {token.id for token in _each(draft, lambda token: _tell(draft, token, event))}
    if not used or any(token.id not in used for token in draft.threads()):
        keep(draft, event, frozenset(used))
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


def _each(draft: Draft, do: Callable[[Token], bool]) -> list[Token]:
    """Does something with every token in the order of the file; gives those of which it is true.

    What several of them lack, and would read in the same way, is asked for together.
    """
    found: list[Token] = []
    lacking: list[Expr] = []
    for token in (
        sorted(draft.tokens.values(), key=_rank) if len(draft.tokens) > 1 else [*draft.tokens.values()]
    ):
        if lacking and draft.asking is not None and not draft.reads_alike(draft.asking, token):
            break
        try:
            if do(token):
                found.append(token)
        except MissingFacts as missing:
            draft.asking = draft.asking or token
            lacking.extend(missing.exprs)
    if lacking:
        raise MissingFacts(tuple(lacking))
    return found


def _look(draft: Draft) -> None:
    """Judges the conditions of the waits."""
    _each(draft, lambda token: _looks(draft, token))


def _looks(draft: Draft, token: Token) -> bool:
    here = instruction_of(draft, token)
    if not isinstance(token.state, Listening) or not isinstance(here, Listen):
        return False
    return look(draft, token, here, token.state)


def _facts_changed(draft: Draft) -> None:
    """Reads the instants again that name facts, then judges the conditions of the waits."""
    draft.unread = tuple(draft.tokens)
    _read_on(draft)


def _read_on(draft: Draft) -> None:
    """Reads instants again, one token after the other, up to the first effect."""
    while draft.unread and draft.effect is None and not draft.ended:
        first, *rest = draft.unread
        draft.unread = tuple(rest)
        token = draft.tokens.get(first)
        draft.asking = token
        if token is not None:
            _read_again(draft, token)
    draft.asking = None
    if not draft.unread and not draft.ended:
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
        draft.asking = None


def _end_of_state(draft: Draft, token: Token) -> None:
    draft.asking = token
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
        case Parked(), _:
            look_anew(draft, token, here, state)
        case Unanswered(), Connect():
            ask_again(draft, token, here, state)
        case _:
            draft.park(
                token, f"its place in the journey does not fit what it waits for: {DECIDE}", decide=True
            )

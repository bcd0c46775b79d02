"""`advance`: the one place where a run moves.

News goes into the inbox and is taken in pieces: steps that can go on, an operator's word, then events and
deadlines by their instant. Each piece is taken on a draft, whole or not at all. A turn ends when an effect
goes out (its answer is the next news), when a fact is lacking, or when nothing is left but to wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from pydantic import JsonValue

from engine.calendar import add
from engine.draft import MAIN, Draft
from engine.pieces import Piece, next_deadline, next_piece, take
from engine.position import Position, Token
from engine.reading import COMPANY_ZONE, LEAD_ZONE, Reading, kept
from engine.steps import answer
from engine.turn import Ask, Heard, News, Operator, Turn
from language.compiled import Journey
from language.evaluate import MissingFacts
from language.facts import fact_key
from model.commands import Connected, Done, Note, Sent
from model.events import Delivery
from model.expressions import Expr
from model.runs import Run

STEPS_A_TURN = 1_000


def start(journey: Journey, run: Run, now: datetime) -> Position:
    """Gives the position of a run that begins at `now` (aware, UTC); its first turn needs no news."""
    first = next(iter(journey.stages.values()), 0)
    life_over = kept(lambda: add(now, journey.life, journey.zone or "UTC"))
    return Position(run, (Token(MAIN, first),), life_over or datetime.max.replace(tzinfo=now.tzinfo))


def advance(
    journey: Journey, position: Position, news: Sequence[News], now: datetime, facts: Mapping[str, JsonValue]
) -> Turn[Position]:
    """Takes news and moves a run as far as it goes at `now`; never raises on typed input.

    `facts` (by `fact_key`) are one reading of the world, used for the whole turn. With `ask` the position
    holds all the news: take the turn again without them, with the facts added.
    """
    read = Reading(now, facts, journey.zone, journey.contact_hours, position.zone)
    notes: list[Note] = []
    position = _take_in(journey, position, news, read, notes)
    steps = STEPS_A_TURN
    while (piece := next_piece(position, now)) is not None:
        draft = Draft(journey, position, read, steps)
        try:
            take(draft, piece)
        except MissingFacts as missing:
            return Turn(position, tuple(notes), ask=_ask(read, draft, piece, missing.exprs))
        position, steps = _settled(draft, position, piece), draft.steps
        notes.extend(draft.notes)
        if draft.effect is not None:
            return Turn(position, tuple(notes), (draft.effect,), ended=draft.ended)
    return Turn(position, tuple(notes), wake=_wake(position), ended=position.ended)


def _take_in(
    journey: Journey, position: Position, news: Sequence[News], read: Reading, notes: list[Note]
) -> Position:
    """Puts news into the position; an answer is taken at once, which needs no facts."""
    for item in news:
        match item:
            case Heard():
                position = _delivered(position, item.deliveries)
            case Operator():
                position = replace(position, orders=(*position.orders, item))
            case Sent() | Done() | Connected():
                if position.flight == item.token and not position.ended:
                    draft = Draft(journey, position, read, 0)
                    answer(draft, item)
                    notes.extend(draft.notes)
                    position = draft.freeze(position.seq, position.inbox, position.orders)
            case _:
                assert_never(item)
    return position


def _delivered(position: Position, deliveries: tuple[Delivery, ...]) -> Position:
    """Adds deliveries in order of `seq`; what was taken or is there already is a repeat and dropped."""
    waiting = {delivery.seq: delivery for delivery in position.inbox}
    for delivery in deliveries:
        if delivery.seq > position.seq:
            waiting.setdefault(delivery.seq, delivery)
    return replace(position, inbox=tuple(waiting[seq] for seq in sorted(waiting)))


def _settled(draft: Draft, position: Position, piece: Piece) -> Position:
    """Gives the position after a piece, which leaves the inbox it came from."""
    match piece:
        case Delivery():
            return draft.freeze(piece.seq, position.inbox[1:], position.orders)
        case Operator():
            return draft.freeze(position.seq, position.inbox, position.orders[1:])
        case _:
            return draft.freeze(position.seq, position.inbox, position.orders)


def _ask(read: Reading, draft: Draft, piece: Piece, wanted: tuple[Expr, ...]) -> Ask:
    """Asks for every missing fact, each once, and for the zone, which nearly every wait needs."""
    zone = (LEAD_ZONE, COMPANY_ZONE) if read.zone_name is None else ()
    found: dict[str, Expr] = {fact_key(expr): expr for expr in (*wanted, *zone)}
    lacking = tuple(expr for key, expr in found.items() if key not in read.facts)
    event = draft.judging or (piece.event if isinstance(piece, Delivery) else None)
    reader = draft.asking or draft.main
    judged = event or (draft.event_of(reader) if reader is not None else None)
    return Ask(lacking, draft.names(reader, event), judged.id if judged is not None else None)


def _wake(position: Position) -> datetime | None:
    """Gives the instant at which the run moves by itself; none once it has ended."""
    if position.ended:
        return None
    return next_deadline(position).at

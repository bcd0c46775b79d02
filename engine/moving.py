"""Moves a run that is at rest to another version of its journey (language.md §11).

Every thread must stand at a step that the other version has, by its id or by the mapping given; what it waits
for is carried along where the step is of the same kind. Nothing is sent twice: what has begun keeps its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from engine.calendar import add
from engine.moving_places import Places, Stays
from engine.moving_states import carried
from engine.position import RUNNING, Frame, Kept, Position, Round, Running, Said, Token, Worked, Working
from engine.program import hears_ever, may_hear
from engine.reading import kept
from engine.states import Resuming
from language.compiled import Journey
from model.commands import Effect, WithdrawWork
from model.record import record


@record
class CannotMove:
    """Why a run stays where it is: `step` is where it stands, `do` what would help; one that is `at_work` may
    be moved a moment later.
    """

    step: str
    why: str
    do: str = ""
    at_work: bool = False

    def __str__(self) -> str:
        """Gives it as a sentence."""
        return f"{self.why}: {self.do}" if self.do else self.why


def at_rest(position: Position) -> bool:
    """Says whether a run only waits: nothing of it is under way or about to be taken."""
    busy = position.flight is not None or position.pending or position.unread or position.orders
    running = any(isinstance(token.state, Running | Resuming) for token in position.tokens)
    return position.begun and not position.ended and not busy and not running


def moved(
    old: Journey, new: Journey, position: Position, mapping: Mapping[str, str]
) -> Position | CannotMove:
    """Gives where a run that is at rest lands in another version, or why it cannot.

    `mapping` says what steps of the old version are called in the new one; a step mapped to one of another
    kind begins anew. What the new version reads is read when the run next takes a turn.
    """
    if position.run.version != old.version:
        return CannotMove("", f"it is in version {position.run.version}")
    if not at_rest(position):
        return CannotMove("", "it is at work", "try again", at_work=True)
    if old.key != new.key:
        return CannotMove("", f"version {new.version} has another `key`")
    try:
        return _Move(Places(old, new, mapping, position.run.entered_at), position).done()
    except Stays as stays:
        return CannotMove(stays.step, stays.why, stays.do)


def landings(before: Position, after: Position) -> tuple[tuple[str, str, bool], ...]:
    """Lists for each thread the step it stood at, the one it stands at, and whether that begins anew."""
    now = {token.id: token for token in after.tokens}
    return tuple(
        (token.step, now[token.id].step, isinstance(now[token.id].state, Running))
        for token in before.tokens
        if token.id in now
    )


class _Move:
    """One run on its way; raises Stays."""

    def __init__(self, places: Places, position: Position) -> None:
        self._places, self._position = places, position
        self._gone: dict[int, Token] = {}
        self._anew: list[Token] = []

    def done(self) -> Position:
        """Gives the position in the new version."""
        places, position, new = self._places, self._position, self._places.new
        frames = tuple(self._frame(frame) for frame in position.frames)
        tokens = tuple(token for each in position.tokens if (token := self._token(each)) is not None)
        withdrawn = [
            token.state.job.task
            for token in (*self._anew, *self._gone.values())
            if isinstance(token.state, Working)
        ]
        taken: tuple[Effect, ...] = (WithdrawWork(0, tuple(withdrawn), "withdrawn"),) if withdrawn else ()
        run = replace(position.run, version=new.version, key_field=new.key_field)
        return replace(
            position,
            run=run,
            tokens=tokens,
            frames=tuple(frame for frame in frames if frame.owner not in self._gone),
            pending=taken,
            left=(*position.left, *withdrawn),
            edges=places.edges(position),
            rounds=self._rounds(),
            fetched=places.fetched(position.fetched),
            skipped=tuple(places.step(step) for step in position.skipped),
            open_work=tuple(places.step(step) for step in position.open_work),
            renamed=places.renamed(position),
            unused=tuple(self._unused(tokens)),
            paces={id_: pace for id_, pace in position.paces.items() if id_ not in self._gone},
            troubles={
                token.id: position.troubles[token.id] for token in tokens if token.id in position.troubles
            },
            unread=tuple(token.id for token in tokens),
            look=None,
            life_over=self._life_over(),
        )

    def _token(self, token: Token) -> Token | None:
        """Moves a thread; None where the step it belonged to begins anew."""
        places = self._places
        begun_anew = {each.id for each in self._anew}
        if token.parent is not None and (token.parent in self._gone or token.parent in begun_anew):
            self._gone[token.id] = token
            return None
        here, name = places.old.program[token.index], places.step(token.step)
        index = places.index(token.index)
        there = places.new.program[index] if index is not None else None
        state = carried(token.state, here, there, places) if there is not None else None
        if index is None or state is None:
            index = places.anew(token)
            self._anew.append(token)
            state, name = RUNNING, places.new.program[index].place.step
        side = places.check_around(token, index)
        owner = token if isinstance(state, Running) else None
        return replace(
            token,
            index=index,
            step=name,
            state=state,
            visit=token.visit if owner is None else 0,
            known_as=self._known_as(token, name) if owner is None else None,
            messages={channel: self._said(said) for channel, said in token.messages.items()},
            worked=self._worked(token.worked),
            loops=tuple(places.loop(loop) for loop in token.loops),
            side=side if token.side is not None else None,
        )

    def _known_as(self, token: Token, name: str) -> str | None:
        return token.known_as if token.known_as is not None or token.step == name else token.step

    def _said(self, said: Said) -> Said:
        return replace(said, step=self._places.step(said.step))

    def _worked(self, worked: Worked | None) -> Worked | None:
        return replace(worked, step=self._places.step(worked.step)) if worked is not None else None

    def _frame(self, frame: Frame) -> Frame:
        at, scope = self._places.scope(frame)
        return replace(
            frame, at=at, scope=scope, loops=tuple(self._places.loop(loop) for loop in frame.loops)
        )

    def _rounds(self) -> dict[str, Round]:
        found: dict[str, Round] = {}
        for name, round_ in self._position.rounds.items():
            other = self._places.round(name)
            if other is not None:
                found[other] = round_
        return found

    def _unused(self, tokens: Iterable[Token]) -> Iterable[Kept]:
        """Keeps the events that a wait to come may hear in the new version."""
        new = self._places.new
        for each in self._position.unused:
            kind = each.event.type
            if hears_ever(new, kind) or any(may_hear(new, token.index, kind) for token in tokens):
                yield each

    def _life_over(self) -> datetime:
        """Gives when the run's life ends; another length counts from the entry."""
        old, new, position = self._places.old, self._places.new, self._position
        if old.life == new.life:
            return position.life_over
        entered = position.run.entered_at
        return kept(lambda: add(entered, new.life, new.zone or "UTC")) or position.life_over

"""A position at work: one piece of news is taken on a draft, which is kept whole or dropped whole.

Containers of the position are shared and replaced, never changed in place: a draft costs only what it
touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from engine.ids import effect_id
from engine.position import (
    RUNNING,
    Expiring,
    Forked,
    Frame,
    Held,
    Kept,
    Listening,
    OnHold,
    Opening,
    Parked,
    Position,
    Refusal,
    Resting,
    Round,
    Scheduled,
    State,
    Token,
    Trouble,
    Unseen,
    Waiting,
    Working,
)
from engine.reading import NOTHING, Reading, event_names
from engine.states import Before, rest_before
from engine.turn import Operator
from language.compiled import Instruction, Journey, Values
from model.commands import Bound, Effect, Finish, Note, NoteKind, WithdrawWork
from model.events import Delivery, Event, Fields
from model.runs import Run
from model.time import Instant, Moment

EVENTS_KEPT = 50
DECIDE = "`retry` tries the step again, `skip` goes on behind it"
"""What an operator may do with a thread that nobody but them lets go on."""

TIMED = (Waiting, Scheduled, Held, Unseen, Listening, Working, Resting, OnHold)
"""States that take time."""
MAIN = 1


def frame_names(frame: Frame) -> Fields:
    """Gives the names under which the beginning of an inlined journey is read."""
    return {**event_names(frame.start, "start", frame.begun), "start.trigger": "run"}


class Draft:
    """The working copy of a position, with the notes and the one effect of the piece of news being taken."""

    def __init__(self, journey: Journey, position: Position, read: Reading, steps: int) -> None:
        self.journey = journey
        self.read = read
        self.run: Run = position.run
        self.tokens: dict[int, Token] = {token.id: token for token in position.tokens}
        self.data: Fields = position.data
        self.fetched: Fields = position.fetched
        self.visits: dict[str, int] = position.visits
        self.rounds: dict[str, Round] = position.rounds
        self.edges: dict[str, bool] = position.edges
        self.unused: tuple[Kept, ...] = position.unused
        self.used: tuple[str, ...] = position.used
        self.pending: tuple[Effect, ...] = position.pending
        self.refusals: tuple[Refusal, ...] = position.refusals
        self.open_work: tuple[str, ...] = position.open_work
        self.left: tuple[str, ...] = position.left
        self.flight: int | None = position.flight
        self.look: datetime | None = position.look
        self.heard, self.uses = position.heard, position.uses
        self.paces, self.unread = position.paces, position.unread
        self.frames: dict[int, Frame] = {frame.id: frame for frame in position.frames}
        self.troubles, self.renamed = position.troubles, position.renamed
        self.asking: Token | None = None
        self.judging: Event | None = None
        self.skipped: tuple[str, ...] = position.skipped
        self.led: dict[int, bool] = {}
        self.waits, self.moments = position.waits, position.moments
        self.next_token = position.next_token
        self.begun, self.ended = position.begun, position.ended
        self.life_over = position.life_over
        self.notes: list[Note] = []
        self.effect: Effect | None = None
        self.dirty = True
        self.steps = steps
        self._names: tuple[Event, Fields, Fields, int | None, Event, Fields, Fields] | None = None

    def freeze(self, seq: int, inbox: tuple[Delivery, ...], orders: tuple[Operator, ...]) -> Position:
        """Gives the position that the draft has become."""
        return Position(
            run=self.run, tokens=tuple(self.tokens.values()), life_over=self.life_over, seq=seq, inbox=inbox,
            orders=orders, pending=self.pending, flight=self.flight, unused=self.unused, used=self.used,
            heard=self.heard, next_token=self.next_token, data=self.data, fetched=self.fetched,
            visits=self.visits, rounds=self.rounds,
            edges=self.edges, refusals=self.refusals, open_work=self.open_work, left=self.left,
            waits=self.waits,
            skipped=self.skipped, moments=self.moments, uses=self.uses, paces=self.paces, unread=self.unread,
            frames=tuple(self.frames.values()), troubles=self.troubles, renamed=self.renamed,
            look=self.look, begun=self.begun,
            ended=self.ended,
            zone=self.read.known_zone(),
        )  # fmt: skip

    @property
    def now(self) -> datetime:
        """The instant of the turn."""
        return self.read.now

    @property
    def main(self) -> Token | None:
        """The run's own thread, the first of the tokens that is no side steps."""
        for token in self.tokens.values():
            if token.side is None:
                return token
        return None

    @property
    def outermost(self) -> Token | None:
        """The run's own thread as its own journey sees it."""
        main = self.main
        return main if main is None or main.frame == 0 else self.seen_from(main, 0)

    def at(self, token: Token) -> Instruction:
        """Gives the instruction at which a token stands."""
        return self.journey.program[token.index]

    def put(self, token: Token) -> Token:
        """Replaces the token of this id."""
        self.tokens[token.id] = token
        return token

    def enter(self, token: Token, state: State) -> Token:
        """Puts a token into a state."""
        if token.parent is not None and isinstance(state, TIMED):
            self._pace(token)
        if token.id in self.troubles and isinstance(state, TIMED):
            self._is_well(token)
        return self.put(token.at(token.index, state, token.step, token.visit))

    def _pace(self, token: Token | None) -> None:
        """Counts a wait or a use for a branch and those around it; that of the run itself is counted
        elsewhere.
        """
        while token is not None and token.parent is not None:
            self.paces = {**self.paces, token.id: self.paces.get(token.id, 0) + 1}
            token = self.tokens.get(token.parent)

    def pace(self, token: Token) -> tuple[int, int]:
        """Counts the waits and the uses of a thread so far, its branches' among them."""
        return (self.waits, self.uses) if token.parent is None else (self.paces.get(token.id, 0), 0)

    def move(self, token: Token, index: int) -> Token:
        """Lets a token go on at an index."""
        if token.id in self.troubles:
            self._is_well(token)
        return self.put(token.at(index, RUNNING, token.step, token.visit))

    def visit(self, token: Token, step: str) -> Token:
        """Counts a pass through a step."""
        count = self.visits.get(step, 0) + 1
        self.visits = {**self.visits, step: count}
        return self.put(token.at(token.index, token.state, step, count))

    def spawn(self, index: int, side: str, parent: int | None, event: Event | None, frame: int = 0) -> Token:
        """Begins side steps beside the run; those of a token are in its frame."""
        loops = self.tokens[parent].loops if parent is not None else ()
        frame = self.tokens[parent].frame if parent is not None else frame
        token = Token(
            self.next_token, index, event=event, window=self.heard, loops=loops, side=side, parent=parent,
            frame=frame,
        )  # fmt: skip
        self.next_token += 1
        return self.put(token)

    def branch(self, parent: Token, index: int, name: str) -> Token:
        """Begins a branch, which remembers what its thread does."""
        token = replace(
            parent, id=self.next_token, index=index, step="", state=RUNNING, parent=parent.id, branch=name
        )
        self.next_token += 1
        return self.put(token)

    def around(self, token: Token) -> Iterator[Token]:
        """Gives the threads around a branch, which stand at their forks, from the inside."""
        while token.side is None and token.parent is not None:
            token = self.tokens[token.parent]
            yield token

    def reads_alike(self, one: Token, other: Token) -> bool:
        """Says whether two tokens read the same event and round: what they lack may be asked for at once."""
        return self.event_of(one) is self.event_of(other) and self._round(one) == self._round(other)

    def remember(self, token: Token, of: Callable[[Token], Token]) -> Token:
        """Lets a token, and the threads around it, remember what it has done."""
        for thread in list(self.around(token)):
            self.put(of(thread))
        return self.put(of(token))

    def threads(self) -> list[Token]:
        """Lists the threads that are at work: the run itself, or its branches."""
        own = (token for token in self.tokens.values() if token.side is None)
        return [token for token in own if not isinstance(token.state, Forked)]

    def drop(self, token: Token) -> None:
        """Ends a token with the side steps that belong to it; work nobody has begun is taken back."""
        for child in [other for other in self.tokens.values() if other.parent == token.id]:
            self.drop(child)
        self._is_well(token)
        if self.tokens.pop(token.id, None) is not None:
            self.take_back(token)
        if self.frames:
            self.frames = {each.id: each for each in self.frames.values() if each.owner != token.id}

    def take_back(self, token: Token) -> None:
        """Takes back the work that a token waits for, if nobody has begun it."""
        if isinstance(token.state, Working | Opening | Expiring):
            self.withdraw(token.state.job.task)

    def withdraw(self, *tasks: str, steps: tuple[str, ...] = ()) -> None:
        """Takes back tasks, and what goes on without the run of `steps`, as far as nobody has begun; what an
        agent is at moves the run no more.
        """
        self.left = (*self.left, *tasks)[-EVENTS_KEPT:]
        self.open_work = tuple(step for step in self.open_work if step not in steps)
        called = tuple(name for step in steps for name in self.names_of(step))
        self.pending = (*self.pending, WithdrawWork(0, tasks, "withdrawn", called))

    def drop_sides_of(self, token: Token) -> None:
        """Ends the side steps of a token's work, as its work is over."""
        for child in [other for other in self.tokens.values() if other.parent == token.id]:
            self.drop(child)

    def names(self, token: Token | None, event: Event | None = None) -> Fields:
        """Gives the run's own names as a token reads them, `event` being judged if given."""
        frame = self.frames.get(token.frame) if token is not None else None
        start = frame.start if frame is not None else self.run.start
        heard = event or (token.event if token is not None else None) or start
        data = frame.data if frame is not None else self.data
        returned = token.returned if token is not None else {}
        round_ = self._round(token)
        last = self._names
        same = last is not None and last[0] is heard and last[1] is data and last[2] is self.fetched
        if last is not None and same and last[3] == round_ and last[4] is start and last[5] == returned:
            return last[6]
        own = self.read.start_names(self.run) if frame is None else frame_names(frame)
        names = {**own, **event_names(heard, "event")}
        names.update((f"run.{name}", value) for name, value in data.items())
        names.update((f"fetched.{name}", value) for name, value in self.fetched.items())
        names.update((f"returned.{name}", value) for name, value in returned.items())
        if round_ is not None:
            names["round"] = round_
        self._names = (heard, data, self.fetched, round_, start, returned, names)
        return names

    def resolve(
        self, token: Token, instant: Instant, at: datetime | None = None, last: datetime | None = None
    ) -> datetime | None:
        """Gives the instant named as a token reads it, counted from now or `at`; None: missing, out of range,
        or never open.

        `last` is what it was before: a yearly return that has come is not the one of next year.
        """
        names = self.names(token) if isinstance(instant, Moment) else {}
        return self.read.resolve(instant, names, at, last)

    def bind(self, token: Token, values: Values) -> Bound:
        """Gives values for an effect of the token's step."""
        frame = self.frames.get(token.frame)
        own = frame.start.fields if frame is not None else None
        if not values.items:
            return NOTHING if own is None else Bound(own_start=own)
        event, start = self.event_of(token).id, self.run.start.id
        bound = self.read.bind(values.items, values.private, self.names(token), event, start)
        return bound if own is None else replace(bound, own_start=own)

    def _round(self, token: Token | None) -> int | None:
        inside = token is not None and token.loops and token.loops[-1] in self.rounds
        return self.rounds[token.loops[-1]].number if token is not None and inside else None

    def event_of(self, token: Token) -> Event:
        """Gives the event that the name `event` reads."""
        frame = self.frames.get(token.frame)
        return token.event or (frame.start if frame is not None else self.run.start)

    def seen_from(self, token: Token, frame: int) -> Token:
        """Gives a thread as the frame around it sees it: at the `run:` step of the journey inside."""
        while token.frame != frame and (inner := self.frames.get(token.frame)) is not None:
            token = replace(
                token, index=inner.at, step=self.journey.program[inner.at].place.step, frame=inner.outer,
                event=inner.event, loops=inner.loops,
            )  # fmt: skip
        return token

    def data_of(self, token: Token) -> Fields:
        """Gives the run data of a token: the run's own, or that of the journey it is in."""
        frame = self.frames.get(token.frame)
        return frame.data if frame is not None else self.data

    def write(self, token: Token, data: Fields) -> None:
        """Keeps the run data of a token."""
        frame, self.dirty = self.frames.get(token.frame), True
        if frame is None:
            self.data = data
        else:
            self.frames[frame.id] = replace(frame, data=data)

    def is_inside(self, token: Token, frame: int) -> bool:
        """Says whether a token is in a frame, or in one inside it."""
        at = token.frame
        while at not in (0, frame):
            at = self.frames[at].outer
        return at == frame

    def emit(self, effect: Effect) -> None:
        """Sends an effect off; nothing else moves until its answer is there."""
        self.effect, self.flight = effect, effect.token

    def contact(self) -> str:
        """Names the moment of the run: what is sent with no wait between counts as one contact."""
        return f"{self.run.enrolment_id}/{self.moments}"

    def effect_id(self, token: Token) -> str:
        """Gives the id of what the token's step does at this visit."""
        return effect_id(self.run.enrolment_id, token.begun_as, token.visit)

    def names_of(self, step: str) -> tuple[str, ...]:
        """Gives the names that a step has had in the versions that the run was in."""
        return (step, *self.renamed.get(step, ()))

    def note(
        self, kind: NoteKind, step: str, text: str, branch: str | None = None, split: str | None = None
    ) -> None:
        """Writes a line for the timeline."""
        self.notes.append(Note(kind, step, text, self.now, branch, split))

    def begin_wait(self, *, new_contact: bool = True) -> None:
        """Counts a wait: what is sent after it is another contact."""
        self.waits += 1
        self.moments += new_contact

    def use(self, event: Event, token: Token | None) -> None:
        """Marks an event as used by a thread, None for the whole run: no other wait of it hears it.

        Exits are judged again before the next step, as what `event` reads may be another one now.
        """
        self.dirty = True
        if token is None or token.parent is None:
            self.unused = tuple(kept for kept in self.unused if kept.event.id != event.id)
        else:
            self.unused = tuple(
                replace(kept, used_by=(*kept.used_by, token.id)) if kept.event.id == event.id else kept
                for kept in self.unused
            )
        self._pace(token)
        self.used = (*self.used, event.id)[-EVENTS_KEPT:]
        self.uses += 1

    def park(self, token: Token, reason: str, before: Before | None = None, *, decide: bool = False) -> None:
        """Stops a thread until somebody has mended what `reason` says; until then it looks again, later each
        time, and says nothing new. With `decide` only an operator lets it go on.
        """
        last = self.troubles.get(token.id)
        looks = last.looks + 1 if last is not None and last.reason == reason else 0
        if looks == 0:
            self.note("needs_attention", token.step, reason)
            self.begin_wait()
            self._pace(token)
        self.troubles = {**self.troubles, token.id: Trouble(reason, looks)}
        until = None if decide else self.now + rest_before(looks)
        self.put(token.at(token.index, Parked(reason, until, before, decide), token.step, token.visit))

    def _is_well(self, token: Token) -> None:
        """Forgets what a thread was parked for."""
        if token.id in self.troubles:
            self.troubles = {id_: each for id_, each in self.troubles.items() if id_ != token.id}

    def finish(self, ending: str, reason: str, *, keeps_open: bool = False) -> None:
        """Ends the run; the effect withdraws what nobody has begun, with `keeps_open` not what the run did
        not wait for.
        """
        outcome = self.journey.endings.get(ending, "neutral")
        self.tokens, self.frames, self.pending, self.look, self.unused = {}, {}, (), None, ()
        self.troubles = {}
        self.emit(Finish(ending, outcome, reason, keeps_open))
        self.ended = True

"""Where a run stands: everything it needs to go on, as plain data that travels as JSON.

A *token* is one thread of a run: the run itself, or side steps beside it (`overdue`, `whenever: do`). Its
state says what it waits for. The containers are never changed in place.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from pydantic import TypeAdapter

from engine.states import (
    RUNNING,
    Doing,
    Expiring,
    Forked,
    Held,
    Ladder,
    Listening,
    OnHold,
    Opening,
    Parked,
    Resting,
    Resuming,
    Running,
    Scheduled,
    Sending,
    State,
    Trouble,
    Unseen,
    Waiting,
    Working,
)
from engine.turn import Operator
from model.commands import Effect
from model.events import Delivery, Event, Fields
from model.record import record
from model.runs import Run

__all__ = [
    "RUNNING", "Doing", "Expiring", "Forked", "Frame", "Held", "Kept", "Ladder", "Listening", "OnHold",
    "Opening", "Parked", "Position", "Refusal", "Resting", "Resuming", "Round", "Running", "Said",
    "Scheduled", "Sending", "State", "Token", "Trouble", "Unseen", "Waiting", "Worked", "Working",
    "dump_position", "load_position",
]  # fmt: skip


@record
class Said:
    """The last message on a channel: the step and send id, and whether it was skipped.

    `also` are messages before it that count as well, in a wait that reminded of them; `earlier`: one before
    it went, though it was skipped itself.
    """

    step: str
    send_id: str
    skipped: bool = False
    also: tuple[str, ...] = ()
    earlier: bool = False

    def after(self, before: Said | None) -> Said:
        """Gives it as the one that comes after another."""
        if not self.skipped or before is None or (before.skipped and not before.earlier):
            return self
        return Said(self.step, self.send_id, self.skipped, self.also, earlier=True)


@record
class Worked:
    """The last work: its step and the ids of its tasks."""

    step: str
    tasks: tuple[str, ...]


@record
class Token:
    """One thread. `event` is what the name reads (None: the starting event), `window` the number of events
    heard when its last listening began, `visit` the pass through the step it stands at, `loops` the repeats
    it is in, `floor` the number of events heard when its stage was entered by `go_to`. `branch` names the
    branch of a `parallel` that it is, `parent` the thread at the fork, or that of the work whose side steps
    they are. `frame` is the inlined journey it is in (0: none), `returned` the run data of the last one that
    it came back from. `known_as` is what its step was called when it began, before the run was moved.
    """

    id: int
    index: int
    step: str = ""
    state: State = RUNNING
    visit: int = 0
    event: Event | None = None
    window: int = 0
    messages: dict[str, Said] = field(default_factory=dict)
    worked: Worked | None = None
    loops: tuple[str, ...] = ()
    side: str | None = None
    parent: int | None = None
    floor: int = 0
    branch: str | None = None
    frame: int = 0
    returned: Fields = field(default_factory=dict)
    known_as: str | None = None

    @property
    def begun_as(self) -> str:
        """The name under which its step began: ids of what the step does are made of it."""
        return self.known_as or self.step

    def at(self, index: int, state: State, step: str, visit: int) -> Token:
        """Gives the token elsewhere; spelled out, as it happens several times a step."""
        same = visit == self.visit and step == self.step
        return Token(
            self.id, index, step, state, visit, self.event, self.window, self.messages, self.worked,
            self.loops, self.side, self.parent, self.floor, self.branch, self.frame, self.returned,
            self.known_as if same else None,
        )  # fmt: skip

    def having_said(self, channels: tuple[str, ...], said: Said) -> Token:
        """Gives the token with a message as its last on these channels."""
        return Token(
            self.id, self.index, self.step, self.state, self.visit, self.event, self.window,
            {**self.messages, **{one: said.after(self.messages.get(one)) for one in channels}},
            self.worked, self.loops, self.side, self.parent, self.floor, self.branch, self.frame,
            self.returned, self.known_as,
        )  # fmt: skip


@record
class Frame:
    """An inlined journey at work: `scope` names the `run:` step, `owner` is the thread that came to it.

    It has its own start, run data and sides; `at` is the index of the step, `event` and `loops` are what the
    thread goes back to, `outer` is the frame around it (0: the run itself).
    """

    id: int
    scope: str
    owner: int
    at: int
    start: Event
    begun: datetime
    outer: int = 0
    data: Fields = field(default_factory=dict)
    event: Event | None = None
    loops: tuple[str, ...] = ()


@record
class Kept:
    """An event that no wait has used yet, but those of the branches `used_by`; `order` counts the events
    heard.
    """

    order: int
    event: Event
    used_by: tuple[int, ...] = ()


@record
class Round:
    """A repeat's round, with the waits and uses of events counted when it began."""

    number: int
    waits: int
    uses: int


@record
class Refusal:
    """What the lead refused since entry: a channel and a topic, None for all of them."""

    channel: str | None
    topic: str | None = None


@record
class Position:
    """A run between two turns. `flight` is the token whose effect is being carried out (0: the run's own).

    `seq` is the last delivery taken, `skipped` are message steps whose last pass was skipped; `waits` counts
    waits, `moments` those that begin a new contact, `uses` events used; `open_work` are steps whose work goes
    on without the run, `left` tasks of steps that it has left, which move it no more; `paces` counts waits
    and uses of each branch; `troubles` say what tokens were parked for; `renamed` are earlier names of steps;
    `unread` are tokens whose instants are still to be read again; `look` is when a condition can next change
    by time alone; `life_over` ends the run; `zone` is the one last read; `fetched` is what connectors
    answered, by `STEP` and `STEP.FIELD`.
    """

    run: Run
    tokens: tuple[Token, ...]
    life_over: datetime
    seq: int = 0
    inbox: tuple[Delivery, ...] = ()
    orders: tuple[Operator, ...] = ()
    pending: tuple[Effect, ...] = ()
    flight: int | None = None
    fetched: Fields = field(default_factory=dict)
    unused: tuple[Kept, ...] = ()
    used: tuple[str, ...] = ()
    heard: int = 0
    next_token: int = 2
    data: Fields = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    renamed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rounds: dict[str, Round] = field(default_factory=dict)
    edges: dict[str, bool] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    open_work: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    waits: int = 0
    moments: int = 0
    skipped: tuple[str, ...] = ()
    uses: int = 0
    paces: dict[int, int] = field(default_factory=dict)
    troubles: dict[int, Trouble] = field(default_factory=dict)
    unread: tuple[int, ...] = ()
    frames: tuple[Frame, ...] = ()
    look: datetime | None = None
    zone: str = "UTC"
    begun: bool = False
    ended: bool = False


_FORM: TypeAdapter[Position] = TypeAdapter(Position)


def dump_position(position: Position) -> str:
    """Writes a position as JSON text."""
    return _FORM.dump_json(position).decode()


def load_position(text: str | bytes) -> Position:
    """Reads what `dump_position` wrote; raises pydantic.ValidationError where the text is no position."""
    return _FORM.validate_json(text)

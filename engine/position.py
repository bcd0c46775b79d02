"""Where a run stands: everything it needs to go on, as plain data that travels as JSON.

A *token* is one thread of a run: the run itself, or side steps beside it (`overdue`, `whenever: do`). Its
state says what it waits for. The containers are never changed in place.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from engine.asking import Connecting, Unanswered
from engine.turn import Operator
from model.commands import Effect
from model.events import Delivery, Event, Fields
from model.record import record
from model.runs import Run
from model.work import Job


@record
class Running:
    """About to begin the instruction at the token's index."""

    kind: Literal["running"] = "running"


RUNNING = Running()


@record
class Waiting:
    """In a `wait` until an instant; without one until the fact that names it is known again."""

    until: datetime | None
    text: str = ""
    kind: Literal["waiting"] = "waiting"


@record
class Scheduled:
    """A message before its `at`; without `until` as in `Waiting`."""

    until: datetime | None
    not_after: datetime | None = None
    kind: Literal["scheduled"] = "scheduled"


@record
class Ladder:
    """A message that goes by one channel after the other until it is seen, under one send id.

    `left` are the channels still to try, `gone` those on which it went; `contact` is its contact for caps.
    Sent now, it has until `until` to be seen.
    """

    left: tuple[str, ...]
    until: datetime
    contact: str
    gone: tuple[str, ...] = ()


@record
class Sending:
    """A message on its way; `at` is the instant that its step named."""

    send_id: str
    not_after: datetime | None
    at: datetime | None = None
    ladder: Ladder | None = None
    kind: Literal["sending"] = "sending"


@record
class Held:
    """A message that waits for contact hours, a cap or a switch, to be judged again at `until`.

    `at` is the instant that its step named; with `ladder` it has gone by another channel before.
    """

    until: datetime
    reason: str
    not_after: datetime | None = None
    at: datetime | None = None
    ladder: Ladder | None = None
    kind: Literal["held"] = "held"


@record
class Unseen:
    """A message that went and has until then to be seen, before its next channel is tried."""

    until: datetime
    ladder: Ladder
    not_after: datetime | None = None
    kind: Literal["unseen"] = "unseen"


@record
class Listening:
    """In a `wait_for` or `first_of` since an instant; `false_seen` are `becomes` lines found false since.

    `remind_at` is when it reminds next, `reminded` how often it has.
    """

    since: datetime
    until: datetime | None = None
    false_seen: tuple[int, ...] = ()
    text: str = ""
    kind: Literal["listening"] = "listening"
    remind_at: datetime | None = None
    reminded: int = 0


@record
class Opening:
    """A task on its way into its queue."""

    job: Job
    kind: Literal["opening"] = "opening"


@record
class Working:
    """Work that waits for a person; `due` is over with once somebody began or `overdue` ran."""

    job: Job
    due: bool = True
    kind: Literal["working"] = "working"


@record
class Expiring:
    """Work whose time is over, being taken back."""

    job: Job
    due: bool
    kind: Literal["expiring"] = "expiring"


@record
class Forked:
    """At a fork while its branches run."""

    branches: tuple[int, ...]
    kind: Literal["forked"] = "forked"


@record
class Doing:
    """An effect without a story of its own; then the token goes on at `target`."""

    target: int
    kind: Literal["doing"] = "doing"


@record
class Resting:
    """A round that took no time rests, then goes on at `target`."""

    until: datetime
    target: int
    kind: Literal["resting"] = "resting"


@record
class OnHold:
    """Kept from beginning by `hold_while`.

    A message keeps `not_after`, the `at` that came meanwhile, and how far it has come.
    """

    not_after: datetime | None = None
    at: datetime | None = None
    ladder: Ladder | None = None
    kind: Literal["on_hold"] = "on_hold"


@record
class Resuming:
    """A message that was on hold, about to be judged again."""

    not_after: datetime | None = None
    at: datetime | None = None
    ladder: Ladder | None = None
    kind: Literal["resuming"] = "resuming"


@record
class Parked:
    """Needs a person's attention; only an operator moves it."""

    reason: str
    kind: Literal["parked"] = "parked"


State = Annotated[
    Running
    | Waiting
    | Scheduled
    | Sending
    | Held
    | Unseen
    | Listening
    | Opening
    | Working
    | Expiring
    | Forked
    | Doing
    | Resting
    | OnHold
    | Resuming
    | Connecting
    | Unanswered
    | Parked,
    Field(discriminator="kind"),
]


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
    it came back from.
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

    def at(self, index: int, state: State, step: str, visit: int) -> Token:
        """Gives the token elsewhere; spelled out, as it happens several times a step."""
        return Token(
            self.id, index, step, state, visit, self.event, self.window, self.messages, self.worked,
            self.loops, self.side, self.parent, self.floor, self.branch, self.frame, self.returned,
        )  # fmt: skip

    def having_said(self, channels: tuple[str, ...], said: Said) -> Token:
        """Gives the token with a message as its last on these channels."""
        return Token(
            self.id, self.index, self.step, self.state, self.visit, self.event, self.window,
            {**self.messages, **{one: said.after(self.messages.get(one)) for one in channels}},
            self.worked, self.loops, self.side, self.parent, self.floor, self.branch, self.frame,
            self.returned,
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
    and uses of each branch; `unread` are tokens whose instants are still to be read again; `look` is when a
    condition can next change by time alone; `life_over` ends the run; `zone` is the one last read; `fetched`
    is what connectors answered, by `STEP`
    and `STEP.FIELD`.
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


def deadline_of(state: State) -> datetime | None:
    """Gives the instant at which this state moves by itself, if it does."""
    match state:
        case Waiting() | Scheduled() | Held() | Unseen() | Resting() | Unanswered():
            return state.until
        case Listening():
            return min((at for at in (state.until, state.remind_at) if at is not None), default=None)
        case Working(job=job, due=due):
            instants = [t for t in (job.due_at if due else None, job.expires_at) if t is not None]
            return min(instants, default=None)
        case _:
            return None

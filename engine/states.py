"""What a thread of a run can be at or wait for, as plain data that travels as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from engine.asking import Connecting, Unanswered
from model.record import record
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


Before = Annotated[Sending | Opening | Working | Connecting, Field(discriminator="kind")]


@record
class Parked:
    """Stands still because of something outside the run, for `reason`; looks again at `until`.

    `before` is what it was at. `decide`: never by itself, somebody has to say whether to try again.
    """

    reason: str
    until: datetime | None = None
    before: Before | None = None
    decide: bool = False
    kind: Literal["parked"] = "parked"


FIRST_LOOK = timedelta(minutes=15)
"""How long a parked thread rests before it looks again whether somebody has mended what stopped it."""

LOOK_EVERY = timedelta(hours=1)
"""The longest rest between two looks; each is twice the one before."""


def rest_before(looks: int) -> timedelta:
    """Gives how long a thread rests that has looked so often for the same reason."""
    return min(FIRST_LOOK * (1 << min(looks, 10)), LOOK_EVERY)


@record
class Trouble:
    """Why a thread was parked last, and how often it has looked again for that reason."""

    reason: str
    looks: int = 0


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


def deadline_of(state: State) -> datetime | None:
    """Gives the instant at which this state moves by itself, if it does."""
    match state:
        case Waiting() | Scheduled() | Held() | Unseen() | Resting() | Unanswered() | Parked():
            return state.until
        case Listening():
            return min((at for at in (state.until, state.remind_at) if at is not None), default=None)
        case Working(job=job, due=due):
            instants = [t for t in (job.due_at if due else None, job.expires_at) if t is not None]
            return min(instants, default=None)
        case _:
            return None

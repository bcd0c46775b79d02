"""The instructions of a compiled journey: what interpreter, simulator, diagram, diff and reports read.

Every one says the step it came from, its stage and its place in the YAML.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from model.connectors import AnswerField
from model.expressions import Expr
from model.time import Hours, Instant, Length

A_DAY = Length(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instruction comes from: step id (may be empty for jumps), stage, line in the journey's
    file."""

    step: str
    stage: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """What a wait, an exit or a `whenever` listens to.

    `event` with `where` (names `event.FIELD`), or `condition` (`if`: is or becomes true; `becomes`: must
    have been false). `of` widens the audience (`lead`: every key); `to` is a step id, or `any`, for
    reactions and work events, None the last message or work; `since_start` counts events since entry.
    `target` is an index, `name` its label in reports.
    """

    hears: Literal["event", "if", "becomes"]
    name: str
    event: str | None = None
    where: Expr | None = None
    condition: Expr | None = None
    of: Literal["lead", "account", "anyone"] | None = None
    to: str | None = None
    since_start: bool = False
    target: int = -1
    text: str = ""


@dataclass(frozen=True, slots=True)
class Values:
    """`with:` and `set:`: name to expression; `private` says which read personal data."""

    items: dict[str, Expr] = field(default_factory=dict)
    private: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A message step; `else_` is where it goes when nobody may be reached (None: on).

    `skip_late`: `if_past: skip` is written, so that one whose `at` passed while the run was held is skipped.
    `preferred`: the channel that the lead prefers goes before the others. With `until_seen` it has so long to
    be seen on a channel, before it goes by the next one.
    """

    place: Place
    channels: tuple[str, ...]
    template: str
    purpose: Literal["marketing", "service"]
    topic: str | None = None
    condition: Expr | None = None
    values: Values = Values()
    at: Instant | None = None
    if_past: Literal["skip", "send", "end"] = "skip"
    not_after: Instant | None = None
    hours: Hours | None = None
    on_quiet: Literal["hold", "skip"] = "hold"
    on_cap: Literal["hold", "skip"] = "skip"
    on_unknown: Literal["assume_sent", "ask_human"] = "assume_sent"
    else_: int | None = None
    skip_late: bool = False
    network: Literal["x", "facebook"] | None = None
    preferred: bool = False
    until_seen: Length | None = None
    kind: Literal["message"] = "message"


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """When an outcome with effect `retry` is tried again: `delays` in order; `repeat`: the last one
    repeats; `limit` times."""

    outcome: str
    delays: tuple[Length, ...]
    repeat: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """Work that nobody has begun goes to the queue `to`, so long after it is ready."""

    after: Length
    to: str


@dataclass(frozen=True, slots=True)
class Work:
    """A call or task step. `outcomes` maps every code of the queue that may end it to an index; `due` is
    business time.

    `attempts` limits all tries together (None: no limit of its own; 1 where no retry is declared); `on_days`
    are the days of the attempts, 1 the day of the step. `overdue` is the index of side steps that end in
    `SideEnd`. `expires` None: never. Without `wait` the run goes on at once, and the queue finishes the work.
    """

    place: Place
    work: Literal["call", "task"]
    name: str
    queue: str
    condition: Expr | None = None
    due: Length | None = None
    overdue: int | None = None
    expires: Length | Instant | None = None
    attempts: int | None = 1
    retry: tuple[RetryPlan, ...] = ()
    outcomes: dict[str, int] = field(default_factory=dict)
    assign_to: Expr | None = None
    script: str | None = None
    values: Values = Values()
    priority: str | None = None
    wait: bool = True
    on_days: tuple[int, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    skills: tuple[str, ...] = ()
    number: Expr | None = None
    kind: Literal["work"] = "work"


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait for an instant; `restart_on` starts it over, `if_missing` is where it goes when the instant is
    not known (None: on, or it rests where it was known before)."""

    place: Place
    until: Instant
    condition: Expr | None = None
    restart_on: Line | None = None
    kind: Literal["wait"] = "wait"
    if_missing: int | None = None


@dataclass(frozen=True, slots=True)
class Remind:
    """What a wait does meanwhile: the side steps at `target`, `at_most` times (None: as long as it lasts)."""

    every: Length
    at_most: int | None
    target: int


@dataclass(frozen=True, slots=True)
class Listen:
    """`wait_for` and `first_of`: the first line that fires leads to its target; `within` over leads to
    `else_`."""

    place: Place
    lines: tuple[Line, ...]
    within: Instant | None
    else_: int
    condition: Expr | None = None
    kind: Literal["listen"] = "listen"
    remind: Remind | None = None


@dataclass(frozen=True, slots=True)
class Restart:
    """`restart: this`: back to the listen at `target`; `up` counts the forks around it that end so."""

    place: Place
    target: int
    up: int = 0
    kind: Literal["restart"] = "restart"


@dataclass(frozen=True, slots=True)
class Test:
    """Goes on where `condition` holds, else to `else_`. `then_name` and `else_name` are branch labels ("" :
    unreported)."""

    place: Place
    condition: Expr
    else_: int
    text: str
    then_name: str = ""
    else_name: str = ""
    kind: Literal["test"] = "test"


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a split: share in percent, where it leads."""

    name: str
    share: float
    target: int


@dataclass(frozen=True, slots=True)
class Winner:
    """How the best arm of a split is found: by the share of leads with `event` within a time.

    Decided after so many leads, or so long after the first (`over`). `key` names what is counted together:
    the journey, the step and its arms.
    """

    key: str
    event: str
    within: Length
    after: int | None = None
    over: Length | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """By hash of journey, step and lead (`each_run`: and enrolment and visit) to one of `arms`.

    Once there is a winner, everyone goes to that one.
    """

    place: Place
    arms: tuple[Arm, ...]
    each_run: bool = False
    winner: Winner | None = None
    kind: Literal["split"] = "split"


@dataclass(frozen=True, slots=True)
class LoopStart:
    """Begins a repeat: round 0."""

    place: Place
    loop: str
    kind: Literal["loop_start"] = "loop_start"


@dataclass(frozen=True, slots=True)
class Loop:
    """The head of a round: leaves to `exit` when `until` holds or `at_most` rounds are done, else round +
    1."""

    place: Place
    loop: str
    at_most: int | None
    until: Expr | None
    exit: int
    kind: Literal["loop"] = "loop"


@dataclass(frozen=True, slots=True)
class LoopBack:
    """The end of a round: back to its `Loop` at `target`; a round that took no time rests until 9:00 of the
    next day."""

    place: Place
    loop: str
    target: int
    kind: Literal["loop_back"] = "loop_back"


@dataclass(frozen=True, slots=True)
class Leave:
    """`leave: ID`: out of a repeat, to `target`; `up` counts the forks inside it that end so."""

    place: Place
    loop: str
    target: int
    up: int = 0
    kind: Literal["leave"] = "leave"


@dataclass(frozen=True, slots=True)
class Way:
    """One branch of a fork: where it begins."""

    name: str
    target: int


@dataclass(frozen=True, slots=True)
class Fork:
    """Begins branches side by side, one behind the other in the program; goes on at `exit` when all are done,
    with `first` when one is."""

    place: Place
    ways: tuple[Way, ...]
    first: bool
    exit: int
    kind: Literal["fork"] = "fork"


@dataclass(frozen=True, slots=True)
class Join:
    """The end of a branch; `target` is the exit of its fork."""

    place: Place
    target: int
    kind: Literal["join"] = "join"


@dataclass(frozen=True, slots=True)
class Enter:
    """Begins the steps of another journey at `target`, as `scope`; `returns` says where an ending leads,
    `exit` where those lead that it does not name."""

    place: Place
    scope: str
    inputs: Values
    target: int
    returns: dict[str, int]
    exit: int
    kind: Literal["enter"] = "enter"


@dataclass(frozen=True, slots=True)
class Return:
    """Ends the steps of another journey with an ending; `target` is where that leads."""

    place: Place
    ending: str
    target: int
    kind: Literal["return"] = "return"


@dataclass(frozen=True, slots=True)
class GoTo:
    """To a stage: the run's side steps and work are left."""

    place: Place
    stage: str
    kind: Literal["go_to"] = "go_to"


@dataclass(frozen=True, slots=True)
class End:
    """Ends the run."""

    place: Place
    ending: str
    kind: Literal["end"] = "end"


@dataclass(frozen=True, slots=True)
class Jump:
    """To an index."""

    place: Place
    target: int
    kind: Literal["jump"] = "jump"


@dataclass(frozen=True, slots=True)
class SideEnd:
    """Ends side steps (`overdue`, `whenever: do`)."""

    place: Place
    kind: Literal["side_end"] = "side_end"


@dataclass(frozen=True, slots=True)
class Assign:
    """`set:` of lead, account and `run.` paths; `nothing` clears (a Constant null)."""

    place: Place
    values: Values
    condition: Expr | None = None
    kind: Literal["assign"] = "assign"


@dataclass(frozen=True, slots=True)
class Score:
    """`score: +30 | refresh` (points None: refresh)."""

    place: Place
    points: float | None
    condition: Expr | None = None
    kind: Literal["score"] = "score"


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """`report: visit`, with an optional value."""

    place: Place
    outcome: str
    value: Expr | None = None
    condition: Expr | None = None
    kind: Literal["report"] = "report"


@dataclass(frozen=True, slots=True)
class NotifyTeam:
    """`notify: TEAM | lead.owner`."""

    place: Place
    to: str
    template: str | None = None
    values: Values = Values()
    condition: Expr | None = None
    kind: Literal["notify"] = "notify"


@dataclass(frozen=True, slots=True)
class SuppressLead:
    """`suppress:` marketing, a channel, calls or all; `for_`: it ends by itself after so long."""

    place: Place
    what: str
    condition: Expr | None = None
    for_: Length | None = None
    kind: Literal["suppress"] = "suppress"


@dataclass(frozen=True, slots=True)
class AllowLead:
    """`allow:` a channel or calls."""

    place: Place
    what: str
    condition: Expr | None = None
    kind: Literal["allow"] = "allow"


@dataclass(frozen=True, slots=True)
class StartJourney:
    """Asks for a run of another journey, of this lead or the one that `whom` names."""

    place: Place
    journey: str
    values: Values = Values()
    whom: Expr | None = None
    condition: Expr | None = None
    kind: Literal["start_journey"] = "start_journey"


@dataclass(frozen=True, slots=True)
class StopJourney:
    """Ends the runs of a journey of this lead."""

    place: Place
    journey: str
    condition: Expr | None = None
    kind: Literal["stop_journey"] = "stop_journey"


@dataclass(frozen=True, slots=True)
class Connect:
    """`fetch` and `webhook`: asks a connector, again and again for `retry_for`, `timeout` seconds each time.

    `answers` are the fields that it may answer. Without an answer the run goes to `else_` (None: on).
    """

    place: Place
    verb: Literal["fetch", "webhook"]
    connector: str
    values: Values = Values()
    answers: dict[str, AnswerField] = field(default_factory=dict)
    timeout: float = 5.0
    retry_for: Length = A_DAY
    condition: Expr | None = None
    else_: int | None = None
    kind: Literal["connect"] = "connect"


@dataclass(frozen=True, slots=True)
class ChangeAudience:
    """`add_to_audience:` and, where not `add`, `remove_from_audience:`."""

    place: Place
    audience: str
    add: bool
    condition: Expr | None = None
    kind: Literal["change_audience"] = "change_audience"


Instruction = Annotated[
    Message | Work | Wait | Listen | Restart | Test | Split | LoopStart | Loop | LoopBack | Leave | Fork |
    Join | Enter | Return | GoTo | End | Jump | SideEnd | Assign | Score | ReportOutcome | NotifyTeam |
    SuppressLead | AllowLead | Connect | ChangeAudience | StartJourney | StopJourney,
    Field(discriminator="kind"),
]  # fmt: skip

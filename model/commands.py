"""What a run asks for, and what comes back: the contract between `engine`, `workflows` and `activities`.

A turn of the engine gives commands. *Effects* (`Send` … `Suppress`, `Finish`) are carried out one after the
other in the order given; each one's `Answer` goes back into the engine as news. `Note`s need no answer:
they ride on the next activity and become lines of the timeline. No command holds personal data: values that
read it travel as expressions (`private`) with the ids of the events they read, and are judged in the
activity.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from model.connectors import AnswerField
from model.events import Fields
from model.expressions import Expr
from model.time import Hours
from model.work import Appointment, Job

NoteKind = Literal[
    "entered", "branch", "skipped", "waiting", "heard", "timeout", "retry", "callback", "missing", "rest",
    "set", "dropped", "operator", "needs_attention",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """One thing a run did that needs no effect: `text` says it in the marketer's words, with the reason.

    `split` is the key of a split with a winner, whose arm `branch` the lead was drawn to.
    """

    kind: NoteKind
    step: str
    text: str
    at: datetime
    branch: str | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """Values for a template or a fact: `values` are known, `private` ones are judged in the activity.

    `event` and `start` are the ids of the events whose personal fields `private` may read. `own_start` is
    what `start.` reads in the steps of an inlined journey.
    """

    values: Fields = field(default_factory=dict)
    private: dict[str, Expr] = field(default_factory=dict)
    event: str | None = None
    start: str | None = None
    own_start: Fields | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Sends `template` once by the first of `channels` on which the lead may be reached.

    `send_id` is the UUIDv5 of enrolment, step and visit (the ledger adds the channel). `contact` names the
    moment of the run: sends of one run with no wait between them share it and count as one contact for caps.
    `hours` are the step's own, `contact_hours` and `zone` the journey's. `network` is that of `social`.
    """

    token: int
    step: str
    send_id: str
    channels: tuple[str, ...]
    template: str
    purpose: Literal["marketing", "service"]
    topic: str | None
    contact: str
    bound: Bound = Bound()
    hours: Hours | None = None
    on_quiet: Literal["hold", "skip"] = "hold"
    on_cap: Literal["hold", "skip"] = "skip"
    on_unknown: Literal["assume_sent", "ask_human"] = "assume_sent"
    not_after: datetime | None = None
    contact_hours: Hours | None = None
    zone: str | None = None
    network: str | None = None
    priority: Literal["low", "normal", "high"] = "normal"
    kind: Literal["send"] = "send"


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Puts one attempt of a piece of work into a queue; the task becomes claimable at `ready_at`.

    `dial` holds the number to call, `agenda` what the queue has to do with it and when. `job` comes with work
    that no run waits for: the queue finishes it alone. `contact_hours` and `zone` are the journey's.
    """

    token: int
    step: str
    task_id: str
    work: Literal["call", "task"]
    name: str
    queue: str
    attempt: int
    ready_at: datetime
    due_at: datetime | None = None
    expires_at: datetime | None = None
    assign_to: str | None = None
    script: str | None = None
    number: str | None = None
    priority: str | None = None
    callback: bool = False
    outcomes: tuple[str, ...] = ()
    bound: Bound = Bound()
    skills: tuple[str, ...] = ()
    dial: Bound = Bound()
    agenda: tuple[Appointment, ...] = ()
    job: Job | None = None
    contact_hours: Hours | None = None
    zone: str | None = None
    kind: Literal["open_work"] = "open_work"


@dataclass(frozen=True, slots=True)
class WithdrawWork:
    """Takes back tasks that nobody has begun; one in progress stays with its agent and moves no run.

    `steps` are those whose work no run waits for: all that is open of it.
    """

    token: int
    task_ids: tuple[str, ...]
    reason: Literal["expired", "withdrawn"]
    steps: tuple[str, ...] = ()
    kind: Literal["withdraw_work"] = "withdraw_work"


@dataclass(frozen=True, slots=True)
class SetFacts:
    """Writes attributes of the lead or account: full paths (`lead.status`) to values; null clears."""

    token: int
    step: str
    id: str
    bound: Bound
    kind: Literal["set_facts"] = "set_facts"


@dataclass(frozen=True, slots=True)
class AddScore:
    """Adds `points` to the lead's score, or, with none, asks the scorer anew."""

    token: int
    step: str
    id: str
    points: float | None
    kind: Literal["add_score"] = "add_score"


@dataclass(frozen=True, slots=True)
class Report:
    """Reports an outcome (`visit`, …) to the scorer under a stable id."""

    token: int
    step: str
    id: str
    outcome: str
    value: float | None = None
    kind: Literal["report"] = "report"


@dataclass(frozen=True, slots=True)
class Notify:
    """Tells a team of the vocabulary, or the lead's owner (`lead.owner`)."""

    token: int
    step: str
    id: str
    to: str
    template: str | None = None
    bound: Bound = Bound()
    kind: Literal["notify"] = "notify"


@dataclass(frozen=True, slots=True)
class Suppress:
    """Stops `marketing`, one channel, `calls` or `all` for the lead, with `until` only to then."""

    token: int
    step: str
    id: str
    what: str
    until: datetime | None = None
    kind: Literal["suppress"] = "suppress"


@dataclass(frozen=True, slots=True)
class Permit:
    """Records the lead's consent to a channel or `calls`, and lifts what journeys stopped of it."""

    token: int
    step: str
    id: str
    what: str
    kind: Literal["permit"] = "permit"


@dataclass(frozen=True, slots=True)
class CallConnector:
    """Asks a connector of the vocabulary once; `id` is the same at each of the `tries`.

    `answers` are the fields that it may answer, `timeout` is in seconds.
    """

    token: int
    step: str
    id: str
    verb: Literal["fetch", "webhook"]
    connector: str
    bound: Bound
    answers: dict[str, AnswerField] = field(default_factory=dict)
    timeout: float = 5.0
    tries: int = 1
    kind: Literal["call_connector"] = "call_connector"


@dataclass(frozen=True, slots=True)
class BeginRun:
    """Asks for a run of another journey with inputs, as a request that the intake judges.

    It is of this lead, or with `whom` of the one that its value `lead` names.
    """

    token: int
    step: str
    id: str
    journey: str
    bound: Bound = Bound()
    whom: Bound | None = None
    kind: Literal["begin_run"] = "begin_run"


@dataclass(frozen=True, slots=True)
class StopRuns:
    """Ends all open runs of a journey of this lead as `stopped`; one of its own ends by itself."""

    token: int
    step: str
    id: str
    journey: str
    kind: Literal["stop_runs"] = "stop_runs"


@dataclass(frozen=True, slots=True)
class Finish:
    """Ends the run: the ending and its class are recorded and reported once, untouched work is withdrawn.

    With `keeps_open` the work that the run did not wait for goes on.
    """

    ending: str
    outcome: Literal["won", "lost", "neutral"]
    reason: str
    keeps_open: bool = False
    token: int = 0
    kind: Literal["finish"] = "finish"


@dataclass(frozen=True, slots=True)
class Enlist:
    """Puts the lead into an audience; where not `add`, takes it out."""

    token: int
    step: str
    id: str
    audience: str
    add: bool
    kind: Literal["enlist"] = "enlist"


Effect = Annotated[
    Send | OpenWork | WithdrawWork | SetFacts | AddScore | Report | Notify | Suppress | Permit
    | BeginRun | StopRuns | Finish | CallConnector | Enlist,
    Field(discriminator="kind"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to `Send`: `held` comes with `until`, `skipped` and `held` with a reason code.

    `needs_attention` may be tried again once somebody has mended what `reason` says; `ask_human`: whether it
    went out is not known, and somebody has to say what is to be done.
    """

    token: int
    result: Literal["sent", "skipped", "held", "needs_attention", "ask_human"]
    channel: str | None = None
    reason: str | None = None
    until: datetime | None = None
    kind: Literal["sent"] = "sent"


@dataclass(frozen=True, slots=True)
class Done:
    """The answer to every other effect. For `WithdrawWork`: `taken` are tasks already begun, `until` their
    lease's end."""

    token: int
    ok: bool = True
    taken: tuple[str, ...] = ()
    until: datetime | None = None
    reason: str | None = None
    kind: Literal["done"] = "done"


@dataclass(frozen=True, slots=True)
class Connected:
    """The answer to `CallConnector`: `values` are those of the answered fields that are not personal.

    `later` may be tried again, not before `until`; `needs_attention` once somebody has mended what `reason`
    says.
    """

    token: int
    result: Literal["answered", "later", "failed", "needs_attention"]
    values: Fields = field(default_factory=dict)
    reason: str | None = None
    until: datetime | None = None
    kind: Literal["connected"] = "connected"


Answer = Annotated[Sent | Done | Connected, Field(discriminator="kind")]

"""What a designer wrote, as data: scalars keep their place, conditions and instants are still text.

A verb is one class here, one entry in `syntax.verbs`, one case in `lower_steps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from language.problems import Mark
from language.rules import AtATime, Pace, Priority
from language.values import Day
from language.yaml import Entry, Node, Scalar
from model.time import Length

Of = Literal["lead", "account", "anyone"]
Hears = Literal["event", "if", "becomes"]
TriggerOn = Literal["event", "becomes", "request", "every", "once", "date", "joins", "leaves"]
Network = Literal["x", "facebook"]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A list of steps; without steps it is `go_on`. `broken`: a step of it could not be read."""

    steps: tuple[Step, ...]
    mark: Mark
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """One `name: value` of `with` or `set`."""

    name: Scalar
    value: Scalar


@dataclass(frozen=True, slots=True)
class Hearing:
    """A line that hears an event or watches a condition; `subject` is the event's type or the condition."""

    hears: Hears
    subject: Scalar
    where: Scalar | None = None
    of: Of | None = None
    to: Scalar | None = None
    since_start: bool = False


@dataclass(frozen=True, slots=True)
class MessageStep:
    """The verbs of the channels, and `send` with `by`.

    `preferred`: the lead's own channel first, then `channels`. `until_seen` is how long each channel but the
    last has to be seen.
    """

    channels: tuple[str, ...]
    template: Scalar
    values: tuple[Pair, ...] = ()
    at: Scalar | None = None
    if_past: Literal["skip", "send", "end"] = "skip"
    says_if_past: bool = False
    not_after: Scalar | None = None
    hours: Scalar | None = None
    on_quiet: Literal["hold", "skip"] = "hold"
    on_cap: Literal["hold", "skip"] = "skip"
    on_unknown: Literal["assume_sent", "ask_human"] = "assume_sent"
    otherwise: Block | None = None
    network: Network | None = None
    preferred: bool = False
    until_seen: Length | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch of one or more outcomes."""

    codes: tuple[str, ...]
    key: Scalar
    block: Block


@dataclass(frozen=True, slots=True)
class Retry:
    """How one outcome is tried again; without `outcome`, all that may be."""

    outcome: Scalar | None
    delays: tuple[Length, ...]
    repeat: bool
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class EscalateText:
    """One line of `escalate`: how long after it is ready work goes to which queue."""

    after: Length
    to: Scalar


@dataclass(frozen=True, slots=True)
class CallStep:
    """`call: NAME` or `task: NAME` in a queue; `attempts` is None where nothing is said about it, `on_days`
    are those of the attempts, `wait` says whether the run waits for the outcome.
    """

    name: Scalar
    queue: Scalar
    outcomes: tuple[Branch, ...]
    outcomes_mark: Mark
    due: Length | None = None
    overdue: Block | None = None
    expires: Scalar | None = None
    attempts: int | None = None
    retry: tuple[Retry, ...] = ()
    assign_to: Scalar | None = None
    script: Scalar | None = None
    values: tuple[Pair, ...] = ()
    priority: Priority | None = None
    work: Literal["call", "task"] = "call"
    on_days: tuple[int, ...] = ()
    escalate: tuple[EscalateText, ...] = ()
    skills: tuple[Scalar, ...] = ()
    number: Scalar | None = None
    wait: bool = True


@dataclass(frozen=True, slots=True)
class WaitStep:
    """`wait:` a length or `until` an instant; `if_missing` is done where that is not known."""

    instant: Scalar
    restart_on: Hearing | None = None
    if_missing: Block | None = None


@dataclass(frozen=True, slots=True)
class ListenLine:
    """One line of a `first_of`, or the only one of a `wait_for`."""

    hearing: Hearing
    then: Block | None


@dataclass(frozen=True, slots=True)
class RemindText:
    """`remind: {every, at_most, do}` of a `wait_for`."""

    every: Length
    at_most: int | None
    do: Block


@dataclass(frozen=True, slots=True)
class ListenStep:
    """`wait_for` and `first_of`."""

    lines: tuple[ListenLine, ...]
    within: Scalar | None = None
    otherwise: Block | None = None
    remind: RemindText | None = None


@dataclass(frozen=True, slots=True)
class IfStep:
    """`if` with `then` and `else`."""

    condition: Scalar | None
    then: Block
    otherwise: Block | None = None


@dataclass(frozen=True, slots=True)
class ChooseArm:
    """One arm of a `choose`; the last may be without a condition."""

    condition: Scalar | None
    block: Block | None
    is_else: bool = False


@dataclass(frozen=True, slots=True)
class ChooseStep:
    """`choose:` the first arm that holds."""

    arms: tuple[ChooseArm, ...]


@dataclass(frozen=True, slots=True)
class SplitArm:
    """One arm of a split: its share in percent."""

    name: Scalar
    share: float
    block: Block


@dataclass(frozen=True, slots=True)
class WinnerText:
    """`winner` of a split: by an event within a time, decided after so many or so long."""

    by: Scalar
    within: Length
    after: int | None = None
    over: Length | None = None


@dataclass(frozen=True, slots=True)
class SplitStep:
    """`split:` by chance that stays the same for a lead."""

    arms: tuple[SplitArm, ...]
    each_run: bool = False
    winner: WinnerText | None = None


@dataclass(frozen=True, slots=True)
class RepeatStep:
    """`repeat:` so many times, for ever, or until something holds."""

    do: Block
    at_most: int | None
    until: Scalar | None = None


@dataclass(frozen=True, slots=True)
class ParallelArm:
    """One branch of a `parallel`."""

    name: Scalar
    block: Block


@dataclass(frozen=True, slots=True)
class ParallelStep:
    """`parallel:` branches side by side; over when all are done, with `first` when one is."""

    arms: tuple[ParallelArm, ...]
    first: bool = False


@dataclass(frozen=True, slots=True)
class LeaveStep:
    """`leave: ID` of a repeat that it stands in."""

    repeat: Scalar


@dataclass(frozen=True, slots=True)
class RunStep:
    """`run: JOURNEY`, whose steps are put in here; `branches` follow its endings."""

    journey: Scalar
    values: tuple[Pair, ...] = ()
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class StartJourneyStep:
    """`start_journey: JOURNEY` for this lead, or the one that `whom` names."""

    journey: Scalar
    values: tuple[Pair, ...] = ()
    whom: Scalar | None = None


@dataclass(frozen=True, slots=True)
class StopJourneyStep:
    """`stop_journey: JOURNEY`: all its runs of this lead."""

    journey: Scalar


@dataclass(frozen=True, slots=True)
class GoToStep:
    """`go_to: STAGE`."""

    stage: Scalar


@dataclass(frozen=True, slots=True)
class EndStep:
    """`end: NAME`."""

    ending: Scalar


@dataclass(frozen=True, slots=True)
class RestartStep:
    """`restart: this`, the end of a branch of a `first_of`."""


@dataclass(frozen=True, slots=True)
class SetStep:
    """`set:` of attributes and the run's own values."""

    values: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class ScoreStep:
    """`score:` so many points more or less; without points the scorer is asked anew."""

    points: float | None


@dataclass(frozen=True, slots=True)
class ReportStep:
    """`report:` an outcome to the scorer."""

    outcome: Scalar
    value: Scalar | None = None


@dataclass(frozen=True, slots=True)
class NotifyStep:
    """`notify:` a team or the lead's owner."""

    to: Scalar
    template: Scalar | None = None
    values: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class SuppressStep:
    """`suppress:` marketing, a channel, calls or all; `length`: for so long."""

    what: str
    length: Length | None = None


@dataclass(frozen=True, slots=True)
class AudienceStep:
    """`add_to_audience:` and `remove_from_audience:`."""

    audience: Scalar
    add: bool


@dataclass(frozen=True, slots=True)
class AllowStep:
    """`allow:` a channel or calls, to which the lead has consented."""

    what: str


@dataclass(frozen=True, slots=True)
class ConnectStep:
    """`fetch:` and `webhook:` a connector; `otherwise` is for when it does not answer."""

    verb: Literal["fetch", "webhook"]
    connector: Scalar
    values: tuple[Pair, ...] = ()
    otherwise: Block | None = None


Body = (
    MessageStep | CallStep | WaitStep | ListenStep | IfStep | ChooseStep | SplitStep | RepeatStep
    | ParallelStep | LeaveStep | RunStep | StartJourneyStep
    | StopJourneyStep | GoToStep
    | EndStep | RestartStep | SetStep | ScoreStep | ReportStep | NotifyStep | SuppressStep
    | AllowStep | ConnectStep | AudienceStep
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step: its verb with what every step may have."""

    verb: Scalar
    value: Scalar | None
    body: Body
    id: Scalar | None = None
    condition: Scalar | None = None


@dataclass(frozen=True, slots=True)
class TriggerText:
    """One way into the journey; `subject` is the event, the condition of `becomes`, or the time of a scan.

    `anyone`: the event is anybody's, and `where` says whose run begins.
    """

    on: TriggerOn
    subject: Scalar
    where: Scalar | None = None
    condition: Scalar | None = None
    name: Scalar | None = None
    date: DateParts | None = None
    anyone: bool = False


@dataclass(frozen=True, slots=True)
class DateParts:
    """What stands beside `date:`."""

    before: Length | None = None
    after: Length | None = None
    at: Scalar | None = None
    yearly: bool = False
    catch_up: Scalar | None = None


@dataclass(frozen=True, slots=True)
class ExitText:
    """One line of `exit`."""

    hearing: Hearing
    ending: Scalar


@dataclass(frozen=True, slots=True)
class WheneverText:
    """One line of `whenever`: to a stage, or steps beside the run."""

    hearing: Hearing
    stages: tuple[Scalar, ...] = ()
    stage: Scalar | None = None
    do: Block | None = None


@dataclass(frozen=True, slots=True)
class GoalText:
    """One goal."""

    name: str
    event: Scalar
    where: Scalar | None = None
    within: Length | None = None


@dataclass(frozen=True, slots=True)
class AgainText:
    """`again:` when the same lead may come once more."""

    mode: Literal["never", "finished", "after", "replace"] = "never"
    after: Length | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class LiveText:
    """`live:` the first and the last day on which leads may enter."""

    first: Day | None
    last: Day | None


@dataclass(frozen=True, slots=True)
class RulesText:
    """The journey's own rules; `holdout` in percent."""

    not_after: tuple[Scalar, ...] = ()
    holdout: float = 0.0
    live: LiveText | None = None
    hold_while: Scalar | None = None
    pace: Pace | None = None
    at_a_time: AtATime | None = None
    priority: Priority = "normal"


@dataclass(frozen=True, slots=True)
class StageText:
    """A named list of steps; `steps` alone is the stage `steps`."""

    name: Scalar
    block: Block


@dataclass(frozen=True, slots=True)
class JourneyText:
    """A whole journey as written."""

    name: Scalar
    version: int
    about: str
    starts: tuple[TriggerText, ...]
    stages: tuple[StageText, ...]
    has_stages: bool
    key: Scalar | None = None
    again: AgainText = AgainText()
    exits: tuple[ExitText, ...] = ()
    whenever: tuple[WheneverText, ...] = ()
    contact_hours: Node | None = None
    zone: str | None = None
    life: Length | None = None
    on_opt_out: Literal["end", "go_on"] = "end"
    goals: tuple[GoalText, ...] = ()
    rules: RulesText = RulesText()
    inputs: tuple[Entry, ...] = ()

"""The rules of a score as plain data: what `scoring.yaml` says, checked and typed.

Lengths are elapsed time (a day is 24 hours). `load_rules` in `scoring.load` makes a `RuleModel`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import JsonValue

Names = Mapping[str, JsonValue]
Condition = Callable[[Names, datetime], bool]
"""Judges names by their full path (`event.machine`, `lead.role`) at an instant; never raises."""

ScoreName = Literal["engagement", "fit"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The lowest and highest points that a score or group may reach."""

    low: float
    high: float

    def clamp(self, points: float) -> float:
        """Moves points inside the limits."""
        return min(max(points, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that share one clamp and belong to one of the two scores."""

    id: str
    score: ScoreName
    limits: Limits


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `n` counted events of the rule in any `window`."""

    n: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a salesperson reads when the rule is a reason."""

    es: str
    en: str


@dataclass(frozen=True, slots=True)
class EventRule:
    """Points for an event, fading by half-life and gone after `expire`; None means never.

    `per` names what it counts once for: `message`, `day`, `page` or a field of the event; all of them
    together. `strong` marks a buying indicator, `bypass` a hand-raise that needs no engagement. What a
    machine did counts only with `machines`.
    """

    id: str
    group: str
    event: str
    points: float
    text: RuleText
    where: Condition | None = None
    per: tuple[str, ...] = ()
    cap: Cap | None = None
    half_life: timedelta | None = None
    expire: timedelta | None = None
    strong: bool = False
    bypass: bool = False
    machines: bool = False
    kind: Literal["event"] = "event"


@dataclass(frozen=True, slots=True)
class StateRule:
    """Points, or a disqualification, for what the lead is now; nothing fades."""

    id: str
    group: str
    when: Condition
    text: RuleText
    points: float = 0
    disqualify: str | None = None
    kind: Literal["state"] = "state"


@dataclass(frozen=True, slots=True)
class Velocity:
    """A lead is hot with `hot` points earned, unfaded, within `window`."""

    window: timedelta
    hot: float


@dataclass(frozen=True, slots=True)
class Step:
    """A name that holds from `at_least` points on."""

    name: str
    at_least: float


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier and the pairs of grade and band (`A1`) in it; `*` takes what is left."""

    name: str
    pairs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, entered with enough engagement, fit and a strong indicator, left only below `leave_below`.

    The rules in `bypass` lead into it without engagement, for as long as `strong_within` after them.
    """

    name: str
    engagement: float
    leave_below: float
    strong_within: timedelta
    needs_strong: bool = True
    fit: str | None = None
    bypass: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleModel:
    """One version of the rules: grades and bands go down, stages up, tiers from the best; days are `zone`'s.

    `watch` are numbers that journeys compare `lead.score` with: crossing one by fading is worth waking up
    for.
    """

    id: str
    version: int
    label: str
    zone: str
    engagement: Limits
    fit: Limits
    groups: tuple[Group, ...]
    rules: tuple[EventRule | StateRule, ...]
    grades: tuple[Step, ...]
    bands: tuple[Step, ...]
    tiers: tuple[Tier, ...]
    stages: tuple[Stage, ...] = ()
    velocity: Velocity | None = None
    hot_bonus: int = 0
    watch: tuple[float, ...] = ()

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The engagement points at which band, tier, stage or a watched comparison may change, ascending."""
        bands = {step.at_least for step in self.bands}
        gates = {edge for stage in self.stages for edge in (stage.engagement, stage.leave_below)}
        return tuple(sorted(bands | gates | set(self.watch)))

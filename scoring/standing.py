"""Where a lead stands: band, tier and stage from now on if nothing happens, and when they next change."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scoring.counting import Match
from scoring.curve import RESOLUTION, Curve, first_crossing, instant
from scoring.rules import Group, RuleModel, Stage, Step

BASE_STAGE = "nurturing"
MOST_CROSSINGS = 20
"""Crossings without effect that the search passes before it gives its place: early, so only asked again."""

HORIZON = 50 * 365 * 86400.0
"""Seconds past which no change is looked for."""


@dataclass(frozen=True, slots=True)
class Spurt:
    """Points earned by one event, in the velocity window until `end` seconds."""

    group: str
    points: float
    end: float


@dataclass(frozen=True, slots=True)
class Position:
    """What the thresholds decide at one instant."""

    band: str
    tier: str
    stage: str
    watched: int


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides band, tier and stage.

    `signs` are seconds of the last match of each strong or bypass rule.
    """

    model: RuleModel
    line: Curve
    grade: str
    disqualified: str | None
    signs: dict[str, float]
    strong: frozenset[str]
    spurts: tuple[Spurt, ...]

    def position(self, seconds: float, previous: str | None) -> Position:
        """Judges the instant `seconds` after the curve's origin."""
        points = self.line.value(seconds)
        band = name_of(self.model.bands, points)
        return Position(
            band=band,
            tier=self._tier(band, self.hot(seconds)),
            stage=self._stage(points, seconds, previous),
            watched=bisect_right(sorted(self.model.watch), points),
        )

    def velocity(self, seconds: float) -> float:
        """Sums the points earned inside the velocity window, unfaded, each group under its own cap."""
        earned: dict[str, float] = {}
        for spurt in self.spurts:
            if spurt.end > seconds:
                earned[spurt.group] = earned.get(spurt.group, 0.0) + spurt.points
        return sum(min(points, _group(self.model, name).limits.high) for name, points in earned.items())

    def hot(self, seconds: float) -> bool:
        """Says whether the lead moves fast enough to be lifted a tier."""
        return self.model.velocity is not None and self.velocity(seconds) >= self.model.velocity.hot

    def strong_now(self, seconds: float, stage: Stage) -> bool:
        """Says whether any buying indicator is young enough for the stage."""
        return self._young(self.strong, stage, seconds)

    def raised_hand(self, seconds: float, stage: Stage) -> bool:
        """Says whether an event that bypasses the points is young enough."""
        return self._young(stage.bypass, stage, seconds)

    def fits(self, stage: Stage) -> bool:
        """Says whether the grade is good enough for the stage."""
        names = [step.name for step in self.model.grades]
        return stage.fit is None or names.index(self.grade) <= names.index(stage.fit)

    def next_change(self, now: Position) -> datetime | None:
        """Finds the next instant at which band, tier, stage or a watched comparison differs."""
        edges = self._breaks()
        for start, end in zip([0.0, *edges], [*edges, self._end(edges)], strict=True):
            if start and self.position(start, now.stage) != now:
                return instant(self.line.origin, start)
            crossing = self._crossing(start, end, now)
            if crossing is not None:
                return instant(self.line.origin, crossing)
        return None

    def _crossing(self, start: float, end: float, now: Position) -> float | None:
        """Walks the threshold crossings of one piece of the curve to the first that matters."""
        thresholds = self.model.thresholds
        for _ in range(MOST_CROSSINGS):
            found = first_crossing(self.line, thresholds, start, end)
            if found is None:
                return None
            start = min(found + RESOLUTION, end)
            if start == end:
                return None
            if self.position(start, now.stage) != now:
                return start
        return start

    def _end(self, edges: list[float]) -> float:
        return min(max([self.line.horizon(), *edges]), HORIZON)

    def _breaks(self) -> list[float]:
        signs = [
            self.signs[rule] + stage.strong_within.total_seconds()
            for stage in self.model.stages
            for rule in self.signs
        ]
        candidates = {*self.line.expiries(), *signs, *self._cooling()}
        return sorted(edge for edge in candidates if 0 < edge < HORIZON)

    def _cooling(self) -> list[float]:
        """Gives the instant at which a hot lead cools; velocity only falls while nothing happens."""
        if not self.hot(0.0):
            return []
        ends = sorted({spurt.end for spurt in self.spurts if spurt.end > 0})
        return [ends[bisect_left(ends, True, key=lambda end: not self.hot(end))]]

    def _tier(self, band: str, hot: bool) -> str:
        tiers = self.model.tiers
        if self.disqualified is not None:
            return tiers[-1].name
        pair = f"{self.grade}{band}"
        place = next((i for i, tier in enumerate(tiers) if pair in tier.pairs or "*" in tier.pairs), -1)
        place = len(tiers) - 1 if place < 0 else place
        return tiers[max(place - self.model.hot_bonus, 0) if hot else place].name

    def _stage(self, points: float, seconds: float, previous: str | None) -> str:
        if self.disqualified is not None:
            return self.disqualified
        for stage in reversed(self.model.stages):
            if self._holds(stage, points, seconds, previous):
                return stage.name
        return BASE_STAGE

    def _holds(self, stage: Stage, points: float, seconds: float, previous: str | None) -> bool:
        if not self.fits(stage):
            return False
        if previous == stage.name and points >= stage.leave_below:
            return True
        enough = points >= stage.engagement
        strong = not stage.needs_strong or self.strong_now(seconds, stage)
        return (enough and strong) or self.raised_hand(seconds, stage)

    def _young(self, rules: Iterable[str], stage: Stage, seconds: float) -> bool:
        window = stage.strong_within.total_seconds()
        return any(rule in self.signs and seconds < self.signs[rule] + window for rule in rules)


def name_of(steps: tuple[Step, ...], points: float) -> str:
    """Gives the first name, from the top, that the points reach; the last one where they reach none."""
    return next((step.name for step in steps if points >= step.at_least), steps[-1].name)


def signs_of(matched: list[Match], as_of: datetime) -> dict[str, float]:
    """Gives the seconds (0 or less) at which each strong or bypass rule last applied, counted or not."""
    return {
        match.rule.id: (match.event.at - as_of).total_seconds()
        for match in matched
        if match.rule.strong or match.rule.bypass
    }


def spurts_of(model: RuleModel, counted: list[Match], as_of: datetime) -> tuple[Spurt, ...]:
    """Gives the points earned by each counted event that the velocity window still holds."""
    if model.velocity is None:
        return ()
    ends = [
        (match.rule, (match.event.at + model.velocity.window - as_of).total_seconds()) for match in counted
    ]
    return tuple(Spurt(rule.group, rule.points, end) for rule, end in ends if end > 0 and rule.points > 0)


def _group(model: RuleModel, name: str) -> Group:
    return next(group for group in model.groups if group.id == name)

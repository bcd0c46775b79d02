"""Engagement as a function of time, and the next instant at which it crosses a threshold.

A half-life composes: contributions of one group, sign and half-life are one term. Between two breaks (an
expiry) the engagement is a clamped sum of exponentials, rising ones and falling ones; bounding both apart
over an interval and halving it where the bounds span a threshold finds the first crossing without ever
stepping over one.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, inf

from scoring.counting import Match
from scoring.rules import Group, Limits, RuleModel

RESOLUTION = 1.0
"""Seconds to which a crossing is found; it is reported this much late, never early."""

HALF_LIVES = 64
"""After so many half-lives nothing of a contribution is left that could cross anything."""

MOST_LOOKS = 1000
"""Intervals looked at before the search gives what is left of them: early, so only asked again."""


@dataclass(frozen=True, slots=True)
class Term:
    """Points at the curve's origin, fading by `rate` a second, gone after `end` seconds."""

    points: float
    rate: float
    end: float

    def at(self, seconds: float) -> float:
        """Gives the points left after so many seconds."""
        if seconds >= self.end:
            return 0.0
        return self.points * exp(-self.rate * seconds) if self.rate else self.points


@dataclass(frozen=True, slots=True)
class Curve:
    """The engagement from `origin` on, if nothing happens."""

    origin: datetime
    limits: Limits
    groups: tuple[tuple[Group, tuple[Term, ...]], ...]

    def group_points(self, seconds: float) -> dict[str, float]:
        """Gives each group's points after its clamp, not rounded."""
        return {
            group.id: group.limits.clamp(sum(term.at(seconds) for term in terms))
            for group, terms in self.groups
        }

    def value(self, seconds: float) -> float:
        """Gives the engagement, clamped and rounded to 0.1."""
        return self._total(seconds, seconds)

    def bounds(self, start: float, end: float) -> tuple[float, float]:
        """Gives the least and the most that the engagement may be in an interval without a break inside."""
        return self._total(end, start), self._total(start, end)

    def expiries(self) -> list[float]:
        """Gives the seconds at which a term ends."""
        return [term.end for _, terms in self.groups for term in terms if term.end < inf]

    def horizon(self) -> float:
        """Gives the seconds after which the curve is flat."""
        slowest = min((term.rate for _, terms in self.groups for term in terms if term.rate), default=inf)
        return HALF_LIVES * math.log(2) / slowest

    def _total(self, gains_at: float, losses_at: float) -> float:
        """Sums up with the gains of one instant and the losses of another."""
        points = 0.0
        for group, terms in self.groups:
            of_group = 0.0
            for term in terms:
                of_group += term.at(gains_at if term.points > 0 else losses_at)
            points += group.limits.clamp(of_group)
        return rounded(self.limits.clamp(points))


def rounded(points: float) -> float:
    """Rounds to 0.1, halves up, so that rounding never turns the order of two values around."""
    return math.floor(points * 10 + 0.5) / 10


def curve(model: RuleModel, counted: list[Match], as_of: datetime) -> Curve:
    """Draws the curve of the counted events from `as_of` on."""
    terms: dict[str, dict[tuple[bool, float, float], float]] = {}
    for match in counted:
        rate, left, end = fading(match, as_of)
        if end > 0:
            of_group = terms.setdefault(match.rule.group, {})
            kind = (left > 0, rate, end)
            of_group[kind] = of_group.get(kind, 0.0) + left
    groups = tuple(
        (
            group,
            tuple(Term(points, rate, end) for (_, rate, end), points in terms.get(group.id, {}).items()),
        )
        for group in model.groups
        if group.score == "engagement"
    )
    return Curve(as_of, model.engagement, groups)


def fading(match: Match, as_of: datetime) -> tuple[float, float, float]:
    """Gives an event's rate a second, its points at `as_of`, the seconds until it expires (inf: never)."""
    rule = match.rule
    rate = math.log(2) / rule.half_life.total_seconds() if rule.half_life is not None else 0.0
    age = as_of - match.event.at
    left = rule.points * exp(-rate * age.total_seconds()) if rate else rule.points
    end = (rule.expire - age).total_seconds() if rule.expire is not None else inf
    return rate, left if end > 0 else 0.0, end


def first_crossing(line: Curve, thresholds: tuple[float, ...], start: float, end: float) -> float | None:
    """Finds the first second in (start, end] at which a threshold lies between `start` and it."""
    home = bisect_right(thresholds, line.value(start))
    todo, looks = [(start, end)], 0
    while todo:
        left, right = todo.pop()
        low, high = line.bounds(left, right)
        if bisect_right(thresholds, low) == home == bisect_right(thresholds, high):
            continue
        looks += 1
        if looks > MOST_LOOKS:
            return max(left, start + RESOLUTION)
        if right - left > RESOLUTION:
            middle = (left + right) / 2
            todo += [(middle, right), (left, middle)]
        elif bisect_right(thresholds, line.value(right)) != home:
            return right
    return None


def instant(origin: datetime, seconds: float) -> datetime:
    """Turns seconds from the origin into an instant."""
    return origin + timedelta(seconds=seconds)

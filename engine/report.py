"""The small report of a journey: who entered, who was held out, who reached which goal, which arm is best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from language.compiled import Split
from model.figures import ArmCount, Entries, GoalCount


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal: how many of those who entered reached it, and of the control group.

    Shares are in percent, None where nobody entered.
    """

    goal: str
    reached: int
    percent: float | None
    control_reached: int
    control_percent: float | None


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version, or with `version` None all of them together."""

    version: int | None
    entries: int
    open: int
    control: int
    goals: tuple[GoalLine, ...]


@dataclass(frozen=True, slots=True)
class SplitLine:
    """A split with a winner, or with one to come: all leads drawn to each arm, and who converted."""

    step: str
    by: str
    winner: str | None
    arms: tuple[ArmCount, ...]


def split_lines(
    splits: Mapping[str, Split], winners: Mapping[str, str], counts: Mapping[str, Sequence[ArmCount]]
) -> tuple[SplitLine, ...]:
    """Gives a line for each split that looks for its winner, its arms as they are written."""
    found = []
    for key, split in splits.items():
        known = {count.arm: count for count in counts.get(key, ())}
        empty = {arm.name: ArmCount(arm=arm.name, drawn=0, converted=0) for arm in split.arms}
        arms = tuple(known.get(name, none) for name, none in empty.items())
        by = split.winner.event if split.winner is not None else ""
        found.append(SplitLine(split.place.step, by, winners.get(key), arms))
    return tuple(found)


def report(
    entries: Sequence[Entries], goals: Sequence[GoalCount], names: Iterable[str]
) -> tuple[VersionLine, ...]:
    """Gives a line for each version, the newest first, and one for all; `names` are the present goals."""
    versions = sorted({one.version for one in entries}, reverse=True)
    known = tuple(dict.fromkeys((*names, *(one.goal for one in goals))))
    lines = [_line(version, entries, goals, known) for version in versions]
    return (_line(None, entries, goals, known), *lines)


def _line(
    version: int | None, entries: Sequence[Entries], goals: Sequence[GoalCount], names: tuple[str, ...]
) -> VersionLine:
    mine = [one for one in entries if version in (None, one.version)]
    entered = sum(one.entries for one in mine if not one.control)
    control = sum(one.entries for one in mine if one.control)
    still = sum(one.open for one in mine)
    lines = []
    for name in names:
        of = [one for one in goals if one.goal == name and version in (None, one.version)]
        reached = sum(one.reached for one in of if not one.control)
        by_control = sum(one.reached for one in of if one.control)
        share, control_share = _percent(reached, entered), _percent(by_control, control)
        lines.append(GoalLine(name, reached, share, by_control, control_share))
    return VersionLine(version, entered, still, control, tuple(lines))


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None

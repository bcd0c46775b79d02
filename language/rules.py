"""What a compiled journey says about who may enter, when, and how many at once (language.md §1)."""

from __future__ import annotations

from dataclasses import dataclass

from language.values import Day, clock_text
from model.expressions import Expr


@dataclass(frozen=True, slots=True)
class Live:
    """When a journey takes leads: from the beginning of `first` to the end of `last`, in `zone`."""

    zone: str
    first: Day | None = None
    last: Day | None = None


@dataclass(frozen=True, slots=True)
class HoldWhile:
    """While `condition` holds, no message, work or data step of a run begins; `text` is as written."""

    condition: Expr
    text: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The journey's own rules. `holdout` is a share in percent; `not_after` are endings."""

    not_after: tuple[str, ...] = ()
    holdout: float = 0.0
    live: Live | None = None
    hold_while: HoldWhile | None = None


def live_text(live: Live) -> str:
    """Words the time in which a journey takes leads."""
    parts = [f"from {_day_text(live.first)}" if live.first else "", _until(live.last) if live.last else ""]
    return " ".join(part for part in parts if part)


def percent_text(share: float) -> str:
    """Words a share as a designer writes it: `5 percent`."""
    return f"{share:g} percent"


def _until(day: Day) -> str:
    return f"until {_day_text(day)}"


def _day_text(day: Day) -> str:
    return f"{day.day}" + ("" if day.at is None else f" at {clock_text(day.at)}")

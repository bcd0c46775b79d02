"""What a compiled journey says about who may enter, when, and how many at once (language.md §1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from language.values import Day, clock_text, length_text
from model.expressions import Expr
from model.time import Length

Priority = Literal["low", "normal", "high"]


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
class Pace:
    """`number` leads in any stretch of `length`; without a number, those that come are spread over it."""

    length: Length
    number: int | None = None


@dataclass(frozen=True, slots=True)
class AtATime:
    """So many runs may be open, of the journey or of each account."""

    number: int
    per_account: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The journey's own rules. `holdout` is a share in percent; `not_after` are endings.

    `priority` says who goes first when caps or queues are short.
    """

    not_after: tuple[str, ...] = ()
    holdout: float = 0.0
    live: Live | None = None
    hold_while: HoldWhile | None = None
    pace: Pace | None = None
    at_a_time: AtATime | None = None
    priority: Priority = "normal"

    @property
    def limits_entry(self) -> bool:
        """Whether leads may have to wait for their turn."""
        return self.pace is not None or self.at_a_time is not None


def rules_text(rules: Rules) -> dict[str, str]:
    """Words who may enter, when, and how many at once, by the words of the language; empty where unsaid."""
    return {
        "not_after": ", ".join(rules.not_after),
        "hold_while": rules.hold_while.text if rules.hold_while is not None else "",
        "holdout": percent_text(rules.holdout) if rules.holdout else "",
        "live": live_text(rules.live) if rules.live is not None else "",
        "pace": pace_text(rules.pace) if rules.pace is not None else "",
        "at_a_time": at_a_time_text(rules.at_a_time) if rules.at_a_time is not None else "",
        "priority": rules.priority,
    }


def rules_said(rules: Rules) -> dict[str, str]:
    """Words those rules that a journey has; the usual priority is none."""
    return {name: text for name, text in rules_text(rules).items() if text and text != "normal"}


def live_text(live: Live) -> str:
    """Words the time in which a journey takes leads."""
    parts = [f"from {_day_text(live.first)}" if live.first else "", _until(live.last) if live.last else ""]
    return " ".join(part for part in parts if part)


def percent_text(share: float) -> str:
    """Words a share as a designer writes it: `5 percent`."""
    return f"{share:g} percent"


def pace_text(pace: Pace) -> str:
    """Words a pace as a designer writes it: `500 per hour`, `spread over 30 days`."""
    length = length_text(pace.length)
    return f"spread over {length}" if pace.number is None else f"{pace.number} per {_unit(length)}"


def at_a_time_text(limit: AtATime) -> str:
    """Words how many at once: `200`, `5 per account`."""
    return f"{limit.number}" + (" per account" if limit.per_account else "")


def _unit(length: str) -> str:
    return length.removeprefix("1 ")


def _until(day: Day) -> str:
    return f"until {_day_text(day)}"


def _day_text(day: Day) -> str:
    return f"{day.day}" + ("" if day.at is None else f" at {clock_text(day.at)}")

"""Which arm of a split wins: decided once, when the time of the last lead counted is over (language.md §3).

Store and simulator count draws and conversions; who wins, and when that can be said, comes from here alone.
Lengths are elapsed time, as with caps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from engine.turns import window
from language.compiled import Journey, Split
from language.instructions import Winner
from language.reactions import is_reaction
from model.events import Event
from model.figures import ArmCount, Draw


def best(split: Split, counts: Iterable[ArmCount]) -> str:
    """Names the arm with the highest share of conversions; a tie, or nothing: the first named."""
    found = {count.arm: count.converted / count.drawn for count in counts if count.drawn}
    return max(split.arms, key=lambda arm: found.get(arm.name, 0.0)).name


def converts(winner: Winner, draw: Draw, event: Event) -> bool:
    """Says whether an event is what a drawn lead's arm is judged by; what machines do is not."""
    if event.type != winner.event or event.fields.get("machine") is True:
        return False
    if is_reaction(event.type) and event.run != draw.enrolment_id:
        return False
    return draw.at <= event.at <= draw.at + window(winner.within)


def counting_ends(winner: Winner, first: datetime) -> datetime | None:
    """Says until when leads are counted from the first on; None: until so many are there."""
    return first + window(winner.over) if winner.over is not None else None


def decided_at(winner: Winner, last: datetime, ends: datetime | None) -> datetime:
    """Says when the winner is known: when the time of the last lead counted is over, and the counting is."""
    over = last + window(winner.within)
    return over if ends is None else max(over, ends)


def splits_of(journey: Journey) -> dict[str, Split]:
    """Lists the splits of a journey that have a winner, by their keys."""
    splits = (here for here in journey.program if isinstance(here, Split))
    return {split.winner.key: split for split in splits if split.winner is not None}


@dataclass(slots=True)
class Experiments:
    """The splits of a simulated population, whose leads come one after the other in the order of time."""

    splits: dict[str, Split]
    _draws: dict[str, list[Draw]] = field(default_factory=dict)
    _of_lead: dict[tuple[str, str], int] = field(default_factory=dict)
    _winners: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _open_until: dict[str, datetime] = field(default_factory=dict)

    def draw(self, draw: Draw) -> None:
        """Counts the arm of a lead, the first one of each split."""
        if draw.split in self.splits and (draw.split, draw.lead_id) not in self._of_lead:
            draws = self._draws.setdefault(draw.split, [])
            self._of_lead[draw.split, draw.lead_id] = len(draws)
            draws.append(draw)

    def hear(self, lead_id: str, event: Event) -> None:
        """Counts an event of a lead, if it converts."""
        for key, split in self.splits.items():
            place = self._of_lead.get((key, lead_id))
            if place is None or split.winner is None:
                continue
            draw = self._draws[key][place]
            if draw.converted_at is None and converts(split.winner, draw, event):
                self._draws[key][place] = _converted(draw, event.at)

    def winners(self, now: datetime) -> dict[str, str]:
        """Maps the splits that are decided at `now` to their winners."""
        for key, split in self.splits.items():
            is_open = key in self._open_until and now < self._open_until[key]
            if key not in self._winners and split.winner is not None and not is_open:
                self._decide(key, split, split.winner, now)
        return {key: arm for key, (at, arm) in self._winners.items() if at <= now}

    def _decide(self, key: str, split: Split, winner: Winner, now: datetime) -> None:
        found = self._draws.get(key, ())
        if not found or (winner.after is not None and len(found) < winner.after):
            return
        draws = sorted(found, key=lambda draw: (draw.at, draw.lead_id))
        ends = counting_ends(winner, draws[0].at)
        counted = draws[: winner.after] if ends is None else [draw for draw in draws if draw.at <= ends]
        at = decided_at(winner, counted[-1].at, ends)
        self._open_until[key] = at
        if at <= now:
            self._winners[key] = at, best(split, _counts(counted))


def _converted(draw: Draw, at: datetime) -> Draw:
    return Draw(
        split=draw.split, lead_id=draw.lead_id, enrolment_id=draw.enrolment_id, arm=draw.arm, at=draw.at,
        converted_at=at,
    )  # fmt: skip


def _counts(draws: list[Draw]) -> list[ArmCount]:
    arms = dict.fromkeys(draw.arm for draw in draws)
    return [
        ArmCount(
            arm=arm,
            drawn=sum(draw.arm == arm for draw in draws),
            converted=sum(draw.arm == arm and draw.converted_at is not None for draw in draws),
        )
        for arm in arms
    ]

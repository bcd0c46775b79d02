"""A program under construction: instructions whose targets are labels, resolved to indices at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from language.compiled import (
    AllowLead,
    Assign,
    ChangeAudience,
    Connect,
    End,
    Enter,
    Fork,
    GoTo,
    Instruction,
    Join,
    Jump,
    Leave,
    Listen,
    Loop,
    LoopBack,
    LoopStart,
    Message,
    NotifyTeam,
    ReportOutcome,
    Restart,
    Return,
    Score,
    SideEnd,
    Split,
    StartJourney,
    StopJourney,
    SuppressLead,
    Test,
    Wait,
    Work,
)

NOWHERE = -1
FIRST_LABEL = -2


class Program:
    """Collects instructions; a label is a negative number that stands for a place not known yet."""

    def __init__(self) -> None:
        self._items: list[Instruction] = []
        self._places: dict[int, int] = {}
        self._next = FIRST_LABEL
        self._numbers: dict[int, int] = {}

    def label(self) -> int:
        """Makes a new label."""
        self._next -= 1
        return self._next + 1

    def put(self, label: int) -> None:
        """Sets a label to where the next instruction goes."""
        self._places[label] = len(self._items)

    def emit(self, instruction: Instruction) -> None:
        """Adds an instruction."""
        self._items.append(instruction)

    def here(self) -> int:
        """Makes a label of where the next instruction goes."""
        label = self.label()
        self.put(label)
        return label

    def finished(self) -> tuple[Instruction, ...]:
        """Gives the program with indices in place of labels, without jumps to what follows anyway."""
        needed = self._needed()
        self._numbers = {old: new for new, old in enumerate((*needed, len(self._items)))}
        return tuple(retargeted(self._items[index], self.index) for index in needed)

    def index(self, label: int) -> int:
        """Gives the index that a label stands for in the finished program."""
        return label if label == NOWHERE else self._numbers[self._past_jumps(label)]

    def _past_jumps(self, label: int) -> int:
        """Gives the place that a label stands for, at the end of all jumps."""
        index = self._places[label]
        for _ in self._items:
            item = self._items[index] if index < len(self._items) else None
            if not isinstance(item, Jump):
                break
            index = self._places[item.target]
        return index

    def _needed(self) -> list[int]:
        """Lists the instructions without the jumps that lead to the one behind them."""
        needed: list[int] = []
        for index in range(len(self._items) - 1, -1, -1):
            item = self._items[index]
            following = needed[-1] if needed else len(self._items)
            if not isinstance(item, Jump) or self._past_jumps(item.target) != following:
                needed.append(index)
        return needed[::-1]


def retargeted(item: Instruction, to: Callable[[int], int]) -> Instruction:  # noqa: C901 - a case each
    """Gives the instruction with every target changed."""
    match item:
        case Message() | Connect():
            return replace(item, else_=to(item.else_)) if item.else_ is not None else item
        case Work():
            outcomes = {code: to(target) for code, target in item.outcomes.items()}
            overdue = to(item.overdue) if item.overdue is not None else None
            return replace(item, outcomes=outcomes, overdue=overdue)
        case Listen():
            lines = tuple(replace(line, target=to(line.target)) for line in item.lines)
            remind = replace(item.remind, target=to(item.remind.target)) if item.remind else None
            return replace(item, lines=lines, else_=to(item.else_), remind=remind)
        case Wait():
            return replace(item, if_missing=to(item.if_missing)) if item.if_missing is not None else item
        case Test():
            return replace(item, else_=to(item.else_))
        case Split():
            return replace(item, arms=tuple(replace(arm, target=to(arm.target)) for arm in item.arms))
        case Loop():
            return replace(item, exit=to(item.exit))
        case Fork():
            ways = tuple(replace(way, target=to(way.target)) for way in item.ways)
            return replace(item, ways=ways, exit=to(item.exit))
        case Enter():
            returns = {ending: to(target) for ending, target in item.returns.items()}
            return replace(item, target=to(item.target), returns=returns, exit=to(item.exit))
        case Restart() | LoopBack() | Jump() | Leave() | Join() | Return():
            return replace(item, target=to(item.target))
        case LoopStart() | GoTo() | End() | SideEnd():
            return item
        case (
            Assign()
            | Score()
            | ReportOutcome()
            | NotifyTeam()
            | SuppressLead()
            | AllowLead()
            | ChangeAudience()
            | StartJourney()
            | StopJourney()
        ):
            return item
        case _:
            assert_never(item)

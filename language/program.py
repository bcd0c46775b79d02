"""A program under construction: instructions whose targets are labels, resolved to indices at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from language.compiled import (
    Assign,
    End,
    GoTo,
    Instruction,
    Jump,
    Listen,
    Loop,
    LoopBack,
    LoopStart,
    Message,
    NotifyTeam,
    ReportOutcome,
    Restart,
    Score,
    SideEnd,
    Split,
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

    def index(self, label: int) -> int:
        """Gives the index a label stands for, past all jumps."""
        if label == NOWHERE:
            return label
        index = self._places[label] if label <= FIRST_LABEL else label
        for _ in self._items:
            item = self._items[index] if index < len(self._items) else None
            if not isinstance(item, Jump):
                break
            index = self._places[item.target] if item.target <= FIRST_LABEL else item.target
        return index

    def finished(self) -> tuple[Instruction, ...]:
        """Gives the program with indices in place of labels."""
        return tuple(retargeted(item, self.index) for item in self._items)


def retargeted(item: Instruction, to: Callable[[int], int]) -> Instruction:
    """Gives the instruction with every target changed."""
    match item:
        case Message():
            return replace(item, else_=to(item.else_)) if item.else_ is not None else item
        case Work():
            outcomes = {code: to(target) for code, target in item.outcomes.items()}
            overdue = to(item.overdue) if item.overdue is not None else None
            return replace(item, outcomes=outcomes, overdue=overdue)
        case Listen():
            lines = tuple(replace(line, target=to(line.target)) for line in item.lines)
            return replace(item, lines=lines, else_=to(item.else_))
        case Test():
            return replace(item, else_=to(item.else_))
        case Split():
            return replace(item, arms=tuple(replace(arm, target=to(arm.target)) for arm in item.arms))
        case Loop():
            return replace(item, exit=to(item.exit))
        case Restart() | LoopBack() | Jump():
            return replace(item, target=to(item.target))
        case Wait() | LoopStart() | GoTo() | End() | SideEnd():
            return item
        case Assign() | Score() | ReportOutcome() | NotifyTeam() | SuppressLead():
            return item
        case _:
            assert_never(item)

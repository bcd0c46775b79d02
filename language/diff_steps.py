"""The steps of a compiled journey, put together again from its instructions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

from language.compiled import (
    End,
    GoTo,
    Instruction,
    Join,
    Journey,
    Jump,
    Leave,
    Listen,
    Loop,
    LoopBack,
    LoopStart,
    Message,
    Restart,
    Return,
    SideEnd,
    Split,
    Test,
    Wait,
    Work,
)
from language.diff_words import parts_of
from language.outline import edges, label, past_jumps

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SECOND = re.compile(r"_\d+$")


Target = Union["Step", str, None]
"""Where a branch leads: a step, or how the way ends there."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A step with its instructions, each with its index."""

    id: str
    stage: str
    items: tuple[tuple[int, Instruction], ...]

    @property
    def first(self) -> Instruction:
        """The instruction that says what the step is."""
        found = (item for _, item in self.items if not isinstance(item, LoopStart))
        return next(found, self.items[0][1])

    @property
    def named(self) -> bool:
        """Whether the designer calls it by a name that outlives a change of its value."""
        if isinstance(self.first, Message | Work | Split):
            return True
        return bool(_NAME.fullmatch(self.id)) and _SECOND.sub("", self.id) not in label(self.first)

    @property
    def key(self) -> tuple[str, str]:
        """What it is matched by: its kind with its name, or else with all that it says."""
        return self.first.kind, self.id if self.named else repr(self.parts())

    def alike(self, other: Step) -> bool:
        """Says whether the other may be the same step with another value."""
        return self.first.kind == other.first.kind and not other.named

    def parts(self) -> dict[str, str]:
        """Gives its parts in words; those of a second condition have its number."""
        found: dict[str, str] = {}
        for number, item in enumerate((item for _, item in self.items if not isinstance(item, LoopBack)), 1):
            suffix = f" {number}" if number > 1 and isinstance(item, Test) else ""
            texts = {"if": item.text} if isinstance(item, Test) else parts_of(item)
            found |= {f"{name}{suffix}": text for name, text in texts.items()}
        return found


def steps_of(journey: Journey) -> list[Step]:
    """Lists the steps in the order of the program; where a branch ends or goes to is no step here."""
    found: dict[str, list[tuple[int, Instruction]]] = {}
    for index, item in enumerate(journey.program):
        if item.place.step and not isinstance(
            item, Jump | Join | End | GoTo | Leave | Restart | Return | SideEnd
        ):
            found.setdefault(item.place.step, []).append((index, item))
    return [Step(name, items[0][1].place.stage, tuple(items)) for name, items in found.items()]


def title(step: Step, steps: list[Step]) -> str:
    """Names a step in a sentence."""
    item = step.first
    if isinstance(item, Message):
        return f"{' or '.join(item.channels)} `{step.id}`"
    if isinstance(item, Work):
        return f"{item.work} `{step.id}`"
    if step.named:
        return f"`{step.id}`"
    match item:
        case Wait():
            return f"the wait {_beside(step, steps)}"
        case Listen():
            return f"the wait for {' or '.join(line.name for line in item.lines)}"
        case Test():
            return f"the choice `{item.text}`"
        case Loop():
            return f"`{step.id}`"
        case _:
            return f"`{label(item)}`"


def origin(journey: Journey, steps: list[Step], step: Step) -> str:
    """Says where a step stands: behind which one, on which branch."""
    first = step.items[0][0]
    for index, item in enumerate(journey.program):
        if item.place.step in ("", step.id) or isinstance(item, GoTo):
            continue
        for target, name in edges(journey, index):
            if past_jumps(journey, target) == first and index < first:
                after = f"after {_short(item, steps)}"
                return f"{after} ({name})" if name else after
    return f"at the beginning of {step.stage}" if len(journey.stages) > 1 else "at the beginning"


def leads(journey: Journey, steps: list[Step], step: Step) -> dict[str, Target]:
    """Gives where a step leads, by what has to happen for it; "" is simply on."""
    named = {one.id: one for one in steps}
    found: dict[str, Target] = {}
    tests = 0
    for index, item in step.items:
        tests += isinstance(item, Test)
        for target, name in _leads(journey, index, item):
            leading = _target(journey, named, target)
            if leading is not step:
                found[f"{name} {tests}" if name and tests > 1 else name] = leading
    return found


def _target(journey: Journey, steps: dict[str, Step], index: int) -> Target:
    item = journey.program[past_jumps(journey, index)]
    match item:
        case End():
            return f"ends as {item.ending}"
        case GoTo():
            return f"goes to {item.stage}"
        case Restart():
            return "starts the wait over"
        case Return():
            return f"returns {item.ending}"
        case Leave():
            return f"leaves {item.loop.rpartition('#')[0]}"
        case LoopBack():
            return "begins the next round"
        case SideEnd():
            return "is done"
        case _:
            return steps.get(item.place.step)


def _leads(journey: Journey, index: int, item: Instruction) -> Iterator[tuple[int, str]]:
    if isinstance(item, Work):
        yield from ((target, code) for code, target in item.outcomes.items())
        yield from ([(item.overdue, "overdue")] if item.overdue is not None else [])
    elif isinstance(item, Split):
        yield from ((arm.target, arm.name) for arm in item.arms)
    elif not isinstance(item, LoopBack):
        yield from edges(journey, index)


def _beside(step: Step, steps: list[Step]) -> str:
    """Says beside which named step an unnamed one stands."""
    at = next(number for number, one in enumerate(steps) if one is step)
    following = next((one for one in steps[at + 1 :] if one.stage == step.stage), None)
    if following is not None and following.named:
        return f"before `{following.id}`"
    before = next((one for one in reversed(steps[:at]) if one.stage == step.stage and one.named), None)
    if before is not None:
        return f"after `{before.id}`"
    later = next((one for one in steps[at + 1 :] if one.named), None)
    return f"before `{later.id}`" if later is not None else f"`{step.id}`"


def _short(item: Instruction, steps: list[Step]) -> str:
    step = next((one for one in steps if one.id == item.place.step), None)
    return title(step, steps) if step is not None else label(item)

"""Where the blocks of a compiled journey begin and end, and the work in them that a run does not wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from language.compiled import (
    Fork,
    Instruction,
    Join,
    Journey,
    Listen,
    Loop,
    LoopBack,
    LoopStart,
    SideEnd,
    Work,
)
from model.record import record


def branch_range(journey: Journey, fork: Fork, name: str) -> range:
    """Gives the indices of a branch; they follow each other in the order of the file."""
    number = next(number for number, way in enumerate(fork.ways) if way.name == name)
    first = fork.ways[number].target
    if number + 1 < len(fork.ways):
        return range(first, fork.ways[number + 1].target)
    return range(first, _after(journey, first, fork.exit, lambda item: _joins(item, fork)))


def _joins(item: Instruction, fork: Fork) -> bool:
    return isinstance(item, Join) and item.target == fork.exit


def loop_range(journey: Journey, loop: str, exit_: int) -> range:
    """Gives the indices of a repeat that goes on at `exit_`."""
    starts = enumerate(journey.program)
    first = next(at for at, item in starts if isinstance(item, LoopStart) and item.loop == loop)
    return range(
        first, _after(journey, first, exit_, lambda item: isinstance(item, LoopBack) and item.loop == loop)
    )


def _after(journey: Journey, first: int, exit_: int, ends: Callable[[Instruction], bool]) -> int:
    """Gives the index behind the instruction that ends a block; one that never comes to its end is taken to
    reach up to where it is left.
    """
    program = journey.program
    found = next((at + 1 for at in range(first, len(program)) if ends(program[at])), None)
    return found if found is not None else exit_ if exit_ > first else len(program)


def loose_work(journey: Journey, block: Iterable[int]) -> frozenset[str]:
    """Names the steps of a block whose work goes on without the run, side steps of the block included."""
    return frozenset(_loose(journey, block))


def _loose(journey: Journey, block: Iterable[int]) -> Iterator[str]:
    for at in block:
        item = journey.program[at]
        if isinstance(item, Work) and not item.wait:
            yield item.place.step
        if isinstance(item, Work) and item.overdue is not None:
            yield from _loose(journey, _side(journey, item.overdue))
        if isinstance(item, Listen) and item.remind is not None:
            yield from _loose(journey, _side(journey, item.remind.target))


def _side(journey: Journey, first: int) -> range:
    program = journey.program
    last = next((at for at in range(first, len(program)) if isinstance(program[at], SideEnd)), len(program))
    return range(first, last)


@record
class Around:
    """The blocks that an instruction is in, the outer ones first: the steps of repeats, branches by their
    fork, and of side steps their kind with the step they belong to. `name` is what their thread is called.
    """

    loops: tuple[str, ...] = ()
    branches: tuple[tuple[str, str], ...] = ()
    side: tuple[str, str] | None = None
    name: str | None = None


def around(journey: Journey, index: int) -> Around:
    """Gives the blocks around an instruction; one that begins a block is not in it."""
    loops: list[str] = []
    branches: list[tuple[str, str]] = []
    for at, item in enumerate(journey.program):
        if (
            isinstance(item, LoopStart)
            and at < index
            and index in loop_range(journey, item.loop, _exit(journey, item))
        ):
            loops.append(item.place.step)
        if isinstance(item, Fork):
            names = (way.name for way in item.ways if index in branch_range(journey, item, way.name))
            branches.extend((item.place.step, name) for name in names)
    side = max(
        (each for each in _sides(journey) if index in each[0]), key=lambda each: each[0].start, default=None
    )
    if side is None:
        return Around(tuple(loops), tuple(branches))
    _, kind, of, name = side
    return Around(tuple(loops), tuple(branches), (kind, of), name)


def _exit(journey: Journey, start: LoopStart) -> int:
    heads = (item for item in journey.program if isinstance(item, Loop) and item.loop == start.loop)
    return next((head.exit for head in heads), len(journey.program))


def _sides(journey: Journey) -> Iterator[tuple[range, str, str, str]]:
    """Gives the side steps: where they are, their kind, whose they are, what their thread is called."""
    for at, item in enumerate(journey.program):
        if isinstance(item, Work) and item.overdue is not None:
            yield _side(journey, item.overdue), "overdue", item.place.step, f"overdue:{at}"
        if isinstance(item, Listen) and item.remind is not None:
            yield _side(journey, item.remind.target), "remind", item.place.step, "remind"
    levels = [("", journey.whenever), *((name, scope.whenever) for name, scope in journey.scopes.items())]
    for name, lines in levels:
        for number, each in enumerate(lines):
            if each.stage is None:
                yield _side(journey, each.line.target), "whenever", name, f"whenever:{number}"

"""Where the blocks of a compiled journey begin and end, and the work in them that a run does not wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from language.compiled import Fork, Instruction, Join, Journey, Listen, LoopBack, LoopStart, SideEnd, Work


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

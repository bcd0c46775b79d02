"""`parallel`, and what leads out of the blocks around it: `leave` and `restart` (language.md §3)."""

from __future__ import annotations

from collections.abc import Callable

from language.compiled import Fork, Join, Leave, Place, Restart, Way
from language.expressions import Here
from language.lowering import Lowering
from language.problems import did_you_mean
from language.syntax.model import Block, LeaveStep, ParallelStep, Step

Inner = Callable[[Block, Here], Here | None]


def lower_parallel(low: Lowering, step: Step, body: ParallelStep, here: Here, inner: Inner) -> Here | None:
    """Lowers branches one behind the other; what comes out reads what the branch before them read."""
    program = low.program
    targets, behind = [program.label() for _ in body.arms], program.label()
    ways = tuple(Way(arm.name.raw, target) for arm, target in zip(body.arms, targets, strict=True))
    program.emit(Fork(low.place(step), ways, body.first, behind))
    low.depth += 1
    done: list[bool] = []
    for arm, target in zip(body.arms, targets, strict=True):
        program.put(target)
        flow = inner(arm.block, here)
        if flow is not None:
            program.emit(Join(Place("", low.stage), behind))
        done.append(flow is not None)
    low.depth -= 1
    program.put(behind)
    return here if (any(done) if body.first else all(done)) else None


def lower_leave(low: Lowering, step: Step, body: LeaveStep, here: Here) -> Here | None:
    """Leads behind a repeat around the step."""
    wanted, inside = body.repeat, low.repeats
    named = f"{low.prefix}{wanted.raw}"
    loop = next((loop for loop in reversed(inside) if loop.step == named), None)
    if loop is None and not inside:
        advice = "it leads out of a `repeat` that it stands in, by the `id` of that `repeat`"
        low.error(wanted, "J028", "there is no `repeat` to leave here", advice)
        return here
    if loop is None:
        known = [loop.step.removeprefix(low.prefix) for loop in inside]
        advice = did_you_mean(wanted.raw, known) or f"it stands in {', '.join(f'`{one}`' for one in known)}"
        if all(one.startswith("the ") for one in known):
            advice = f"give the `repeat` an id: `id: {wanted.raw}`"
        low.error(wanted, "J010", f"`leave` stands in no repeat `{wanted.raw}`", advice)
        return here
    loop.left = True
    low.program.emit(Leave(low.place(step), loop.name, loop.exit, low.depth - loop.depth))
    return None


def lower_restart(low: Lowering, step: Step, here: Here) -> Here | None:
    """Leads back to the wait of the branch that the step ends."""
    if low.restart is None:
        advice = "it ends an `event` or `becomes` branch of `first_of`"
        low.error(step.verb, "J028", "there is nothing to restart here", advice)
        return here
    target, depth = low.restart
    low.program.emit(Restart(low.place(step), target, low.depth - depth))
    return None

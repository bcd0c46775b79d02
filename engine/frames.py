"""Inlined journeys: how their steps begin, how they return, and stages inside them (language.md §3).

The thread that comes to a `run:` step goes into the other journey itself. A frame keeps what the journey has
of its own, and what the thread goes back to.
"""

from __future__ import annotations

from dataclasses import replace

from engine.branches import end_branches
from engine.draft import DECIDE, Draft
from engine.position import RUNNING, Frame, Token
from language.compiled import Enter
from language.listening import REQUESTED
from model.events import Event, Fields


def enter(draft: Draft, token: Token, here: Enter) -> None:
    """Begins the steps of another journey, whose exits are judged at once."""
    token = draft.visit(token, here.place.step)
    values = draft.bind(token, here.inputs).values
    inputs: Fields = {name: value for name, value in values.items() if value is not None}
    start = Event(draft.effect_id(token), REQUESTED, draft.now, inputs)
    frame = Frame(
        draft.next_token, here.scope, token.id, token.index, start, draft.now, token.frame, {}, token.event,
        token.loops,
    )  # fmt: skip
    draft.next_token += 1
    draft.frames[frame.id], draft.dirty = frame, True
    scope = draft.journey.scopes[here.scope]
    draft.note("entered", token.step, f"runs {scope.journey} {scope.version}")
    draft.move(replace(token, frame=frame.id, event=None, loops=()), here.target)


def give_back(draft: Draft, frame: Frame, ending: str, why: str, *, leaves_work: bool) -> None:
    """Ends an inlined journey: its thread goes on behind the `run:` step, by what follows the ending.

    Only an `end` of its own leaves the work open that it does not wait for.
    """
    here = draft.journey.program[frame.at]
    if not isinstance(here, Enter):
        draft.park(
            draft.tokens[frame.owner],
            f"its journey does not fit the step that it came from: {DECIDE}",
            decide=True,
        )
        return
    data = draft.frames[frame.id].data
    owner = _clear(draft, frame)
    del draft.frames[frame.id]
    draft.edges = {name: held for name, held in draft.edges.items() if not name.startswith(f"{frame.id}/")}
    if not leaves_work:
        _withdraw(draft, f"{frame.scope}/")
    name = draft.journey.scopes[frame.scope].journey
    branch = ending if ending in here.returns else None
    draft.note("branch", here.place.step, f"{name} ended as {ending}: {why}", branch)
    back = replace(
        owner, index=frame.at, step=here.place.step, state=RUNNING, frame=frame.outer, event=frame.event,
        loops=frame.loops,
    )  # fmt: skip
    draft.put(back)
    draft.remember(back, lambda each: replace(each, returned=data))
    draft.dirty = True
    draft.move(draft.tokens[owner.id], here.returns.get(ending, here.exit))


def lead_inside(draft: Draft, frame: Frame, stage: str, event: Event | None, by: Token) -> None:
    """Leaves what is at work in an inlined journey and goes on at one of its stages."""
    owner = _clear(draft, frame)
    seen = draft.seen_from(by, frame.id)
    _withdraw_stage(draft, draft.at(seen).place.stage)
    draft.put(
        replace(
            owner, index=draft.journey.stages[stage], step="", state=RUNNING, frame=frame.id, loops=(),
            event=event if event is not None else seen.event, messages=by.messages, worked=by.worked,
            window=draft.heard, floor=draft.heard,
        )
    )  # fmt: skip


def _clear(draft: Draft, frame: Frame) -> Token:
    """Ends everything in a frame but its thread; gives that."""
    owner = draft.tokens[frame.owner]
    draft.take_back(owner)
    end_branches(draft, owner)
    for token in list(draft.tokens.values()):
        if token.side is not None and token.parent is None and draft.is_inside(token, frame.id):
            draft.drop(token)
    inner = [each for each in draft.frames.values() if each.id != frame.id and _is_in(draft, each, frame.id)]
    for each in inner:
        del draft.frames[each.id]
    return draft.tokens[frame.owner]


def _is_in(draft: Draft, frame: Frame, outer: int) -> bool:
    at = frame.outer
    while at not in (0, outer):
        at = draft.frames[at].outer
    return at == outer


def _withdraw(draft: Draft, prefix: str) -> None:
    steps = tuple(step for step in draft.open_work if step.startswith(prefix))
    if steps:
        draft.withdraw(steps=steps)


def _withdraw_stage(draft: Draft, stage: str) -> None:
    steps = steps_of_stage(draft, stage)
    if steps:
        draft.withdraw(steps=steps)


def steps_of_stage(draft: Draft, stage: str) -> tuple[str, ...]:
    """Lists the open work that no thread waits for of a stage, and of the journeys that it runs."""
    program = draft.journey.program
    here = {item.place.step for item in program if item.place.stage == stage}
    inside = tuple(
        f"{item.scope}/" for item in program if isinstance(item, Enter) and item.place.stage == stage
    )
    return tuple(step for step in draft.open_work if step in here or step.startswith(inside))

"""Choices, repeats and the run's own data (language.md §3, §4.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.branches import end_forks
from engine.draft import Draft
from engine.ids import share_of
from engine.position import Resting, Round, Token
from language.compiled import Arm, Loop, LoopBack, LoopStart, Restart, Split, Test
from model.events import Fields
from model.expressions import Call, Constant, Expr
from model.time import After, Length

MORNING = After(Length(days=1), at=9 * 60)
"""When a round that took no time goes on."""


def test(draft: Draft, token: Token, here: Test) -> None:
    """Goes the way of a condition, and says why."""
    names = draft.names(token)
    holds = draft.read.holds(here.condition, names)
    because = draft.read.because(here.text, here.condition, names)
    if name := here.then_name if holds else here.else_name:
        draft.note("branch", here.place.step or token.step, because if holds else f"not: {because}", name)
    elif not holds and not here.then_name:
        draft.note("skipped", here.place.step, f"condition: {because}")
    draft.move(token, token.index + 1 if holds else here.else_)


def split(draft: Draft, token: Token, here: Split) -> None:
    """Goes the way of the arm that won, else the way that the hash of the lead falls to."""
    won = _winner(draft, here)
    token = draft.visit(token, here.place.step)
    if won is not None:
        draft.note("branch", token.step, f"{won.name}: it has won", won.name)
        draft.move(token, won.target)
        return
    parts = [draft.run.journey, token.step, draft.run.lead_id]
    if here.each_run:
        parts.extend((draft.run.enrolment_id, str(token.visit)))
    point, share = share_of(*parts), 0.0
    chosen = here.arms[-1]
    for arm in here.arms:
        share += arm.share
        if point < share:
            chosen = arm
            break
    key = here.winner.key if here.winner is not None else None
    draft.note("branch", token.step, f"{chosen.name}: by share", chosen.name, key)
    draft.move(token, chosen.target)


def _winner(draft: Draft, here: Split) -> Arm | None:
    """Gives the arm that won, if there is one by now; raises MissingFacts."""
    if here.winner is None:
        return None
    asked = Call("split_winner", (Constant(here.winner.key, "text"),), type="text")
    name = draft.read.value(asked, {})
    return next((arm for arm in here.arms if arm.name == name), None)


def loop_start(draft: Draft, token: Token, here: LoopStart) -> None:
    """Begins a repeat at round 0."""
    outer = token.loops[: token.loops.index(here.loop)] if here.loop in token.loops else token.loops
    draft.rounds = {**draft.rounds, here.loop: Round(0, *draft.pace(token))}
    draft.move(replace(token, loops=(*outer, here.loop)), token.index + 1)


def loop_head(draft: Draft, token: Token, here: Loop) -> None:
    """Begins a round, or leaves the repeat."""
    number = draft.rounds[here.loop].number if here.loop in draft.rounds else 0
    names = draft.names(token)
    if here.at_most is not None and number >= here.at_most:
        _leave(draft, token, here, f"{number} rounds are done", "at_most" if here.until is not None else None)
    elif here.until is not None and draft.read.holds(here.until, names):
        _leave(draft, token, here, draft.read.because("", here.until, names), "until")
    else:
        draft.rounds = {**draft.rounds, here.loop: Round(number + 1, *draft.pace(token))}
        draft.dirty = True
        draft.move(token, token.index + 1)


def _leave(draft: Draft, token: Token, here: Loop, why: str, branch: str | None) -> None:
    draft.note("branch", here.place.step or token.step, why, branch)
    loops = token.loops[: token.loops.index(here.loop)] if here.loop in token.loops else token.loops
    draft.move(replace(token, loops=loops), here.exit)


def loop_back(draft: Draft, token: Token, here: LoopBack) -> None:
    """Ends a round; one that took no time and used no event rests first."""
    _again(draft, token, draft.rounds.get(here.loop), here.target)


def restart(draft: Draft, token: Token, here: Restart) -> None:
    """Begins a listening again, after a rest where the last one took no time and used no event."""
    token = end_forks(draft, token, here.up)
    _again(draft, token, draft.rounds.get(f"listen:{here.target}"), here.target)


def _again(draft: Draft, token: Token, before: Round | None, target: int) -> None:
    if before is None or (before.waits, before.uses) != draft.pace(token):
        draft.move(token, target)
        return
    until = draft.resolve(token, MORNING)
    if until is None:
        draft.park(token, "there is no next morning to rest until")
        return
    draft.waits += 1
    draft.moments += 1
    draft.note("rest", token.step, f"no_rest: a round took no time, rests until {draft.read.shown(until)}")
    draft.enter(token, Resting(until, target))


def assign_run_data(draft: Draft, token: Token, items: Mapping[str, Expr], found: Fields) -> None:
    """Writes the run's own data: from a missing value nothing changes, `nothing` clears."""
    data = dict(draft.data_of(token))
    for name, expr in items.items():
        if found[name] is not None:
            data[name.removeprefix("run.")] = found[name]
        elif isinstance(expr, Constant):
            data.pop(name.removeprefix("run."), None)
    if data != draft.data_of(token):
        draft.write(token, data)
        draft.note("set", token.step, ", ".join(sorted(items)))

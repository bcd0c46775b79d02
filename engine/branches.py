"""Branches of a `parallel`: how they begin, end, and are lost (language.md §3, §4.3).

The thread that comes to a fork stays there while its branches run. A branch remembers for itself: its event,
its last messages and work, what it has heard. What it sends is remembered also by the threads around it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.blocks import branch_range, loop_range, loose_work
from engine.draft import DECIDE, Draft
from engine.position import Forked, Kept, Token
from language.compiled import Fork, Leave


def fork(draft: Draft, token: Token, here: Fork) -> None:
    """Begins the branches, in the order of the file."""
    token = draft.visit(token, here.place.step)
    draft.note("branch", token.step, f"in parallel: {', '.join(way.name for way in here.ways)}")
    ids = tuple(draft.branch(token, way.target, way.name).id for way in here.ways)
    draft.enter(token, Forked(ids))


def join(draft: Draft, branch: Token) -> None:
    """Ends a branch; its thread goes on where it was the last one, or the first one was waited for."""
    parent = draft.tokens[branch.parent or 0]
    here, state = draft.at(parent), parent.state
    if not isinstance(here, Fork) or not isinstance(state, Forked):
        draft.park(branch, f"its branch does not fit the fork that it came from: {DECIDE}", decide=True)
        return
    draft.note("branch", parent.step, f"{branch.branch} is done", branch.branch if here.first else None)
    draft.drop(branch)
    others = [draft.tokens[one] for one in state.branches if one in draft.tokens]
    if others and not here.first:
        return
    for other in others:
        draft.note("dropped", parent.step, f"{other.branch}: not needed any more")
        _lose(draft, other, here)
    _forget_users(draft, parent, frozenset(state.branches))
    draft.move(parent, here.exit)


def leave(draft: Draft, token: Token, here: Leave) -> None:
    """Leaves a repeat, with all branches that are inside it."""
    owner = end_forks(draft, token, here.up)
    _withdraw(draft, loop_range(draft.journey, here.loop, here.target))
    loops = owner.loops[: owner.loops.index(here.loop)] if here.loop in owner.loops else owner.loops
    draft.note("branch", here.place.step, f"leaves {here.loop.rpartition('#')[0]}")
    draft.move(replace(owner, loops=loops), here.target)


def end_forks(draft: Draft, token: Token, up: int) -> Token:
    """Ends so many forks around a token; gives their thread, which goes on with the event that the token
    reads.
    """
    owner = token
    for _ in range(up):
        owner = draft.tokens[owner.parent or 0]
    if owner is token:
        return token
    gone = _below(draft, owner)
    here = draft.at(owner)
    for child in [other for other in draft.tokens.values() if other.parent == owner.id]:
        if isinstance(here, Fork):
            _lose(draft, child, here)
    _forget_users(draft, owner, gone)
    return draft.put(replace(owner, event=token.event))


def end_branches(draft: Draft, owner: Token) -> None:
    """Ends all that hangs on a thread; what its branches have used it has used."""
    gone = _below(draft, owner)
    for child in [other for other in draft.tokens.values() if other.parent == owner.id]:
        draft.drop(child)
    _forget_users(draft, owner, gone)


def _lose(draft: Draft, branch: Token, here: Fork) -> None:
    """Ends a branch, and takes back the work of its steps."""
    draft.drop(branch)
    _withdraw(draft, branch_range(draft.journey, here, branch.branch or ""))


def _withdraw(draft: Draft, block: Iterable[int]) -> None:
    left = loose_work(draft.journey, block) & set(draft.open_work)
    if left:
        draft.withdraw(steps=tuple(step for step in draft.open_work if step in left))


def _below(draft: Draft, owner: Token) -> frozenset[int]:
    """Lists the branches of a thread, and theirs; a branch stands behind its thread in the list."""
    below: set[int] = set()
    for token in draft.tokens.values():
        if token.parent is not None and (token.parent == owner.id or token.parent in below):
            below.add(token.id)
    return frozenset(below)


def _forget_users(draft: Draft, owner: Token, gone: frozenset[int]) -> None:
    """Lets a thread have used what its branches, which are over, have used."""
    kept = (_used_up(each, owner, gone) for each in draft.unused)
    draft.unused = tuple(each for each in kept if each is not None)
    draft.paces = {token: pace for token, pace in draft.paces.items() if token not in gone}


def _used_up(kept: Kept, owner: Token, gone: frozenset[int]) -> Kept | None:
    if not gone & set(kept.used_by):
        return kept
    if owner.parent is None:
        return None
    return replace(kept, used_by=(*(one for one in kept.used_by if one not in gone), owner.id))

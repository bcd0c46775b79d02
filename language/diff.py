"""Compares two versions of a compiled journey in steps and plain words.

Steps are matched by their ids. A wait, a choice or an ending is called by its value, so that it is matched by
where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from language.compiled import Journey, Test
from language.diff_steps import Step, Target, leads, origin, steps_of, title
from language.diff_words import NOTHING, facts_of, lists_of

_SEEN_IN_STEPS = ("ending", "outcome")
Kind = Literal["added", "removed", "moved", "changed"]
Pairs = dict[str, Step]
Fits = Callable[[Step, Step], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: its kind, and a sentence."""

    kind: Kind
    text: str

    def __str__(self) -> str:
        return self.text if self.kind == "changed" else f"{self.kind}: {self.text}"


def differences(old: Journey, new: Journey) -> tuple[Change, ...]:
    """Lists what changed from one version to the other; nothing where both do the same."""
    before, after = steps_of(old), steps_of(new)
    pairs, moved = _matched(before, after)
    found = [*_facts(old, new), *_lists(old, new), *_stages(old, new)]
    found += _removed(old, before, pairs)
    found += _added(new, after, pairs)
    found += _moved(new, after, moved)
    versions = _Versions((old, before), (new, after), pairs, moved)
    for step in before:
        if (other := pairs.get(step.id)) is not None:
            found += _parts(after, step, other)
            found += _ways(versions, step)
    return tuple(found)


def _facts(old: Journey, new: Journey) -> Iterator[Change]:
    before, after = facts_of(old), facts_of(new)
    for name, text in after.items():
        if before[name] != text:
            yield Change("changed", f"{name}: {_arrow(before[name], text)}")


def _lists(old: Journey, new: Journey) -> Iterator[Change]:
    before, after = lists_of(old), lists_of(new)
    for kind, lines in after.items():
        was = before[kind]
        if kind not in _SEEN_IN_STEPS:
            yield from (Change("removed", _worded(kind, one, was[one])) for one in was if one not in lines)
            yield from (Change("added", _worded(kind, one, lines[one])) for one in lines if one not in was)
        for one, text in lines.items():
            if one in was and was[one] != text:
                yield Change("changed", f"{kind} {one}: {_arrow(was[one], text)}")
        both = [one for one in was if one in lines]
        if kind in ("exit", "whenever") and both != [one for one in lines if one in was]:
            yield Change("changed", f"the order of the {kind} lines: the first that matches counts")


def _worded(kind: str, name: str, rest: str) -> str:
    return f"{kind} {name}" + (f", {rest}" if rest else "")


def _stages(old: Journey, new: Journey) -> Iterator[Change]:
    yield from (Change("removed", f"stage {name}") for name in old.stages if name not in new.stages)
    yield from (Change("added", f"stage {name}") for name in new.stages if name not in old.stages)


def _removed(old: Journey, before: list[Step], pairs: Pairs) -> Iterator[Change]:
    for step in before:
        if step.id not in pairs:
            yield Change("removed", f"{title(step, before)}, {origin(old, before, step)}")


def _added(new: Journey, after: list[Step], pairs: Pairs) -> Iterator[Change]:
    known = {step.id for step in pairs.values()}
    for step in after:
        if step.id not in known:
            targets = leads(new, after, step).items()
            ends = [f"{name} {end}".strip() for name, end in targets if isinstance(end, str)]
            then = f"; {', '.join(ends)}" if ends else ""
            yield Change("added", f"{title(step, after)}, {origin(new, after, step)}{then}")


def _moved(new: Journey, after: list[Step], moved: list[Step]) -> Iterator[Change]:
    for step in moved:
        yield Change("moved", f"{title(step, after)}, now {origin(new, after, step)}")


def _parts(after: list[Step], step: Step, other: Step) -> Iterator[Change]:
    before, now = step.parts(), other.parts()
    choice = isinstance(other.first, Test)
    called = other.id if choice else title(other, after)
    for name in dict.fromkeys((*before, *now)):
        was, is_ = before.get(name, NOTHING), now.get(name, NOTHING)
        if was != is_:
            what = f" {name}" if name and not choice else ""
            yield Change("changed", f"{called}:{what} {_arrow(was, is_)}")


@dataclass(frozen=True, slots=True)
class _Versions:
    """Both versions, and which steps are the same."""

    old: tuple[Journey, list[Step]]
    new: tuple[Journey, list[Step]]
    pairs: Pairs
    moved: list[Step]

    def came_from(self, step: Step) -> bool:
        """Says whether a new step was there before."""
        return any(one is step for one in self.pairs.values())


def _ways(versions: _Versions, step: Step) -> Iterator[Change]:
    """Tells where a step leads elsewhere now, unless the steps that came, went or moved say so."""
    other = versions.pairs[step.id]
    was, now = leads(*versions.old, step), leads(*versions.new, other)
    steps = versions.new[1]
    for name in dict.fromkeys((*was, *now)):
        if name and (name not in was or name not in now):
            kind: Kind = "added" if name in now else "removed"
            yield Change(kind, f"branch {name} of {title(other, steps)}")
            continue
        before, after = _survivor(versions, was.get(name)), _still_there(versions, now.get(name))
        if before is not after and before != after and _worth_telling(versions, other, name, before, after):
            what = f"{title(other, steps)}: {name or 'then'}"
            yield Change("changed", f"{what} {_way(before, steps)} -> {_way(after, steps)}")


def _worth_telling(versions: _Versions, step: Step, name: str, before: Target, after: Target) -> bool:
    if before is None or after is None:
        return False
    if any(one is step or one is before or one is after for one in versions.moved):
        return False
    return bool(name) or isinstance(before, str) or isinstance(after, str)


def _survivor(versions: _Versions, target: Target) -> Target:
    """Follows a way of the old version past the steps that are gone; gives the step as it is now."""
    for _ in versions.old[1]:
        if not isinstance(target, Step):
            return target
        if (now := versions.pairs.get(target.id)) is not None:
            return now
        target = leads(*versions.old, target).get("")
    return target


def _still_there(versions: _Versions, target: Target) -> Target:
    """Follows a way of the new version past the steps that are new."""
    for _ in versions.new[1]:
        if not isinstance(target, Step) or versions.came_from(target):
            return target
        target = leads(*versions.new, target).get("")
    return target


def _way(target: Target, steps: list[Step]) -> str:
    return f"leads to {title(target, steps)}" if isinstance(target, Step) else target or NOTHING


def _arrow(before: str, after: str) -> str:
    return f"{before or NOTHING} -> {after or NOTHING}"


def _matched(before: list[Step], after: list[Step]) -> tuple[Pairs, list[Step]]:
    """Pairs the steps of both versions by id of the old one; `moved` are new ones that stand elsewhere."""
    matcher = SequenceMatcher(None, [one.key for one in before], [one.key for one in after], autojunk=False)
    pairs: Pairs = {}
    gaps: list[tuple[list[Step], list[Step]]] = []
    for tag, from_, to, first, last in matcher.get_opcodes():
        if tag == "equal":
            pairs |= {one.id: other for one, other in zip(before[from_:to], after[first:last], strict=True)}
        else:
            gaps.append((before[from_:to], after[first:last]))
    for left, right in gaps:
        _pair(left, right, pairs, lambda one, other: not one.named and one.alike(other))
    rest = [one for one in before if one.id not in pairs], _unpaired(after, pairs)
    moved = _pair(*rest, pairs, lambda one, other: one.key == other.key)
    moved += [
        new for one in before if (new := pairs.get(one.id)) is not None and _left(one, new, pairs, before)
    ]
    return pairs, list(dict.fromkeys(moved))


def _left(step: Step, new: Step, pairs: Pairs, before: list[Step]) -> bool:
    """Says whether a step went to another stage, while its old stage is still there."""
    if step.stage == new.stage:
        return False
    stayed = {pairs[one.id].stage for one in before if one.stage == step.stage and one.id in pairs}
    return len(stayed) > 1


def _unpaired(after: list[Step], pairs: Pairs) -> list[Step]:
    known = {step.id for step in pairs.values()}
    return [step for step in after if step.id not in known]


def _pair(left: list[Step], right: list[Step], pairs: Pairs, fits: Fits) -> list[Step]:
    """Pairs what fits, in order; gives the new ones."""
    free = [step for step in right if step.id not in {one.id for one in pairs.values()}]
    found: list[Step] = []
    for step in left:
        other = next((one for one in free if fits(step, one)), None)
        if other is not None and step.id not in pairs:
            pairs[step.id] = other
            free.remove(other)
            found.append(other)
    return found

"""Where the steps, blocks and lines of one version of a journey are in another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches

from engine.blocks import Around, around
from engine.position import Frame, Position, Token
from language.compiled import Enter, Journey, Line, LoopStart
from language.outline import label
from model.events import Fields
from model.expressions import Expr


class Stays(Exception):
    """A run cannot be moved: `step` is where it stands, `do` what would help."""

    def __init__(self, step: str, why: str, do: str) -> None:
        super().__init__(why)
        self.step, self.why, self.do = step, why, do


class Places:
    """Finds what of `old` is in `new`; `mapping` says which steps are called otherwise there.

    `past` is an instant before all that the run does.
    """

    def __init__(self, old: Journey, new: Journey, mapping: Mapping[str, str], past: datetime) -> None:
        self.old, self.new, self.past = old, new, past
        self._mapping = mapping

    def step(self, name: str) -> str:
        """Gives what a step is called in the new version; a step of an inlined journey follows its `run:`."""
        if name in self._mapping:
            return self._mapping[name]
        inside = [scope for scope in self.old.scopes if name.startswith(f"{scope}/")]
        if not inside:
            return name
        scope = max(inside, key=len)
        return f"{self.step(scope)}{name[len(scope) :]}"

    def index(self, at: int) -> int | None:
        """Gives the index of the same instruction of its step, if the step is of the same kind."""
        here = self.old.program[at]
        alike = [
            number
            for number, item in enumerate(self.old.program)
            if (item.place.step, item.kind) == (here.place.step, here.kind)
        ]
        name = self.step(here.place.step)
        found = [
            number
            for number, item in enumerate(self.new.program)
            if (item.place.step, item.kind) == (name, here.kind)
        ]
        place = alike.index(at)
        return found[place] if place < len(found) else None

    def anew(self, token: Token) -> int:
        """Gives where a step that cannot be carried along begins anew, if it is mapped.

        Raises Stays.
        """
        step = self.old.program[token.index].place.step
        name, version = self.step(step), self.new.version
        found = next((at for at, item in enumerate(self.new.program) if item.place.step == name), None)
        if found is None:
            raise Stays(step, f"version {version} has no step `{name}`", self._advice(step))
        if step not in self._mapping:
            before, now = label(self.old.program[token.index]), label(self.new.program[found])
            changed = f"`{name}` is `{now}` in version {version}, not `{before}`"
            why = (
                changed if before != now else f"`{name}` has other outcomes or branches in version {version}"
            )
            raise Stays(step, why, f"`--map {_pair(step, name)}` begins it anew there")
        return found

    def check_around(self, token: Token, index: int) -> str | None:
        """Gives the name of the side steps that an index is of; raises Stays where it stands in other blocks
        than the thread does.
        """
        before, now = around(self.old, token.index), around(self.new, index)
        if self._named(before) != (now.loops, now.branches, now.side):
            step = self.old.program[token.index].place.step
            name = self.new.program[index].place.step
            why = f"`{name}` stands in other blocks in version {self.new.version}: {_blocks(before, now)}"
            raise Stays(step, why, f"write `--map {_pair(step, 'STEP')}` with a step in the same blocks")
        prefix = (token.side or "").rpartition("/")[0]
        return f"{prefix}/{now.name}" if prefix else now.name

    def scope(self, frame: Frame) -> tuple[int, str]:
        """Gives the index and the name of the `run:` step of an inlined journey; raises Stays."""
        name, at = self.step(frame.scope), self.index(frame.at)
        there = self.new.scopes.get(name)
        here = self.new.program[at] if at is not None else None
        if at is None or there is None or not isinstance(here, Enter):
            why = f"version {self.new.version} has no step `{name}` that runs a journey"
            raise Stays(frame.scope, why, self._advice(frame.scope))
        ran = self.old.scopes[frame.scope].journey
        if there.journey != ran:
            why = f"`{name}` runs {there.journey} in version {self.new.version}, not {ran}"
            raise Stays(frame.scope, why, "let the run leave it first")
        return at, name

    def loop(self, name: str) -> str:
        """Gives the name of a repeat in the new version."""
        step = self.step(name.rpartition("#")[0] or name)
        found = (item for item in self.new.program if isinstance(item, LoopStart) and item.place.step == step)
        return next((item.loop for item in found), name)

    def round(self, name: str) -> str | None:
        """Gives the name under which a round is kept; None where it is of a block that is gone."""
        if not name.startswith("listen:"):
            return self.loop(name)
        index = self.index(int(name.removeprefix("listen:")))
        return f"listen:{index}" if index is not None else None

    def fetched(self, found: Fields) -> Fields:
        """Gives what connectors answered by the names of their steps."""
        parts = ((name.partition("."), value) for name, value in found.items())
        return {f"{self.step(step)}{dot}{field}": value for (step, dot, field), value in parts}

    def renamed(self, position: Position) -> dict[str, tuple[str, ...]]:
        """Gives what steps were called before, whose messages and work still count as theirs."""
        found = {self.step(name): olds for name, olds in position.renamed.items()}
        for old in position.visits:
            name = self.step(old)
            if name != old and old not in found.get(name, ()):
                found[name] = (*found.get(name, ()), old)
        return found

    def edges(self, position: Position) -> dict[str, bool]:
        """Gives what conditions of exits and `whenever` were found last, for lines that are still there."""
        found: dict[str, bool] = {}
        levels = [("", _lines(self.old, None), _lines(self.new, None))]
        for frame in position.frames:
            old, new = _lines(self.old, frame.scope), _lines(self.new, self.step(frame.scope))
            levels.append((f"{frame.id}/", old, new))
        for prefix, old, new in levels:
            for name, line in new:
                before = next((other for other, was in old if was == line), None)
                if before is not None and f"{prefix}{before}" in position.edges:
                    found[f"{prefix}{name}"] = position.edges[f"{prefix}{before}"]
        return found

    def _named(
        self, found: Around
    ) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[str, str] | None]:
        loops = tuple(self.step(loop) for loop in found.loops)
        branches = tuple((self.step(fork), name) for fork, name in found.branches)
        side = (found.side[0], self.step(found.side[1])) if found.side is not None else None
        return loops, branches, side

    def _advice(self, step: str) -> str:
        """Names the step that it has likely become: one of its kind that the old version does not have."""
        known = {item.place.step for item in self.old.program}
        kind = next((item.kind for item in self.old.program if item.place.step == step), None)
        new = (item.place.step for item in self.new.program if item.kind == kind)
        likely = [name for name in dict.fromkeys(new) if name not in known]
        close = get_close_matches(step, likely, n=1, cutoff=0.6) or likely
        if close:
            return f"write `--map {_pair(step, close[0])}`"
        return f"write `--map {_pair(step, 'STEP')}` with a step of version {self.new.version}"


def _pair(old: str, new: str) -> str:
    pair = f"{old}={new}"
    return f'"{pair}"' if " " in pair else pair


def _blocks(before: Around, now: Around) -> str:
    return f"in {_words(now)}, not in {_words(before)}"


def _words(found: Around) -> str:
    parts = [*found.loops, *(f"{name} of {fork}" for fork, name in found.branches)]
    if found.side is not None:
        parts.append(f"{found.side[0]} of {found.side[1]}" if found.side[1] else found.side[0])
    return ", ".join(f"`{part}`" for part in parts) or "none"


def _lines(journey: Journey, scope: str | None) -> list[tuple[str, tuple[str, Expr]]]:
    """Lists the lines with a condition, each with the name under which what was found is kept."""
    around_ = journey if scope is None else journey.scopes[scope]
    lines: list[tuple[str, Line]] = [
        *((f"exit:{number}", each.line) for number, each in enumerate(around_.exits)),
        *((f"whenever:{number}", each.line) for number, each in enumerate(around_.whenever)),
    ]
    return [(name, (line.hears, line.condition)) for name, line in lines if line.condition is not None]

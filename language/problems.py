"""Mistakes in what a designer wrote, with their place and the way out.

`Problem` is one mistake; `Problems` collects those of all files. `ConditionError` is what the reader of
conditions raises, before the place in the file is known.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pydantic import JsonValue


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file: line and column count from 1, columns in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, or with `hint` one piece of advice: `code` is a stable `Jnnn`, `suggestion` the form
    that works.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    suggestion: str | None = None
    hint: bool = False


class Problems:
    """Collects the problems of every file of one reading."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(
        self, mark: Mark, code: str, message: str, suggestion: str | None = None, *, hint: bool = False
    ) -> None:
        """Notes one problem; the same one at the same place is kept once."""
        problem = Problem(mark.file, mark.line, mark.column, code, message, suggestion, hint)
        if problem not in self._found[-20:]:
            self._found.append(problem)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Takes over problems found elsewhere."""
        self._found.extend(problems)

    @property
    def all(self) -> tuple[Problem, ...]:
        """The problems in the order of files, lines and columns."""
        return tuple(sorted(self._found, key=lambda p: (p.file, p.line, p.column, p.code, p.message)))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that forbid publishing: all but the hints."""
        return tuple(problem for problem in self.all if not problem.hint)

    def __len__(self) -> int:
        return len(self._found)


class ConditionError(Exception):
    """A condition or value that cannot be read: `offset` counts characters from its beginning, `code` is
    its Jnnn.
    """

    def __init__(self, message: str, offset: int, suggestion: str | None = None, code: str = "J005") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.suggestion = suggestion
        self.code = code


def render(problem: Problem, source_line: str) -> str:
    """Gives the problem as text: place, code and message, the source line, a caret below it, the
    suggestion.
    """
    head = f"{problem.file}:{problem.line}:{problem.column}: {problem.code} {problem.message}"
    line = source_line.replace("\t", " ").rstrip()
    lines = [head]
    if line:
        lines += [f"    {line}", " " * (4 + min(problem.column - 1, len(line))) + "^"]
    if problem.suggestion:
        lines.append(f"    suggestion: {problem.suggestion}")
    return "\n".join(lines)


def as_json(problem: Problem) -> dict[str, JsonValue]:
    """Gives the problem as plain JSON data."""
    return asdict(problem)


def closest(word: str, names: Iterable[str]) -> str | None:
    """Finds the name that was most likely meant by a misspelt word, if one is near enough."""
    folded = {name.casefold(): name for name in names}
    found = difflib.get_close_matches(word.casefold()[:100], folded, n=1, cutoff=0.66)
    return folded[found[0]] if found else None


def did_you_mean(word: str, names: Iterable[str]) -> str | None:
    """Words the suggestion for a misspelt name."""
    name = closest(word, names)
    return f"did you mean `{name}`?" if name else None

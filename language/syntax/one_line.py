"""Recognises conditions that YAML broke (language.md §6) and gives the form that works.

In one-line `{}` a comma, `[` or `: ` breaks them, anywhere a leading quote or a ` #`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from language.problems import Mark, Problem
from language.yaml import UNREADABLE, Entry, Mapping, Node, Scalar, Sequence

CONDITIONS = ("if", "where", "becomes", "until")
_MESSAGE = "YAML does not read this condition as it was meant"
_KEY = re.compile(r"(?:^|[{\s,-])(if|where|becomes|until):\s+(.*)$")
_FIRST_WORD = re.compile(r"(\s*)((?:- )?[\w.]+)")
_END_OF_PART = re.compile(r",\s*(?:[a-z_]+|\"[^\"]*\"):(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken condition; `pieces` are the keys that YAML made of parts of it."""

    mark: Mark
    message: str
    suggestion: str
    pieces: tuple[str, ...] = ()


def broken(parent: Mapping, entry: Entry, known: frozenset[str], lines: tuple[str, ...]) -> Broken | None:
    """Says whether the condition of `entry` lost something, judging by what stands beside it."""
    name = entry.name
    if isinstance(entry.value, Mapping | Sequence):
        items = entry.value.items if isinstance(entry.value, Sequence) else (entry.value,)
        return _form(entry.key.mark, name, " and ".join(_flat(item) for item in items))
    if parent.flow and (pieces := _pieces(parent, entry, known)):
        text = ", ".join((entry.value.raw, *pieces))
        return _form(entry.value.mark, name, text, pieces)
    if (
        entry.value.style == "plain"
        and entry.value.raw.count('"') % 2
        and (rest := _after_hash(entry.value, lines))
    ):
        text = entry.value.raw + rest
        return Broken(entry.value.mark, "YAML takes ` #` for the beginning of a comment", _block(name, text))
    return None


def _pieces(parent: Mapping, entry: Entry, known: frozenset[str]) -> tuple[str, ...]:
    """The keys without a value right behind a condition in one-line braces."""
    found: list[str] = []
    behind = parent.entries[parent.entries.index(entry) + 1 :]
    for other in behind:
        empty = isinstance(other.value, Scalar) and other.value.value is None and not other.value.raw
        if not empty or other.name in known:
            break
        found.append(other.name)
    return tuple(found)


def _flat(node: Node) -> str:
    match node:
        case Scalar():
            return node.raw
        case Sequence():
            return f"[{', '.join(_flat(item) for item in node.items)}]"
        case Mapping():
            parts = (
                entry.name + (f": {_flat(entry.value)}" if _flat(entry.value) else "")
                for entry in node.entries
            )
            return ", ".join(parts)


def _after_hash(scalar: Scalar, lines: tuple[str, ...]) -> str | None:
    if scalar.lines > 1 or scalar.mark.line > len(lines):
        return None
    rest = lines[scalar.mark.line - 1][scalar.mark.column - 1 + len(scalar.raw) :].rstrip()
    return rest if rest.lstrip().startswith("#") and '"' in rest else None


def _form(mark: Mark, name: str, text: str, pieces: tuple[str, ...] = ()) -> Broken:
    return Broken(mark, _MESSAGE, f"write it on a line of its own: `{name}: {text}`", pieces)


def _block(name: str, text: str) -> str:
    quoted = text.replace("'", "''")
    return f"put it in single quotes: `{name}: '{quoted}'`"


def reworded(problem: Problem, lines: tuple[str, ...]) -> Problem:
    """Turns what YAML itself says of a line (J001) into the advice that helps, of a condition into J006."""
    if problem.code != "J001" or not problem.message.startswith(UNREADABLE) or problem.line > len(lines):
        return problem
    line = lines[problem.line - 1]
    if (indented := _indented_otherwise(problem, line)) is not None:
        return indented
    found = _KEY.search(line)
    if found is None:
        return problem
    key, rest = found.groups()
    column = found.start(2) + 1
    if rest.startswith(('"', "'")):
        suggestion = _block(key, rest)
    elif "{" in line[: found.start(2)]:
        suggestion = f"write it on a line of its own: `{key}: {_condition_of(rest)}`"
    else:
        suggestion = _block(key, rest)
    return Problem(problem.file, problem.line, column, "J006", _MESSAGE, suggestion)


def _indented_otherwise(problem: Problem, line: str) -> Problem | None:
    """Finds that YAML stumbled over the beginning of a line."""
    first = _FIRST_WORD.match(line)
    if first is None or "bracket" in problem.message or problem.column > first.end() + 1:
        return None
    message = f"{UNREADABLE}: this line is indented otherwise than those it belongs to"
    advice = f"let `{first.group(2)}` begin right under the word that it belongs beside"
    return Problem(problem.file, problem.line, first.start(2) + 1, "J001", message, advice)


def _condition_of(rest: str) -> str:
    """Takes off what follows a condition in one-line braces: the next part, the closing brace."""
    end = _END_OF_PART.search(rest)
    text = rest[: end.start()] if end else rest.rstrip().removesuffix("}")
    return text.strip()

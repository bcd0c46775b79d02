"""A map of the YAML read part by part: each part is asked for by name, what nobody asked for is a mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from language.problems import Mark, Problems, did_you_mean
from language.syntax import advice, one_line
from language.syntax.model import Block, Pair
from language.syntax.words import PART_OF, Kind, right_word
from language.values import ValueText, parse_length
from language.yaml import Entry, Mapping, Node, Scalar, Sequence
from model.time import Length

Word = TypeVar("Word", bound=str)


@dataclass(frozen=True, slots=True)
class Reading:
    """What every reader needs: where problems go, and the lines of the file."""

    problems: Problems
    lines: tuple[str, ...]
    read_block: Callable[[Reading, Entry], Block | None]

    def value_error(self, mark: Mark, error: ValueText) -> None:
        """Reports a value that cannot be read."""
        self.problems.add(mark, "J005", error.message, error.suggestion)


class Parts:
    """One map; `what` names it in messages ("`email`", "an exit")."""

    def __init__(self, reading: Reading, node: Mapping, what: str, kind: Kind) -> None:
        self.reading = reading
        self.node = node
        self.what = what
        self.kind: Kind = kind
        self._entries = {entry.name: entry for entry in node.entries}
        self._asked: list[str] = []
        self._done: set[str] = set()

    @property
    def mark(self) -> Mark:
        """Where the map begins."""
        return self.node.mark

    def problem(self, mark: Mark, code: str, message: str, suggestion: str | None = None) -> None:
        """Reports a problem."""
        self.reading.problems.add(mark, code, message, suggestion)

    def entry(self, name: str) -> Entry | None:
        """Gives the part with its key."""
        self._asked.append(name)
        return self._entries.get(name)

    def has(self, name: str) -> bool:
        """Says whether the part is there."""
        return name in self._entries

    def node_of(self, name: str) -> Node | None:
        """Gives a part of any form."""
        entry = self.entry(name)
        return entry.value if entry else None

    def missing(self, name: str, suggestion: str | None = None) -> None:
        """Reports that a part is missing, unless a wrong word stands in its place."""
        if any(right_word(self.kind, entry.name) == name for entry in self.node.entries):
            return
        self.problem(self.mark, "J002", f"{self.what} needs `{name}`", suggestion or f"add `{name}: …`")

    def scalar(self, name: str) -> Scalar | None:
        """Gives a part that is one value."""
        entry = self.entry(name)
        if entry is None:
            return None
        if isinstance(entry.value, Scalar) and entry.value.raw.strip():
            return entry.value
        self.problem(entry.key.mark, "J005", *advice.one_value(name, entry.value))
        return None

    def need(self, name: str, suggestion: str | None = None) -> Scalar | None:
        """Gives a part that is one value and must be there."""
        if not self.has(name):
            self._asked.append(name)
            self.missing(name, suggestion)
            return None
        return self.scalar(name)

    def choice(self, name: str, options: tuple[Word, ...], default: Word) -> Word:
        """Gives a part that is one of a few words."""
        found = self.scalar(name)
        if found is None:
            return default
        for option in options:
            if found.raw == option:
                return option
        listed = " | ".join(options)
        self.problem(found.mark, "J005", f"`{name}` cannot be `{found.raw}`", f"write one of {listed}")
        return default

    def length(self, name: str) -> Length | None:
        """Gives a part that is a length of time."""
        found = self.scalar(name)
        return self.read_length(found) if found else None

    def read_length(self, scalar: Scalar) -> Length | None:
        """Reads a length of time."""
        try:
            return parse_length(scalar.raw)
        except ValueText as error:
            self.reading.value_error(scalar.mark, error)
            return None

    def condition(self, name: str) -> Scalar | None:
        """Gives a condition; one that YAML broke is reported with the form that works."""
        entry = self.entry(name)
        if entry is None:
            return None
        broken = one_line.broken(self.node, entry, frozenset(self._asked), self.reading.lines)
        if broken is None:
            return self.scalar(name)
        self._done.update(broken.pieces)
        self.problem(broken.mark, "J006", broken.message, broken.suggestion)
        return None

    def items(self, name: str, example: str = "write `- …` lines") -> tuple[Node, ...]:
        """Gives a part that is a list; a single map counts as a list of one."""
        node = self.node_of(name)
        match node:
            case None:
                return ()
            case Sequence() if node.items:
                return node.items
            case Mapping():
                return (node,)
            case _:
                self.problem(node.mark, "J005", f"`{name}` is a list with at least one line", example)
                return ()

    def block(self, name: str) -> Block | None:
        """Gives a part that is a list of steps."""
        entry = self.entry(name)
        return self.reading.read_block(self.reading, entry) if entry else None

    def mapping(self, name: str) -> Mapping | None:
        """Gives a part that is a map with at least one entry."""
        entry = self.entry(name)
        if entry is None:
            return None
        if isinstance(entry.value, Mapping) and entry.value.entries:
            return entry.value
        self.problem(
            entry.key.mark,
            "J005",
            f"`{name}` needs names with their values",
            advice.names_with_values(name),
        )
        return None

    def pairs(self, name: str) -> tuple[Pair, ...]:
        """Gives a part that is a map of names to values."""
        found = self.mapping(name)
        pairs: list[Pair] = []
        for entry in found.entries if found else ():
            if isinstance(entry.value, Scalar) and entry.value.raw.strip():
                pairs.append(Pair(entry.key, entry.value))
            else:
                self.problem(
                    entry.key.mark, "J005", f"`{entry.name}` is one value", "name it, or leave it out"
                )
        return tuple(pairs)

    def names(self, name: str) -> tuple[Scalar, ...]:
        """Gives a part that is a name or a list of names."""
        entry = self.entry(name)
        if entry is None:
            return ()
        items = entry.value.items if isinstance(entry.value, Sequence) else (entry.value,)
        found = tuple(item for item in items if isinstance(item, Scalar) and item.raw.strip())
        if len(found) < len(items) or not found:
            self.problem(
                entry.key.mark, "J005", f"`{name}` is a list of names", f"write `{name}: [one, other]`"
            )
        return found

    def unasked(self) -> Entry | None:
        """Finds the first part that nobody asked for yet."""
        return next((entry for entry in self.node.entries if entry.name not in self._asked), None)

    def refuse(self, entry: Entry, suggestion: str) -> None:
        """Reports a part as a wrong word, once."""
        self._done.add(entry.name)
        self.problem(entry.key.mark, "J003", f"`{entry.name}` is no word of {self.what}", suggestion)

    def finish(self) -> None:
        """Reports every part that nobody asked for."""
        for entry in self.node.entries:
            if entry.name not in self._asked and entry.name not in self._done:
                self._unknown(entry)

    def _unknown(self, entry: Entry) -> None:
        word, mark = entry.name, entry.key.mark
        if (right := right_word(self.kind, word)) is not None and right in self._asked:
            self.problem(mark, "J003", f"`{word}` is no word of {self.what}", f"write `{right}`")
        elif word in PART_OF and self.kind != "journey":
            self.problem(
                mark, "J028", f"`{word}` does not belong to {self.what}", f"it is a part of {PART_OF[word]}"
            )
        else:
            known = did_you_mean(word, self._asked) or (f"did you mean `{right}`?" if right else None)
            listed = f"it may have {', '.join(dict.fromkeys(self._asked))}"
            self.problem(mark, "J003", f"`{word}` is no word of {self.what}", known or listed)

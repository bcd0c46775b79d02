"""YAML 1.2 with the line and column of every key and value; every mistake is a J001.

Reads the parser's events one by one onto a stack of its own, so that neither depth nor aliases cost
anything: the 31st level or a first alias is seen before what lies behind it is read. Plain scalars follow
the 1.2 core schema, with what marketers write kept as text: `+34600111222`, `08001`, numbers of more than
18 digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal, Protocol, assert_never

import yaml as pyyaml
from pydantic import JsonValue

from language.problems import Mark, Problems

MAX_BYTES = 256 * 1024
MAX_LEVELS = 30
MAX_PROBLEMS = 50

Plain = str | int | float | bool | None
Style = Literal["plain", "single", "double", "literal", "folded"]

_STYLES: dict[str | None, Style] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
_LOADER = getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader)
_FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(\.[0-9]+|(0|[1-9][0-9]{0,17})(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_OTHER_BASE = re.compile(r"0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value: `raw` is its text, `value` what YAML 1.2 makes of it, `lines` how many lines it
    takes.
    """

    value: Plain
    mark: Mark
    raw: str
    style: Style = "plain"
    lines: int = 1
    kind: Literal["scalar"] = "scalar"


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; `flow` if written `[a, b]`."""

    items: tuple[Node, ...]
    mark: Mark
    flow: bool = False
    kind: Literal["sequence"] = "sequence"


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value; keys are always text."""

    key: Scalar
    value: Node

    @property
    def name(self) -> str:
        """The key's text."""
        return self.key.raw


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map in the order of the file, without repeated keys; `flow` if written `{a: b}`."""

    entries: tuple[Entry, ...]
    mark: Mark
    flow: bool = False
    kind: Literal["mapping"] = "mapping"

    def entry(self, name: str) -> Entry | None:
        """Finds the entry with this key."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def get(self, name: str) -> Node | None:
        """Finds the value of this key."""
        entry = self.entry(name)
        return entry.value if entry else None


Node = Scalar | Sequence | Mapping


class _ParserMark(Protocol):
    """A place as PyYAML's two parsers give it, counted from 0."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


def read_yaml(file: str, content: str | bytes, problems: Problems) -> Node | None:
    """Reads one file's content; None if nothing usable is in it, which is always reported."""
    text = _decode(file, content, problems)
    if text is None or not _allowed(file, text, problems):
        return None
    builder = _Builder(file, problems)
    before = len(problems)
    try:
        for event in _events(text):
            builder.take(event)
    except _StopReading:
        return None
    except pyyaml.YAMLError as error:
        _syntax_error(file, error, problems)
        return None
    if builder.root is None and len(problems) == before:
        problems.add(Mark(file, 1, 1), "J001", "the file is empty")
    return builder.root


def resolve(text: str) -> Plain:
    """Says what a plain scalar means: null, yes or no, a number, else text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if isfinite(number) else text
    return int(text, 0) if _OTHER_BASE.fullmatch(text) else text


def plain(node: Node) -> JsonValue:
    """Gives the node's data without places."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {entry.name: plain(entry.value) for entry in node.entries}
        case _:
            assert_never(node)


def place(scalar: Scalar, offset: int) -> Mark:
    """Finds the place of a character of a scalar's text; its beginning, where it takes several lines."""
    if scalar.lines > 1 or scalar.style in ("literal", "folded"):
        return scalar.mark
    quote = 0 if scalar.style == "plain" else 1
    return Mark(scalar.mark.file, scalar.mark.line, scalar.mark.column + quote + offset)


class _StopReading(Exception):
    """The rest of the file is not worth reading; the reason is reported."""


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet."""

    mark: Mark
    is_map: bool
    flow: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: Scalar | None = None
    awaits_value: bool = False


class _Builder:
    """Builds the tree from the parser's events."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.root: Node | None = None
        self._file = file
        self._problems = problems
        self._stack: list[_Open] = []
        self._documents = 0
        self._reported = 0

    def take(self, event: pyyaml.Event) -> None:
        """Takes the next event; raises _StopReading where going on makes no sense."""
        mark = _mark(self._file, event.start_mark)
        match event:
            case pyyaml.DocumentStartEvent():
                self._document(event, mark)
            case pyyaml.AliasEvent():
                self._report(
                    mark, f"`*{event.anchor}` refers to another place of the file", "write it out again"
                )
                self._add(Scalar(None, mark, ""))
            case pyyaml.ScalarEvent():
                self._refuse_marks(event.anchor, event.tag, mark)
                self._add(_scalar(event, mark))
            case pyyaml.SequenceStartEvent() | pyyaml.MappingStartEvent():
                self._refuse_marks(event.anchor, event.tag, mark)
                self._open(_Open(mark, isinstance(event, pyyaml.MappingStartEvent), bool(event.flow_style)))
            case pyyaml.SequenceEndEvent() | pyyaml.MappingEndEvent():
                self._close()
            case _:
                pass

    def _document(self, event: pyyaml.DocumentStartEvent, mark: Mark) -> None:
        self._documents += 1
        if self._documents > 1:
            self._report(mark, "a second document begins here", "put it into a file of its own")
            raise _StopReading
        if event.version or event.tags:
            self._report(mark, "directives (`%`) are not used here", "delete the line")

    def _refuse_marks(self, anchor: str | None, tag: str | None, mark: Mark) -> None:
        if anchor is not None:
            self._report(mark, f"`&{anchor}` names a place of the file", "delete it and write things out")
        if tag is not None:
            self._report(
                mark,
                "a word with `!` is a YAML tag",
                'in a condition write `not`; a text that begins so needs quotes: "!…"',
            )

    def _open(self, opened: _Open) -> None:
        if len(self._stack) == MAX_LEVELS:
            self._report(opened.mark, f"more than {MAX_LEVELS} levels inside one another", "make it flatter")
            raise _StopReading
        self._stack.append(opened)

    def _close(self) -> None:
        done = self._stack.pop()
        if done.is_map:
            self._add(Mapping(tuple(done.entries.values()), done.mark, done.flow))
        else:
            self._add(Sequence(tuple(done.items), done.mark, done.flow))

    def _add(self, node: Node) -> None:
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        if not parent.is_map:
            parent.items.append(node)
        elif parent.awaits_value:
            parent.awaits_value = False
            if parent.key is not None:
                parent.entries[parent.key.raw] = Entry(parent.key, node)
        else:
            parent.awaits_value = True
            parent.key = self._key(parent, node)

    def _key(self, parent: _Open, node: Node) -> Scalar | None:
        if not isinstance(node, Scalar):
            self._report(
                node.mark,
                "a key is one word, not a list or a map",
                'a text that begins so needs quotes: "{…"',
            )
            return None
        if not isinstance(node.value, str):
            self._report(node.mark, f"the key `{node.raw}` is no text", f'write "{node.raw}" in quotes')
            return None
        if (first := parent.entries.get(node.raw)) is not None:
            line = first.key.mark.line
            self._report(
                node.mark, f"`{node.raw}` stands here twice (first in line {line})", "keep one of them"
            )
            return None
        return node

    def _report(self, mark: Mark, message: str, suggestion: str) -> None:
        self._problems.add(mark, "J001", message, suggestion)
        self._reported += 1
        if self._reported == MAX_PROBLEMS:
            raise _StopReading


def _scalar(event: pyyaml.ScalarEvent, mark: Mark) -> Scalar:
    style: Style = _STYLES.get(event.style, "plain")
    value = resolve(event.value) if style == "plain" else event.value
    start, end = event.start_mark, event.end_mark
    lines = end.line - start.line + 1 if start is not None and end is not None else 1
    return Scalar(value, mark, event.value, style, max(lines, 1))


def _events(text: str) -> Iterator[pyyaml.Event]:
    return iter(pyyaml.parse(text, Loader=_LOADER))


def _mark(file: str, mark: _ParserMark | None) -> Mark:
    return Mark(file, mark.line + 1, mark.column + 1) if mark is not None else Mark(file, 1, 1)


def _decode(file: str, content: str | bytes, problems: Problems) -> str | None:
    start = Mark(file, 1, 1)
    size = len(content) if isinstance(content, bytes) else len(content.encode("utf-8", "replace"))
    if size > MAX_BYTES:
        problems.add(start, "J001", f"the file has {size // 1024} kB, at most 256 are read", "divide it")
        return None
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.add(Mark(file, line, 1), "J001", "the file is not in UTF-8", "save it as UTF-8")
        return None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _allowed(file: str, text: str, problems: Problems) -> bool:
    found = list(_FORBIDDEN.finditer(text))[:MAX_PROBLEMS]
    for hit in found:
        line = text.count("\n", 0, hit.start()) + 1
        mark = Mark(file, line, hit.start() - text.rfind("\n", 0, hit.start()))
        if hit.group() == "\t":
            problems.add(mark, "J001", "a tab stands here", "use spaces")
        else:
            problems.add(
                mark, "J001", f"an invisible character (U+{ord(hit.group()):04X}) stands here", "delete it"
            )
    return not found


def _syntax_error(file: str, error: pyyaml.YAMLError, problems: Problems) -> None:
    if not isinstance(error, pyyaml.MarkedYAMLError):
        problems.add(Mark(file, 1, 1), "J001", "the file is not readable as YAML")
        return
    text = str(error.problem or error.context or "unreadable")
    unclosed = "quoted scalar" in str(error.context) and "end of stream" in text
    mark = _mark(file, error.context_mark if unclosed else error.problem_mark or error.context_mark)
    if "nesting depth" in text:
        problems.add(mark, "J001", f"more than {MAX_LEVELS} levels inside one another", "make it flatter")
        return
    words = [UNCLOSED] if unclosed else [said for known, said in _SAID.items() if known in text]
    message, advice = words[0] if words else ("this is no YAML", _JUST_BEFORE)
    problems.add(mark, "J001", f"{UNREADABLE}: {message}", advice)


UNREADABLE = "YAML cannot be read here"
UNCLOSED = ("the quote that begins here is never closed", "close it, on the same line")
_JUST_BEFORE = "look for a missing quote, bracket or comma, or a wrong indentation, just before"
_SAID: dict[str, tuple[str, str]] = {
    "mapping values are not allowed": (
        "a second `: ` stands in one line",
        "begin a new line for what follows; a text with `: ` in it needs quotes",
    ),
    "did not find expected ','": ("a bracket or brace is not closed, or a comma is missing", _JUST_BEFORE),
    "block sequence entries": ("a list cannot begin here", "begin it on a new line, each item with `- `"),
    "escape": ("`\\` means something else in double quotes", "use single quotes, or leave it out"),
    "did not find expected": ("this line does not fit to the one before", _JUST_BEFORE),
    "could not find expected ':'": ("a `name: value` breaks off", "write a colon and a space after the name"),
    "cannot start any token": (
        "a text cannot begin so",
        "a text that begins with this character needs quotes",
    ),
    "end of stream": ("the file breaks off", "look for a quote or bracket that is not closed"),
}
"""What the parser says, in plain words, with the way out."""

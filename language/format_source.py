"""A YAML file as pieces that can be put into another order, each with the comments that belong to it.

A comment on a line of its own belongs to what follows it, one at the end of a line to what that line says.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

import yaml as pyyaml

BLANK = ""
_LOADER = getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader)


@dataclass(slots=True)
class Leaf:
    """A single value exactly as written: its lines, those after the first without their indentation."""

    lines: tuple[str, ...]
    style: str = ""
    kind: Literal["leaf"] = "leaf"

    @property
    def plain(self) -> bool:
        """Whether it stands without quotes."""
        return not self.style


@dataclass(slots=True)
class Group:
    """A map or a list; `flow` if written in brackets, `bare` if a one-line list has it without its own
    braces (`[end: lost]`), `foot` are comments behind its last element.
    """

    is_map: bool
    flow: bool
    bare: bool
    column: int
    multi_line: bool
    elements: list[Element] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)
    kind: Literal["group"] = "group"

    def named(self, name: str) -> Element | None:
        """Finds the element of a map by its name."""
        return next((one for one in self.elements if one.name == name), None)


@dataclass(slots=True)
class Element:
    """An entry of a map, or an item of a list (`key` None).

    `leading` are comments and blank lines before it, `remark` the comment behind it with its column, `bare` a
    key without a colon.
    """

    key: str | None
    name: str
    value: Leaf | Group
    line: int
    column: int
    leading: list[str] = field(default_factory=list)
    remark: tuple[int, str] | None = None
    within: Element | None = None
    group: Group | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: where it begins, and whether nothing else stands on its line."""

    line: int
    column: int
    text: str
    own_line: bool


class _Mark(Protocol):
    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


def read_pieces(text: str) -> Group | None:
    """Reads a sound file; None where it holds a single value."""
    lines = text.split("\n")
    node = pyyaml.compose(text, Loader=_LOADER)
    if not isinstance(node, pyyaml.CollectionNode):
        return None
    root = _group(node, lines, None)
    _attach(_Places(root), lines, _blocked(node))
    return root


def comments_of(text: str) -> tuple[Comment, ...]:
    """Lists the comments of a sound file."""
    node = pyyaml.compose(text, Loader=_LOADER)
    if node is None:
        return ()
    blocked = _blocked(node)
    found = (_comment(number, line, blocked) for number, line in enumerate(text.split("\n")))
    return tuple(comment for comment in found if comment is not None)


def _group(node: pyyaml.CollectionNode, lines: list[str], within: Element | None) -> Group:
    is_map = isinstance(node, pyyaml.MappingNode)
    start, end = node.start_mark, node.end_mark
    flow = bool(node.flow_style)
    bare = flow and is_map and lines[start.line][start.column : start.column + 1] != "{"
    group = Group(is_map, flow, bare, start.column, start.line != end.line)
    pairs = node.value if is_map else [(None, item) for item in node.value]
    for key, value in pairs:
        at = key.start_mark if key is not None else _dash(group, value, lines)
        written = _slice(lines, key.start_mark, key.end_mark)[0] if key is not None else None
        element = Element(written, key.value if key is not None else "", Leaf(()), at.line, at.column)
        element.within, element.group = within, group
        element.value = _value(value, lines, element)
        element.bare = key is not None and not _after(lines, key.end_mark).lstrip().startswith(":")
        group.elements.append(element)
    return group


def _value(node: pyyaml.Node, lines: list[str], within: Element) -> Leaf | Group:
    if isinstance(node, pyyaml.CollectionNode):
        return _group(node, lines, within)
    written = _slice(lines, node.start_mark, node.end_mark)
    style = (node.style or "") if isinstance(node, pyyaml.ScalarNode) else ""
    if style in ("|", ">"):
        return Leaf((written[0].rstrip(), *_dedented(written[1:])), style)
    return Leaf(tuple(line.strip() for line in written) if written != [""] else (), style)


def _dedented(lines: list[str]) -> list[str]:
    """Takes off the indentation of a block of text, and the blank lines behind it."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return [line[indent:] if line.strip() else BLANK for line in lines]


@dataclass(frozen=True, slots=True)
class _At:
    line: int
    column: int


def _dash(group: Group, item: pyyaml.Node, lines: list[str]) -> _Mark:
    """Finds the dash of a list's item; in one-line lists the item itself."""
    start = item.start_mark
    if group.flow:
        return _At(start.line, start.column)
    for number in range(start.line, -1, -1):
        if lines[number][group.column : group.column + 1] == "-":
            return _At(number, group.column)
    return _At(start.line, start.column)


def _slice(lines: list[str], start: _Mark, end: _Mark) -> list[str]:
    if start.line == end.line:
        return [lines[start.line][start.column : end.column]]
    last = [lines[end.line][: end.column]] if end.line < len(lines) else []
    return [lines[start.line][start.column :], *lines[start.line + 1 : end.line], *last]


def _after(lines: list[str], mark: _Mark) -> str:
    return lines[mark.line][mark.column :]


def _elements(group: Group) -> Iterator[Element]:
    for element in group.elements:
        yield element
        if isinstance(element.value, Group):
            yield from _elements(element.value)


def _blocked(node: pyyaml.Node) -> dict[int, list[tuple[int, int]]]:
    """Says for each line which columns are inside a value or a key, where a `#` begins no comment."""
    found: dict[int, list[tuple[int, int]]] = {}
    for scalar in _scalars(node):
        start, end = scalar.start_mark, scalar.end_mark
        for line in range(start.line, end.line + 1):
            first = start.column if line == start.line else 0
            last = end.column if line == end.line else 1 << 30
            found.setdefault(line, []).append((first, last))
    return found


def _scalars(node: pyyaml.Node) -> Iterator[pyyaml.ScalarNode]:
    match node:
        case pyyaml.ScalarNode():
            yield node
        case pyyaml.MappingNode():
            for key, value in node.value:
                yield from (*_scalars(key), *_scalars(value))
        case pyyaml.SequenceNode():
            for item in node.value:
                yield from _scalars(item)


def _comment(number: int, line: str, blocked: dict[int, list[tuple[int, int]]]) -> Comment | None:
    spans = blocked.get(number, [])
    for column, character in enumerate(line):
        if character != "#" or (column and line[column - 1] not in " \t"):
            continue
        if not any(first <= column < last for first, last in spans):
            return Comment(number, column, line[column:].rstrip(), not line[:column].strip())
    return None


class _Places:
    """The elements of a file in their order, to be found by line."""

    def __init__(self, root: Group) -> None:
        self._root = root
        self._elements = sorted(_elements(root), key=lambda one: (one.line, one.column))
        self._lines = [one.line for one in self._elements]

    def on(self, line: int) -> list[Element]:
        """Lists what begins on a line."""
        return self._elements[bisect_left(self._lines, line) : bisect_right(self._lines, line)]

    def remarked(self, comment: Comment) -> Element | None:
        """Finds what a comment at the end of a line is about: the innermost thing that begins there."""
        found = [one for one in self.on(comment.line) if _has_line(one)]
        return found[-1] if found and found[-1].remark is None else None

    def home(self, comment: Comment) -> list[str]:
        """Finds the lines to which a comment on a line of its own belongs."""
        first, after = bisect_left(self._lines, comment.line), bisect_right(self._lines, comment.line)
        following = self._elements[after] if after < len(self._elements) else None
        before = self._elements[first - 1] if first else None
        outside = following.column if following is not None else -1
        while before is not None:
            group = before.group
            if group is not None and not group.flow and outside < group.column <= comment.column:
                return group.foot
            before = before.within
        return following.leading if following is not None else self._root.foot


def _attach(places: _Places, lines: list[str], blocked: dict[int, list[tuple[int, int]]]) -> None:
    """Gives every comment and blank line to the element or group that it belongs to."""
    blank = False
    for number, line in enumerate(lines):
        if not line.strip() and not any(last for _, last in blocked.get(number, [])):
            blank = True
            continue
        comment = _comment(number, line, blocked)
        if comment is None or not comment.own_line:
            for starting in places.on(number)[:1] if blank else ():
                starting.leading.append(BLANK)
            blank = False
        if comment is None:
            continue
        place = places.remarked(comment) if not comment.own_line else None
        if place is not None:
            place.remark = (comment.column, comment.text)
            continue
        target = places.home(comment)
        target += [BLANK, comment.text] if blank else [comment.text]
        blank = False


def _has_line(element: Element) -> bool:
    """Says whether an element will stand on a line of its own: one-line brackets are kept together."""
    return element.group is not None and (not element.group.flow or element.group.multi_line)

"""Writes pieces of YAML with two spaces a level, comments in their places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from language.format_source import BLANK, Element, Group, Leaf

_CONDITIONS = frozenset({"if", "where", "becomes"})
_RISKY = frozenset("\"'([{,")
_GAP = 2
"""Spaces between a line and the comment behind it."""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    remark: tuple[int, str] | None = None

    def moved(self, by: str) -> _Line:
        return replace(self, text=by + self.text) if self.text else self

    def __str__(self) -> str:
        if self.remark is None:
            return self.text
        column, comment = self.remark
        return self.text.ljust(max(column, len(self.text) + _GAP)) + comment


def written(root: Group) -> str:
    """Writes a file."""
    head = _head(root)
    body = [str(line) for line in _group(root)]
    return "\n".join([*head, *body]) + "\n"


def _head(root: Group) -> list[str]:
    """Takes the comments that are about the file, and not about the first thing in it."""
    if not root.elements:
        return []
    first = min(root.elements, key=lambda one: (one.line, one.column))
    leading = first.leading
    ends = [number for number, text in enumerate(leading) if _ends_head(text, number)]
    if not ends:
        return []
    head, first.leading = leading[: ends[-1] + 1], leading[ends[-1] + 1 :]
    return _tidy(head)


def _ends_head(text: str, number: int) -> bool:
    return (text == BLANK and number > 0) or text.startswith("# yaml-language-server:")


def _group(group: Group) -> list[_Line]:
    lines: list[_Line] = []
    for number, element in enumerate(group.elements):
        lines += (_Line(text) for text in _leading(element, is_first=number == 0))
        lines += _element(element)
    foot = _tidy(group.foot)
    return lines + [_Line(text) for text in (foot[:-1] if foot[-1:] == [BLANK] else foot)]


def _leading(element: Element, *, is_first: bool) -> list[str]:
    """Gives what stands before an element, with what stands before the first thing inside it."""
    texts = list(element.leading)
    if element.key is None:
        texts += _hoisted(element.value)
    found = _tidy(texts)
    return found[1:] if is_first and found[:1] == [BLANK] else found


def _hoisted(value: Leaf | Group) -> list[str]:
    if isinstance(value, Leaf) or not value.elements or not _is_block(value):
        return []
    first = value.elements[0]
    texts = [text for text in first.leading if text]
    first.leading = []
    return texts + (_hoisted(first.value) if first.key is None else [])


def _tidy(texts: Iterable[str]) -> list[str]:
    """Leaves one blank line of several."""
    found: list[str] = []
    for text in texts:
        if text or found[-1:] != [BLANK]:
            found.append(text)
    return found


def _element(element: Element) -> list[_Line]:
    name = "-" if element.key is None else f"{element.key}:"
    value = element.value
    if isinstance(value, Leaf):
        return _leaf(name, value, element)
    if not _is_block(value):
        return [_Line(f"{name} {_one_line(value)}", element.remark)]
    inner = _group(value)
    if element.key is not None:
        return [_Line(name, element.remark), *(line.moved("  ") for line in inner)]
    before = [_Line(element.remark[1])] if element.remark is not None else []
    return [*before, inner[0].moved("- "), *(line.moved("  ") for line in inner[1:])]


def _leaf(name: str, leaf: Leaf, element: Element) -> list[_Line]:
    if not leaf.lines:
        return [_Line(name, element.remark)]
    first, *rest = leaf.lines
    if rest and leaf.style not in ("|", ">"):
        *middle, last = (_Line(text).moved("  ") for text in rest)
        return [_Line(f"{name} {first}"), *middle, replace(last, remark=element.remark)]
    return [_Line(f"{name} {first}", element.remark), *(_Line(text).moved("  ") for text in rest)]


def _is_block(group: Group) -> bool:
    """Says whether a group takes lines of its own: written so, over several lines, or with a condition that
    one-line braces may break.
    """
    if not group.flow:
        return True
    if not group.elements:
        return False
    if group.multi_line or any(one.leading or one.remark for one in group.elements) or group.foot:
        return True
    if any(_at_risk(one) for one in group.elements if not one.bare):
        return True
    return any(_is_block(one.value) for one in group.elements if isinstance(one.value, Group))


def _at_risk(element: Element) -> bool:
    is_condition = element.name in _CONDITIONS or (
        element.name == "until" and element.within is not None and element.within.name == "repeat"
    )
    value = element.value
    if not is_condition or isinstance(value, Group) or not value.plain:
        return False
    return any(_RISKY & set(line) for line in value.lines)


def _one_line(group: Group) -> str:
    parts = ", ".join(_part(one) for one in group.elements)
    if group.bare:
        return parts
    return f"{{{parts}}}" if group.is_map else f"[{parts}]"


def _part(element: Element) -> str:
    value = element.value
    text = _one_line(value) if isinstance(value, Group) else " ".join(value.lines)
    if element.key is None:
        return text
    if element.bare:
        return element.key
    return f"{element.key}: {text}" if text else f"{element.key}:"

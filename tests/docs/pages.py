"""The pages of the documentation, their code blocks and their links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FRONT = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")

_FENCE = re.compile(r"^```(?P<tag>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?://|mailto:)(?P<target>[^)#\s]*)(?:#[^)\s]*)?\)")
_ANCHOR = re.compile(r"\]\((?!https?://|mailto:)(?P<target>[^)#\s]*)#(?P<name>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its page, the line of its first line, the word after the fence."""

    page: str
    line: int
    tag: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Lists all pages by their path from the root."""
    docs = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
    return [*(name for name in FRONT if (ROOT / name).exists()), *docs]


def text_of(page: str) -> str:
    """Reads a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> Iterator[Block]:
    """Gives a page's fenced blocks."""
    text = text_of(page)
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        yield Block(page, line, found["tag"], found["text"])


def prose(page: str) -> str:
    """Gives a page without its fenced blocks."""
    return _FENCE.sub("", text_of(page))


def code_words(page: str) -> list[str]:
    """Lists what stands between backticks in a page's prose."""
    return _CODE.findall(prose(page))


def links(page: str) -> list[str]:
    """Lists the files that a page links to, by their path from the root."""
    return [_place(page, link["target"]) for link in _LINK.finditer(prose(page)) if link["target"]]


def anchors(page: str) -> list[tuple[str, str]]:
    """Lists the headings that a page links to, each with the path of its page."""
    return [(_place(page, link["target"]), link["name"]) for link in _ANCHOR.finditer(prose(page))]


def headings(page: str) -> set[str]:
    """Lists the headings of a page as links name them."""
    return {re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-") for name in _HEADING.findall(prose(page))}


def _place(page: str, target: str) -> str:
    place = (ROOT / page).parent / target if target else ROOT / page
    return place.resolve().relative_to(ROOT).as_posix()

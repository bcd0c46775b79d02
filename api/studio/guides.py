"""Turns the guides of `docs/` into HTML, so that a mistake's code leads to its page without a network."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
_OUTSIDE = re.compile(r"^(https?:|mailto:)")
_PAGE = re.compile(r"^((?:\.\./|language/)?[a-z_-]+)\.md(#.*)?$")
_NO_ID = re.compile(r"[^\w\s-]")


@cache
def picture(name: str) -> bytes | None:
    """Gives a picture of the pages of the language; None where there is none."""
    file = DOCS / "language" / "pictures" / name
    return file.read_bytes() if file.is_file() else None


@cache
def guide(name: str) -> tuple[str, Markup] | None:
    """Gives the title and the body of a guide; None where there is none. HTML inside it is shown as text."""
    file = DOCS / f"{name}.md"
    if not file.is_file():
        return None
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(file.read_text(encoding="utf-8"))
    title = name
    for token, content in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _id(content.content))
            title = content.content if token.tag == "h1" else title
    _lead_links_here(tokens)
    return title, Markup(reader.renderer.render(tokens, reader.options, {}))


def _lead_links_here(tokens: list[Token]) -> None:
    """Links between guides lead to each other; those to files of the house lead nowhere."""
    for token in tokens:
        for inner in token.children or ():
            target = str(inner.attrGet("href") or "")
            if inner.type != "link_open" or _OUTSIDE.match(target) or target.startswith("#"):
                continue
            found = _PAGE.match(target)
            inner.attrs = {"href": f"{found[1]}{found[2] or ''}"} if found else {}


def _id(heading: str) -> str:
    """Names a heading as its links do: `J011`, `the-way-of-an-event`."""
    text = _NO_ID.sub("", heading).strip()
    return text if re.fullmatch(r"J\d{3}", text) else text.lower().replace(" ", "-")

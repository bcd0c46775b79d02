"""MJML to HTML, and HTML to the plain text that goes beside it."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from mjml import mjml2html

from templates.errors import MjmlError

ROOT = re.compile(r"<mjml(?P<attributes>[^>]*)>")
ELEMENT = re.compile(r"<(mj-[a-z-]+)")
POSITION = re.compile(r" at position (\d+):\d+$")
PARAGRAPHS = frozenset({"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "p", "table"})
BLOCKS = PARAGRAPHS | {"address", "dd", "div", "dl", "dt", "hr", "li", "ol", "td", "th", "tr", "ul"}
SILENT = frozenset({"head", "script", "style", "title"})
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)


def to_html(source: str, file: str, line: int = 1, *, preview: str = "", language: str | None = None) -> str:
    """Returns the HTML of rendered MJML, with `preview` as its hidden first line; raises MjmlError.

    No web fonts are linked unless the source names them.
    """
    whole = _completed(source, preview, language)
    try:
        html = mjml2html(whole, fonts={})
    except ValueError as error:
        message, found = str(error), POSITION.search(str(error))
        offset = whole.encode()[: int(found[1])].count(b"\n") if found else 0
        raise MjmlError(f"MJML: {POSITION.sub('', message)}", file, line + offset) from error
    unknown = ELEMENT.search(html)
    if unknown is not None:
        before = source.partition(f"<{unknown[1]}")[0]
        raise MjmlError(f"MJML has no element {unknown[1]}", file, line + before.count("\n"))
    return html


def to_text(html: str) -> str:
    """Returns the readable text of an HTML page: a line for each block, links with their address behind."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _completed(source: str, preview: str, language: str | None) -> str:
    """Puts language and preview where the source does not have its own."""
    root = ROOT.search(source)
    if root is None:
        return source
    attributes = root["attributes"]
    if language is not None and not re.search(r"\slang=", attributes):
        attributes += f' lang="{language}"'
    head = ""
    if preview and "<mj-preview" not in source:
        head = f"<mj-head><mj-preview>{escape(preview)}</mj-preview></mj-head>"
    return f"{source[: root.start()]}<mjml{attributes}>{head}{source[root.end() :]}"


class _Reader(HTMLParser):
    """Gathers text; `hidden` counts the open elements inside one that is not shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in VOID:
            self._void(tag, given)
        elif self.hidden or tag in SILENT or "display:none" in given.get("style", "").replace(" ", ""):
            self.hidden += 1
        elif tag == "a":
            self.links.append((given.get("href", ""), len(self.parts)))
        else:
            self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self.hidden:
            self.hidden -= 1
        elif tag == "a" and self.links:
            address, begin = self.links.pop()
            shown = "".join(self.parts[begin:]).strip()
            if address.startswith(("http:", "https:")) and address != shown:
                self.parts.append(f" ({address})")
        else:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(re.sub(r"\s+", " ", data))

    def _void(self, tag: str, given: dict[str, str]) -> None:
        if self.hidden:
            return
        if tag == "br":
            self.parts.append("\n")
        elif tag == "img":
            self.parts.append(given.get("alt", ""))
        else:
            self._break(tag)

    def _break(self, tag: str) -> None:
        if tag in BLOCKS:
            self.parts.append("\n\n" if tag in PARAGRAPHS else "\n")

"""Draws a compiled journey as SVG that needs nothing from outside: the whole, or one stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap

from language.compiled import Journey
from language.picture_graph import Card, Graph, Look, beside, overview, stage_graph
from language.picture_layout import LINE, Arrow, Box, Layout, Point, Route, laid_out

STYLE = """
.picture text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}
.box{stroke-width:1.2}.tag{font-size:10px;letter-spacing:.03em}.text{font-size:13px;fill:#1c2430}
.detail{font-size:11px;fill:#4b5666}.label{font-size:11px;fill:#39424f}
.way{fill:none;stroke:#7a8594;stroke-width:1.3}.frame{fill:#fbfcfd;stroke:#d5dbe3}
.title{font-size:15px;font-weight:600;fill:#1c2430}.head{font-size:20px;font-weight:600;fill:#1c2430}
""".replace("\n", "")
MARGIN = 24.0
ROW = 1500.0
"""Pixels after which the next stage begins a new row."""

_LOOKS: dict[Look, tuple[str, str]] = {
    "message": ("#e3efff", "#245fa8"),
    "work": ("#efe6fb", "#7b46c2"),
    "wait": ("#fdf3d8", "#855f00"),
    "choice": ("#e2f4ee", "#176b50"),
    "data": ("#eef1f5", "#566170"),
    "won": ("#d9f2d9", "#23702a"),
    "lost": ("#fbe3e0", "#a83424"),
    "neutral": ("#eceef1", "#59636e"),
    "stage": ("#e6e8fb", "#4a54b8"),
    "start": ("#ffffff", "#1c2430"),
}
_ROUND: frozenset[Look] = frozenset({"won", "lost", "neutral", "stage", "start"})
_TEXT, _SMALL = 7.3, 6.3
"""Pixels of a letter."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A piece of SVG with its size in pixels."""

    body: str
    width: float
    height: float

    def document(self, title: str) -> str:
        """Makes it a whole SVG."""
        width, height = self.width + 2 * MARGIN, self.height + 2 * MARGIN
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" width="{width:.0f}"'
            f' height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">'
            f"<title>{escape(title)}</title><style>{STYLE}</style>{_ARROWHEAD}"
            f'<rect width="100%" height="100%" fill="#fff"/>{_moved(self, MARGIN, MARGIN)}</svg>\n'
        )


_ARROWHEAD = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto">'
    '<path d="M0 0.6 L7.5 4 L0 7.4 z" fill="#7a8594"/></marker></defs>'
)


def svg(journey: Journey) -> str:
    """Draws the whole journey: its stages one beside the other, and how they lead to each other."""
    frames = [
        _framed(stage, _graph(stage_graph(journey, stage)), f"stage-{stage}") for stage in journey.stages
    ]
    if len(frames) > 1:
        frames.insert(0, _framed("the stages", _graph(overview(journey))))
    drawing = _stacked([_heading(journey), _rows(frames)], 20.0)
    return drawing.document(f"{journey.name} {journey.version}")


def stage_svg(journey: Journey, stage: str) -> str:
    """Draws one stage."""
    return _graph(stage_graph(journey, stage)).document(f"{journey.name}: {stage}")


def overview_svg(journey: Journey) -> str:
    """Draws how the stages lead to each other."""
    return _graph(overview(journey)).document(f"{journey.name}: the stages")


def _heading(journey: Journey) -> Drawing:
    texts = [
        ("head", f"{journey.name} {journey.version}"),
        *(("detail", one) for one in wrap(journey.about, 120)),
    ]
    said = (f"{heard}: {does}" for heard, does in beside(journey))
    texts += [("label", one) for text in said for one in wrap(text, 120, subsequent_indent="\u2003")]
    lines: list[str] = []
    top = 0.0
    for kind, text in texts:
        top += 22.0 if kind == "head" else 17.0
        lines.append(f'<text class="{kind}" x="0" y="{top:.0f}">{escape(text)}</text>')
    return Drawing("".join(lines), max(len(text) for _, text in texts) * _SMALL, top + 4)


def _framed(title: str, inner: Drawing, name: str = "") -> Drawing:
    width, height = max(inner.width, len(title) * 9.0) + 40, inner.height + 64
    anchor = f' id="{escape(name)}"' if name else ""
    frame = f'<rect{anchor} class="frame" width="{width:.0f}" height="{height:.0f}" rx="10"/>'
    head = f'<text class="title" x="20" y="28">{escape(title)}</text>'
    return Drawing(frame + head + _moved(inner, (width - inner.width) / 2, 44), width, height)


def _rows(drawings: Sequence[Drawing]) -> Drawing:
    """Puts drawings side by side, and begins a new row where they get too wide."""
    rows: list[list[Drawing]] = [[]]
    for drawing in drawings:
        if rows[-1] and sum(one.width + 24 for one in rows[-1]) + drawing.width > ROW:
            rows.append([])
        rows[-1].append(drawing)
    return _stacked([_beside(row) for row in rows], 24.0)


def _beside(drawings: Sequence[Drawing]) -> Drawing:
    parts, left = [], 0.0
    for drawing in drawings:
        parts.append(_moved(drawing, left, 0))
        left += drawing.width + 24
    return Drawing("".join(parts), left - 24, max(one.height for one in drawings))


def _stacked(drawings: Sequence[Drawing], space: float) -> Drawing:
    parts, top = [], 0.0
    for drawing in drawings:
        parts.append(_moved(drawing, 0, top))
        top += drawing.height + space
    return Drawing("".join(parts), max(one.width for one in drawings), top - space)


def _moved(drawing: Drawing, x: float, y: float) -> str:
    return f'<g transform="translate({x:.0f} {y:.0f})">{drawing.body}</g>'


def _graph(graph: Graph) -> Drawing:
    boxes = {name: _box(card) for name, card in graph.cards.items()}
    arrows = [_arrow(source, target, label) for (source, target), label in graph.arrows.items()]
    layout = laid_out(boxes, arrows)
    ways = "".join(_way(route) for route in layout.routes)
    cards = "".join(_card(card, layout.places[name], boxes[name]) for name, card in graph.cards.items())
    return Drawing(ways + cards + _labels(layout), layout.width, layout.height)


def _arrow(source: str, target: str, label: str) -> Arrow:
    lines = tuple(wrap(label, 22))
    return Arrow(source, target, lines, max((len(line) for line in lines), default=0) * _SMALL)


def _lines(card: Card) -> list[tuple[str, str]]:
    texts = [("tag", card.tag)] if card.tag else []
    texts += [("text", line) for line in wrap(card.text, 30)[:5]]
    return texts + [("detail", line) for detail in card.details for line in wrap(detail, 34)[:3]]


def _box(card: Card) -> Box:
    lines = _lines(card)
    widest = max((len(text) * (_TEXT if kind == "text" else _SMALL) for kind, text in lines), default=0.0)
    return Box(max(widest, 56.0) + 24, sum(_height(kind) for kind, _ in lines) + 16)


def _height(kind: str) -> float:
    return {"tag": 14.0, "text": 17.0}.get(kind, 15.0)


def _card(card: Card, place: Point, box: Box) -> str:
    fill, stroke = _LOOKS[card.look]
    left, radius = place.x - box.width / 2, 16 if card.look in _ROUND else 5
    about = f"<title>{escape(card.about)}</title>" if card.about else ""
    size = f'width="{box.width:.1f}" height="{box.height:.1f}" rx="{radius}"'
    frame = f'<rect class="box" x="{left:.1f}" y="{place.y:.1f}" {size} fill="{fill}" stroke="{stroke}"/>'
    parts = [about, frame]
    top = place.y + 7
    for kind, text in _lines(card):
        top += _height(kind)
        parts.append(_text(kind, place.x, top - 3, text, f' fill="{stroke}"' if kind == "tag" else ""))
    place_of = f' data-step="{escape(card.step)}" data-line="{card.line}"' if card.line else ""
    drawn = f"<g{place_of}>{''.join(parts)}</g>"
    return f'<a href="#stage-{escape(card.stage)}">{drawn}</a>' if card.stage is not None else drawn


def _text(kind: str, x: float, y: float, text: str, colour: str = "") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle"{colour}>{escape(text)}</text>'


def _way(route: Route) -> str:
    return f'<path class="way" marker-end="url(#tip)" d="{" ".join(_bends(route.points))}"/>'


def _bends(points: Sequence[Point]) -> Iterator[str]:
    first = points[0]
    yield f"M{first.x:.1f} {first.y:.1f}"
    for before, after in pairwise(points):
        if before == after:
            continue
        if before.x == after.x:
            yield f"L{after.x:.1f} {after.y:.1f}"
        else:
            middle = (before.y + after.y) / 2
            yield f"C{before.x:.1f} {middle:.1f} {after.x:.1f} {middle:.1f} {after.x:.1f} {after.y:.1f}"


def _labels(layout: Layout) -> str:
    return "".join(part for route in layout.routes for part in _label(route))


def _label(route: Route) -> Iterator[str]:
    if route.label_at is None:
        return
    x, top = route.label_at.x, route.label_at.y
    width, height = route.arrow.width + 6, LINE * len(route.arrow.label)
    yield (
        f'<rect x="{x - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
        ' fill="#fbfcfd"/>'
    )
    for number, line in enumerate(route.arrow.label, 1):
        yield _text("label", x, top + LINE * number - 3, line)

"""Stacked bars as a picture (SVG) that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import ceil

WIDTH, HEIGHT = 1000, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 60, 70
COLOURS = ("#2f6f9f", "#d98032", "#4d9a5b", "#9a5fa8", "#c0504d", "#7a7a7a", "#b8a13a", "#3aa6a6")
MOST_LABELS = 20
STYLE = "text{font:13px sans-serif;fill:#222}.title{font-size:17px;font-weight:bold}.grid{stroke:#ddd}"


def stacked_bars(title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> str:
    """Draws a bar for each label, a part for each series; every part says its figure when pointed at."""
    totals = [sum(values[at] for values in series.values()) for at in range(len(labels))]
    top = _round_up(max(totals, default=0))
    inner = [*_grid(top), *_bars(labels, series, top), *_labels(labels), *_legend(series)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        f'<text class="title" x="{LEFT}" y="28">{escape(title)}</text>{"".join(inner)}</svg>\n'
    )


def _round_up(most: int) -> int:
    """Gives the top of the scale: a round number of which four parts are whole."""
    step = 1
    while step * 4 < most:
        step = step * 2 if str(step)[0] in "15" else ceil(step * 2.5)
    return step * 4


def _y(value: float, top: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top, 1)


def _slot(count: int) -> float:
    return (WIDTH - LEFT - RIGHT) / max(count, 1)


def _grid(top: int) -> Iterator[str]:
    for part in range(5):
        value = top * part // 4
        y = _y(value, top)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{value}</text>'


def _bars(labels: Sequence[str], series: Mapping[str, Sequence[int]], top: int) -> Iterator[str]:
    slot = _slot(len(labels))
    for at, label in enumerate(labels):
        below = 0
        for number, (name, values) in enumerate(series.items()):
            if values[at]:
                upper, lower = _y(below + values[at], top), _y(below, top)
                yield (
                    f'<rect x="{LEFT + slot * (at + 0.1):.1f}" y="{upper}" width="{slot * 0.8:.1f}" '
                    f'height="{lower - upper:.1f}" fill="{COLOURS[number % len(COLOURS)]}">'
                    f"<title>{escape(f'{label}: {values[at]} {name}')}</title></rect>"
                )
            below += values[at]


def _labels(labels: Sequence[str]) -> Iterator[str]:
    slot, every = _slot(len(labels)), ceil(len(labels) / MOST_LABELS) or 1
    for at in range(0, len(labels), every):
        x, y = round(LEFT + slot * (at + 0.5), 1), HEIGHT - BOTTOM + 16
        turned = f'transform="rotate(-40 {x} {y})" text-anchor="end"'
        yield f'<text x="{x}" y="{y}" {turned}>{escape(labels[at])}</text>'


def _legend(series: Mapping[str, Sequence[int]]) -> Iterator[str]:
    x = LEFT
    for number, name in enumerate(series):
        yield f'<rect x="{x}" y="38" width="12" height="12" fill="{COLOURS[number % len(COLOURS)]}"/>'
        yield f'<text x="{x + 17}" y="49">{escape(name)}</text>'
        x += 40 + 8 * len(name)

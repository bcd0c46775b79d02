"""A journey as one HTML page that needs nothing from outside: the whole, and each stage by itself."""

from __future__ import annotations

from html import escape

from language.compiled import Journey
from language.picture import overview_svg, stage_svg
from language.picture_graph import beside

_STYLE = """
body{font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:#1c2430;margin:2rem auto;
max-width:96rem;padding:0 1.5rem}h1{margin:0}h2{margin:2.5rem 0 .5rem;border-bottom:1px solid #d5dbe3}
nav a{margin-right:1rem}table{border-collapse:collapse;margin:1rem 0}td{padding:.15rem 1.2rem .15rem 0;
vertical-align:top}.scroll{overflow-x:auto}a{color:#4a54b8}@media print{h2{break-before:page}}
"""


def page(journey: Journey) -> str:
    """Writes the page."""
    stages = list(journey.stages)
    parts = [_head(journey)]
    if len(stages) > 1:
        links = "".join(f'<a href="#stage-{escape(stage)}">{escape(stage)}</a>' for stage in stages)
        parts.append(f"<nav>{links}</nav>{_section('the-whole', 'The whole', overview_svg(journey))}")
    parts += (_section(f"stage-{stage}", stage, stage_svg(journey, stage)) for stage in stages)
    title = escape(f"{journey.name} {journey.version}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _head(journey: Journey) -> str:
    rows = (f"<tr><td>{escape(when)}</td><td>{escape(what)}</td></tr>" for when, what in beside(journey))
    title = escape(f"{journey.name} {journey.version}")
    return f"<h1>{title}</h1><p>{escape(journey.about)}</p><table>{''.join(rows)}</table>"


def _section(name: str, title: str, picture: str) -> str:
    return (
        f'<section id="{escape(name)}"><h2>{escape(title)}</h2><div class="scroll">{picture}</div></section>'
    )

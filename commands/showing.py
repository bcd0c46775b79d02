"""`cauce show`: a journey as a diagram, a picture or a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, assert_never

import typer

from commands import projects
from language.compiled import Journey, Message
from language.diagram import mermaid
from language.picture import svg
from language.picture_page import page

Format = Literal["mermaid", "svg", "html"]


def show(
    journey: Annotated[str, typer.Argument(help="Its name.")],
    how: Annotated[
        Format, typer.Option("--format", help="Mermaid text, one picture, or a page with a picture a stage.")
    ] = "mermaid",
) -> None:
    """Print a journey as a Mermaid diagram, as SVG or as an HTML page, with the purpose of each message.

    Picture and page need nothing from outside: `cauce show NAME --format html > NAME.html`.
    """
    compiled = projects.sound_journey(projects.project(), journey)
    typer.echo("".join(_shown(compiled, how)), nl=False)


def _shown(journey: Journey, how: Format) -> Iterator[str]:
    match how:
        case "mermaid":
            yield mermaid(journey)
            yield from _purposes(journey)
        case "svg":
            yield svg(journey)
        case "html":
            yield page(journey)
        case _:
            assert_never(how)


def _purposes(journey: Journey) -> Iterator[str]:
    for item in journey.program:
        if isinstance(item, Message):
            topic = f", topic {item.topic}" if item.topic else ""
            yield f"%% {item.place.step}: {item.template}, {item.purpose}{topic}\n"

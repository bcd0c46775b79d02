"""Results for people and for machines: tables and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

import typer
from pydantic_core import to_json
from rich.markup import escape
from rich.table import Table

from commands.house import out

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Show at most so many.")]


def emit_json(value: object) -> None:
    """Prints records as JSON."""
    typer.echo(to_json(value, indent=2).decode())


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Prints a table, or a line where it has no rows."""
    shown = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        shown.add_row(*(escape(cell(value)) for value in row))
    if shown.row_count == 0:
        out().print(f"[dim]{escape(empty)}[/]")
        return
    out().print(shown)


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Prints names with their values, those that are known."""
    shown = Table(box=None, show_header=False, pad_edge=False)
    for name, value in pairs:
        if value not in (None, "", (), [], {}):
            shown.add_row(f"[bold]{escape(name)}", escape(cell(value)))
    out().print(shown)


def cell(value: object) -> str:
    """Writes a value for a table."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return moment(value)
        case list() | tuple():
            return ", ".join(cell(item) for item in value)
        case dict():
            return ", ".join(f"{name}={cell(item)}" for name, item in value.items())
        case _:
            return str(value)


def moment(at: datetime) -> str:
    """Writes an instant to the second, in UTC."""
    return at.strftime("%Y-%m-%d %H:%M:%S")

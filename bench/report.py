"""Rows of the benchmark: what was measured, against what, and whether it is within budget."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results" / "latest.json"


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement. `ratio` is the house's figure over its companion's, `ok` None where no budget is set.

    `budget` says in words what was judged: the value, or the ratio where there is one.
    """

    row: str
    value: float | None
    unit: str
    ratio: float | None = None
    budget: str | None = None
    ok: bool | None = None


def judged(
    row: str, value: float, unit: str, sign: Literal["<=", ">="], bound: float, *, ratio: float | None = None
) -> Row:
    """Makes a row that is within budget where its ratio, or without one its value, keeps the bound."""
    figure = value if ratio is None else ratio
    ok = figure <= bound if sign == "<=" else figure >= bound
    of = "" if ratio is None else " x"
    return Row(
        row, round(value, 4), unit, None if ratio is None else round(ratio, 3), f"{sign} {bound:g}{of}", ok
    )


def plain(row: str, value: float, unit: str, *, ratio: float | None = None) -> Row:
    """Makes a row that stands beside others without a budget of its own."""
    return Row(row, round(value, 4), unit, None if ratio is None else round(ratio, 3))


def missing(row: str, why: str) -> Row:
    """Makes a row that could not be measured; it is not within budget."""
    return Row(f"{row}: {why}", None, "", ok=False)


def table(rows: Sequence[Row]) -> Table:
    """Lays rows out for a person."""
    found = Table(title="Benchmarks", title_justify="left", show_lines=False)
    for heading in ("", "value", "unit", "ratio", "budget", "ok"):
        found.add_column(heading, justify="right" if heading in ("value", "ratio") else "left")
    for row in rows:
        found.add_row(
            row.row,
            "-"
            if row.value is None
            else f"{row.value:,.4g}"
            if abs(row.value) < 1000
            else f"{row.value:,.0f}",
            row.unit,
            "" if row.ratio is None else f"{row.ratio:.2f} x",
            row.budget or "",
            {None: "", True: "[green]yes[/]", False: "[red]no[/]"}[row.ok],
        )
    return found


def write(path: Path, machine: dict[str, str | int | float], rows: Sequence[Row]) -> None:
    """Writes the results as JSON: `{machine: {...}, rows: [{row, value, unit, ratio, budget, ok}]}`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"machine": machine, "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def show(console: Console, rows: Sequence[Row]) -> None:
    """Prints the table."""
    console.print(table(rows))

"""The report says what was measured, against what, and what broke its budget."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bench.machine import describe, percentile
from bench.report import Row, judged, missing, plain, show, write

KEYS = {"row", "value", "unit", "ratio", "budget", "ok"}


def test_a_value_within_its_bound_is_ok_and_one_beyond_is_not() -> None:
    assert judged("a step", 49.9, "µs", "<=", 50).ok is True
    assert judged("a step", 50.1, "µs", "<=", 50).ok is False
    assert judged("journeys", 8.6, "1/s", ">=", 8.6).ok is True


def test_where_there_is_a_ratio_it_is_judged_and_not_the_value() -> None:
    slow = judged("journeys", 500, "1/s", ">=", 1.0, ratio=0.97)
    assert (slow.ok, slow.budget, slow.ratio) == (False, ">= 1 x", 0.97)
    assert judged("journeys", 0.5, "1/s", ">=", 1.0, ratio=1.02).ok is True


def test_what_could_not_be_measured_is_not_within_budget() -> None:
    row = missing("import", "there is no command line")
    assert (row.ok, row.value, row.row) == (False, None, "import: there is no command line")


def test_the_file_has_the_machine_and_every_row_with_the_same_six_keys(tmp_path: Path) -> None:
    path = tmp_path / "results" / "latest.json"
    write(path, describe(), [judged("a", 1.23456, "s", "<=", 2), plain("b", 3, "1/s"), missing("c", "no")])
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found.keys() == {"machine", "rows"}
    assert found["machine"]["cores"] >= 1
    assert [row.keys() for row in found["rows"]] == [KEYS] * 3
    assert found["rows"][0] == {
        "row": "a", "value": 1.2346, "unit": "s", "ratio": None, "budget": "<= 2", "ok": True
    }  # fmt: skip


def test_the_table_shows_figures_ratios_and_verdicts() -> None:
    out = io.StringIO()
    rows = [
        judged("journeys", 43.21, "1/s", ">=", 1.0, ratio=1.3),
        Row("steps", 51.5, "µs", None, "<= 50", False),
    ]
    show(Console(file=out, width=120), rows)
    lines = [line for line in out.getvalue().splitlines() if "│" in line]
    assert [word in lines[0] for word in ("43.21", "1.30 x", ">= 1 x", "yes")] == [True] * 4
    assert [word in lines[1] for word in ("51.5", "<= 50", "no")] == [True] * 3


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (1.0, 100), (0.0, 1)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value

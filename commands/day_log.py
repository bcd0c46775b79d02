"""Prints the day-by-day log of a simulated run."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from commands.house import out
from engine.story import LogLine, Story
from model.channels import MESSAGES

COLOURS = {**dict.fromkeys(MESSAGES, "cyan"), "call": "magenta", "end": "bold green", "event": "yellow"}


def print_log(story: Story, *, parted: LogLine | None = None, indent: int = 0) -> None:
    """Prints every line with its reason; `parted` is marked."""
    shown = Table(box=None, show_header=False, pad_edge=False)
    before: int | None = None
    for line in story.log:
        shown.add_row(*_cells(line, story.zone, new_day=line.day != before, parted=line is parted))
        before = line.day
    out().print(Padding(shown, (0, 0, 0, indent), expand=False))


def as_plain(story: Story) -> dict[str, object]:
    """Gives a story for machines."""
    lines = [
        {"at": line.at, "day": line.day, "kind": line.kind, "text": line.text, "step": line.step,
         "reason": line.reason}
        for line in story.log
    ]  # fmt: skip
    return {
        "zone": story.zone, "ending": story.ending, "refused": story.refused, "branches": sorted(story.taken),
        "log": lines,
    }  # fmt: skip


def _cells(line: LogLine, zone: str, *, new_day: bool, parted: bool) -> Sequence[str]:
    local = line.at.astimezone(ZoneInfo(zone))
    day = f"day {line.day}" if new_day else ""
    date = f"{local:%a %Y-%m-%d}" if new_day else ""
    kind = f"[{COLOURS[line.kind]}]{line.kind}[/]" if line.kind in COLOURS else line.kind
    reason = f"[dim]{escape(line.reason)}[/]" if line.reason else ""
    step = f"[dim]{escape(line.step)}[/]" if line.step and line.step != line.text else ""
    mark = "[bold red]<- here[/]" if parted else ""
    return day, date, f"{local:%H:%M}", kind, escape(line.text), step, reason, mark

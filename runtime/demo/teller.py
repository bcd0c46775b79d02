"""Tells a story on the console, day by day, as its lead lives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from runtime.demo.house import Entry, Message
from runtime.demo.parts import OWN_SOURCE
from runtime.demo.script import Cast

WIDEST = 100
"""Columns of a message's text."""

INDENT = 7
"""Columns of the clock time in front of every line."""

LABEL = 11
"""Columns of what a line is, or who acts."""

STYLES = {
    "branch": "yellow", "score": "magenta", "ending": "bold green", "outcome": "green", "work": "cyan",
    "entered": "bold", "needs_attention": "bold red", "skipped": "red", "message": "blue", "retry": "cyan",
    "callback": "cyan", "timeout": "yellow", "missing": "red", "identity": "bold",
}  # fmt: skip
QUIET = frozenset({"lead.updated", "lead.created", "journey.ended", "task.ready"})
"""Events that the system makes itself and that another line tells already."""

DONE = "task.completed"


@dataclass(frozen=True, slots=True)
class Said:
    """A remark of the file, told before whatever comes next; `own` if it belongs to one story alone."""

    at: datetime
    text: str
    own: bool = False


Told = Entry | Message | Said


class Teller:
    """Prints one story.

    `posters` says who posted an event, by its id; `scripts` what an agent read, by task id.
    """

    def __init__(
        self, console: Console, cast: Cast, posters: Mapping[str, str], scripts: Mapping[str, str]
    ) -> None:
        self._console = console
        self._zone = ZoneInfo(cast.zone)
        self._posters = posters
        self._scripts = scripts
        self._day: date | None = None
        console.print()
        console.print(_heading(cast.title, "═", "bold"))

    def tell(self, news: Iterable[Told]) -> None:
        """Prints what is new, each under its day."""
        for one in news:
            shown = self._shown(one)
            if shown is not None:
                if not isinstance(one, Said):
                    self._turn_to(one.at)
                self._console.print(shown)

    def _turn_to(self, at: datetime) -> None:
        day = at.astimezone(self._zone).date()
        if day != self._day:
            self._day = day
            self._console.print()
            self._console.print(_heading(f"{day:%A} {day.day} {day:%B %Y}", "─", "bold cyan"))

    def _shown(self, one: Told) -> RenderableType | None:
        match one:
            case Said():
                return Text(f"\n{one.text}", style="italic")
            case Message():
                return Padding(self._letter(one), (0, 0, 0, INDENT))
            case Entry(kind="event"):
                return self._event(one)
            case Entry(kind="message") if one.data.get("state") in ("accepted", "delivered"):
                return None
            case Entry(kind="waiting" | "set" | "heard" | "facts"):
                return self._line(one.at, one.kind, _of_step(one), "dim")
            case Entry():
                label = one.kind.removeprefix("needs_")
                return self._line(one.at, label, _of_step(one), STYLES.get(one.kind, ""))

    def _event(self, entry: Entry) -> RenderableType | None:
        own = entry.data.get("source") == OWN_SOURCE
        if own and entry.text == DONE:
            return self._done(entry)
        if own and entry.text in QUIET:
            return None
        who = "cauce" if own else self._posters.get(str(entry.data.get("id")), "somebody")
        return self._line(entry.at, who, f"{entry.text}{_fields(entry.data.get('properties'))}", "")

    def _done(self, entry: Entry) -> RenderableType:
        said = entry.data.get("properties")
        fields = said if isinstance(said, dict) else {}
        task = str(entry.data.get("id", "")).removeprefix(f"{DONE}/")
        notes = f": “{fields['notes']}”" if fields.get("notes") else ""
        outcome = Text.assemble((f"{fields.get('outcome')}", "bold cyan"), notes)
        script = self._scripts.get(task)
        body = Text(f"{script.strip()}\n\n", style="dim") if script else Text()
        title = f"{fields.get('agent')} takes {fields.get('task')} from {fields.get('queue')}"
        panel = Panel(
            Text.assemble(body, "→ ", outcome), title=Text(title), title_align="left",
            border_style="cyan", width=WIDEST,
        )  # fmt: skip
        return Padding(panel, (0, 0, 0, INDENT))

    def _letter(self, message: Message) -> Panel:
        subject = f"{message.subject}" if message.subject else f"{message.template}"
        return Panel(
            Text((message.text or "").strip()), border_style="blue", width=WIDEST, title_align="left",
            title=Text(f"{message.channel} to {message.to} · {subject}"),
        )  # fmt: skip

    def _line(self, at: datetime, label: str, text: str, style: str) -> Table:
        row = Table.grid(padding=(0, 2, 0, 0))
        row.add_column(width=INDENT - 2, no_wrap=True)
        row.add_column(width=LABEL, no_wrap=True)
        row.add_column(max_width=WIDEST)
        clock = f"{at.astimezone(self._zone):%H:%M}"
        row.add_row(Text(clock, style="dim"), Text(label, style=style or "dim"), Text(text, style=style))
        return row


def _heading(text: str, character: str, style: str) -> Text:
    rest = character * max(3, INDENT + WIDEST - len(text) - 1)
    return Text.assemble((text, style), " ", (rest, "dim"), no_wrap=True, overflow="crop")


def _of_step(entry: Entry) -> str:
    step = f"{entry.step}: " if entry.step and entry.step not in entry.text else ""
    return f"{step}{entry.text}"


def _fields(properties: JsonValue) -> str:
    if not isinstance(properties, dict):
        return ""
    return "".join(f"  {name}={_plain(value)}" for name, value in properties.items() if value is not None)


def _plain(value: JsonValue) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{name}: {_plain(inner)}" for name, inner in value.items())
        case _:
            return str(value)

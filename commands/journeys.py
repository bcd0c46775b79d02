"""`cauce journeys`: figures of the journeys that are published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from commands.house import Refused, in_store, nearest
from commands.output import AsJson, emit_json, table
from engine.experiments import splits_of
from engine.report import SplitLine, VersionLine, report, split_lines
from engine.turns import limits_text
from language.compiled import load_once
from settings import Settings

if TYPE_CHECKING:
    from store import Store

app = typer.Typer(no_args_is_help=True, help="See figures of the published journeys.")


@dataclass(frozen=True, slots=True)
class Line:
    """Who waits for a journey."""

    journey: str
    waiting: int
    since: datetime | None
    limits: str


@app.command("waiting")
def waiting(*, as_json: AsJson = False) -> None:
    """List the leads that wait for their turn to enter, by journey: how many, and since when.

    They wait where a journey says `pace` or `at_a_time`.
    """

    async def work(store: Store, _settings: Settings) -> list[Line]:
        lines = []
        async with store.read() as tx:
            for published in await tx.journeys.all_latest():
                rules = load_once(published.compiled).rules
                line = await tx.waiting.count(published.name)
                if line.waiting or rules.limits_entry:
                    limits = limits_text(rules)
                    lines.append(Line(published.name, line.waiting, line.since, limits))
        return lines

    found = in_store(work)
    if as_json:
        emit_json(found)
        return
    rows = [(line.journey, line.waiting, line.since, line.limits) for line in found]
    table(("journey", "waiting", "since (UTC)", "limits"), rows, "no journey lets leads wait")


@app.command("report")
def show_report(
    journey: Annotated[str, typer.Argument(help="Its name.")], *, as_json: AsJson = False
) -> None:
    """Show a journey's entries, its control group, who reached which goal, and the arms of its splits.

    A goal counts from the entry on, within its time, also after the end of the run, once for each entry.
    """

    async def work(
        store: Store, _settings: Settings
    ) -> tuple[tuple[VersionLine, ...], tuple[SplitLine, ...]]:
        async with store.read() as tx:
            published = await tx.journeys.latest(journey)
            if published is None:
                names = [one.name for one in await tx.journeys.all_latest()]
                raise Refused(f"no journey {journey} is published; {nearest(journey, names)}")
            compiled = load_once(published.compiled)
            names, splits = [goal.name for goal in compiled.goals], splits_of(compiled)
            figures = report(await tx.figures.entries(journey), await tx.figures.goals(journey), names)
            counts = {key: await tx.figures.arms(key) for key in splits}
            return figures, split_lines(splits, await tx.figures.winners(splits), counts)

    found, splits = in_store(work)
    if as_json:
        emit_json({"lines": found, "splits": splits})
        return
    table(
        ("version", "entries", "open", "control", "goal", "reached", "", "by control", ""),
        [row for line in found for row in _rows(line)],
        "nobody entered yet",
    )
    if splits:
        arms = [
            (line.step, arm.arm, arm.drawn, arm.converted, line.by, arm.arm == line.winner)
            for line in splits
            for arm in line.arms
        ]
        table(("split", "arm", "drawn", "converted", "by", "has won"), arms, "")


def _rows(line: VersionLine) -> list[tuple[object, ...]]:
    head = (line.version or "all", line.entries, line.open, line.control)
    if not line.goals:
        return [(*head, "", "", "", "", "")]
    return [
        (
            *(head if number == 0 else ("", "", "", "")),
            goal.goal,
            goal.reached,
            _percent(goal.percent),
            goal.control_reached,
            _percent(goal.control_percent),
        )
        for number, goal in enumerate(line.goals)
    ]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:g} %"

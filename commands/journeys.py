"""`cauce journeys`: figures of the journeys that are published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from commands.house import in_store
from commands.output import AsJson, emit_json, table
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

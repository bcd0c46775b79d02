"""`cauce runs`: leads in journeys, and an operator's hand on those that stand still."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from commands.house import Refused, business_now, complain, in_store, nearest, say
from commands.output import AsJson, Limit, emit_json, table
from model.records import Enrolment
from settings import Settings

if TYPE_CHECKING:
    from store import Store, Tx

app = typer.Typer(no_args_is_help=True, help="See where runs stand, and let those go on that stand still.")

OfJourney = Annotated[str | None, typer.Option("--journey", help="Of one journey.")]
Step = Annotated[str | None, typer.Option("--step", help="Only what stands still at this step.")]
PAGE = 100


@app.command("list")
def list_runs(
    journey: OfJourney = None,
    limit: Limit = 100,
    *,
    attention: Annotated[
        bool, typer.Option("--attention", help="Those that need somebody's attention, with the reasons.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List runs that have not ended, in the order in which they began.

    What needs attention waits until somebody has mended it: it looks again by itself, every hour at least.
    """

    async def work(store: Store, _: Settings) -> tuple[Enrolment, ...]:
        async with store.read() as tx:
            await _known(tx, journey)
            return await _open(tx, journey, limit, attention=attention)

    found = in_store(work)
    if as_json:
        emit_json(found)
        return
    headings = ("run", "lead", "journey", "step", "attention" if attention else "waits for", "until (UTC)")
    table(headings, [_row(run, attention=attention) for run in found], "no runs")


@app.command("retry")
def retry(
    runs: Annotated[list[str] | None, typer.Argument(metavar="[RUN]...", help="Ids of runs.")] = None,
    journey: Annotated[
        str | None, typer.Option("--journey", help="All runs of a journey that need attention.")
    ] = None,
    step: Step = None,
) -> None:
    """Try again at once what runs stand still at: exits, `if`, hours and caps are judged anew.

    A message of which nobody knows whether it went out is sent once more.
    """
    if bool(runs) == (journey is not None):
        raise Refused("name runs or a journey: `cauce runs retry RUN` or `cauce runs retry --journey NAME`")
    _order("retry", "tried again", runs or (), journey, step)


@app.command("skip")
def skip(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids of runs.")], step: Step = None
) -> None:
    """Skip the wait or the held message at which runs stand, or all that needs attention there."""
    _order("skip", "skipped", runs, None, step)


def _order(name: str, done: str, runs: Sequence[str], journey: str | None, step: str | None) -> None:
    async def work(store: Store, settings: Settings) -> tuple[int, dict[str, str]]:
        from runtime.connect import connect_within  # heavy, and not every command needs it
        from runtime.orders import OrderRefused, give_order

        async with store.read() as tx:
            await _known(tx, journey)
            ids = list(runs) or [run.id for run in await _open(tx, journey, None, attention=True)]
        refused: dict[str, str] = {}
        client = await connect_within(settings, 5) if ids else None
        for run in ids:
            try:
                if client is not None:
                    await give_order(client, run, name, *([step] if step is not None else []))
            except OrderRefused as problem:
                refused[run] = str(problem) or problem.code.replace("_", " ")
                continue
            async with store.begin() as tx:
                await tx.audit.add(await business_now(tx, settings), f"run.{name}", run, None)
        return len(ids) - len(refused), refused

    number, refused = in_store(work)
    say(f"{number} {done}")
    for run, why in refused.items():
        complain(f"{run}: {why}")
    if refused:
        raise typer.Exit(1)


async def _open(tx: Tx, journey: str | None, limit: int | None, *, attention: bool) -> tuple[Enrolment, ...]:
    """Lists open runs, at most so many."""
    found: list[Enrolment] = []
    cursor: str | None = None
    while limit is None or len(found) < limit:
        page = await tx.enrolments.list(journey=journey, attention=attention, limit=PAGE, cursor=cursor)
        found += [run for run in page.items if run.state != "ended"]
        cursor = page.next
        if cursor is None:
            break
    return tuple(found[:limit])


async def _known(tx: Tx, journey: str | None) -> None:
    if journey is not None and await tx.journeys.latest(journey) is None:
        names = [one.name for one in await tx.journeys.all_latest()]
        raise Refused(f"no journey {journey} is published; {nearest(journey, names)}")


def _row(run: Enrolment, *, attention: bool) -> tuple[object, ...]:
    what = run.attention if attention else run.waiting_for
    return run.id, run.lead_id, f"{run.journey} {run.version}", run.step, what, run.waiting_until

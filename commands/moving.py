"""`cauce move`: takes the open runs of a journey from one version to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from commands.house import Refused, business_now, complain, in_store, nearest, say
from commands.output import AsJson, emit_json, table
from settings import Settings

if TYPE_CHECKING:
    from runtime.moving import Landing, Versions
    from store import Store, Tx

SHOWN = 200
"""Runs of which the table shows each; of more it counts alike ones."""


def move(
    journey: Annotated[str, typer.Argument(help="Its name.")],
    old: Annotated[int, typer.Option("--from", min=1, help="The version that the runs are in.")],
    new: Annotated[int, typer.Option("--to", min=1, help="The published version to go to.")],
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="OLD=NEW", help="A step that is called otherwise there; as often as needed."
        ),
    ] = None,
    run: Annotated[str | None, typer.Option("--run", help="Only this run.")] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Move without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say who would land where.")] = False,
    as_json: AsJson = False,
) -> None:
    """Move the open runs of a journey to another version, after showing who would land where.

    A run must stand at a step that the other version has, by its id or by `--map`. A wait that has begun
    keeps its instant, open work stays with its queue, and nothing is sent twice. A step mapped to one of
    another kind begins anew there, and so does one mapped to itself that has become another kind. Runs that
    cannot be moved stay where they are, and the table says why.
    """
    pairs = _pairs(mapping or ())
    landings = in_store(
        lambda store, settings: _all(store, settings, (journey, old, new), pairs, run, dry=True)
    )
    if not as_json:
        _show(landings)
    able = [one for one in landings if one.why is None]
    if dry_run or not able:
        if as_json:
            emit_json(landings)
        return
    if not yes and not as_json and not typer.confirm(f"Move {len(able)} from version {old} to {new}?"):
        return
    if as_json and not yes:
        raise Refused("--json moves nobody without --yes; --dry-run shows who would land where")
    done = in_store(lambda store, settings: _all(store, settings, (journey, old, new), pairs, run, dry=False))
    if as_json:
        emit_json(done)
    else:
        _tell(done, old, new)
    if any(one.why is not None for one in done):
        raise typer.Exit(1)


async def _all(
    store: Store,
    settings: Settings,
    which: tuple[str, int, int],
    mapping: dict[str, str],
    run: str | None,
    *,
    dry: bool,
) -> list[Landing]:
    """Moves the runs, or says only where they would land."""
    from runtime.connect import connect_within  # heavy, and not every command needs it
    from runtime.moving import Mover
    from runtime.orders import OrderRefused

    async with store.read() as tx:
        versions = await _versions(tx, *which, mapping)
        now = await business_now(tx, settings)
    mover = Mover(store, await connect_within(settings, 5), versions, None)
    try:
        if run is not None:
            async with store.read() as tx:
                found = await tx.enrolments.get(run)
            if found is None or found.state == "ended" or (found.journey, found.version) != which[:2]:
                raise Refused(f"no open run {run} is in version {which[1]} of {which[0]}")
            return [await mover.one(found, now, dry_run=dry)]
        landings: list[Landing] = []
        cursor: str | None = None
        while True:
            page = await mover.page(now, dry_run=dry, cursor=cursor)
            landings += page.items
            cursor = page.next
            if cursor is None:
                return landings
    except OrderRefused:
        raise Refused("Temporal does not answer; is it running, and CAUCE_TEMPORAL_ADDRESS right?") from None


async def _versions(tx: Tx, journey: str, old: int, new: int, mapping: dict[str, str]) -> Versions:
    from runtime.moving import Versions, unknown_steps

    known = await tx.journeys.versions(journey)
    if not known:
        names = [one.name for one in await tx.journeys.all_latest()]
        raise Refused(f"no journey {journey} is published; {nearest(journey, names)}")
    before, after = await tx.journeys.get(journey, old), await tx.journeys.get(journey, new)
    for number, found in ((old, before), (new, after)):
        if found is None:
            raise Refused(f"{journey} has no version {number}; there are {', '.join(map(str, known))}")
    assert before is not None
    assert after is not None
    if old == new:
        raise Refused("--from and --to are the same version")
    versions = Versions(before, after, mapping)
    for name, version, steps in unknown_steps(versions):
        raise Refused(f"--map: version {version} has no step {name}; {nearest(name, list(steps))}")
    return versions


def _pairs(mapping: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for pair in mapping:
        old, sign, new = pair.partition("=")
        if not sign or not old.strip() or not new.strip():
            raise Refused(f"--map {pair}: write OLD=NEW, the id of a step in each version")
        pairs[old.strip()] = new.strip()
    return pairs


def _show(landings: Sequence[Landing]) -> None:
    if len(landings) <= SHOWN:
        rows: list[tuple[object, ...]] = [
            (one.run, one.lead, one.step, one.waits_for, _where(one), one.why) for one in landings
        ]
        table(("run", "lead", "step now", "waits for", "lands at", "why it stays"), rows, "no open runs")
        return
    alike = Counter((one.step, _where(one), one.why) for one in landings)
    rows = [(number, *what) for what, number in alike.most_common()]
    table(("runs", "step now", "lands at", "why they stay"), rows, "no open runs")


def _where(one: Landing) -> str | None:
    return f"{one.lands_at} (begins anew)" if one.anew else one.lands_at


def _tell(done: Sequence[Landing], old: int, new: int) -> None:
    say(f"{sum(one.moved for one in done)} moved from version {old} to {new}")
    for one in done:
        if one.why is not None:
            complain(f"{one.run} stays: {one.why}")

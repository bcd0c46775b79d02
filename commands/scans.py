"""`cauce scan` and `cauce scans`: the triggers that look for leads by time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from commands import projects
from commands.house import Refused, business_now, in_store, nearest, say
from commands.output import AsJson, emit_json, table
from language.vocabulary import Vocabulary
from model.scans import Entries, Scan
from settings import Settings

if TYPE_CHECKING:
    from intake.byhand import Counted
    from intake.scans import Wanted
    from store import Store, Tx


@dataclass(frozen=True, slots=True)
class Line:
    """A scan with what became of its last occurrence."""

    scan: Scan
    entries: Entries


def scans(*, as_json: AsJson = False) -> None:
    """List the scans: when each looked last, whom it found, when it looks next.

    They belong to the newest published versions. `entered`, `refused` and `waiting` count the leads of the
    last time; those in line for their turn are among the refused, and the reasons stand on the timelines.
    """

    async def work(store: Store, _: Settings) -> list[Line]:
        async with store.read() as tx:
            return [Line(scan, await _entries(tx, scan)) for scan in await tx.scans.all()]

    found = in_store(work)
    if as_json:
        emit_json(found)
        return
    headings = (
        "scan",
        "version",
        "state",
        "last (UTC)",
        "looked at",
        "found",
        "entered",
        "refused",
        "waiting",
    )
    table((*headings, "next (UTC)"), [_row(line) for line in found], "no scans")


def scan(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A journey, or JOURNEY/TRIGGER where it has several scans.")
    ],
    at: Annotated[
        str | None,
        typer.Option("--at", help="As of then: `2026-03-02 at 9:00` in the company's zone. Default: now."),
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count who would enter, and change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look for leads now, by the trigger of a published journey, and let them enter.

    A lead that entered at the same instant before does not enter again. The running system judges each entry:
    exits, `again`, and the trigger's condition once more.
    """
    vocabulary = projects.project().vocabulary

    async def work(store: Store, settings: Settings) -> Counted:
        from intake.byhand import ByHand  # heavy, and not every command needs it

        hand = ByHand(store, vocabulary)
        chosen = _chosen(await hand.all(), name)
        async with store.read() as tx:
            now = await business_now(tx, settings)
        instant = now if at is None else _instant(at, vocabulary)
        return await hand.look(chosen, instant, now, dry_run=dry_run)

    counted = in_store(work)
    if as_json:
        emit_json(counted)
        return
    what = "would enter" if dry_run else "asked to enter"
    found = f"{counted.looked} looked at, {counted.found} found, {counted.entering} {what}"
    say(f"{counted.scan} at {counted.at:%Y-%m-%d %H:%M} UTC: {found}")


async def _entries(tx: Tx, scan: Scan) -> Entries:
    return await tx.scans.entries_of(scan)


def _chosen(scans: Sequence[Wanted], name: str) -> Wanted:
    fitting = [scan for scan in scans if name in (scan.name, scan.journey.name)]
    if len(fitting) == 1:
        return fitting[0]
    names = [scan.name for scan in fitting or scans]
    if fitting:
        raise Refused(f"{name} has several scans, name one: {', '.join(names)}")
    raise Refused(f"no published journey has the scan {name}; {nearest(name, names)}")


def _instant(text: str, vocabulary: Vocabulary) -> datetime:
    from engine.hours import at_clock
    from language.values import ValueText, parse_day

    try:
        day = parse_day(text)
    except ValueText as wrong:
        raise Refused(f"--at: {wrong.message}; write `2026-03-02 at 9:00`") from None
    return at_clock(day.day, day.at or 0, vocabulary.company.zone)


def _row(line: Line) -> tuple[object, ...]:
    scan, entries = line.scan, line.entries
    return (
        scan.name, scan.version, scan.state, scan.last_at, scan.looked, scan.found, entries.entered,
        entries.refused, entries.waiting, scan.next_at,
    )  # fmt: skip

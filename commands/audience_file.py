"""`cauce audiences import`: each row of a CSV file puts a lead into an audience, in flat memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from commands.csv_file import CsvFile, Record, fingerprint
from commands.finding import lead_named
from commands.house import Refused
from intake.audiences import move_event
from model.records import NewEvent

if TYPE_CHECKING:
    from store import Store, Tx

COLUMNS = ("lead", "email", "phone")
BATCH = 500
SHOWN = 10


@dataclass(slots=True)
class Counted:
    """What became of the rows."""

    accepted: int = 0
    repeated: int = 0
    unknown: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)


async def import_members(store: Store, path: Path, audience: str, at: datetime, *, joins: bool) -> Counted:
    """Puts the leads of a file into an audience, or takes them out. Raises Refused."""
    counted, name = Counted(), fingerprint(path)
    with path.open("rb") as opened:
        file = CsvFile(opened)
        file.begin()
        columns = [number for number, title in enumerate(file.header) if title in COLUMNS]
        if not columns:
            raise Refused("the first row names no column `lead`, `email` or `phone`")
        records = file.records()
        while batch := list(islice(records, BATCH)):
            async with store.begin() as tx:
                news = [
                    _event(audience, found, at, f"{name}-{record.number}", joins=joins)
                    for record in batch
                    if (found := await _lead(tx, record, columns, counted)) is not None
                ]
                answers = await tx.events.insert(news) if news else ()
                tx.notify("inbox")
            counted.accepted += answers.count("accepted")
            counted.repeated += len(answers) - answers.count("accepted")
    return counted


def _event(audience: str, lead_id: str, at: datetime, cause: str, *, joins: bool) -> NewEvent:
    way = "join" if joins else "leave"
    made = move_event(audience, lead_id, at, f"import-{way}-{cause}", joins=joins, by="import")
    return replace(made, source="import")


async def _lead(tx: Tx, record: Record, columns: list[int], counted: Counted) -> str | None:
    names = [record.cells[at].strip() for at in columns if at < len(record.cells)]
    reason = record.fault
    for name in (name for name in names if name and reason is None):
        try:
            return (await lead_named(tx, name)).id
        except Refused as refused:
            reason = str(refused)
    counted.unknown += 1
    if len(counted.shown) < SHOWN:
        counted.shown.append((record.number, reason or "the row names nobody"))
    return None

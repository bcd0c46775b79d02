"""`cauce leads import`: a CSV file becomes events in the inbox, one for each row, in flat memory.

A row's event is named by the file's content and the row's number, so that the same file imported again
changes nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from commands.csv_file import CsvFile, Record, fingerprint
from commands.import_columns import NUMBER, REASON, Column, Mistaken, Row, read_columns, read_row
from language.vocabulary import Vocabulary
from model.records import Identifier, NewEvent, Written

if TYPE_CHECKING:
    from store import Store, Tx

BATCH = 500
LOOKED_UP_AT_ONCE = 200
SHOWN = 10

CREATED = "lead.created"
Progress = Callable[[int], None]
"""Hears how many bytes of the file have gone by."""


class Undone(Exception):
    """Rolls a dry run's transaction back."""


@dataclass(slots=True)
class Counted:
    """What became of the rows. `known` and `new` are accepted rows by whether their lead was there before."""

    rows: int = 0
    known: int = 0
    new: int = 0
    repeated: int = 0
    mistakes: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Rows that are in the inbox now, or would be."""
        return self.known + self.new


@dataclass(frozen=True, slots=True)
class Import:
    """One import: `source` says whose external ids are meant, `errors` where rows with mistakes go."""

    path: Path
    source: str
    vocabulary: Vocabulary
    dry_run: bool = False
    errors: Path | None = None


async def import_leads(job: Import, store: Store, at: datetime, progress: Progress) -> Counted:
    """Imports a file; `at` is the business time of its events.

    Raises Refused before anything is written where the file, its header or the vocabulary cannot be used.
    """
    name = fingerprint(job.path)
    counted = Counted()
    with job.path.open("rb") as opened:
        file = CsvFile(opened)
        file.begin()
        columns = read_columns(file.header, job.vocabulary)
        with _ErrorFile(job.errors, file) as mistakes:
            records = file.records()
            while batch := list(islice(records, BATCH)):
                rows = list(_sound(batch, columns, job, counted, mistakes))
                events = [_event(job, name, at, *row) for row in rows]
                await _written(job, store, events, counted)
                progress(file.read)
    return counted


def _sound(
    batch: Sequence[Record], columns: Sequence[Column], job: Import, counted: Counted, mistakes: _ErrorFile
) -> Iterator[tuple[int, Row]]:
    """Gives the rows that can be imported; the others are counted and go to the error file."""
    for record in batch:
        counted.rows += 1
        row = Mistaken((record.fault,)) if record.fault else read_row(columns, record.cells, job.vocabulary)
        if isinstance(row, Row):
            yield record.number, row
            continue
        counted.mistakes += 1
        reason = "; ".join(row.reasons)
        mistakes.add(record, reason)
        if len(counted.shown) < SHOWN:
            counted.shown.append((record.number, reason))


def _event(job: Import, name: str, at: datetime, number: int, row: Row) -> NewEvent:
    from api.leads import lead_event

    event_id = f"import-{name}-{number}"
    return lead_event(job.source, event_id, at, row.written, external_id=row.external_id)


async def _written(job: Import, store: Store, events: Sequence[NewEvent], counted: Counted) -> None:
    """Writes a batch in one transaction; a dry run does the same and takes it back."""
    judged: list[NewEvent] = []
    answers: tuple[Written, ...] = ()
    try:
        async with store.begin() as tx:
            judged = await _typed(tx, events)
            answers = await tx.events.insert(judged)
            if job.dry_run:
                raise Undone
    except Undone:
        pass
    for event, answer in zip(judged, answers, strict=True):
        counted.repeated += answer != "accepted"
        counted.new += answer == "accepted" and event.type == CREATED
        counted.known += answer == "accepted" and event.type != CREATED


async def _typed(tx: Tx, events: Sequence[NewEvent]) -> list[NewEvent]:
    """Says of each event whether it makes its lead; one that an earlier row of the batch makes is known."""
    names = [item for event in events for item in event.identifiers]
    known: set[Identifier] = set()
    for start in range(0, len(names), LOOKED_UP_AT_ONCE):
        known.update(await tx.leads.find_all(names[start : start + LOOKED_UP_AT_ONCE]))
    typed: list[NewEvent] = []
    for event in events:
        typed.append(event if known & set(event.identifiers) else replace(event, type=CREATED))
        known.update(event.identifiers)
    return typed


class _ErrorFile:
    """Rows with mistakes: number and reason before their own cells, to be corrected and imported."""

    def __init__(self, path: Path | None, source: CsvFile) -> None:
        self._path = path
        self._source = source
        self._file: TextIO | None = None
        self._rows = 0

    def __enter__(self) -> _ErrorFile:
        if self._path is not None:
            self._file = self._path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
            self._write((NUMBER, REASON, *self._own(self._source.header)))
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None and self._path is not None:
            self._file.close()
            if self._rows == 0:
                self._path.unlink()

    def add(self, record: Record, reason: str) -> None:
        """Writes down a row."""
        if self._file is not None:
            self._rows += 1
            self._write((str(record.number), reason, *self._own(record.cells)))

    def _own(self, cells: Sequence[str]) -> list[str]:
        """Leaves out number and reason of an error file that is imported."""
        header = self._source.header
        return [
            cell for at, cell in enumerate(cells) if at >= len(header) or header[at] not in (NUMBER, REASON)
        ]

    def _write(self, cells: Sequence[str]) -> None:
        if self._file is not None:
            csv.writer(self._file, delimiter=self._source.delimiter).writerow(cells)

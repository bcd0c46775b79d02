"""Plays a population on all cores, and reads who it is from a CSV file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from commands.csv_file import CsvFile
from commands.house import Refused, err
from commands.import_columns import expected_cell, read_cell
from engine.population import Population, Tally
from language.problems import did_you_mean
from language.schema import FieldType
from language.vocabulary import Vocabulary
from model.events import Fields

CHUNK = 250
FEW = 3_000
"""Leads that are played before other processes would have begun."""
AHEAD = 4
"""Chunks that wait for each process."""
CONSENT = "consent."


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some leads: their numbers, and what is known of them where a file says so."""

    first: int
    size: int
    leads: tuple[Fields, ...] | None = None


def play(population: Population, leads: Iterator[Fields] | None, total: int | None, jobs: int) -> Tally:
    """Plays everybody and adds up; a file's leads are read as they are needed."""
    tally = Tally()
    each = max(total or population.size, 1) if population.plays_together else CHUNK
    chunks = _chunks(population.size, leads, each)
    if jobs == 1 or (total is not None and total <= FEW):
        with _bar(total) as gone:
            for chunk in chunks:
                _count(_part(population, chunk), tally, gone)
        return tally
    with _bar(total) as gone, _pool(population, jobs) as pool:
        waiting: set[Future[Tally]] = set()
        for chunk in chunks:
            waiting.add(pool.submit(_play, chunk))
            if len(waiting) >= jobs * AHEAD:
                waiting = _gather(waiting, tally, gone)
        while waiting:
            waiting = _gather(waiting, tally, gone)
    return tally


def leads_of(path: Path, vocabulary: Vocabulary) -> Iterator[Fields]:
    """Reads a CSV file of leads, a column each field; raises Refused at the first row that cannot be read."""
    with path.open("rb") as opened:
        file = CsvFile(opened)
        file.begin()
        kinds = [_kind(name, vocabulary) for name in file.header]
        for record in file.records():
            if record.fault is not None or len(record.cells) != len(kinds):
                fault = record.fault or f"has {len(record.cells)} cells, the first row {len(kinds)}"
                raise Refused(f"{path}: row {record.number}: {fault}")
            try:
                yield _lead(file.header, kinds, record.cells)
            except ValueError as wrong:
                raise Refused(f"{path}: row {record.number}: {wrong}") from None


def _kind(name: str, vocabulary: Vocabulary) -> FieldType:
    if name.startswith(CONSENT):
        return FieldType("yes_no")
    if name not in vocabulary.lead:
        advice = did_you_mean(name, vocabulary.lead) or "a column is a field of the lead, or consent.CHANNEL"
        raise Refused(f"unknown column `{name}`; {advice}")
    return vocabulary.lead[name]


def _lead(header: tuple[str, ...], kinds: list[FieldType], cells: tuple[str, ...]) -> Fields:
    fields: Fields = {}
    consent: Fields = {}
    for name, kind, cell in zip(header, kinds, cells, strict=True):
        text = cell.strip()
        if not text:
            continue
        value = read_cell(kind, text)
        if value is None:
            raise ValueError(f"{name}: {expected_cell(kind)}")
        if name.startswith(CONSENT):
            consent[name.removeprefix(CONSENT)] = value
        else:
            fields[name] = value
    return {**fields, "consent": consent} if consent else fields


def _chunks(size: int, leads: Iterator[Fields] | None, each: int) -> Iterator[Chunk]:
    first = 0
    while leads is not None and (read := tuple(islice(leads, each))):
        yield Chunk(first, len(read), read)
        first += len(read)
    while leads is None and first < size:
        yield Chunk(first, min(each, size - first))
        first += each


def _gather(waiting: set[Future[Tally]], tally: Tally, gone: Progress) -> set[Future[Tally]]:
    done, left = wait(waiting, return_when="FIRST_COMPLETED")
    for future in done:
        _count(future.result(), tally, gone)
    return left


def _count(part: Tally, tally: Tally, gone: Progress) -> None:
    tally.add(part)
    gone.advance(gone.task_ids[0], part.leads)


_population: Population | None = None


def _begin(population: Population) -> None:
    global _population
    _population = population


def _play(chunk: Chunk) -> Tally:
    if _population is None:
        raise RuntimeError("a process plays before it was told what")
    return _part(_population, chunk)


def _part(population: Population, chunk: Chunk) -> Tally:
    numbers = range(chunk.first, chunk.first + chunk.size)
    return population.play(numbers, iter(chunk.leads) if chunk.leads is not None else None)


@contextmanager
def _pool(population: Population, jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Opens the processes, and closes them at once when something goes wrong."""
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (population,)) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def _bar(total: int | None) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = err()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        bar.add_task("simulating", total=total)
        yield bar


def cores() -> int:
    """Says how many processes may work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

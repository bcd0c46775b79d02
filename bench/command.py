"""Commands as people call them: checking many journeys, importing many leads."""

from __future__ import annotations

import asyncio
import csv
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bench.machine import peak_memory
from bench.project import write_many, write_project
from bench.report import Row, judged, missing, plain
from runtime.process import Child

JOURNEYS = 100
MEMORY_MIB = 300


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ended well: seconds, and its largest memory in MiB."""

    seconds: float
    memory: float


async def check(folder: Path) -> list[Row]:
    """Checks a folder of 100 journeys, from the command's start to its end."""
    if find_spec("cli") is None:
        return [missing("cauce check of 100 journeys", "there is no command line")]
    journeys = write_many(folder / "journeys", JOURNEYS)
    ran = await _run(folder, ("check",), {"CAUCE_JOURNEYS_DIR": str(journeys)})
    return [judged("cauce check of 100 journeys", ran.seconds, "s", "<=", 2)]


async def import_leads(folder: Path, rows: int) -> list[Row]:
    """Imports a CSV of leads; memory is compared with that of a tenth of the rows."""
    if find_spec("cli") is None:
        return [missing("cauce leads import", "there is no command line")]
    few, many = await _imported(folder / "few", rows // 10), await _imported(folder / "many", rows)
    name = f"cauce leads import of {rows:,} rows, memory"
    return [
        judged(name, many.memory, "MiB", "<=", MEMORY_MIB),
        plain("  against a tenth of the rows", few.memory, "MiB", ratio=many.memory / few.memory),
        plain("  rows a second", rows / many.seconds, "1/s"),
    ]


async def _imported(folder: Path, rows: int) -> Ran:
    environment = {
        "CAUCE_JOURNEYS_DIR": str(write_project(folder / "journeys")),
        "CAUCE_DATA_DIR": str(folder / "data"),
    }
    file = _csv(folder / "leads.csv", rows)
    await _run(folder, ("db", "migrate"), environment)
    return await _run(folder, ("leads", "import", str(file), "--source", "bench"), environment)


def _csv(file: Path, rows: int) -> Path:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("external_id", "email", "first_name", "last_name", "language"))
        writer.writerows(
            (f"c-{number}", f"lead-{number}@example.com", "Ana", f"García {number}", "es")
            for number in range(rows)
        )
    return file


async def _run(folder: Path, arguments: tuple[str, ...], environment: dict[str, str]) -> Ran:
    """Runs a command to its end; raises RuntimeError with the end of its output."""
    command = (sys.executable, "-m", "cli", *arguments)
    return await run_child(command, folder / f"{arguments[0]}.log", environment)


async def run_child(command: tuple[str, ...], log: Path, environment: dict[str, str]) -> Ran:
    """Runs a process to its end; raises RuntimeError with the end of its output."""
    child = Child(command, log, environment)
    began, memory = time.monotonic(), 0
    await child.start()
    ended = asyncio.create_task(child.wait())
    while not ended.done():
        memory = max(memory, peak_memory(child.pid))
        await asyncio.wait([ended], timeout=0.02)
    seconds = time.monotonic() - began
    if ended.result() != 0:
        raise RuntimeError(" ".join(command) + "\n" + "\n".join(child.last_lines()))
    return Ran(seconds, memory / 2**20)

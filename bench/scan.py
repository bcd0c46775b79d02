"""A scan of many leads, all of whom enter: its speed, and that memory stays flat.

`python -m bench.scan prepare|run FOLDER LEADS` are the processes behind it. The one that is measured is
worker and intake in one, without Temporal: from the first page of the scan until every entry is a run in the
store.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import Client

from bench.command import MEMORY_MIB, run_child
from bench.project import RULES, VOCABULARY
from bench.report import Row, judged, plain
from intake.catalog import Catalog
from intake.knowledge import Gatherer
from intake.scanning import Scanner
from intake.service import Intake
from language.compiled import digest, dump
from model.clock import ManualClock
from model.records import Identifier, PublishedJourney
from model.scans import Scan
from runtime.project import Project, load_project
from store import Store, new_id

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SINCE = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
AT_ONCE = 1000
JOURNEY = """
journey: scanned
version: 1
about: All who are on a plan, have not looked lately and are not about to be called.
start:
  every: day at 8:00
  if: lead.plan is "basic" and not did("page.viewed", 30 days) and not has_open("call")
steps:
  - wait: 1 day
"""


async def measure(folder: Path, leads: int) -> list[Row]:
    """Scans; memory is compared with that of a tenth of the leads."""
    few, many = await _measured(folder / "few", leads // 10), await _measured(folder / "many", leads)
    name = f"scan and entry of {leads:,} leads, memory"
    scanned, entered = (float(text) for text in (folder / "many" / "seconds").read_text().split())
    return [
        judged(name, many, "MiB", "<=", MEMORY_MIB),
        plain("  against a tenth of the leads", few, "MiB", ratio=many / few),
        plain("  looked at a second", leads / scanned, "1/s"),
        plain("  entered a second", leads / entered, "1/s"),
    ]


async def _measured(folder: Path, leads: int) -> float:
    """Gives the largest memory of the process, in MiB."""
    for step in ("prepare", "run"):
        command = (sys.executable, "-m", "bench.scan", step, str(folder), str(leads))
        ran = await run_child(command, folder / f"{step}.log", {})
    return ran.memory


def _project(folder: Path) -> Project:
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"vocabulary.yaml": f"{VOCABULARY}lead: {{plan: text}}\n", "scoring.yaml": RULES}
    for name, text in {**texts, "scanned.yaml": JOURNEY}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load_project(folder)


async def _prepare(store: Store, project: Project, leads: int) -> None:
    """Makes the leads, publishes the journey and sets its scan up."""
    await store.migrate()
    journey = project.journeys["scanned"]
    form = PublishedJourney(
        name=journey.name, version=1, hash=digest(journey), compiled=dump(journey), source="",
        published_at=SINCE,
    )  # fmt: skip
    scan = Scan(
        name="scanned/every", journey="scanned", trigger="every", kind="every", version=1, since=SINCE
    )
    async with store.begin() as tx:
        await tx.journeys.publish(form)
        await tx.scans.add(scan)
    for start in range(0, leads, AT_ONCE):
        async with store.begin() as tx:
            for number in range(start, min(start + AT_ONCE, leads)):
                email = f"lead-{number}@example.com"
                lead = await tx.leads.create(
                    new_id(), SINCE, {"email": email, "score": 0.0, "attributes": {"plan": "basic"}}
                )
                await tx.leads.attach(Identifier("email", email), lead.id)


async def _run(store: Store, project: Project, leads: int) -> tuple[float, float]:
    """Scans and enters all; gives the seconds of each. Raises RuntimeError where somebody is missing."""
    catalog = Catalog(project.vocabulary)
    scanner = Scanner(catalog, Gatherer(project.vocabulary))
    began = time.monotonic()
    more = True
    while more:
        async with store.begin() as tx:
            more = (await scanner.page(tx, "scanned/every", NOW)).more
    scanned = time.monotonic()
    intake = Intake(
        store, project.vocabulary, project.sound_rules(), ManualClock(NOW), _nobody, "bench", history_limit=60
    )
    while await intake.apply_waiting():
        pass
    entered = time.monotonic()
    async with store.read() as tx:
        found = await tx.scans.entries("scanned/every")
    if found.entered != leads:
        raise RuntimeError(f"{found.entered} of {leads} leads entered")
    return scanned - began, entered - scanned


async def _nobody() -> Client:
    raise RuntimeError("there is no Temporal here")


async def main(step: str, folder: Path, leads: int) -> None:
    """Does one step."""
    project = _project(folder)
    store = Store.open(f"sqlite+aiosqlite:///{folder}/bench.db")
    try:
        if step == "prepare":
            await _prepare(store, project, leads)
        else:
            seconds = await _run(store, project, leads)
            (folder / "seconds").write_text(f"{seconds[0]} {seconds[1]}")
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))

"""`python -m bench`: runs the benchmarks, prints them as a table and writes `bench/results/latest.json`."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bench import api, command, history, latency, pure, report, rivals, scan, sends, throughput
from bench.bare_house import bare_worker
from bench.house import House, rested, running
from bench.machine import describe
from bench.report import Row

GROUPS = ("pure", "check", "import", "scan", "latency", "history", "api", "throughput", "sends", "rivals")
IN_A_HOUSE = frozenset(GROUPS[4:])


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    leads: int = 400
    rush: int = 2000
    minute: int = 60
    samples: int = 40
    seconds: float = 10.0
    rides: int = 1000
    rows: int = 100_000


QUICK = Plan(leads=20, rush=20, minute=3, samples=8, seconds=2.0, rides=100, rows=2000)


async def measure(
    plan: Plan, groups: Sequence[str], folder: Path, console: Console, show: Callable[[Sequence[Row]], None]
) -> list[Row]:
    """Measures the groups asked for, those without a system first; `show` gets each group's rows."""
    rows: list[Row] = []

    def add(found: Sequence[Row]) -> None:
        rows.extend(found)
        show(found)

    if "pure" in groups:
        add(pure.measure(folder / "pure", plan.rides))
    if "check" in groups:
        add(await command.check(folder / "check"))
    if "import" in groups:
        add(await command.import_leads(folder / "import", plan.rows))
    if "scan" in groups:
        add(await scan.measure(folder / "scan", plan.rows))
    if IN_A_HOUSE & set(groups):
        console.print("[dim]starting Temporal, API and worker[/]")
        async with running(folder / "house", minute=plan.minute) as house:
            await _in_house(house, plan, groups, folder, add)
    return rows


async def _in_house(
    house: House, plan: Plan, groups: Sequence[str], folder: Path, add: Callable[[Sequence[Row]], None]
) -> None:
    if "history" in groups:
        add(await history.measure(house))
    if {"latency", "throughput"} & set(groups):
        await _beside_bare(house, plan, groups, folder, add)
    if "api" in groups:
        add(await api.measure(house, plan.seconds))
        await rested(house)
    if "sends" in groups:
        local = await throughput.of_house(house, plan.leads)
        async with running(folder / "normal", provider_timeout=6.0) as other:
            await throughput.of_house(other, 10)
            add(sends.rows(local, await throughput.of_house(other, plan.leads)))
    if "rivals" in groups:
        add(await rivals.measure(house, plan.rush, plan.samples))


async def _beside_bare(
    house: House, plan: Plan, groups: Sequence[str], folder: Path, add: Callable[[Sequence[Row]], None]
) -> None:
    async with bare_worker(folder / "bare", house) as bare:
        await throughput.of_bare(house, bare, 10)
        await throughput.of_house(house, 10)
        if "latency" in groups:
            add(latency.rows(*await latency.side_by_side(house, bare, plan.samples)))
        if "throughput" in groups:
            flow = await throughput.of_bare(house, bare, plan.leads)
            add(throughput.rows(await throughput.of_house(house, plan.leads), flow))


def main() -> None:
    """Reads the command line and measures."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small numbers that say little")
    parser.add_argument("--only", action="append", choices=GROUPS, help="one group of rows, may be repeated")
    parser.add_argument("--leads", type=int, help="journeys of each flood")
    asked = parser.parse_args()
    plan = QUICK if asked.quick else Plan()
    if asked.leads:
        plan = Plan(asked.leads, asked.leads, plan.minute, plan.samples, plan.seconds, plan.rides, plan.rows)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="cauce-bench-") as folder:
        rows = asyncio.run(
            measure(
                plan, asked.only or GROUPS, Path(folder), console, lambda found: report.show(console, found)
            )
        )
    report.write(report.RESULTS, describe(), rows)
    console.rule()
    report.show(console, rows)
    console.print(f"[dim]{report.RESULTS}[/]")


if __name__ == "__main__":
    main()

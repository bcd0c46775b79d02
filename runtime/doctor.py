"""`cauce doctor`: what an installation needs, one finding a line, each with what to do."""

import asyncio
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from channels import carried_by
from runtime.carriers import advice_for, used_by
from runtime.connect import connect
from runtime.folders import files_of
from runtime.ports import Port, PortTaken
from runtime.project import ProjectMissing, load_project
from runtime.secrets import read_secrets, unsigned
from runtime.state import is_in_use
from runtime.temporal_server import BinaryMissing, find_binary
from settings import Settings, SettingsError, misspelt, variable

Verdict = Literal["ok", "warn", "fail"]

PYTHON = (3, 11)
DISK_WARN = 2 * 1024**3
DISK_FAIL = 200 * 1024**2


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do unless it is well."""

    what: str
    verdict: Verdict
    says: str
    remedy: str = ""


async def examine(settings: Settings, database: Callable[[], Awaitable[None]]) -> list[Finding]:
    """Looks at everything; `database` connects to the store and raises when it cannot."""
    return [
        python(sys.version_info[:3]),
        disk(settings.data_dir),
        journeys(settings.journeys_dir),
        *channels(settings),
        *connectors(settings),
        await store(database),
        await temporal(settings),
        *ports(settings),
        *spelling(os.environ),
    ]


def report(findings: Sequence[Finding], console: Console) -> int:
    """Prints the findings; returns the exit code, 1 when anything fails."""
    marks: dict[Verdict, str] = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "fail": "[red]fail[/]"}
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        advice = f"\n[dim]{finding.remedy}[/]" if finding.remedy else ""
        table.add_row(marks[finding.verdict], f"[bold]{finding.what}", f"{finding.says}{advice}")
    console.print(table)
    return int(any(finding.verdict == "fail" for finding in findings))


def python(version: tuple[int, ...]) -> Finding:
    """Judges the interpreter."""
    says = ".".join(map(str, version))
    if version < PYTHON:
        return Finding("Python", "fail", says, "install Python 3.11 or newer, then: make clean up")
    return Finding("Python", "ok", says)


def disk(data_dir: Path) -> Finding:
    """Judges the data folder: can be written, has room."""
    place = next(path for path in (data_dir, *data_dir.resolve().parents) if path.exists())
    if not os.access(place, os.W_OK):
        return Finding("data", "fail", f"{place} cannot be written", f"set {variable('data_dir')}")
    free = shutil.disk_usage(place).free
    says = f"{data_dir}, {free / 1024**3:.1f} GiB free"
    if free >= DISK_WARN:
        return Finding("data", "ok", says)
    verdict: Verdict = "fail" if free < DISK_FAIL else "warn"
    return Finding("data", verdict, says, f"free some space, or set {variable('data_dir')} to another disk")


def journeys(folder: Path) -> Finding:
    """Judges the journeys' folder."""
    if not folder.is_dir():
        return Finding("journeys", "fail", f"{folder} is no folder", f"set {variable('journeys_dir')}")
    count = sum(path.suffix == ".yaml" and not path.name.endswith(".test.yaml") for path in files_of(folder))
    if count == 0:
        return Finding("journeys", "warn", f"{folder} has no .yaml file", "write one, see the guide")
    return Finding("journeys", "ok", f"{folder}, {count} files; `cauce check` reads them")


def channels(settings: Settings) -> list[Finding]:
    """Judges the channels by which journeys send: carried by nothing, or by the outbox beside a provider."""
    carried = carried_by(settings)
    try:
        used = used_by(load_project(settings.journeys_dir).journeys.values())
    except ProjectMissing:
        return []
    lacking = [(channel, *advice_for(channel, used[channel])) for channel in used if channel not in carried]
    found = [Finding(channel, "fail", says, remedy) for channel, says, remedy in lacking]
    kept = [channel for channel in used if carried.get(channel) == "outbox"]
    if kept and not settings.is_rehearsal:
        says = f"{', '.join(kept)}: messages go to the outbox and reach nobody"
        found.append(
            Finding("channels", "warn", says, "take them out of the journeys until they have a provider")
        )
    return found


def connectors(settings: Settings) -> list[Finding]:
    """Judges the connectors that journeys ask: their secrets are set."""
    try:
        project = load_project(settings.journeys_dir)
        found = unsigned(project, read_secrets(project))
    except ProjectMissing:
        return []
    except SettingsError as error:
        return [Finding("connectors", "fail", str(error), "let the file be readable")]
    return [Finding(f"connector {name}", "fail", says, remedy) for name, says, remedy in found]


async def store(connect: Callable[[], Awaitable[None]]) -> Finding:
    """Judges the database by connecting to it; the address is not shown, it may hold a password."""
    try:
        async with asyncio.timeout(10):
            await connect()
    except Exception as error:  # noqa: BLE001  any driver's error means the same here
        remedy = f"is it running, and {variable('database_url')} right?"
        return Finding("database", "fail", f"cannot be reached ({type(error).__name__})", remedy)
    return Finding("database", "ok", "answers")


async def temporal(settings: Settings) -> Finding:
    """Judges the Temporal server, or the program that would start one."""
    if settings.temporal_address is None:
        try:
            return Finding("Temporal", "ok", f"own server, {find_binary()}")
        except BinaryMissing as error:
            return Finding("Temporal", "fail", "no server", str(error))
    try:
        async with asyncio.timeout(5):
            await connect(settings)
    except (RuntimeError, TimeoutError):
        remedy = f"start it, or unset {variable('temporal_address')} to use an own server"
        return Finding("Temporal", "fail", f"{settings.temporal_address} does not answer", remedy)
    return Finding("Temporal", "ok", f"{settings.temporal_address} answers")


def ports(settings: Settings) -> list[Finding]:
    """Judges the ports that `cauce up` would listen on."""
    if is_in_use(settings.data_dir):
        return [Finding("ports", "ok", f"cauce is running on {settings.data_dir}")]
    needed = [Port(settings.port, variable("port"), settings.host)]
    if settings.temporal_address is None:
        needed += [
            Port(settings.temporal_port, variable("temporal_port")),
            Port(settings.temporal_ui_port, variable("temporal_ui_port")),
        ]
    return [_port(port) for port in needed]


def spelling(environ: Mapping[str, str]) -> list[Finding]:
    """Names variables that set nothing but look like one that would."""
    return [
        Finding("settings", "warn", f"{wrong} sets nothing", f"did you mean {likely}?")
        for wrong, likely in misspelt(environ).items()
    ]


def _port(port: Port) -> Finding:
    try:
        port.check()
    except PortTaken as error:
        says, _, remedy = str(error).partition("; ")
        return Finding("ports", "fail", says, remedy)
    return Finding("ports", "ok", f"port {port.number} is free")

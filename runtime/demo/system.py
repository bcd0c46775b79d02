"""A whole system of one's own, in a folder, on free ports, its time set by hand."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from rich.console import Console

from runtime.ports import any_free
from runtime.up import supervise
from settings import PREFIX, Settings


class SystemFailed(Exception):
    """A program did not start or ended by itself; the message has the end of its log."""


def own_settings(folder: Path, journeys: Path) -> Settings:
    """Gives the settings of a system in a folder, whatever the environment says."""
    ports: set[int] = set()
    while len(ports) < 3:
        ports.add(any_free())
    port, temporal, pages = ports
    return Settings(
        data_dir=folder,
        database_url=f"sqlite+aiosqlite:///{folder}/cauce.db",
        journeys_dir=journeys,
        clock="manual",
        host="127.0.0.1",
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        temporal_port=temporal,
        temporal_ui_port=pages,
        log_level="warning",
    )


@contextmanager
def unset_environment() -> Iterator[None]:
    """Hides this machine's settings while the block lasts: a demo sends nothing by anybody's account."""
    hidden = {name for name in os.environ if name.startswith(PREFIX) or name == "TEMPORAL_ADDRESS"}
    kept = {name: os.environ.pop(name) for name in hidden}
    try:
        yield
    finally:
        os.environ.update(kept)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """Runs Temporal, API and worker while the block lasts; all are ready when it begins.

    The task given fails with SystemFailed when a program ends by itself; so does the start.
    """
    up, stop, said = asyncio.Event(), asyncio.Event(), io.StringIO()
    console = Console(file=said, width=200)

    async def watch() -> None:
        if await supervise(settings, console, virtual_time=True).run(stop, up.set):
            raise SystemFailed(said.getvalue().rstrip())

    watcher = asyncio.create_task(watch())
    ready = asyncio.create_task(up.wait())
    try:
        await asyncio.wait({watcher, ready}, return_when=asyncio.FIRST_COMPLETED)
        if watcher.done():
            watcher.result()
        yield watcher
    finally:
        ready.cancel()
        stop.set()
        await asyncio.wait({watcher})


def last_lines(folder: Path, count: int = 12) -> str:
    """Gives the ends of all logs in a system's folder."""
    ends = []
    for log in sorted((folder / "logs").glob("*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
        if lines:
            ends.append("\n".join((f"the end of {log}:", *(f"  {line}" for line in lines))))
    return "\n".join(ends)

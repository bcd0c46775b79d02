"""`cauce demo`: starts a system, plays a file, prints its stories, sums up, ends everything."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from rich.console import Console
from rich.markup import escape

from runtime.connect import connect_within
from runtime.demo.house import House
from runtime.demo.pace import Pace
from runtime.demo.player import PlayFailed
from runtime.demo.prepare import prepare
from runtime.demo.script import Script, ScriptError, read
from runtime.demo.stage import Stage
from runtime.demo.system import SystemFailed, last_lines, own_settings, running, unset_environment
from runtime.demo.watcher import Totals
from runtime.ports import PortTaken
from runtime.project import ProjectBroken, ProjectMissing
from runtime.temporal_server import TemporalServerError
from runtime.up import ROOT, base_url, studio_link
from runtime.virtual_time import VirtualTime
from settings import Settings

STORY = ROOT / "journey_defs" / "demo" / "luis_perez.jsonl"
INTERRUPTED = 130
FAILURES = (
    PlayFailed, ScriptError, SystemFailed, PortTaken, ProjectBroken, ProjectMissing, TemporalServerError,
)  # fmt: skip


async def demo(
    console: Console, *, file: Path | None = None, keep: bool = False, journeys: Path | None = None
) -> int:
    """Plays a file of backend events on a system of its own; gives the exit code.

    0: every story reached its ending; 1: something went otherwise, and the console says what; 130:
    interrupted. `journeys` is the folder of journeys to publish, default the shipped ones.
    """
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="cauce-demo-"))
    try:
        with unset_environment():
            settings = own_settings(folder, (journeys or ROOT / "journey_defs").resolve())
            totals = await _interruptible(_show(settings, console, read(file or STORY)))
        _say_kept(console, folder, keep)
        _sum_up(console, totals, time.monotonic() - began)
    except asyncio.CancelledError:
        console.print("\n[yellow]interrupted[/]")
        _say_kept(console, folder, keep)
        return INTERRUPTED
    except FAILURES as failure:
        _explain(console, failure, folder)
        _say_kept(console, folder, keep)
        return 1
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


async def _show(settings: Settings, console: Console, script: Script) -> list[Totals]:
    status = console.status("starting Temporal, API and worker …")
    status.start()
    try:
        key = await prepare(settings, script.begins)
        async with running(settings) as watcher, _house(settings, key) as house:
            status.stop()
            link = escape(studio_link(settings, key))
            console.print(f"[dim]Studio, while this plays:[/] {link}", highlight=False, soft_wrap=True)
            return await _unless_broken(watcher, _play(settings, console, script, house))
    finally:
        status.stop()


async def _play(settings: Settings, console: Console, script: Script, house: House) -> list[Totals]:
    virtual = VirtualTime(await connect_within(settings))
    return await Stage(console, script, house, Pace(script.begins, house, virtual)).play()


@asynccontextmanager
async def _house(settings: Settings, key: str) -> AsyncIterator[House]:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(
        base_url=base_url(settings), headers=headers, timeout=15, trust_env=False
    ) as client:
        yield House(client)


async def _unless_broken(
    watcher: asyncio.Task[None], playing: Coroutine[None, None, list[Totals]]
) -> list[Totals]:
    """Plays until it is done or a program of the system ends; raises SystemFailed."""
    play = asyncio.create_task(playing)
    try:
        await asyncio.wait({watcher, play}, return_when=asyncio.FIRST_COMPLETED)
        if watcher.done():
            watcher.result()
            raise SystemFailed("the system ended while the story was played")
        return play.result()
    finally:
        play.cancel()
        await asyncio.wait({play})


async def _interruptible(work: Coroutine[None, None, list[Totals]]) -> list[Totals]:
    """Works until done; Ctrl-C and SIGTERM cancel it, and what it began is ended."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _explain(console: Console, failure: Exception, folder: Path) -> None:
    console.print(f"\n[bold red]demo failed[/] {escape(str(failure))}", highlight=False, soft_wrap=True)
    logs = "" if isinstance(failure, SystemFailed) else last_lines(folder)
    if logs:
        console.print(logs, markup=False, highlight=False, soft_wrap=True)


def _say_kept(console: Console, folder: Path, keep: bool) -> None:
    if keep:
        console.print(f"[dim]kept in {folder}[/]", soft_wrap=True, highlight=False)


def _sum_up(console: Console, totals: Sequence[Totals], seconds: float) -> None:
    counts = (
        _counted(len(totals), "story", "stories"),
        _counted(sum(one.messages for one in totals), "message"),
        _counted(sum(one.tasks for one in totals), "task"),
        _counted(sum(len(one.outcomes) for one in totals), "outcome"),
    )
    console.print(f"\n[bold green]demo ok:[/] {', '.join(counts)}, {seconds:.0f} s", highlight=False)


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"

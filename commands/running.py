"""`cauce up`, `cauce demo` and `cauce doctor`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands import keys, publishing
from commands.database import migrated, revisions
from commands.house import complain, database_file, err, out
from runtime.project import load_project
from settings import Settings, load, misspelt

if TYPE_CHECKING:
    from runtime.doctor import Finding


def up() -> None:
    """Start the system to stay: Temporal, the API with intake, and the worker. Ctrl-C ends it.

    Makes or migrates the tables, publishes the journeys that have no mistakes, and at the first start makes
    an API key and shows it. Started again, it goes on where it was. In a terminal, with all
    of it on this machine, the link to Studio opens without asking for a key.
    """
    from runtime.state import AlreadyRunning, is_in_use
    from runtime.up import up as run

    settings = load()
    for wrong, likely in misspelt(os.environ).items():
        complain(f"{wrong} sets nothing; did you mean {likely}?")
    if is_in_use(settings.data_dir):
        raise AlreadyRunning(
            f"{settings.data_dir} is in use by a running cauce; stop it, or set CAUCE_DATA_DIR"
        )
    asyncio.run(prepare(settings))
    key = asyncio.run(studio_key(settings)) if _stands_alone(settings) and out().is_terminal else None
    raise typer.Exit(asyncio.run(run(settings, out(), studio_key=key)))


def demo(
    file: Annotated[
        Path | None, typer.Option("--file", exists=True, dir_okay=False, help="A file of backend events.")
    ] = None,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the folder with data and logs.")] = False,
) -> None:
    """Play leads' whole journeys on a real system in a temporary folder, months in a minute."""
    from runtime.demo.show import demo as play

    raise typer.Exit(asyncio.run(play(out(), file=file, keep=keep)))


def doctor() -> None:
    """Check Python, disk, ports, database, Temporal and settings; exit code 1 where anything fails."""
    from runtime.doctor import examine, report

    settings = load()
    raise typer.Exit(report(asyncio.run(_examined(settings, examine)), out()))


async def prepare(settings: Settings) -> None:
    """Makes an installation ready to start: tables, journeys, the first key.

    Raises ProjectBroken, SettingsError.
    """
    from channels import carried_by
    from runtime.carriers import refuse_uncarried
    from store import Store

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with err().status("preparing the database"):
        await migrated(settings)
    project = load_project(settings.journeys_dir)
    store = Store.open(settings.database_url)
    try:
        project.sound_rules()
        refuse_uncarried(project.journeys.values(), carried_by(settings))
        sound = [name for name in sorted(project.files) if not project.errors_of(name)]
        publishing.tell(await publishing.published(store, settings, project, sound))
        for name in sorted(set(project.files) - set(sound)):
            complain(f"{name} has mistakes and is not published; `cauce check` shows them")
        async with store.begin() as tx:
            made = await keys.first(tx, settings)
    finally:
        await store.close()
    if made is not None:
        keys.show_first(*made)


async def studio_key(settings: Settings) -> str:
    """Makes the key for the link to Studio that this start prints."""
    from store import Store

    store = Store.open(settings.database_url)
    try:
        async with store.begin() as tx:
            return await keys.for_studio(tx, settings)
    finally:
        await store.close()


def _stands_alone(settings: Settings) -> bool:
    """Says whether all of it is on this machine, for the person before it: then its link may hold a key."""
    return settings.temporal_address is None and settings.host in ("127.0.0.1", "localhost", "::1")


async def _examined(settings: Settings, examine: Callable[..., Awaitable[list[Finding]]]) -> list[Finding]:
    from runtime.doctor import Finding

    path = database_file(settings)
    if path is not None and not path.exists():
        made_later = Finding("database", "ok", f"{path} is not there yet; `cauce up` makes it")
        return [made_later if one.what == "database" else one for one in await examine(settings, _nothing)]
    found = await examine(settings, lambda: _ping(settings))
    if all(one.verdict == "ok" for one in found if one.what == "database"):
        now, newest = await revisions(settings)
        remedy = "" if now == newest else "run `cauce db migrate`; `cauce up` does it too"
        found.append(Finding("tables", "warn" if remedy else "ok", f"revision {now or 'none'}", remedy))
    return found


async def _nothing() -> None:
    """Asks no database."""


async def _ping(settings: Settings) -> None:
    await revisions(settings)

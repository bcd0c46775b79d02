"""`cauce db`: the store's tables."""

from __future__ import annotations

import asyncio

import typer

from commands.house import SQLITE, Refused, database_file, say
from settings import Settings, load

app = typer.Typer(no_args_is_help=True, help="Make and look at the database's tables.")


@app.command("migrate")
def migrate() -> None:
    """Bring the tables to this version's form; a repeat changes nothing.

    `cauce up` does it too. Back up the database before a new version.
    """
    before, after = asyncio.run(migrated(load()))
    change = " already" if before == after else f", before: {before or 'none'}"
    say(f"the tables are at revision {after}{change}")


@app.command("status")
def status() -> None:
    """Tell which revision the tables are of; exit code 1 unless it is this version's."""
    settings = load()
    path = database_file(settings)
    if path is not None and not path.exists():
        raise Refused(f"there is no database at {path} yet; `cauce db migrate` makes it")
    now, newest = asyncio.run(revisions(settings))
    where = f"{path}: " if path else ""
    if now == newest:
        say(f"{where}revision {now}, the newest")
        return
    say(f"{where}revision {now or 'none'}, the newest is {newest}; run `cauce db migrate`")
    raise typer.Exit(1)


async def migrated(settings: Settings) -> tuple[str | None, str | None]:
    """Migrates the store; gives the revision before and after."""
    from store import Store

    store = Store.open(settings.database_url)
    try:
        before = None if _is_new(settings) else await store.revision()
        await store.migrate()
        return before, await store.revision()
    finally:
        await store.close()


async def revisions(settings: Settings) -> tuple[str | None, str | None]:
    """Gives the revision of the tables, and the newest."""
    from store import Store

    store = Store.open(settings.database_url)
    try:
        return await store.revision(), store.newest_revision()
    finally:
        await store.close()


def _is_new(settings: Settings) -> bool:
    path = database_file(settings)
    return settings.database_url.startswith(SQLITE) and path is not None and not path.exists()

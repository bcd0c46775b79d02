"""What every command stands on: settings, consoles, the open store, business time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console

from settings import Settings, load

if TYPE_CHECKING:
    from store import Store, Tx

T = TypeVar("T")
PIPED_WIDTH = 200
SQLITE = "sqlite+aiosqlite:///"


class Refused(Exception):
    """A command cannot do what was asked; the message says what is wrong and what to do."""


def out() -> Console:
    """Gives the console of results; wide where nobody looks, so that no table is cut in a pipe."""
    return _console(stderr=False)


def err() -> Console:
    """Gives the console of errors and progress."""
    return _console(stderr=True)


def say(text: str) -> None:
    """Prints one line as it is."""
    out().print(text, markup=False, highlight=False, soft_wrap=True)


def complain(text: str) -> None:
    """Prints one line of error as it is."""
    err().print(text, markup=False, highlight=False, soft_wrap=True)


def in_store(work: Callable[[Store, Settings], Awaitable[T]]) -> T:
    """Does something with the open store.

    Raises Refused where the tables are missing or old.
    """
    settings = load()
    require_database(settings)
    return asyncio.run(_opened(settings, work))


def require_database(settings: Settings) -> None:
    """Raises Refused where the store's SQLite file is not there: opening it would make an empty one."""
    path = database_file(settings)
    if path is not None and not path.exists():
        raise Refused(
            f"there is no database at {path} yet; `cauce up` or `cauce db migrate` makes it, "
            "CAUCE_DATA_DIR names another folder"
        )


def database_file(settings: Settings) -> Path | None:
    """Names the store's SQLite file; None for a server."""
    url = settings.database_url
    return Path(url.removeprefix(SQLITE).partition("?")[0]) if url.startswith(SQLITE) else None


async def _opened(settings: Settings, work: Callable[[Store, Settings], Awaitable[T]]) -> T:
    from store import Store  # heavy, and not every command needs it

    store = Store.open(settings.database_url)
    try:
        if (await store.revision()) != store.newest_revision():
            raise Refused("the database's tables are not of this version; run `cauce db migrate`")
        return await work(store, settings)
    finally:
        await store.close()


async def business_now(tx: Tx, settings: Settings) -> datetime:
    """Tells business time: the wall's, or what the manual clock was set to."""
    wall = datetime.now(UTC)
    return wall if settings.clock == "system" else (await tx.clock.get()) or wall


def nearest(word: str, names: list[str]) -> str:
    """Words what was likely meant, or what there is."""
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    return f"there are {', '.join(sorted(names)[:12])}" if names else "there are none"


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(stderr=stderr, highlight=False, width=PIPED_WIDTH)
    return console

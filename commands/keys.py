"""`cauce keys`: keys of the API. The store keeps only their hashes; a key is shown once, when it is made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from commands.house import Refused, business_now, in_store, out, say
from commands.output import AsJson, emit_json, table
from model.records import ApiKey
from settings import Settings

if TYPE_CHECKING:
    from store import Store, Tx

app = typer.Typer(no_args_is_help=True, help="Make, list, replace and revoke keys of the API.")

FIRST_NAME, FIRST_SOURCE, EVERYTHING = "first key", "backend", "admin"
STUDIO_NAME, STUDIO_SOURCE = "link to Studio", "studio"
STUDIO_SCOPES = ("journeys:read", "journeys:write")
KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="Its id, as `cauce keys list` shows it.")]


@app.command("create")
def create(
    name: Annotated[str, typer.Option("--name", help="Whose key it is, for people.")],
    source: Annotated[str, typer.Option("--source", help="The source its events come from, like crm.")],
    scope: Annotated[list[str], typer.Option("--scope", help="What it may do; may be given several times.")],
    days: Annotated[int | None, typer.Option("--days", min=1, help="Days after which it expires.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, once.

    `--scope admin` may do everything. Several keys may speak for one source.
    """
    ends = None if days is None else datetime.now(UTC) + timedelta(days=days)

    async def work(store: Store, settings: Settings) -> tuple[str, ApiKey]:
        async with store.begin() as tx:
            return await made(tx, settings, name, source, tuple(scope), ends)

    _show_once(*in_store(work), as_json=as_json)


@app.command("list")
def list_keys(*, as_json: AsJson = False) -> None:
    """List all keys, never their secrets."""

    async def work(store: Store, _settings: Settings) -> tuple[ApiKey, ...]:
        async with store.read() as tx:
            return await tx.keys.list()

    found = in_store(work)
    if as_json:
        emit_json([_plain(key) for key in found])
        return
    headings = ("id", "name", "source", "scopes", "created (UTC)", "state")
    rows = [(key.id, key.name, key.source, key.scopes, key.created_at, _state(key)) for key in found]
    table(headings, rows, "no keys yet; `cauce keys create` makes one")


@app.command("revoke")
def revoke(key_id: KeyId) -> None:
    """End a key; requests with it are refused within 5 seconds."""

    async def work(store: Store, settings: Settings) -> None:
        async with store.begin() as tx:
            await _found(tx, key_id)
            await _revoked(tx, settings, key_id)

    in_store(work)
    say(f"key {key_id} is revoked")


@app.command("rotate")
def rotate(
    key_id: KeyId,
    *,
    at_once: Annotated[bool, typer.Option("--at-once", help="Revoke the old key now.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a new key with the name, source and scopes of an old one.

    The old one works until `cauce keys revoke` ends it, so that both may be in use while the new one is
    brought out.
    """

    async def work(store: Store, settings: Settings) -> tuple[str, ApiKey]:
        async with store.begin() as tx:
            old = await _found(tx, key_id)
            new = await made(tx, settings, old.name, old.source, old.scopes, old.expires_at)
            if at_once:
                await _revoked(tx, settings, key_id)
            return new

    _show_once(*in_store(work), as_json=as_json)
    if not as_json:
        say(
            f"key {key_id} is revoked"
            if at_once
            else f"when it is in use everywhere: cauce keys revoke {key_id}"
        )


async def made(
    tx: Tx,
    settings: Settings,
    name: str,
    source: str,
    scopes: tuple[str, ...],
    expires_at: datetime | None = None,
) -> tuple[str, ApiKey]:
    """Makes and keeps a key; gives its text, which is kept nowhere.

    Raises Refused for a wrong source or scope.
    """
    from api.keys import make_key

    try:
        key = make_key(name, source, scopes, datetime.now(UTC), expires_at=expires_at)
    except ValueError as error:
        raise Refused(str(error)) from None
    await tx.keys.add(key.record)
    await tx.audit.add(await business_now(tx, settings), "key.create", key.record.id, None)
    return key.text, key.record


async def first(tx: Tx, settings: Settings) -> tuple[str, ApiKey] | None:
    """Makes the key of a first start; None where there are keys already."""
    if await tx.keys.list():
        return None
    return await made(tx, settings, FIRST_NAME, FIRST_SOURCE, (EVERYTHING,))


async def for_studio(tx: Tx, settings: Settings) -> str:
    """Makes the key in this start's link to Studio, good for 30 days; those of earlier starts end."""
    for key in await tx.keys.list():
        if key.name == STUDIO_NAME and key.source == STUDIO_SOURCE and key.revoked_at is None:
            await _revoked(tx, settings, key.id)
    ends = datetime.now(UTC) + timedelta(days=30)
    text, _ = await made(tx, settings, STUDIO_NAME, STUDIO_SOURCE, STUDIO_SCOPES, ends)
    return text


def show_first(text: str, key: ApiKey) -> None:
    """Shows the key of a first start."""
    console = out()
    console.print(f"[bold]API key[/] {escape(text)}", soft_wrap=True)
    console.print(
        f"[dim]It speaks for the source {key.source} and may do everything. It is shown this once: only its "
        "hash is kept.\nAnother: cauce keys create --name … --source … --scope …[/]"
    )


async def _found(tx: Tx, key_id: str) -> ApiKey:
    key = next((key for key in await tx.keys.list() if key.id == key_id), None)
    if key is None:
        raise Refused(f"there is no key {key_id}; `cauce keys list` shows all")
    return key


async def _revoked(tx: Tx, settings: Settings, key_id: str) -> None:
    if not await tx.keys.revoke(key_id, datetime.now(UTC)):
        raise Refused(f"key {key_id} is revoked already")
    await tx.audit.add(await business_now(tx, settings), "key.revoke", key_id, None)


def _show_once(text: str, key: ApiKey, *, as_json: bool) -> None:
    if as_json:
        emit_json({"key": text, **_plain(key)})
        return
    say(text)
    say(f"key {key.id} of {key.source}, scopes {', '.join(key.scopes)}; it is shown this once")


def _plain(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id, "name": key.name, "source": key.source, "scopes": key.scopes, "state": _state(key),
        "created_at": key.created_at, "expires_at": key.expires_at, "revoked_at": key.revoked_at,
    }  # fmt: skip


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= datetime.now(UTC) else "good"

"""Who asks: the key of a request, checked against the scope of its route."""

from __future__ import annotations

import time
from typing import Final

from fastapi import Request

from api.keys import allows, hashed, is_key, opens
from api.ports import House, wall
from api.problems import Problem
from model.records import ApiKey

REMEMBERED: Final = 5.0
"""Seconds for which a key read from the store is believed; a revoked one works no longer than that."""

_Known = dict[str, tuple[float, ApiKey]]


async def authenticate(request: Request, house: House, scope: str) -> ApiKey:
    """Gives the request's key.

    Raises Problem `unauthenticated` without a good key, `forbidden` where it lacks the scope.
    """
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    key = await _find(request, house, text.strip()) if kind.lower() == "bearer" else None
    if key is None:
        raise Problem(
            "unauthenticated",
            "Send `Authorization: Bearer cauce_…`; `cauce keys create` makes a key.",
            headers={"WWW-Authenticate": 'Bearer realm="cauce"'},
        )
    if not allows(key, scope):
        challenge = f'Bearer realm="cauce", error="insufficient_scope", scope="{scope}"'
        raise Problem("forbidden", f"It needs the scope {scope}.", headers={"WWW-Authenticate": challenge})
    return key


async def _find(request: Request, house: House, text: str) -> ApiKey | None:
    if not is_key(text):
        return None
    key = await _read(request.app.state.keys, house, hashed(text))
    return key if key is not None and opens(key, text, wall()) else None


async def _read(known: _Known, house: House, key_hash: str) -> ApiKey | None:
    until, key = known.get(key_hash, (0.0, None))
    if key is not None and time.monotonic() < until:
        return key
    async with house.store.read() as tx:
        found = await tx.keys.find_by_hash(key_hash)
    if found is not None:
        known[key_hash] = (time.monotonic() + REMEMBERED, found)
    return found

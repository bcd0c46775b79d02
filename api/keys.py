"""API keys: `cauce_SECRET`, kept as SHA-256; whoever holds one speaks as its source, within its scopes."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from model.records import ApiKey

Scope = Literal[
    "events:write",
    "events:read",
    "leads:read",
    "leads:write",
    "journeys:read",
    "journeys:write",
    "enrolments:read",
    "enrolments:write",
    "tasks:read",
    "tasks:work",
    "operate",
    "score",
    "admin",
]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
ALL: Final = "admin"

_KEY = re.compile(r"cauce_[A-Za-z0-9_-]{43}", re.ASCII)
_SOURCE = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key: `text` is shown once, `record` goes into the store."""

    text: str
    record: ApiKey


def make_key(
    name: str,
    source: str,
    scopes: Iterable[str],
    created_at: datetime,
    *,
    expires_at: datetime | None = None,
) -> MadeKey:
    """Makes a key for a source, `crm`, that survives the key's replacement.

    Raises ValueError for an unknown scope or a source that is not a short lower-case name.
    """
    wanted = tuple(dict.fromkeys(scopes))
    strange = [scope for scope in wanted if scope not in SCOPES]
    if strange or not wanted:
        raise ValueError(f"unknown scope {', '.join(strange) or '(none)'}; known are {', '.join(SCOPES)}")
    if not _SOURCE.fullmatch(source) or source == "cauce":
        raise ValueError("a source is a short lower-case name, crm or web-shop, and not cauce")
    text = f"cauce_{secrets.token_urlsafe(32)}"
    record = ApiKey(
        id=secrets.token_hex(8),
        name=name,
        source=source,
        hash=hashed(text),
        scopes=wanted,
        created_at=created_at,
        expires_at=expires_at,
    )
    return MadeKey(text, record)


def is_key(text: str) -> bool:
    """Says whether a text has the form of a key."""
    return _KEY.fullmatch(text) is not None


def hashed(text: str) -> str:
    """SHA-256 of a whole key, in hexadecimal; the secret in it has 256 random bits, so no salt is needed."""
    return hashlib.sha256(text.encode()).hexdigest()


def opens(key: ApiKey, text: str, now: datetime) -> bool:
    """Says whether a presented key is this one and still good; compares in constant time."""
    same = secrets.compare_digest(key.hash, hashed(text))
    return same and key.revoked_at is None and (key.expires_at is None or now < key.expires_at)


def allows(key: ApiKey, scope: str) -> bool:
    """Says whether a key may do this; `admin` may do everything."""
    return scope in key.scopes or ALL in key.scopes

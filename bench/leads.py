"""Events of measured leads, each of a lead of its own that nobody knows yet."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from pydantic import JsonValue


def addresses(count: int) -> list[str]:
    """Makes addresses that no earlier measurement used."""
    batch = uuid4().hex[:8]
    return [f"lead-{batch}-{number}@example.com" for number in range(count)]


def event(kind: str, email: str, *, phone: str | None = None) -> JsonValue:
    """Makes an event of a type about the lead with an address."""
    lead: dict[str, JsonValue] = {"email": email}
    if phone is not None:
        lead["phone"] = phone
    return {"id": uuid4().hex, "type": kind, "lead": lead, "properties": {}}


def events(kind: str, emails: Sequence[str]) -> list[JsonValue]:
    """Makes one event of a type for each address."""
    return [event(kind, email) for email in emails]

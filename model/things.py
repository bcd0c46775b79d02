"""Things of leads as the store gives and takes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from model.events import Fields

WRITTEN = "lead.thing_written"
"""The event that writes a thing: fields `kind`, `id` and `fields`. Only the system itself makes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredThing:
    """A thing of a lead: `id` is the value of its key as text, `fields` are those of the vocabulary.

    The times are business time.
    """

    kind: str
    id: str
    lead_id: str
    fields: Fields
    created_at: datetime
    updated_at: datetime

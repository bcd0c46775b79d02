"""What leads allowed and refused, and addresses and people that nothing may be sent to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    literal,
    or_,
    select,
    update,
)

from model.contact import Consent
from model.records import NewConsent
from store.base import BigId, Repository, columns_of, metadata, partial_index, text_column, time_column

consents = Table(
    "consents",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("lead_id", ForeignKey("leads.id"), nullable=False),
    text_column("channel", null=False),
    text_column("scope", null=False),
    text_column("topic"),
    Column("given", Boolean, nullable=False),
    time_column("at"),
    time_column("recorded_at"),
    text_column("basis"),
    text_column("source"),
    text_column("wording"),
    Index(None, "lead_id", "id"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("lead_id", ForeignKey("leads.id")),
    text_column("address"),
    text_column("what", null=False),
    text_column("reason", null=False),
    time_column("at"),
    time_column("recorded_at"),
    time_column("lifted_at", null=True),
    CheckConstraint("(lead_id IS NULL) <> (address IS NULL)", name="one_target"),
)
_active = suppressions.c.lifted_at.is_(None)
partial_index("uq_suppressions_lead", _active, suppressions.c.lead_id, suppressions.c.what, unique=True)
partial_index("uq_suppressions_address", _active, suppressions.c.address, suppressions.c.what, unique=True)


class Consents(Repository):
    """The lead's word, kept for ever: a new word is a new row."""

    async def add(self, word: NewConsent) -> None:
        """Records a consent or a refusal."""
        await self._add(consents, {**columns_of(word), "recorded_at": self._wall()})

    async def latest(self, lead_id: str) -> tuple[Consent, ...]:
        """Reads the word that holds for each channel and topic, as the contact rules read it.

        A refusal of everything stays one when a narrower refusal follows; only a consent ends it.
        """
        one = consents.c
        words = select(one.channel, one.given, one.at, one.topic, one.scope).where(one.lead_id == lead_id)
        latest: dict[tuple[str, str | None], Consent] = {}
        for row in await self._run(words.order_by(one.at, one.id)):
            word = Consent(**row._mapping)
            before = latest.get((word.channel, word.topic))
            if before is not None and not before.given and not word.given and before.scope == "all":
                word = replace(word, scope="all")
            latest[word.channel, word.topic] = word
        return tuple(latest[key] for key in sorted(latest, key=lambda key: (key[0], key[1] or "")))


class Suppressions(Repository):
    """Leads and addresses that may not be reached by a channel, `calls`, `marketing` or `all`."""

    async def add(
        self, what: str, reason: str, at: datetime, *, lead_id: str | None = None, address: str | None = None
    ) -> bool:
        """Suppresses a lead or a normalised address, one of the two; False if it was already."""
        row = {
            "lead_id": lead_id, "address": address, "what": what, "reason": reason,
            "at": at, "recorded_at": self._wall(), "lifted_at": None,
        }  # fmt: skip
        return bool(await self._add_new(suppressions, [row], suppressions.c.what))

    async def active(self, lead_id: str, addresses: Collection[str] = ()) -> tuple[str, ...]:
        """Lists what is suppressed for a lead or any of its addresses, sorted."""
        one = suppressions.c
        target = or_(one.lead_id == lead_id, one.address.in_(addresses) if addresses else literal(False))
        rows = await self._run(
            select(one.what).where(one.lifted_at.is_(None), target).distinct().order_by(one.what)
        )
        return tuple(row.what for row in rows)

    async def lift(
        self, what: str, at: datetime, *, lead_id: str | None = None, address: str | None = None
    ) -> bool:
        """Ends a suppression; False if there was none."""
        one = suppressions.c
        target = one.lead_id == lead_id if lead_id is not None else one.address == address
        lifted = await self._run(
            update(suppressions).where(target, one.what == what, one.lifted_at.is_(None)).values(lifted_at=at)
        )
        return lifted.rowcount > 0

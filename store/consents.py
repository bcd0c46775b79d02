"""What leads allowed and refused, and addresses and people that nothing may be sent to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    or_,
    select,
    update,
)

from model.contact import Consent, Rest
from model.records import NewConsent
from store.base import (
    BigId,
    Repository,
    columns_of,
    given,
    metadata,
    partial_index,
    text_column,
    time_column,
)

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
    time_column("until", null=True),
    CheckConstraint("(lead_id IS NULL) <> (address IS NULL)", name="one_target"),
)
_active = suppressions.c.lifted_at.is_(None)
partial_index("uq_suppressions_lead", _active, suppressions.c.lead_id, suppressions.c.what, unique=True)
partial_index("uq_suppressions_address", _active, suppressions.c.address, suppressions.c.what, unique=True)

_WORDS = (
    select(consents.c.channel, consents.c.given, consents.c.at, consents.c.topic, consents.c.scope)
    .where(consents.c.lead_id == given("lead"))
    .order_by(consents.c.at, consents.c.id)
)
_MEANT = or_(suppressions.c.lead_id == given("lead"), suppressions.c.address.in_(given("addresses")))
_ACTIVE = (
    select(suppressions.c.what)
    .where(_active, suppressions.c.until.is_(None), _MEANT)
    .distinct()
    .order_by(suppressions.c.what)
)
_RESTS = (
    select(suppressions.c.what, suppressions.c.until)
    .where(_active, suppressions.c.until > given("at"), _MEANT)
    .order_by(suppressions.c.what)
)
_lift = update(suppressions).where(suppressions.c.what == given("what"), _active)
_LIFT_OF_LEAD = _lift.where(suppressions.c.lead_id == given("target"))
_LIFT_OF_ADDRESS = _lift.where(suppressions.c.address == given("target"))
_OUTLASTED = _LIFT_OF_LEAD.where(suppressions.c.until <= given("until"))
_REPLACED = _LIFT_OF_LEAD.where(suppressions.c.until.is_not(None))
_LIFT_OF_JOURNEYS = _LIFT_OF_LEAD.where(suppressions.c.reason.like("journey %"))


class Consents(Repository):
    """The lead's word, kept for ever: a new word is a new row."""

    async def add(self, word: NewConsent) -> None:
        """Records a consent or a refusal."""
        await self._add(consents, {**columns_of(word), "recorded_at": self._wall()})

    async def latest(self, lead_id: str) -> tuple[Consent, ...]:
        """Reads the word that holds for each channel and topic, as the contact rules read it.

        A refusal of everything stays one when a narrower refusal follows; only a consent ends it.
        """
        return in_force(Consent(**row._mapping) for row in await self._run(_WORDS, given_lead=lead_id))


def in_force(words: Iterable[Consent]) -> tuple[Consent, ...]:
    """Gives of a lead's words, the oldest first, the one that holds for each channel and topic."""
    latest: dict[tuple[str, str | None], Consent] = {}
    for word in words:
        before = latest.get((word.channel, word.topic))
        if before is not None and not before.given and not word.given and before.scope == "all":
            word = replace(word, scope="all")
        latest[word.channel, word.topic] = word
    return tuple(latest[key] for key in sorted(latest, key=lambda key: (key[0], key[1] or "")))


class Suppressions(Repository):
    """Leads and addresses that may not be reached by a channel, `calls`, `marketing` or `all`."""

    async def add(
        self,
        what: str,
        reason: str,
        at: datetime,
        *,
        lead_id: str | None = None,
        address: str | None = None,
        until: datetime | None = None,
    ) -> bool:
        """Suppresses a lead or a normalised address, one of the two; False if it was already.

        With `until` it ends by itself then; only one that lasts longer takes the place of another.
        """
        if lead_id is not None:
            before = {"given_what": what, "given_target": lead_id, "lifted_at": at}
            ended = {} if until is None else {"given_until": until}
            await self._run(_REPLACED if until is None else _OUTLASTED, **before, **ended)
        row = {
            "lead_id": lead_id, "address": address, "what": what, "reason": reason,
            "at": at, "recorded_at": self._wall(), "lifted_at": None, "until": until,
        }  # fmt: skip
        return bool(await self._add_new(suppressions, [row], suppressions.c.what))

    async def rests(self, lead_id: str, at: datetime, addresses: Collection[str] = ()) -> tuple[Rest, ...]:
        """Lists what is suppressed to some later time than `at`, sorted."""
        rows = await self._run(_RESTS, given_lead=lead_id, given_at=at, given_addresses=list(addresses))
        return tuple(Rest(row.what, row.until) for row in rows)

    async def active(self, lead_id: str, addresses: Collection[str] = ()) -> tuple[str, ...]:
        """Lists what is suppressed without an end for a lead or any of its addresses, sorted."""
        rows = await self._run(_ACTIVE, given_lead=lead_id, given_addresses=list(addresses))
        return tuple(row.what for row in rows)

    async def lift(
        self, what: str, at: datetime, *, lead_id: str | None = None, address: str | None = None
    ) -> bool:
        """Ends a suppression; False if there was none."""
        lift, target = (_LIFT_OF_ADDRESS, address) if lead_id is None else (_LIFT_OF_LEAD, lead_id)
        return (await self._run(lift, given_what=what, given_target=target, lifted_at=at)).rowcount > 0

    async def lift_of_journeys(self, what: str, at: datetime, lead_id: str) -> bool:
        """Ends a suppression of a lead that a journey made; False if there was none."""
        found = await self._run(_LIFT_OF_JOURNEYS, given_what=what, given_target=lead_id, lifted_at=at)
        return found.rowcount > 0

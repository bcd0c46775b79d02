"""Places kept by messages that are held, for the caps to count."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, delete, literal_column, select, update

from model.places import Place
from store.base import Repository, Shape, columns_of, given, metadata, text_column, time_column
from store.enrolments import enrolments

kept_places = Table(
    "kept_places",
    metadata,
    Column("send_id", text_column("send_id").type, primary_key=True),
    Column("lead_id", ForeignKey("leads.id"), nullable=False),
    Column("enrolment_id", ForeignKey("enrolments.id"), nullable=False),
    Column("rank", Integer, nullable=False),
    time_column("until"),
    text_column("channel", null=False),
    text_column("purpose", null=False),
    text_column("topic"),
    text_column("contact"),
    Index(None, "lead_id"),
)

_p = kept_places.c
_PLACE = Shape(Place)
_BEFORE = (
    select(kept_places)
    .join(enrolments, _p.enrolment_id == enrolments.c.id)
    .where(
        _p.lead_id == given("lead"),
        _p.rank < given("rank"),
        _p.until >= given("since"),
        _p.until <= given("until"),
        enrolments.c.state != literal_column("'ended'"),
    )
    .order_by(_p.rank, _p.until, _p.send_id)
)
_MOVE = update(kept_places).where(_p.send_id == given("send"))
_GIVE_UP = delete(kept_places).where(_p.send_id == given("send"))


class Places(Repository):
    """Kept places by message."""

    async def keep(self, place: Place) -> None:
        """Keeps a place, or moves it."""
        if not await self._add_new(kept_places, [columns_of(place)], _p.send_id):
            await self._run(_MOVE, given_send=place.send_id, until=place.until, channel=place.channel)

    async def give_up(self, send_id: str) -> None:
        """Gives a place up; there may be none."""
        await self._run(_GIVE_UP, given_send=send_id)

    async def before(self, lead_id: str, rank: int, since: datetime, until: datetime) -> tuple[Place, ...]:
        """Lists the places of a lead before a rank that are held to an instant between two."""
        found = {"given_lead": lead_id, "given_rank": rank, "given_since": since, "given_until": until}
        return await self._all(_PLACE, _BEFORE, **found)

"""Published journeys: immutable versions of the compiled form."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Column, Integer, Table, func, select

from model.records import PublishedJourney
from store.base import Repository, Shape, columns_of, metadata, text_column, time_column
from store.errors import VersionTaken

journeys = Table(
    "journeys",
    metadata,
    Column("name", text_column("name").type, primary_key=True),
    Column("version", Integer, primary_key=True),
    text_column("hash", null=False),
    text_column("compiled", null=False),
    text_column("source", null=False),
    time_column("published_at"),
)

_JOURNEY = Shape(PublishedJourney)


class Journeys(Repository):
    """Journeys by name and version."""

    async def publish(self, journey: PublishedJourney) -> Literal["published", "unchanged"]:
        """Publishes a version; `unchanged` if it is there with the same hash. Raises VersionTaken."""
        if await self._add_new(journeys, [columns_of(journey)], journeys.c.name):
            return "published"
        known = await self.get(journey.name, journey.version)
        if known is None or known.hash != journey.hash:
            raise VersionTaken(
                f"{journey.name} version {journey.version} is published with other content; raise the number."
            )
        return "unchanged"

    async def get(self, name: str, version: int) -> PublishedJourney | None:
        """Reads one version."""
        wanted = select(journeys).where(journeys.c.name == name, journeys.c.version == version)
        return await self._one(_JOURNEY, wanted)

    async def latest(self, name: str) -> PublishedJourney | None:
        """Reads the highest version of a journey."""
        wanted = select(journeys).where(journeys.c.name == name).order_by(journeys.c.version.desc())
        return await self._one(_JOURNEY, wanted.limit(1))

    async def all_latest(self) -> tuple[PublishedJourney, ...]:
        """Lists the highest version of every journey, by name."""
        newest = select(journeys.c.name, func.max(journeys.c.version).label("version"))
        top = newest.group_by(journeys.c.name).subquery()
        same = (journeys.c.name == top.c.name) & (journeys.c.version == top.c.version)
        return await self._all(_JOURNEY, select(journeys).join(top, same).order_by(journeys.c.name))

    async def all_versions(self) -> tuple[tuple[str, int], ...]:
        """Lists every journey's name and versions, by name, ascending."""
        wanted = select(journeys.c.name, journeys.c.version).order_by(journeys.c.name, journeys.c.version)
        return tuple((row.name, row.version) for row in await self._run(wanted))

    async def versions(self, name: str) -> tuple[int, ...]:
        """Lists the versions of a journey, ascending."""
        wanted = select(journeys.c.version).where(journeys.c.name == name).order_by(journeys.c.version)
        return tuple(row.version for row in await self._run(wanted))

"""Published journeys: immutable versions of the compiled form."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Column, Integer, Table, func, select

from model.records import PublishedJourney
from store.base import Repository, Shape, columns_of, given, metadata, text_column, time_column
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
_NAMED = select(journeys).where(journeys.c.name == given("name"))
_ONE = _NAMED.where(journeys.c.version == given("version"))
_LATEST = _NAMED.order_by(journeys.c.version.desc()).limit(1)
_TOP = select(journeys.c.name, func.max(journeys.c.version).label("version"))
_TOPS = _TOP.group_by(journeys.c.name).subquery()
_ALL_LATEST = (
    select(journeys)
    .join(_TOPS, (journeys.c.name == _TOPS.c.name) & (journeys.c.version == _TOPS.c.version))
    .order_by(journeys.c.name)
)
_VERSIONS = select(journeys.c.name, journeys.c.version).order_by(journeys.c.name, journeys.c.version)
_VERSIONS_OF = _VERSIONS.where(journeys.c.name == given("name"))


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
        return await self._one(_JOURNEY, _ONE, given_name=name, given_version=version)

    async def latest(self, name: str) -> PublishedJourney | None:
        """Reads the highest version of a journey."""
        return await self._one(_JOURNEY, _LATEST, given_name=name)

    async def all_latest(self) -> tuple[PublishedJourney, ...]:
        """Lists the highest version of every journey, by name."""
        return await self._all(_JOURNEY, _ALL_LATEST)

    async def all_versions(self) -> tuple[tuple[str, int], ...]:
        """Lists every journey's name and versions, by name, ascending."""
        return tuple((row.name, row.version) for row in await self._run(_VERSIONS))

    async def versions(self, name: str) -> tuple[int, ...]:
        """Lists the versions of a journey, ascending."""
        return tuple(row.version for row in await self._run(_VERSIONS_OF, given_name=name))

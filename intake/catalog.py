"""The published journeys as intake and workflows need them: parsed once, by name and version."""

from __future__ import annotations

from language.compiled import Journey, load
from language.vocabulary import Vocabulary
from store import Tx


class Catalog:
    """Compiled journeys of the store, kept in memory: a published version never changes."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._journeys: dict[tuple[str, int], Journey] = {}

    async def latest(self, tx: Tx) -> tuple[Journey, ...]:
        """Lists the newest version of every journey, by name."""
        names = await tx.journeys.latest_versions()
        return tuple([await self.get(tx, name, version) for name, version in names])

    async def get(self, tx: Tx, name: str, version: int) -> Journey:
        """Reads one version; raises LookupError where it was never published."""
        found = self._journeys.get((name, version))
        if found is None:
            published = await tx.journeys.get(name, version)
            if published is None:
                raise LookupError(f"journey {name} {version} is not published")
            found = self._journeys[name, version] = load(published.compiled)
        return found

"""A scan that somebody runs by hand, as of any instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from intake.catalog import Catalog
from intake.dates import Dated
from intake.knowledge import Gatherer
from intake.scanning import PAGE, Found, Scanner
from intake.scans import Wanted, wanted_by
from language.vocabulary import Vocabulary
from model.records import Lead, NewEvent
from store import Store, Tx


@dataclass(frozen=True, slots=True)
class Counted:
    """How many leads a scan looked at and found, and how many of them enter."""

    scan: str
    at: datetime
    looked: int
    found: int
    entering: int


class ByHand:
    """Runs scans of published journeys by hand."""

    def __init__(self, store: Store, vocabulary: Vocabulary) -> None:
        self._store = store
        self._catalog = Catalog(vocabulary)
        self._scanner = Scanner(self._catalog, Gatherer(vocabulary))

    async def all(self) -> list[Wanted]:
        """Lists the scans of the newest versions."""
        async with self._store.read() as tx:
            wanted = list(wanted_by(await self._catalog.latest(tx)))
        return [scan for scan in wanted if scan.kind != "members"]

    async def look(self, scan: Wanted, at: datetime, now: datetime, *, dry_run: bool) -> Counted:
        """Looks at all leads as of `at`, page by page; those found ask to enter at `now`, unless it is a dry
        run. Of a trigger by `date` those are found whose instant lies in the day before `at`.
        """
        looked = found = entering = 0
        cursor: str | None = ""
        while cursor is not None:
            async with self._store.read() as tx:
                leads = await tx.scans.people(cursor, PAGE)
                page, news = await self._page(tx, scan, leads, at, now)
            looked, found = looked + page.looked, found + page.holding
            entering += len(news) if dry_run else await self._ask(news)
            cursor = leads[-1].id if len(leads) == PAGE else None
        return Counted(scan.name, at, looked, found, entering)

    async def _page(
        self, tx: Tx, scan: Wanted, leads: Sequence[Lead], at: datetime, now: datetime
    ) -> tuple[Found, list[NewEvent]]:
        journey, trigger = scan.journey, scan.trigger
        if trigger.date is not None:
            what = Dated(journey, trigger, trigger.date)
            return await self._scanner.dated(tx, what, leads, at, now)
        page = await self._scanner.look(tx, journey, trigger, leads, at, now)
        return page, self._scanner.events(journey, trigger, at.isoformat(), page.entering, now)

    async def _ask(self, news: list[NewEvent]) -> int:
        async with self._store.begin() as tx:
            tx.notify("inbox")
            return (await tx.events.insert(news)).count("accepted") if news else 0

"""Looks at pages of leads for the scans."""

from __future__ import annotations

from temporalio import activity

from intake.scanning import Scanner
from model.scans import SCAN_PAGE, ScanRequest, ScanStep
from store import Store


class Scans:
    """The activity of a scan; what it raises is retried."""

    def __init__(self, store: Store, scanner: Scanner) -> None:
        self._store = store
        self._scanner = scanner

    @activity.defn(name=SCAN_PAGE)
    async def scan_page(self, request: ScanRequest) -> ScanStep:
        """Looks at one page and asks for its entries, all in one transaction."""
        async with self._store.begin() as tx:
            return await self._scanner.page(tx, request.name, request.at)

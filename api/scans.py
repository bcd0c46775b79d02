"""`/v1/scans`: the triggers that look for leads by time, as operators see them."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.fields import Answer
from api.ports import InHouse
from api.routing import needs, router
from model.scans import Entries, Scan, ScanKind, ScanState

routes = router("journeys")


class ScanOut(Answer):
    """A scan of the newest version of a journey; its times are business time."""

    name: str = Field(description="`JOURNEY/TRIGGER`.")
    journey: str
    trigger: str
    kind: ScanKind
    version: int
    state: ScanState = Field(description="`off`: no journey begins by it now. `over`: nothing is to come.")
    running: bool = Field(description="Whether it is looking at leads now.")
    last_at: datetime | None
    next_at: datetime | None
    looked: int = Field(description="Leads looked at the last time, or so far.")
    found: int = Field(description="Those for whom the trigger's condition held.")
    entered: int = Field(description="Runs opened the last time, or so far.")
    refused: int = Field(description="Entries refused, or in line; the reasons stand on the timelines.")
    waiting: int = Field(description="Entries that are still to be judged.")


class ScansOut(Answer):
    """All scans, by name."""

    items: tuple[ScanOut, ...]


@routes.get("/scans", dependencies=[needs("journeys:read")], summary="List scans")
async def list_scans(house: InHouse) -> ScansOut:
    """Lists the scans of all journeys: when each looked last, whom it found, when it looks next."""
    async with house.store.read() as tx:
        found = [(scan, await tx.scans.entries_of(scan)) for scan in await tx.scans.all()]
    return ScansOut(items=tuple(_out(scan, entries) for scan, entries in found))


def _out(scan: Scan, entries: Entries) -> ScanOut:
    return ScanOut(
        name=scan.name,
        journey=scan.journey,
        trigger=scan.trigger,
        kind=scan.kind,
        version=scan.version,
        state=scan.state,
        running=scan.occurrence is not None,
        last_at=scan.last_at,
        next_at=scan.next_at,
        looked=scan.looked,
        found=scan.found,
        entered=entries.entered,
        refused=entries.refused,
        waiting=entries.waiting,
    )

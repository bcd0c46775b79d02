"""Lets leads in whose turn has come, and takes off those who left the line meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from engine.admission import Refused, ends_wait
from engine.facts import Asked, needs
from engine.turns import has_room
from intake.announce import Announcer
from intake.catalog import Catalog
from intake.gate import Entry, Gate, Turn, names_of
from intake.knowledge import Gatherer, as_event, as_start
from language.compiled import Journey, Trigger
from model.events import Fields, Whose
from model.records import InboxEvent, Lead
from model.waiting import Waiting
from store import Store, Tx
from store.errors import is_outage

BATCH = 50
RETRY = timedelta(hours=1)

log = structlog.get_logger(__name__)


class Turns:
    """The lines before journeys with `pace` or `at_a_time`. Any number of processes may work on them."""

    def __init__(self, store: Store, catalog: Catalog, gatherer: Gatherer, announcer: Announcer) -> None:
        self._announcer = announcer
        self._store = store
        self._catalog = catalog
        self._gatherer = gatherer

    async def release(self, now: datetime, shift: float) -> int:
        """Lets in whoever may enter at `now`, some of each journey; answers how many left their line."""
        async with self._store.read() as tx:
            names = await tx.waiting.journeys()
        return sum([await self._release(name, now, shift) for name in names])

    async def _release(self, name: str, now: datetime, shift: float) -> int:
        left = 0
        for waiting in await self._next(name, now):
            turn = await self._tried(waiting, now, shift)
            if turn == "full":
                break
            left += turn is not None
        return left

    async def _tried(self, waiting: Waiting, now: datetime, shift: float) -> Turn | None:
        """Gives a lead its turn; one that cannot be judged holds nobody up, and is tried again in an hour."""
        try:
            return await self._turn(waiting, now, shift)
        except Exception as error:
            if is_outage(error):
                raise
            log.error("a turn failed", journey=waiting.journey, entry=waiting.id, error=type(error).__name__)
            async with self._store.begin() as tx:
                await tx.waiting.put_off(waiting.id, now + RETRY)
            return None

    async def _next(self, name: str, now: datetime) -> Sequence[Waiting]:
        """Lists whose turn it may be, nobody where the journey is full."""
        async with self._store.read() as tx:
            journey = await self._newest(tx, name)
            if journey is None:
                return ()
            pace, limit = journey.rules.pace, journey.rules.at_a_time
            per_account = limit.number if limit is not None and limit.per_account else None
            before = await tx.waiting.entered(
                name,
                number=pace.number if pace is not None else None,
                opens=limit is not None and per_account is None,
            )
            if not has_room(journey.rules, before, None, now):
                return ()
            return await tx.waiting.next(name, now, BATCH, per_account)

    async def _turn(self, waiting: Waiting, now: datetime, shift: float) -> Turn:
        async with self._store.begin() as tx:
            lead, found = await tx.leads.lock(waiting.lead_id), await tx.waiting.get(waiting.id)
            journey = await self._newest(tx, waiting.journey)
            if found is None or journey is None:
                return "refused"
            if lead is None or lead.erased_at is not None:
                await tx.waiting.remove(found.id)
                return "refused"
            cause = f"turn/{found.id}"
            gate = Gate(tx, self._gatherer, lead, now, shift, cause, announcer=self._announcer)
            trigger = next((one for one in journey.starts if one.name == found.trigger), None)
            if trigger is None:
                await tx.waiting.remove(found.id)
                reason = f"version {journey.version} does not begin by {found.trigger} any more"
                await gate.refuse(journey, Refused("trigger", reason))
                return "refused"
            turn = await gate.take_turn(await _entry(tx, journey, trigger, found, now), found)
            tx.notify("deliveries")
            return turn

    async def _newest(self, tx: Tx, name: str) -> Journey | None:
        journeys = await self._catalog.latest(tx)
        return next((journey for journey in journeys if journey.name == name), None)


async def leave_lines(
    tx: Tx,
    gatherer: Gatherer,
    lead: Lead,
    event: InboxEvent,
    journeys: Sequence[Journey],
    whose: Whose = "lead",
) -> None:
    """Takes a lead off the lines before journeys that the event would end; `whose` is the event's lead to
    it."""
    limited = {journey.name: journey for journey in journeys if journey.rules.limits_entry}
    if not any(event.type == exit_.line.event for one in limited.values() for exit_ in one.exits):
        return
    for waiting in await tx.waiting.of_lead(lead.id):
        journey = limited.get(waiting.journey)
        if journey is not None:
            await _leave(tx, gatherer, lead, event, journey, waiting, whose)


async def _leave(
    tx: Tx,
    gatherer: Gatherer,
    lead: Lead,
    event: InboxEvent,
    journey: Journey,
    waiting: Waiting,
    whose: Whose,
) -> None:
    heard = replace(as_event(event), whose=whose)
    wheres = [exit_.line.where for exit_ in journey.exits if exit_.line.where is not None]
    known = await gatherer.gather(tx, lead, needs(wheres), event.at, through=event.id, about=event.body)
    names: Fields = {f"start.{name}": value for name, value in waiting.start.fields.items()}
    names |= {f"event.{name}": value for name, value in heard.fields.items()}
    key = waiting.start.fields.get(journey.key_field) if journey.key_field is not None else None
    ending = ends_wait(journey, heard, key, known, Asked(event.at, names=names))
    if ending is not None:
        await tx.waiting.remove(waiting.id)
        gate = Gate(tx, gatherer, lead, event.at, 0.0, f"{event.id}/{lead.id}", event.id)
        reason = f"{event.type} came while it waited for its turn, which ends it as {ending}"
        await gate.refuse(journey, Refused("exit", reason))


async def _entry(tx: Tx, journey: Journey, trigger: Trigger, waiting: Waiting, now: datetime) -> Entry:
    """Gives the entry as it was, its event with all fields, personal ones too, where it is kept."""
    start = waiting.start
    if (trigger.on in ("event", "request") or trigger.date is not None) and start.id.isdigit():
        row = await tx.events.by_id(int(start.id))
        start = as_start(row) if row is not None else start
    if trigger.date is not None:
        start = replace(start, fields={"date": start.fields.get("date")})
    return Entry(journey, trigger, start, names_of(trigger, start, now))

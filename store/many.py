"""What is known of many leads at once: one query for each kind, however many leads a page has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, literal_column, or_, select

from model.contact import Consent, Contact
from model.records import Enrolment, InboxEvent, Lead
from store.base import Repository, Shape, among, given, same
from store.consents import consents, in_force, suppressions
from store.enrolments import enrolments
from store.events import events
from store.sends import COUNTED, sends
from store.tasks import OPEN, tasks
from store.waiting import waiting_entries

_ids = given("ids")
_c, _e, _s, _t, _r = consents.c, events.c, sends.c, tasks.c, enrolments.c
_WORDS = (
    select(_c.lead_id, _c.channel, _c.given, _c.at, _c.topic, _c.scope)
    .where(_c.lead_id.in_(_ids))
    .order_by(_c.at, _c.id)
)
_SUPPRESSED = select(suppressions.c.lead_id, suppressions.c.address, suppressions.c.what).where(
    suppressions.c.lifted_at.is_(None),
    suppressions.c.until.is_(None),
    or_(suppressions.c.lead_id.in_(_ids), suppressions.c.address.in_(given("addresses"))),
)
_HISTORY = (
    select(events)
    .where(_e.lead_id.in_(_ids), same(_e.state, "applied"), _e.type.in_(given("types")))
    .order_by(_e.id)
)
_CONTACTS = (
    select(_s.lead_id, _s.at, _s.channel, _s.purpose, _s.topic, _s.contact.label("contact_key"))
    .where(_s.lead_id.in_(_ids), _s.at >= given("since"), among(_s.state, COUNTED))
    .order_by(_s.at, _s.send_id, _s.channel)
)
_TASKS = select(_t.lead_id, _t.name).where(_t.lead_id.in_(_ids), among(_t.state, OPEN))
_place = func.row_number().over(partition_by=_r.lead_id, order_by=(_r.opened_at.desc(), _r.id.desc()))
_placed = (
    select(enrolments, _place.label("place"))
    .where(_r.lead_id.in_(_ids), _r.journey == given("journey"), _r.key_value == "")
    .subquery()
)
_LAST = select(*(_placed.c[column.name] for column in _r)).where(_placed.c.place == 1)

_OPEN_RUNS = select(enrolments).where(_r.lead_id.in_(_ids), _r.state != literal_column("'ended'"))
_OPEN_RUNS_OF = _OPEN_RUNS.where(_r.journey == given("journey"))

_WAITING = select(waiting_entries.c.lead_id).where(
    waiting_entries.c.lead_id.in_(_ids), waiting_entries.c.journey == given("journey")
)

_EVENT = Shape(InboxEvent)
_ENROLMENT = Shape(Enrolment)


class Many(Repository):
    """Facts of many leads, by the lead's id; a lead about whom there is nothing is left out."""

    async def words(self, ids: Collection[str]) -> dict[str, tuple[Consent, ...]]:
        """Reads the word that holds for each channel and topic."""
        said: dict[str, list[Consent]] = defaultdict(list)
        for row in await self._run(_WORDS, given_ids=list(ids)):
            word = Consent(row.channel, row.given, row.at, row.topic, row.scope)
            said[row.lead_id].append(word)
        return {lead: in_force(words) for lead, words in said.items()}

    async def suppressed(
        self, leads: Sequence[Lead], addresses: Mapping[str, Sequence[str]]
    ) -> dict[str, tuple[str, ...]]:
        """Lists what is suppressed without an end for each lead or any of its `addresses`, sorted."""
        owners: dict[str, set[str]] = defaultdict(set)
        for lead, those in addresses.items():
            for address in those:
                owners[address].add(lead)
        found: dict[str, set[str]] = defaultdict(set)
        ids = [lead.id for lead in leads]
        for row in await self._run(_SUPPRESSED, given_ids=ids, given_addresses=list(owners)):
            for lead in (row.lead_id,) if row.lead_id is not None else owners[row.address]:
                found[lead].add(row.what)
        return {lead: tuple(sorted(those)) for lead, those in found.items()}

    async def contacts(self, ids: Collection[str], since: datetime) -> dict[str, tuple[Contact, ...]]:
        """Lists what reached the leads or may have, from `since` (business time), the oldest first."""
        found: dict[str, list[Contact]] = defaultdict(list)
        for row in await self._run(_CONTACTS, given_ids=list(ids), given_since=since):
            contact = Contact(row.at, row.channel, row.purpose, row.topic, row.contact_key)
            found[row.lead_id].append(contact)
        return {lead: tuple(those) for lead, those in found.items()}

    async def history(self, ids: Collection[str], types: Collection[str]) -> tuple[InboxEvent, ...]:
        """Lists the applied events of these types, in `id` order."""
        if not types:
            return ()
        return await self._all(_EVENT, _HISTORY, given_ids=list(ids), given_types=sorted(types))

    async def open_tasks(self, ids: Collection[str]) -> dict[str, frozenset[str]]:
        """Names the work that is not over."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in await self._run(_TASKS, given_ids=list(ids)):
            found[row.lead_id].add(row.name)
        return {lead: frozenset(names) for lead, names in found.items()}

    async def last_runs(self, ids: Collection[str], journey: str) -> dict[str, Enrolment]:
        """Reads the run that each lead began last in a journey without a key, open or ended."""
        rows = await self._all(_ENROLMENT, _LAST, given_ids=list(ids), given_journey=journey)
        return {run.lead_id: run for run in rows}

    async def waiting(self, ids: Collection[str], journey: str) -> frozenset[str]:
        """Names the leads that wait for their turn in a journey."""
        rows = await self._run(_WAITING, given_ids=list(ids), given_journey=journey)
        return frozenset(row.lead_id for row in rows)

    async def open_runs(self, ids: Collection[str], journey: str | None = None) -> tuple[Enrolment, ...]:
        """Lists the leads' runs that have not ended, of one journey if named."""
        if journey is None:
            return await self._all(_ENROLMENT, _OPEN_RUNS, given_ids=list(ids))
        return await self._all(_ENROLMENT, _OPEN_RUNS_OF, given_ids=list(ids), given_journey=journey)

"""What open runs hear of other leads, and by which values leads are looked up.

Every question is answered by an index: how many runs are open does not matter, only how many an event is for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Column, ForeignKey, Index, Table, delete, select

from model.listening import Listener, Listening
from store.base import Repository, Shape, digest, given, given_limit, metadata, same, text_column
from store.enrolments import enrolments
from store.leads import leads

ACCOUNT = "account"
"""The path under which the account of a lead is kept."""

listeners = Table(
    "listeners",
    metadata,
    Column("enrolment_id", ForeignKey("enrolments.id"), primary_key=True),
    Column("type", text_column("type").type, primary_key=True),
    Column("whose", text_column("whose").type, primary_key=True),
    Column("lookup", text_column("lookup").type, primary_key=True),
    Column("lead_id", ForeignKey("leads.id"), nullable=False),
    text_column("value", null=False),
    Index(None, "type", "whose", "lookup", "value"),
    Index(None, "lead_id", "type", "whose", "lookup"),
)
lead_values = Table(
    "lead_values",
    metadata,
    Column("lead_id", ForeignKey("leads.id"), primary_key=True),
    Column("path", text_column("path").type, primary_key=True),
    Column("value", text_column("value").type, primary_key=True),
    Index(None, "path", "value", "lead_id"),
)
lead_paths = Table("lead_paths", metadata, Column("path", text_column("path").type, primary_key=True))

MANY = 500
"""Leads asked about in one statement."""

_LISTENING = Shape(Listening)
_l, _v, _r = listeners.c, lead_values.c, enrolments.c
_heard = (_l.type == given("type"), _l.whose == given("whose"), _l.lookup == given("lookup"))
_with_value = (_v.path == given("path"), _v.value.in_(given("values")))
_OPEN = (
    select(_r.id, _r.lead_id, _r.journey, _r.version)
    .join(listeners, _l.enrolment_id == _r.id)
    .where(~same(_r.state, "ended"), *_heard)
    .order_by(_r.id)
)
_BY_VALUE = _OPEN.where(_l.value.in_(given("values")))
_BY_LEAD = _OPEN.where(_l.lead_id.in_(given("leads")))
_LEADS = select(_v.lead_id).where(*_with_value).distinct().order_by(_v.lead_id)
_ONE_LEAD = select(_v.lead_id).where(*_with_value, _v.lead_id != given("not")).limit(1)
_OF_LEAD = select(_v.path, _v.value).where(_v.lead_id == given("lead"))
_FORGET_LEAD = delete(lead_values).where(_v.lead_id == given("lead"))
_FORGET = delete(listeners).where(_l.enrolment_id == given("run"))
_PATHS = select(lead_paths.c.path)
_NEXT_LEADS = select(leads.c.id).where(leads.c.id > given("after")).order_by(leads.c.id).limit(given_limit())


class Listeners(Repository):
    """Runs by what they hear of others."""

    async def add(self, run: str, lead_id: str, heard: Iterable[Listener]) -> None:
        """Keeps what a run that begins hears of others."""
        rows = [
            {
                "enrolment_id": run, "lead_id": lead_id, "type": one.type, "whose": one.whose,
                "lookup": one.lookup, "value": value_digest(one.value) if one.value is not None else "",
            }
            for one in heard
        ]  # fmt: skip
        await self._add_new(listeners, rows, _l.enrolment_id)

    async def replace(self, run: str, lead_id: str, heard: Iterable[Listener]) -> None:
        """Keeps what a run hears of others in place of what it heard before."""
        await self._run(_FORGET, given_run=run)
        await self.add(run, lead_id, heard)

    async def by_value(
        self, kind: str, whose: str, lookup: str = "", values: Sequence[object] | None = None
    ) -> tuple[Listening, ...]:
        """Lists the open runs that hear this type of event under a lookup, with one of the values of their
        own; without values, those that name none."""
        wanted = [""] if values is None else _digests(values)
        return await self._all(
            _LISTENING, _BY_VALUE, given_type=kind, given_whose=whose, given_lookup=lookup,
            given_values=wanted,
        )  # fmt: skip

    async def of_leads(
        self, kind: str, whose: str, lookup: str, lead_ids: Sequence[str]
    ) -> tuple[Listening, ...]:
        """Lists the open runs of some leads that hear this type of event under a lookup."""
        found: list[Listening] = []
        for first in range(0, len(lead_ids), MANY):
            found += await self._all(
                _LISTENING, _BY_LEAD, given_type=kind, given_whose=whose, given_lookup=lookup,
                given_leads=list(lead_ids[first : first + MANY]),
            )  # fmt: skip
        return tuple(found)


class LeadValues(Repository):
    """Leads by those of their values that journeys look up; only hashes of the values are kept."""

    async def find(self, path: str, values: Sequence[object]) -> tuple[str, ...]:
        """Lists the ids of the leads that have one of the values, in order."""
        rows = await self._run(_LEADS, given_path=path, given_values=_digests(values))
        return tuple(row.lead_id for row in rows)

    async def find_another(self, path: str, value: object, lead_id: str) -> str | None:
        """Gives the id of some lead with the value other than this one."""
        given = {"given_path": path, "given_values": _digests([value]), "given_not": lead_id}
        row = (await self._run(_ONE_LEAD, **given)).first()
        return None if row is None else str(row.lead_id)

    async def write(self, lead_id: str, values: Collection[tuple[str, object]]) -> None:
        """Keeps the values of a lead in place of those before."""
        wanted = {(path, value_digest(value)) for path, value in values}
        rows = await self._run(_OF_LEAD, given_lead=lead_id)
        if {(row.path, row.value) for row in rows} == wanted:
            return
        await self._run(_FORGET_LEAD, given_lead=lead_id)
        await self.add([(lead_id, path, value) for path, value in values])

    async def add(self, values: Iterable[tuple[str, str, object]]) -> None:
        """Adds values of leads: id, path, value."""
        rows = [
            {"lead_id": lead_id, "path": path, "value": value_digest(value)}
            for lead_id, path, value in values
        ]
        await self._add_new(lead_values, rows, _v.lead_id)

    async def paths(self) -> frozenset[str]:
        """Lists the paths whose values are kept of all leads."""
        return frozenset(row.path for row in await self._run(_PATHS))

    async def complete(self, path: str) -> None:
        """Writes down that the values of a path are kept of all leads."""
        await self._add_new(lead_paths, [{"path": path}], lead_paths.c.path)

    async def ids_after(self, lead_id: str, limit: int) -> tuple[str, ...]:
        """Lists the ids of the leads behind this one, in order; begin with an empty text."""
        rows = await self._run(_NEXT_LEADS, given_after=lead_id, given_limit=limit)
        return tuple(row.id for row in rows)


def value_digest(value: object) -> str:
    """Hashes a value so that numbers that are equal are so too."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return digest(value if isinstance(value, str | int | float | bool) else str(value))


def _digests(values: Sequence[object]) -> list[str]:
    return sorted({value_digest(value) for value in values})

"""Leads that wait for their turn to enter a journey, and what decides whose turn it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)

from model.events import Event
from model.waiting import Entered, NewWaiting, Queue, Waiting
from store.base import (
    Json,
    Repository,
    Shape,
    columns_of,
    given,
    given_limit,
    metadata,
    text_column,
    time_column,
)
from store.enrolments import enrolments
from store.locks import lock_names

PRIORITIES = (0, 1, 2)

waiting_entries = Table(
    "waiting_entries",
    metadata,
    Column("id", text_column("id").type, primary_key=True),
    Column("lead_id", ForeignKey("leads.id"), nullable=False),
    text_column("journey", null=False),
    Column("version", Integer, nullable=False),
    text_column("key_value", null=False),
    text_column("trigger", null=False),
    Column("start", Json, nullable=False),
    time_column("since"),
    time_column("due_at"),
    time_column("recorded_at"),
    Column("priority", Integer, nullable=False),
    text_column("account"),
    ForeignKeyConstraint(["journey", "version"], ["journeys.name", "journeys.version"]),
    Index(None, "lead_id", "journey", "key_value", unique=True),
    Index(None, "journey", "priority", "due_at", "id"),
    Index(None, "journey", "account"),
)

_WAITING = Shape(Waiting)
_w, _r = waiting_entries.c, enrolments.c
_mine = (_w.lead_id == given("lead"), _w.journey == given("journey"), _w.key_value == given("key"))
_BY_ID = select(waiting_entries).where(_w.id == given("id"))
_ONE = select(waiting_entries).where(*_mine)
_OF_LEAD = select(waiting_entries).where(_w.lead_id == given("lead")).order_by(_w.since, _w.id)
_RENEW = update(waiting_entries).where(_w.id == given("id"))
_REMOVE = delete(waiting_entries).where(_w.id == given("id"))
_FIRST_JOURNEY = select(func.min(_w.journey).label("name")).where(_w.journey > given("after"))
_of_journey = _w.journey == given("journey")
_COUNT = select(func.count().label("waiting"), func.min(_w.since).label("since")).where(_of_journey)
_ANY = select(_w.id).where(_of_journey).limit(1)
_ANY_OF_ACCOUNT = _ANY.where(_w.account == given("account"))

_open = (_r.journey == given("journey"), _r.state != literal_column("'ended'"))
_FULL = (
    select(_r.account)
    .where(*_open, _r.account.is_not(None))
    .group_by(_r.account)
    .having(func.count() >= given("most"))
)
_NEXT = (
    select(waiting_entries)
    .where(_of_journey, _w.priority == given("priority"), _w.due_at <= given("now"))
    .order_by(_w.due_at, _w.id)
    .limit(given_limit())
)
_NEXT_WITH_ROOM = _NEXT.where(or_(_w.account.is_(None), _w.account.not_in(_FULL)))
_OPEN = select(func.count().label("runs")).select_from(enrolments).where(*_open)
_OPEN_OF_ACCOUNT = _OPEN.where(_r.account == given("account"))
_ENTERED = (
    select(_r.opened_at)
    .where(_r.journey == given("journey"))
    .order_by(_r.opened_at.desc(), _r.id.desc())
    .limit(1)
    .offset(given_limit())
)


class WaitingEntries(Repository):
    """Who waits for which journey."""

    async def add(self, new: NewWaiting) -> bool:
        """Lets a lead wait; False where it waits for this journey with this key already."""
        row = {**columns_of(new), "recorded_at": self._wall()}
        return bool(await self._add_new(waiting_entries, [row], _w.id))

    async def get(self, id_: str) -> Waiting | None:
        """Reads one."""
        return await self._one(_WAITING, _BY_ID, given_id=id_)

    async def of(self, lead_id: str, journey: str, key_value: str) -> Waiting | None:
        """Reads the one of a lead, a journey and a key."""
        return await self._one(_WAITING, _ONE, given_lead=lead_id, given_journey=journey, given_key=key_value)

    async def of_lead(self, lead_id: str) -> tuple[Waiting, ...]:
        """Lists what a lead waits for, the longest first."""
        return await self._all(_WAITING, _OF_LEAD, given_lead=lead_id)

    async def renew(self, id_: str, start: Event, trigger: str) -> None:
        """Gives one another beginning; it keeps its place."""
        await self._run(_RENEW, given_id=id_, start=start, trigger=trigger)

    async def remove(self, id_: str) -> None:
        """Takes one off."""
        await self._run(_REMOVE, given_id=id_)

    async def put_off(self, id_: str, due_at: datetime) -> None:
        """Lets one wait until an instant at least."""
        await self._run(_RENEW, given_id=id_, due_at=due_at)

    async def journeys(self) -> tuple[str, ...]:
        """Lists the journeys for which anybody waits; costs a look each, however many wait."""
        found: list[str] = []
        while True:
            row = (await self._run(_FIRST_JOURNEY, given_after=found[-1] if found else "")).one()
            if row.name is None:
                return tuple(found)
            found.append(row.name)

    async def count(self, journey: str) -> Queue:
        """Counts who waits for a journey."""
        row = (await self._run(_COUNT, given_journey=journey)).one()
        return Queue(int(row.waiting), row.since)

    async def any(self, journey: str, account: str | None = None) -> bool:
        """Says whether anybody waits for a journey, of an account if one is named."""
        if account is None:
            return (await self._run(_ANY, given_journey=journey)).first() is not None
        found = await self._run(_ANY_OF_ACCOUNT, given_journey=journey, given_account=account)
        return found.first() is not None

    async def next(
        self, journey: str, now: datetime, limit: int, most_of_account: int | None = None
    ) -> tuple[Waiting, ...]:
        """Lists whose turn it is: by priority, then by the time they are due.

        With `most_of_account` those are passed over whose account has as many open runs already.
        """
        found: list[Waiting] = []
        account = {} if most_of_account is None else {"given_most": most_of_account}
        for priority in PRIORITIES:
            found += await self._all(
                _WAITING,
                _NEXT if most_of_account is None else _NEXT_WITH_ROOM,
                given_journey=journey,
                given_priority=priority,
                given_now=now,
                given_limit=limit - len(found),
                **account,
            )
            if len(found) >= limit:
                break
        return tuple(found)

    async def lock(self, journey: str) -> None:
        """Lets one transaction at a time decide who enters a journey."""
        await lock_names(self._connection, [f"turns\n{journey}"])

    async def entered(
        self, journey: str, *, number: int | None = None, opens: bool = False, account: str | None = None
    ) -> Entered:
        """Tells what came before, as far as it is asked for: the `number`-th latest entry (from 1), the open
        runs, those of an account.
        """
        latest: datetime | None = None
        if number is not None:
            row = (await self._run(_ENTERED, given_journey=journey, given_limit=number - 1)).first()
            latest = row.opened_at if row is not None else None
        of_account = {"given_journey": journey, "given_account": account}
        return Entered(
            latest,
            (await self._run(_OPEN, given_journey=journey)).one().runs if opens else 0,
            (await self._run(_OPEN_OF_ACCOUNT, **of_account)).one().runs if account is not None else 0,
        )

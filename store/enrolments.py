"""Enrolments: who runs where, what wakes each run, and where it stands."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Executable,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    delete,
    func,
    literal_column,
    select,
    update,
)

from model.records import Ended, Enrolment, EnrolmentState, NewEnrolment, Page, Told
from model.runs import Progress
from store.base import (
    Json,
    Repository,
    Shape,
    after,
    columns_of,
    given,
    metadata,
    page,
    partial_index,
    text_column,
    time_column,
)
from store.errors import AlreadyEnrolled, NotFound

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", text_column("id").type, primary_key=True),
    Column("lead_id", ForeignKey("leads.id"), nullable=False),
    text_column("journey", null=False),
    Column("version", Integer, nullable=False),
    text_column("key_value", null=False),
    text_column("trigger"),
    time_column("opened_at"),
    time_column("recorded_at"),
    Column("start", Json, nullable=False),
    Column("shift", Double, nullable=False),
    Column("hears", Json, nullable=False),
    Column("reads", Json, nullable=False),
    Column("watches", Json, nullable=False),
    text_column("state", null=False),
    text_column("ending"),
    text_column("outcome"),
    text_column("reason"),
    time_column("ended_at", null=True),
    Column("next_seq", BigInteger, nullable=False),
    Column("applied_seq", BigInteger, nullable=False),
    time_column("waiting_until", null=True),
    text_column("waiting_for"),
    text_column("step"),
    text_column("attention"),
    text_column("account"),
    text_column("date"),
    ForeignKeyConstraint(["journey", "version"], ["journeys.name", "journeys.version"]),
    Index(None, "lead_id", "journey", "key_value", "opened_at", "id"),
    Index(None, "opened_at", "id"),
    Index(None, "journey", "opened_at", "id"),
)
_open = enrolments.c.state != literal_column("'ended'")
_one_run = (enrolments.c.lead_id, enrolments.c.journey, enrolments.c.key_value)
partial_index("uq_enrolments_open", _open, *_one_run, unique=True)
partial_index("ix_enrolments_live", _open, enrolments.c.opened_at, enrolments.c.id)
partial_index(
    "ix_enrolments_attention", enrolments.c.attention.is_not(None), enrolments.c.opened_at, enrolments.c.id
)
partial_index("ix_enrolments_at_work", _open, enrolments.c.journey, enrolments.c.account)

_ENROLMENT = Shape(Enrolment)
_r = enrolments.c
_BY_ID = select(enrolments).where(_r.id == given("id"))
_BY_IDS = select(enrolments).where(_r.id.in_(given("ids")))
_OF_LEAD = select(enrolments).where(_r.lead_id == given("lead")).order_by(_r.opened_at, _r.id)
_OPEN_OF_LEAD = _OF_LEAD.where(_open)
_LAST = (
    select(enrolments)
    .where(_r.lead_id == given("lead"), _r.journey == given("journey"), _r.key_value == given("key"))
    .order_by(_r.opened_at.desc(), _r.id.desc())
    .limit(1)
)
_TAKE_SEQ = (
    update(enrolments).where(_r.id == given("id")).values(next_seq=_r.next_seq + 1).returning(_r.next_seq)
)
_CHANGE_OPEN = update(enrolments).where(_r.id == given("id"), _open)
_PROGRESS = _CHANGE_OPEN.where(_r.applied_seq <= given("seq"))
_TAKE_SEQS = (
    update(enrolments)
    .where(_r.id.in_(given("ids")), _open)
    .values(next_seq=_r.next_seq + 1)
    .returning(_r.id, _r.next_seq)
)
_LOCK = select(_r.id).where(_r.id.in_(given("ids"))).order_by(_r.id).with_for_update(key_share=True)
_BY_VERSION = (
    select(_r.version, func.count().label("runs"))
    .where(_r.journey == given("journey"), _open)
    .group_by(_r.version)
    .order_by(_r.version)
)


class Enrolments(Repository):
    """Runs by id, by lead, and by journey."""

    async def open(self, new: NewEnrolment) -> Enrolment:
        """Begins a run. Raises AlreadyEnrolled where the lead has an open one of that journey and key."""
        row = {
            **columns_of(new), "recorded_at": self._wall(), "state": "open", "next_seq": 1, "applied_seq": 0,
        }  # fmt: skip
        made = await self._add_new(enrolments, [row], *_r)
        if not made:
            raise AlreadyEnrolled(f"The lead {new.lead_id} has an open run of {new.journey} with this key.")
        return _ENROLMENT.read(made[0])

    async def get(self, enrolment_id: str) -> Enrolment | None:
        """Reads a run."""
        return await self._one(_ENROLMENT, _BY_ID, given_id=enrolment_id)

    async def get_many(self, ids: Collection[str]) -> dict[str, Enrolment]:
        """Reads several runs by id."""
        found = await self._all(_ENROLMENT, _BY_IDS, given_ids=list(ids))
        return {run.id: run for run in found}

    async def open_for(self, lead_id: str) -> tuple[Enrolment, ...]:
        """Lists a lead's runs that have not ended, paused ones too, in the order in which they began."""
        return await self._all(_ENROLMENT, _OPEN_OF_LEAD, given_lead=lead_id)

    async def all_of(self, lead_id: str) -> tuple[Enrolment, ...]:
        """Lists all runs of a lead, in the order in which they began."""
        return await self._all(_ENROLMENT, _OF_LEAD, given_lead=lead_id)

    async def last_of(self, lead_id: str, journey: str, key_value: str = "") -> Enrolment | None:
        """Reads the run that a lead began last in a journey with a key, open or ended."""
        return await self._one(
            _ENROLMENT, _LAST, given_lead=lead_id, given_journey=journey, given_key=key_value
        )

    async def next_seq(self, enrolment_id: str) -> int:
        """Takes the next number of a run's wake-ups. Raises NotFound."""
        row = (await self._run(_TAKE_SEQ, given_id=enrolment_id)).first()
        if row is None:
            raise NotFound(f"There is no enrolment {enrolment_id}.")
        return int(row.next_seq) - 1

    async def next_seqs(self, ids: Collection[str]) -> dict[str, int]:
        """Takes the next number of each of several runs' wake-ups; those that have ended are left out."""
        await self._run(_LOCK, given_ids=sorted(ids))
        rows = await self._run(_TAKE_SEQS, given_ids=sorted(ids))
        return {str(row.id): int(row.next_seq) - 1 for row in rows}

    async def save_progress(self, enrolment_id: str, progress: Progress) -> None:
        """Writes where a run stands, and whether it is paused, unless it has ended or newer word is there."""
        values: dict[str, object] = {
            "applied_seq": progress.applied_seq, "waiting_until": progress.waiting_until,
            "waiting_for": progress.waiting_for, "step": progress.step, "attention": progress.attention,
            "state": "paused" if progress.paused else "open",
        }  # fmt: skip
        await self._run(_PROGRESS, given_id=enrolment_id, given_seq=progress.applied_seq, **values)

    async def tell(self, enrolment_id: str, told: Told, version: int | None = None) -> None:
        """Changes what an open run is told of, and the version that it is in."""
        values: dict[str, object] = {"hears": told.hears, "reads": told.reads, "watches": told.watches}
        values |= {} if version is None else {"version": version}
        await self._run(_CHANGE_OPEN, given_id=enrolment_id, **values)

    async def move(self, enrolment_id: str, date: str | None) -> None:
        """Changes the date that an open run is about."""
        await self._run(_CHANGE_OPEN, given_id=enrolment_id, date=date)

    async def close(
        self,
        enrolment_id: str,
        *,
        ending: str,
        outcome: Ended,
        reason: str | None,
        at: datetime,
        applied_seq: int | None = None,
    ) -> bool:
        """Ends a run; False if it had ended, then nothing is changed.

        `applied_seq` is the last wake-up that it took.
        """
        values: dict[str, object] = {
            "state": "ended", "ending": ending, "outcome": outcome, "reason": reason, "ended_at": at,
            "waiting_until": None, "waiting_for": None, "attention": None,
        }  # fmt: skip
        values |= {} if applied_seq is None else {"applied_seq": applied_seq}
        ended = (await self._run(_CHANGE_OPEN, given_id=enrolment_id, **values)).rowcount > 0
        if ended:
            await self._run(_hear_no_more(), given_id=enrolment_id)
        return ended

    async def list(
        self,
        *,
        journey: str | None = None,
        state: EnrolmentState | None = None,
        version: int | None = None,
        attention: bool = False,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Enrolment]:
        """Lists runs in the order in which they began, with `attention` those that need somebody's.

        With `version` only those that have not ended.
        """
        order = (enrolments.c.opened_at, enrolments.c.id)
        wanted = select(enrolments).where(after(order, cursor)).order_by(*order).limit(limit + 1)
        if journey is not None:
            wanted = wanted.where(enrolments.c.journey == journey)
        if state is not None:
            wanted = wanted.where(enrolments.c.state == state)
        if version is not None:
            wanted = wanted.where(enrolments.c.version == version, _open)
        if attention:
            wanted = wanted.where(enrolments.c.attention.is_not(None))
        if state in ("open", "paused"):
            wanted = wanted.where(_open)
        found = await self._all(_ENROLMENT, wanted)
        return page(found, limit, lambda run: (run.opened_at, run.id))

    async def open_by_version(self, journey: str) -> dict[int, int]:
        """Counts a journey's runs that have not ended, by version."""
        rows = await self._run(_BY_VERSION, given_journey=journey)
        return {row.version: row.runs for row in rows}


@cache
def _hear_no_more() -> Executable:
    table = metadata.tables["listeners"]
    return delete(table).where(table.c.enrolment_id == given("id"))

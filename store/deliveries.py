"""The outbox of wake-ups: what has to reach which run, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, func, or_, select, update

from model.events import Delivery
from model.records import QueuedDelivery
from store.base import (
    Json,
    Repository,
    Shape,
    given,
    given_limit,
    metadata,
    partial_index,
    same,
    text_column,
    time_column,
)

LONGEST_PAUSE = timedelta(minutes=1)

deliveries = Table(
    "deliveries",
    metadata,
    Column("enrolment_id", ForeignKey("enrolments.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("payload", Json, nullable=False),
    time_column("at"),
    time_column("recorded_at"),
    text_column("state", null=False),
    Column("attempts", Integer, nullable=False),
    time_column("retry_at", null=True),
)
_waiting = same(deliveries.c.state, "waiting")
partial_index("ix_deliveries_waiting", _waiting, deliveries.c.enrolment_id, deliveries.c.seq)

_DELIVERY = Shape(QueuedDelivery)
_d = deliveries.c
_RUNS = (
    select(_d.enrolment_id, func.min(_d.recorded_at).label("since"))
    .where(_waiting)
    .group_by(_d.enrolment_id)
    .having(or_(func.max(_d.retry_at).is_(None), func.max(_d.retry_at) <= given("wall")))
    .order_by("since", _d.enrolment_id)
    .limit(given_limit())
)
_place = func.row_number().over(partition_by=_d.enrolment_id, order_by=_d.seq).label("place")
_ranked = select(deliveries, _place).where(_waiting, _d.enrolment_id.in_(given("runs"))).subquery()
_FIRST_OF_EACH = (
    select(*(_ranked.c[column.name] for column in _d))
    .where(_ranked.c.place <= given_limit())
    .order_by(_ranked.c.enrolment_id, _ranked.c.seq)
)
_of_run = _d.enrolment_id == given("run")
_these = _of_run & _d.seq.in_(given("seqs"))
_CHANGE = update(deliveries).where(_these)
_LEAVE = update(deliveries).where(_of_run, _waiting).values(state="after_end")
_TRIES = select(func.coalesce(func.max(_d.attempts), 0)).where(_these)
_FAIL = _CHANGE.where(_waiting).values(attempts=_d.attempts + 1)
_PUT_BACK = (
    update(deliveries)
    .where(_of_run, _d.seq >= given("seq"), _d.state == "delivered")
    .values(state="waiting", attempts=0, retry_at=None)
)
_OF_RUN = select(deliveries).where(_of_run).order_by(_d.seq)
_ANY_WAITING = select(_d.seq).where(_of_run, _waiting).limit(1)
_OLDEST = select(_d.recorded_at).where(_waiting).order_by(_d.recorded_at).limit(1)


class Deliveries(Repository):
    """Wake-ups by run and number."""

    async def add(self, enrolment_id: str, delivery: Delivery) -> None:
        """Queues a wake-up; its `seq` comes from `enrolments.next_seq`."""
        row = {
            "enrolment_id": enrolment_id, "seq": delivery.seq, "payload": delivery, "at": delivery.at,
            "recorded_at": self._wall(), "state": "waiting", "attempts": 0,
        }  # fmt: skip
        await self._add(deliveries, row)

    async def add_many(self, wake_ups: Mapping[str, Delivery]) -> None:
        """Queues a wake-up for each of several runs."""
        wall = self._wall()
        rows = [
            {
                "enrolment_id": run, "seq": one.seq, "payload": one, "at": one.at, "recorded_at": wall,
                "state": "waiting", "attempts": 0,
            }
            for run, one in wake_ups.items()
        ]  # fmt: skip
        await self._add_new(deliveries, rows, _d.seq)

    async def undelivered(
        self, runs: int = 100, each: int = 100
    ) -> tuple[tuple[str, tuple[QueuedDelivery, ...]], ...]:
        """Lists waiting wake-ups by run: the `runs` that wait longest, of each the first `each` by `seq`.

        A run whose delivery failed rests until its `retry_at`.
        """
        chosen = await self._run(_RUNS, given_wall=self._wall(), given_limit=runs)
        ids = [row.enrolment_id for row in chosen]
        found = await self._all(_DELIVERY, _FIRST_OF_EACH, given_runs=ids, given_limit=each)
        groups = {key: tuple(items) for key, items in groupby(found, lambda item: item.enrolment_id)}
        return tuple((key, groups[key]) for key in ids if key in groups)

    async def mark_delivered(self, enrolment_id: str, seqs: Sequence[int]) -> None:
        """Marks wake-ups that the run has."""
        await self._run(_CHANGE, given_run=enrolment_id, given_seqs=list(seqs), state="delivered")

    async def mark_after_end(self, enrolment_id: str) -> int:
        """Marks all that still waits for a run that is over; answers how many."""
        return (await self._run(_LEAVE, given_run=enrolment_id)).rowcount

    async def mark_failed(self, enrolment_id: str, seqs: Sequence[int]) -> None:
        """Counts a failed try and lets the run rest: 1 s, 2 s, 4 s … a minute at most, of wall time."""
        these = {"given_run": enrolment_id, "given_seqs": list(seqs)}
        failed = (await self._connection.execute(_TRIES, these)).scalar_one()
        pause = min(timedelta(seconds=2 ** min(failed, 10)), LONGEST_PAUSE)
        await self._run(_FAIL, **these, retry_at=self._wall() + pause)

    async def put_back(self, enrolment_id: str, from_seq: int) -> int:
        """Makes delivered wake-ups from a number on wait again, for a run that was lost; answers how many."""
        return (await self._run(_PUT_BACK, given_run=enrolment_id, given_seq=from_seq)).rowcount

    async def of(self, enrolment_id: str) -> tuple[QueuedDelivery, ...]:
        """Lists all wake-ups of a run by `seq`."""
        return await self._all(_DELIVERY, _OF_RUN, given_run=enrolment_id)

    async def waiting(self, enrolment_id: str) -> bool:
        """Says whether anything still waits to reach a run."""
        return (await self._run(_ANY_WAITING, given_run=enrolment_id)).first() is not None

    async def oldest_waiting(self) -> datetime | None:
        """Tells since when (wall) the oldest undelivered wake-up waits."""
        row = (await self._run(_OLDEST)).first()
        return None if row is None else row.recorded_at

"""The outbox of wake-ups: what has to reach which run, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, func, or_, select, update

from model.events import Delivery
from model.records import QueuedDelivery
from store.base import Json, Repository, Shape, metadata, partial_index, same, text_column, time_column

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


class Deliveries(Repository):
    """Wake-ups by run and number."""

    async def add(self, enrolment_id: str, delivery: Delivery) -> None:
        """Queues a wake-up; its `seq` comes from `enrolments.next_seq`."""
        row = {
            "enrolment_id": enrolment_id, "seq": delivery.seq, "payload": delivery, "at": delivery.at,
            "recorded_at": self._wall(), "state": "waiting", "attempts": 0,
        }  # fmt: skip
        await self._add(deliveries, row)

    async def undelivered(
        self, runs: int = 100, each: int = 100
    ) -> tuple[tuple[str, tuple[QueuedDelivery, ...]], ...]:
        """Lists waiting wake-ups by run: the `runs` that wait longest, of each the first `each` by `seq`.

        A run whose delivery failed rests until its `retry_at`.
        """
        one = deliveries.c
        first = select(one.enrolment_id, func.min(one.recorded_at).label("since")).where(_waiting)
        resting = or_(func.max(one.retry_at).is_(None), func.max(one.retry_at) <= self._wall())
        chosen = first.group_by(one.enrolment_id).having(resting).order_by("since", one.enrolment_id)
        ids = [row.enrolment_id for row in await self._run(chosen.limit(runs))]
        place = func.row_number().over(partition_by=one.enrolment_id, order_by=one.seq).label("place")
        ranked = select(deliveries, place).where(_waiting, one.enrolment_id.in_(ids)).subquery()
        columns = [ranked.c[name] for name in one.keys()]  # noqa: SIM118
        wanted = select(*columns).where(ranked.c.place <= each).order_by(ranked.c.enrolment_id, ranked.c.seq)
        found = await self._all(_DELIVERY, wanted)
        groups = {key: tuple(items) for key, items in groupby(found, lambda item: item.enrolment_id)}
        return tuple((key, groups[key]) for key in ids if key in groups)

    async def mark_delivered(self, enrolment_id: str, seqs: Sequence[int]) -> None:
        """Marks wake-ups that the run has."""
        await self._mark(enrolment_id, seqs, "delivered")

    async def mark_after_end(self, enrolment_id: str) -> int:
        """Marks all that still waits for a run that is over; answers how many."""
        one = deliveries.c
        left = update(deliveries).where(one.enrolment_id == enrolment_id, _waiting)
        return (await self._run(left.values(state="after_end"))).rowcount

    async def mark_failed(self, enrolment_id: str, seqs: Sequence[int]) -> None:
        """Counts a failed try and lets the run rest: 1 s, 2 s, 4 s … a minute at most, of wall time."""
        one = deliveries.c
        these = (one.enrolment_id == enrolment_id) & one.seq.in_(seqs)
        tries = select(func.coalesce(func.max(one.attempts), 0)).where(these)
        failed = (await self._connection.execute(tries)).scalar_one()
        pause = min(timedelta(seconds=2 ** min(failed, 10)), LONGEST_PAUSE)
        await self._run(
            update(deliveries)
            .where(these, _waiting)
            .values(attempts=one.attempts + 1, retry_at=self._wall() + pause)
        )

    async def put_back(self, enrolment_id: str, from_seq: int) -> int:
        """Makes delivered wake-ups from a number on wait again, for a run that was lost; answers how many."""
        one = deliveries.c
        these = update(deliveries).where(one.enrolment_id == enrolment_id, one.seq >= from_seq)
        again = these.where(one.state == "delivered").values(state="waiting", attempts=0, retry_at=None)
        return (await self._run(again)).rowcount

    async def of(self, enrolment_id: str) -> tuple[QueuedDelivery, ...]:
        """Lists all wake-ups of a run by `seq`."""
        one = deliveries.c
        return await self._all(
            _DELIVERY, select(deliveries).where(one.enrolment_id == enrolment_id).order_by(one.seq)
        )

    async def waiting(self, enrolment_id: str) -> bool:
        """Says whether anything still waits to reach a run."""
        one = deliveries.c
        wanted = select(one.seq).where(one.enrolment_id == enrolment_id, _waiting).limit(1)
        return (await self._run(wanted)).first() is not None

    async def oldest_waiting(self) -> datetime | None:
        """Tells since when (wall) the oldest undelivered wake-up waits."""
        wanted = select(deliveries.c.recorded_at).where(_waiting).order_by(deliveries.c.recorded_at).limit(1)
        row = (await self._run(wanted)).first()
        return None if row is None else row.recorded_at

    async def _mark(self, enrolment_id: str, seqs: Sequence[int], state: str) -> None:
        one = deliveries.c
        these = update(deliveries).where(one.enrolment_id == enrolment_id, one.seq.in_(seqs))
        await self._run(these.values(state=state))

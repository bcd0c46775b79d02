"""What is counted of journeys: goals that enrolments reached, arms of splits and their winners."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Table,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)

from model.figures import ArmCount, Draw, Entries, GoalCount, ReachedGoal
from store.base import Repository, Shape, columns_of, given, given_limit, metadata, text_column, time_column
from store.enrolments import enrolments

goals_reached = Table(
    "goals_reached",
    metadata,
    Column("enrolment_id", ForeignKey("enrolments.id"), primary_key=True),
    Column("goal", text_column("goal").type, primary_key=True),
    time_column("at"),
    time_column("recorded_at"),
    Column("event", BigInteger, nullable=False),
)
split_draws = Table(
    "split_draws",
    metadata,
    Column("split", text_column("split").type, primary_key=True),
    Column("lead_id", ForeignKey("leads.id"), primary_key=True),
    Column("enrolment_id", ForeignKey("enrolments.id"), nullable=False),
    text_column("arm", null=False),
    time_column("at"),
    time_column("converted_at", null=True),
    Index(None, "split", "at", "lead_id"),
    Index(None, "lead_id"),
)
split_winners = Table(
    "split_winners",
    metadata,
    Column("split", text_column("split").type, primary_key=True),
    text_column("arm", null=False),
    time_column("decided_at"),
)

_e, _g, _d, _w = enrolments.c, goals_reached.c, split_draws.c, split_winners.c
_DRAW, _ENTRIES, _GOALS, _ARMS = Shape(Draw), Shape(Entries), Shape(GoalCount), Shape(ArmCount)
_control = func.coalesce(_e.ending == literal_column("'control'"), literal_column("false"))
_is_open = case((_e.state != literal_column("'ended'"), 1), else_=0)
_of_journey = _e.journey == given("journey")
_COUNT_ENTRIES = (
    select(
        _e.version, _control.label("control"), func.count().label("entries"), func.sum(_is_open).label("open")
    )
    .where(_of_journey)
    .group_by(_e.version, _control)
    .order_by(_e.version, _control)
)
_COUNT_GOALS = (
    select(_e.version, _control.label("control"), _g.goal, func.count().label("reached"))
    .select_from(goals_reached.join(enrolments))
    .where(_of_journey)
    .group_by(_e.version, _control, _g.goal)
    .order_by(_e.version, _control, _g.goal)
)
_WAITING_DRAWS = select(split_draws).where(_d.lead_id == given("lead"), _d.converted_at.is_(None))
_CONVERT = update(split_draws).where(
    _d.split == given("split"), _d.lead_id == given("lead"), _d.converted_at.is_(None)
)
_of_split = _d.split == given("split")
_IN_ORDER = select(_d.at, _d.lead_id).where(_of_split).order_by(_d.at, _d.lead_id)
_NTH = _IN_ORDER.limit(1).offset(given_limit())
_FIRST = select(func.min(_d.at).label("at")).where(_of_split)
_LAST_UNTIL = select(func.max(_d.at).label("at")).where(_of_split, _d.at <= given("until"))
_up_to = or_(_d.at < given("at"), and_(_d.at == given("at"), _d.lead_id <= given("lead")))
_ARM_COUNTS = (
    select(_d.arm, func.count().label("drawn"), func.count(_d.converted_at).label("converted"))
    .where(_of_split)
    .group_by(_d.arm)
    .order_by(_d.arm)
)
_ARM_COUNTS_UP_TO = _ARM_COUNTS.where(_up_to)
_WINNERS = select(_w.split, _w.arm).where(_w.split.in_(given("splits")))


class Figures(Repository):
    """Goals by enrolment, arms by split."""

    async def reach(self, reached: ReachedGoal) -> bool:
        """Writes down that a goal is reached; False where it was before."""
        row = {**columns_of(reached), "recorded_at": self._wall()}
        return bool(await self._add_new(goals_reached, [row], _g.goal))

    async def entries(self, journey: str) -> tuple[Entries, ...]:
        """Counts who entered a journey, by version."""
        return await self._all(_ENTRIES, _COUNT_ENTRIES, given_journey=journey)

    async def goals(self, journey: str) -> tuple[GoalCount, ...]:
        """Counts who reached which goal of a journey, by version."""
        return await self._all(_GOALS, _COUNT_GOALS, given_journey=journey)

    async def draw(self, draw: Draw) -> None:
        """Writes down the arm of a lead; only its first one of a split counts."""
        await self._add_new(split_draws, [columns_of(draw)], _d.arm)

    async def unconverted(self, lead_id: str) -> tuple[Draw, ...]:
        """Lists a lead's draws that have not converted."""
        return await self._all(_DRAW, _WAITING_DRAWS, given_lead=lead_id)

    async def convert(self, split: str, lead_id: str, at: datetime) -> None:
        """Writes down that a lead did what the split waits for, the first time."""
        await self._run(_CONVERT, given_split=split, given_lead=lead_id, converted_at=at)

    async def nth_draw(self, split: str, number: int) -> tuple[datetime, str] | None:
        """Gives instant and lead of the `number`-th draw (from 1)."""
        row = (await self._run(_NTH, given_split=split, given_limit=number - 1)).first()
        return None if row is None else (row.at, row.lead_id)

    async def first_draw(self, split: str) -> datetime | None:
        """Says when the first lead was drawn."""
        found: datetime | None = (await self._run(_FIRST, given_split=split)).one().at
        return found

    async def last_draw(self, split: str, until: datetime) -> datetime | None:
        """Says when the last lead was drawn, up to an instant."""
        last: datetime | None = (await self._run(_LAST_UNTIL, given_split=split, given_until=until)).one().at
        return last

    async def arms(self, split: str, up_to: tuple[datetime, str] | None = None) -> tuple[ArmCount, ...]:
        """Counts draws and conversions of each arm, up to a draw if one is named."""
        if up_to is None:
            return await self._all(_ARMS, _ARM_COUNTS, given_split=split)
        at, lead = up_to
        return await self._all(_ARMS, _ARM_COUNTS_UP_TO, given_split=split, given_at=at, given_lead=lead)

    async def decide(self, split: str, arm: str, at: datetime) -> bool:
        """Names the winner of a split, once; False where one is named already."""
        row = {"split": split, "arm": arm, "decided_at": at}
        return bool(await self._add_new(split_winners, [row], _w.arm))

    async def winners(self, splits: Collection[str]) -> dict[str, str]:
        """Maps those of the splits that have a winner to it."""
        rows = await self._run(_WINNERS, given_splits=list(splits))
        return {row.split: row.arm for row in rows}

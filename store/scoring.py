"""Outcomes for the scorer, and the log of its decisions."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import (
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    case,
    func,
    select,
    update,
)

from model.records import Written
from model.results import NewOutcome, NewScore, Outcome, Score
from store.base import (
    BigId,
    Json,
    Repository,
    Shape,
    columns_of,
    given,
    given_limit,
    metadata,
    partial_index,
    same,
    text_column,
    time_column,
)

MAX_REPORTS = 20

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", BigId, primary_key=True),
    text_column("outcome_id", null=False),
    text_column("lead_id", null=False),
    Column("enrolment_id", ForeignKey("enrolments.id")),
    text_column("score_id"),
    text_column("type", null=False),
    Column("label", Integer),
    Column("value", Double),
    time_column("at"),
    time_column("recorded_at"),
    Column("body", Json, nullable=False),
    text_column("body_hash", null=False),
    Column("snapshot", Json),
    Column("treatment", Json),
    text_column("supersedes"),
    text_column("reported", null=False),
    Column("attempts", Integer, nullable=False),
    UniqueConstraint("outcome_id"),
    Index(None, "lead_id", "at"),
)
_unreported = same(outcomes.c.reported, "waiting")
partial_index("ix_outcomes_unreported", _unreported, outcomes.c.id)

scores = Table(
    "scores",
    metadata,
    Column("score_id", text_column("score_id").type, primary_key=True),
    text_column("request_id", null=False),
    text_column("lead_id", null=False),
    time_column("at"),
    time_column("recorded_at"),
    text_column("body_hash", null=False),
    Column("request", Json, nullable=False),
    Column("response", Json, nullable=False),
    UniqueConstraint("request_id"),
    Index(None, "lead_id", "at"),
)

_OUTCOME = Shape(Outcome)
_SCORE = Shape(Score)
_o = outcomes.c
_BY_ID = select(outcomes).where(_o.outcome_id == given("id"))
_OF_LEAD = select(outcomes).where(_o.lead_id == given("lead")).order_by(_o.id)
_FIRST = select(outcomes).order_by(_o.id).limit(given_limit())
_UNREPORTED = _FIRST.where(_unreported)
_CHANGE = update(outcomes).where(_o.outcome_id.in_(given("ids")))
_FAIL = _CHANGE.where(_unreported).values(attempts=_o.attempts + 1)
_FAIL_AGAIN = _FAIL.values(reported=case((_o.attempts + 1 >= MAX_REPORTS, "failed"), else_="waiting"))
_BY_REQUEST = select(scores).where(scores.c.request_id == given("request"))
_COUNT = select(func.count()).select_from(scores).where(scores.c.lead_id == given("lead"))
_LATEST = (
    select(scores)
    .where(scores.c.lead_id == given("lead"))
    .order_by(scores.c.at.desc(), scores.c.recorded_at.desc())
    .limit(1)
)


class Outcomes(Repository):
    """What became of leads, each under a stable id. `lead_id` may be another system's: no key binds it."""

    async def record(self, new: NewOutcome) -> Written:
        """Records an outcome once: `duplicate` with the same body hash, `conflict` with another."""
        row = columns_of(new)
        row["reported"] = "waiting" if row.pop("report") else "none"
        row |= {"recorded_at": self._wall(), "attempts": 0}
        if await self._add_new(outcomes, [row], outcomes.c.id):
            return "accepted"
        known = await self.get(new.outcome_id)
        return "duplicate" if known is not None and known.body_hash == new.body_hash else "conflict"

    async def get(self, outcome_id: str) -> Outcome | None:
        """Reads an outcome."""
        return await self._one(_OUTCOME, _BY_ID, given_id=outcome_id)

    async def of(self, lead_id: str) -> tuple[Outcome, ...]:
        """Lists a lead's outcomes in the order in which they were recorded."""
        return await self._all(_OUTCOME, _OF_LEAD, given_lead=lead_id)

    async def all(self, limit: int = 1000) -> tuple[Outcome, ...]:
        """Lists the first outcomes recorded."""
        return await self._all(_OUTCOME, _FIRST, given_limit=limit)

    async def unreported(self, limit: int = 100) -> tuple[Outcome, ...]:
        """Lists outcomes that the outside scorer does not have, the oldest first."""
        return await self._all(_OUTCOME, _UNREPORTED, given_limit=limit)

    async def mark_reported(self, ids: Collection[str]) -> None:
        """Marks outcomes that the scorer has."""
        await self._run(_CHANGE, given_ids=list(ids), reported="sent")

    async def mark_failed(self, ids: Collection[str], *, final: bool = False) -> None:
        """Counts a failed report; a `final` refusal, or the twentieth try, gives up."""
        if final:
            await self._run(_FAIL, given_ids=list(ids), reported="failed")
        else:
            await self._run(_FAIL_AGAIN, given_ids=list(ids))


class Scores(Repository):
    """Decisions of a scorer, by score and by request."""

    async def record(self, new: NewScore) -> Written:
        """Records a decision once for its `request_id`: `duplicate` or `conflict` by the body hash."""
        if await self._add_new(scores, [{**columns_of(new), "recorded_at": self._wall()}], scores.c.score_id):
            return "accepted"
        known = await self.by_request(new.request_id)
        return "duplicate" if known is not None and known.body_hash == new.body_hash else "conflict"

    async def by_request(self, request_id: str) -> Score | None:
        """Reads the decision on a request."""
        return await self._one(_SCORE, _BY_REQUEST, given_request=request_id)

    async def count(self, lead_id: str) -> int:
        """Counts the decisions on a lead."""
        return (await self._connection.execute(_COUNT, {"given_lead": lead_id})).scalar_one()

    async def latest(self, lead_id: str) -> Score | None:
        """Reads a lead's last decision by business time."""
        return await self._one(_SCORE, _LATEST, given_lead=lead_id)

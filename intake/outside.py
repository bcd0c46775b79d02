"""An outside scorer at work: asked after the commit, it answers as an event; it is told outcomes until it
has them."""

from __future__ import annotations

import hashlib
from datetime import datetime

import structlog
from pydantic_core import to_json

from intake.score import CHANGED, SCORER, Scoring
from model.events import Fields
from model.records import Lead, NewEvent
from model.results import NewScore
from model.scoring import Feature, OutcomeReport, Scorer, ScoreRequest, ScoreResponse, ScorerUnavailable
from scoring.outside import score_with_fallback
from scoring.score import Score
from store import Store

log = structlog.get_logger(__name__)


class OutsideScoring:
    """Asks and informs the scorer behind the contract; where it fails, the rules answer, marked as such."""

    def __init__(self, store: Store, scoring: Scoring, scorer: Scorer) -> None:
        self._store = store
        self._scoring = scoring
        self._scorer = scorer

    async def ask(self, lead: Lead, due: datetime, now: datetime) -> None:
        """Asks for a lead's score, due since `due`, and puts the answer into the inbox."""
        async with self._store.read() as tx:
            by_rules = await self._scoring.judge(tx, lead, now)
            number = await tx.scores.count(lead.id)
        asked = f"{lead.id}/{due.isoformat()}/{number}"
        request = ScoreRequest(
            request_id=hashlib.sha256(asked.encode()).hexdigest()[:32],
            lead_id=lead.id,
            as_of=now,
            features=features_of(by_rules),
        )
        answer, why = await score_with_fallback(self._scorer, self._scoring.rules, request, lambda: by_rules)
        if why is not None:
            log.warning("scorer gave no answer, the rules did", reason=why)
        async with self._store.begin() as tx:
            body = to_json(request)
            new = NewScore(
                score_id=answer.score_id,
                request_id=request.request_id,
                lead_id=lead.id,
                at=now,
                body_hash=hashlib.sha256(body).hexdigest(),
                request=request.model_dump(mode="json"),
                response=answer.model_dump(mode="json"),
            )
            await tx.scores.record(new)
            await tx.events.insert([_answered(lead, request, answer, by_rules)])
            tx.notify("inbox")

    async def report_waiting(self) -> int:
        """Reports outcomes that the scorer does not have yet; answers how many it took."""
        async with self._store.read() as tx:
            waiting = await tx.outcomes.unreported()
        if not waiting:
            return 0
        ids = {outcome.outcome_id for outcome in waiting}
        try:
            answer = await self._scorer.report(
                tuple(OutcomeReport.model_validate(item.body) for item in waiting)
            )
        except ScorerUnavailable as unavailable:
            async with self._store.begin() as tx:
                await tx.outcomes.mark_failed(ids, final=unavailable.reason == "refused")
            return 0
        refused = {item.outcome_id for item in answer.rejected}
        async with self._store.begin() as tx:
            await tx.outcomes.mark_reported(ids - refused)
            await tx.outcomes.mark_failed(refused, final=True)
        return len(ids - refused)


def features_of(found: Score) -> dict[str, Feature]:
    """Gives what may leave the house: points by group and what the rules make of them, no personal data."""
    groups: dict[str, Feature] = {f"points.{name}": points for name, points in found.groups.items()}
    return groups | {
        "points": found.total,
        "fit": found.fit,
        "grade": found.grade,
        "band": found.band,
        "velocity": found.velocity,
        "strong": len(found.strong),
    }


def _answered(lead: Lead, request: ScoreRequest, answer: ScoreResponse, by_rules: Score) -> NewEvent:
    """Words the answer as an event; the stage stays symbolic: only the rules' strong signs make a lead
    ready."""
    points = answer.points if answer.points is not None else round(100 * (answer.p or 0.0), 1)
    body: Fields = {
        "from": lead.score or 0,
        "to": points,
        "tier": answer.tier,
        "fallback": answer.fallback,
        "stage": answer.disqualified or by_rules.stage,
        "reasons": [reason.model_dump(mode="json") for reason in answer.reasons],
        "valid_until": answer.valid_until.isoformat() if answer.valid_until else None,
    }
    return NewEvent(
        source=SCORER,
        event_id=f"score/{request.request_id}",
        type=CHANGED,
        at=by_rules.as_of,
        body_hash="",
        body=body,
        lead_id=lead.id,
    )

"""The rules as a scorer of the contract: what `/v1/score` answers with."""

from __future__ import annotations

from intake.score import Scoring
from model.scoring import OutcomeAnswer, OutcomeReport, ScoreRequest, ScoreResponse
from scoring.outside import answer
from scoring.score import score
from store import Store


class RulesScorer:
    """Answers from the lead's history in the store; a lead that is not there has none."""

    def __init__(self, store: Store, scoring: Scoring) -> None:
        self._store = store
        self._scoring = scoring

    async def score(self, request: ScoreRequest) -> ScoreResponse:
        """Scores the lead as of the request's instant."""
        async with self._store.read() as tx:
            lead = await tx.leads.get(request.lead_id)
            found = (
                score(self._scoring.rules, (), {}, request.as_of)
                if lead is None
                else await self._scoring.judge(tx, lead, request.as_of)
            )
        return answer(self._scoring.rules, request, found)

    async def report(self, outcomes: tuple[OutcomeReport, ...]) -> OutcomeAnswer:
        """Takes outcomes: the rules learn nothing from them, the store keeps them."""
        return OutcomeAnswer(accepted=len(outcomes), duplicates=0)

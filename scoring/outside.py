"""An outside scorer with the rules behind it: where it fails, a score marked as fallback comes out."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid5

from model.scoring import Scorer, ScoreRequest, ScoreResponse, ScorerUnavailable, Unavailable
from scoring.rules import RuleModel
from scoring.score import Score

SCORES = UUID("6f1c1f0e-6f0b-5a54-9a53-2f6e7a3c9b10")


def score_id(model: RuleModel, request_id: str) -> str:
    """Gives the id of the rules' answer: the same for the same request under the same version."""
    return str(uuid5(SCORES, f"{model.id}/{model.version}/{request_id}"))


def answer(
    model: RuleModel, request: ScoreRequest, by_rules: Score, *, fallback: bool = False
) -> ScoreResponse:
    """Answers a request with the rules; features that the rules do not use are ignored."""
    return by_rules.to_response(request.request_id, score_id(model, request.request_id), fallback=fallback)


async def score_with_fallback(
    client: Scorer,
    model: RuleModel,
    request: ScoreRequest,
    by_rules: Callable[[], Score],
) -> tuple[ScoreResponse, Unavailable | None]:
    """Asks the outside scorer; where it gives no usable answer, `by_rules` is called.

    The second value says why the rules were needed, None where they were not. Never raises
    `ScorerUnavailable`.
    """
    try:
        return await client.score(request), None
    except ScorerUnavailable as unavailable:
        return answer(model, request, by_rules(), fallback=True), unavailable.reason

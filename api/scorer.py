"""`/v1/score`, `/v1/outcomes`: the scorer's contract, served so that others can be held to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Body as InBody
from fastapi import Response
from pydantic import JsonValue

from api import examples
from api.fields import Answer, sane
from api.ports import House, InHouse
from api.problems import Fault, Problem
from api.routing import needs, router
from api.strict_json import digest
from model.events import Fields
from model.results import NewOutcome, NewScore
from model.scoring import (
    OutcomeAnswer,
    OutcomeReport,
    OutcomeReports,
    RejectedOutcome,
    Scorer,
    ScoreRequest,
    ScoreResponse,
    ScorerUnavailable,
)

routes = router("scorer")


class Health(Answer):
    """Whether the scorer answers."""

    status: Literal["ok"]


@routes.post("/score", dependencies=[needs("score")], summary="Score a lead")
async def score(
    house: InHouse, body: Annotated[ScoreRequest, InBody(openapi_examples=examples.SCORE)]
) -> ScoreResponse:
    """Answers with the rules; a `request_id` sent again gets the same answer, with another body 409."""
    _sane([("/as_of", body.as_of)])
    request = body.model_dump(mode="json")
    async with house.store.read() as tx:
        before = await tx.scores.by_request(body.request_id)
    if before is None:
        answer = await _asked(_scorer(house), body)
        async with house.store.begin() as tx:
            await tx.scores.record(_decision(body, request, answer))
            before = await tx.scores.by_request(body.request_id)
    assert before is not None
    if before.body_hash != digest(request):
        raise Problem("request_id_conflict")
    return ScoreResponse.model_validate(before.response)


@routes.post("/outcomes", status_code=202, dependencies=[needs("score")], summary="Report outcomes")
async def report(
    house: InHouse,
    body: Annotated[OutcomeReports, InBody(openapi_examples=examples.OUTCOMES)],
    response: Response,
) -> OutcomeAnswer:
    """Takes what became of leads; an `outcome_id` counts once, with another body it is rejected."""
    for index, one in enumerate(body.outcomes):
        place = f"/outcomes/{index}"
        _sane([(f"{place}/occurred_at", one.occurred_at), (f"{place}/observed_at", one.observed_at)])
    async with house.store.begin() as tx:
        written = [(one, await tx.outcomes.record(_outcome(one))) for one in body.outcomes]
    rejected = {one.outcome_id for one, result in written if result == "conflict"}
    answer = OutcomeAnswer(
        accepted=sum(result == "accepted" for _, result in written),
        duplicates=sum(result == "duplicate" for _, result in written),
        rejected=tuple(
            RejectedOutcome(outcome_id=one, why="known with another body") for one in sorted(rejected)
        ),
    )
    if len(body.outcomes) == 1 and rejected:
        raise Problem("request_id_conflict", "The outcome id is known with another body.")
    response.status_code = 202
    return answer


@routes.get("/health", dependencies=[needs("score")], summary="Ask whether the scorer answers")
async def health(house: InHouse) -> Health:
    """Says ok where a scorer is configured; 503 otherwise."""
    _scorer(house)
    return Health(status="ok")


def _sane(times: list[tuple[str, datetime]]) -> None:
    for place, at in times:
        try:
            sane(at)
        except ValueError as error:
            raise Problem("invalid_request", errors=[Fault(pointer=place, message=str(error))]) from None


def _scorer(house: House) -> Scorer:
    if house.scorer is None:
        raise Problem("no_scorer", headers={"Retry-After": "60"})
    return house.scorer


async def _asked(scorer: Scorer, body: ScoreRequest) -> ScoreResponse:
    try:
        return await scorer.score(body)
    except ScorerUnavailable:
        raise Problem("no_scorer", headers={"Retry-After": "5"}) from None


def _decision(body: ScoreRequest, request: Fields, answer: ScoreResponse) -> NewScore:
    return NewScore(
        score_id=answer.score_id,
        request_id=body.request_id,
        lead_id=body.lead_id,
        at=body.as_of,
        body_hash=digest(request),
        request=request,
        response=answer.model_dump(mode="json"),
    )


def _outcome(one: OutcomeReport) -> NewOutcome:
    body: Fields = one.model_dump(mode="json")
    treatment: JsonValue = body["treatment"]
    return NewOutcome(
        outcome_id=one.outcome_id,
        lead_id=one.lead_id,
        type=one.type,
        at=one.occurred_at,
        body=body,
        body_hash=digest(body),
        label=one.label,
        value=one.value,
        score_id=one.score_id,
        treatment=treatment,
        supersedes=one.supersedes,
        report=False,
    )

"""The intake and the rules of the journeys' folder, inside the API's own process."""

from __future__ import annotations

from collections.abc import Callable

from api.ports import House, Intake
from intake.score import Scoring
from model.records import Lead
from model.scoring import OutcomeAnswer, OutcomeReport, ScoreRequest, ScoreResponse
from runtime import wiring
from runtime.project import load_project
from store import Store, new_id

MakeIntake = Callable[[House], Intake]


def embedded(house: House) -> Intake:
    """Loads vocabulary and rules of the settings' folder into the house and makes its intake."""
    project = load_project(house.settings.journeys_dir)
    house.vocabulary = project.vocabulary
    house.scorer = RulesScorer(house.store, Scoring(project.sound_rules()))
    return wiring.intake(house.settings, house.store, project, house.clock, house.runs.client)


class RulesScorer:
    """The rules behind the scorer's contract: our lead's own events, or for a stranger the features alone."""

    def __init__(self, store: Store, scoring: Scoring) -> None:
        self._store = store
        self._scoring = scoring

    async def score(self, request: ScoreRequest) -> ScoreResponse:
        """Answers one question."""
        async with self._store.read() as tx:
            lead = await tx.leads.get(request.lead_id) or _stranger(request)
            found = await self._scoring.judge(tx, lead, request.as_of)
        return found.to_response(request.request_id, new_id())

    async def report(self, outcomes: tuple[OutcomeReport, ...]) -> OutcomeAnswer:
        """Counts outcomes: rules learn nothing from them."""
        return OutcomeAnswer(accepted=len(outcomes), duplicates=0)


def _stranger(request: ScoreRequest) -> Lead:
    features = {name.removeprefix("lead."): value for name, value in request.features.items()}
    return Lead(
        id=request.lead_id, created_at=request.as_of, updated_at=request.as_of, attributes=dict(features)
    )

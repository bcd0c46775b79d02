"""The scorer's contract: what crosses HTTP in `POST /v1/score` and `POST /v1/outcomes`, in both directions.

The built-in rules and an outside scorer speak the same. Ids and declared features cross, never a name or an
address. Idempotent: a `request_id` or `outcome_id` sent again with the same body gets the same answer, with
another body 409. 422 is a bad body and is not tried again; 429 and 503 carry `Retry-After`.
"""

from __future__ import annotations

from typing import Annotated, Literal, Protocol, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Feature = bool | int | float | str | None
Code = Annotated[str, Field(min_length=1, max_length=100)]
Probability = Annotated[float, Field(ge=0, le=1)]
ModelKind = Literal["rules", "logit", "hybrid", "boosting", "mlp", "tree", "lda", "http"]
OutcomeType = Literal[
    "sale",
    "handed_over",
    "visit",
    "lost",
    "rejected_by_sales",
    "no_answer",
    "unsubscribed",
    "timeout",
    "withdrawn",
]
Unavailable = Literal["timeout", "unreachable", "busy", "failed", "refused", "bad_answer", "breaker_open"]


class Contract(BaseModel):
    """A message of the contract: frozen, nothing extra, only finite numbers, no input in errors."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        protected_namespaces=(),
    )


class ScoreContext(Contract):
    """Where the question comes from."""

    tenant: Code | None = None
    journey: Code | None = None
    journey_version: int | None = None
    run_id: Code | None = None


class ScoreRequest(Contract):
    """A question: `as_of` is business time, `features` the declared ones, `decision_point` why we ask."""

    request_id: Code
    lead_id: Code
    account_id: Code | None = None
    as_of: AwareDatetime
    decision_point: Code = "event"
    schema_version: int = Field(default=1, ge=1)
    features: dict[Code, Feature] = Field(default_factory=dict, max_length=500)
    events_digest: Code | None = None
    candidate_actions: tuple[Code, ...] = Field(default=(), max_length=50)
    explain: bool = False
    context: ScoreContext = ScoreContext()


class ScoredBy(Contract):
    """The model that answered; `label` is what `p` is the probability of, `sale_90d`."""

    id: Code
    version: int = Field(ge=1)
    kind: ModelKind
    label: Code
    trained_at: AwareDatetime | None = None


class Texts(Contract):
    """One sentence for people, in both languages of the product."""

    es: str = Field(min_length=1, max_length=300)
    en: str = Field(min_length=1, max_length=300)


class Reason(Contract):
    """Why a score is what it is: a stable `code`, the group or feature it speaks of, its weight in points."""

    code: Code
    feature: Code
    direction: Literal["up", "down"]
    weight: float
    text: Texts


class ActionScore(Contract):
    """The probability if `action` is taken, and what the action adds to it."""

    action: Code
    p: Probability
    uplift: float | None = None


class ShadowScore(Contract):
    """What a challenger would have said; recorded, never acted on."""

    model: Code
    p: Probability


class ScoreResponse(Contract):
    """A score: calibrated `p` or null, points, a tier, and until when it holds without new events."""

    score_id: Code
    request_id: Code
    model: ScoredBy
    p: Probability | None
    points: float | None = None
    tier: Code
    fit_grade: Code | None = None
    band: Code | None = None
    strong: tuple[Code, ...] = Field(default=(), max_length=100)
    disqualified: Code | None = None
    reasons: tuple[Reason, ...] = Field(default=(), max_length=50)
    per_action: tuple[ActionScore, ...] = Field(default=(), max_length=50)
    valid_until: AwareDatetime | None = None
    missing: tuple[Code, ...] = Field(default=(), max_length=500)
    fallback: bool = False
    shadow: tuple[ShadowScore, ...] = Field(default=(), max_length=20)


class Treatment(Contract):
    """What was done to the lead and with which probability it was chosen; `control` leads got nothing."""

    action: Code
    channel: Code | None = None
    propensity: float | None = Field(default=None, gt=0, le=1)
    policy_version: Code | None = None
    control: bool = False


class OutcomeReport(Contract):
    """What became of a lead: `label` 1, 0 or null (undecided); `supersedes` is the outcome it corrects."""

    outcome_id: Code
    score_id: Code | None = None
    lead_id: Code
    type: OutcomeType
    label: Literal[0, 1] | None
    value: float | None = None
    occurred_at: AwareDatetime
    observed_at: AwareDatetime
    treatment: Treatment | None = None
    supersedes: Code | None = None


class OutcomeReports(Contract):
    """The body of `POST /v1/outcomes`."""

    outcomes: tuple[OutcomeReport, ...] = Field(min_length=1, max_length=1000)


class RejectedOutcome(Contract):
    """An outcome that was not taken, and why."""

    outcome_id: Code
    why: str = Field(min_length=1, max_length=300)


class OutcomeAnswer(Contract):
    """How many outcomes were new, how many were known already, and which were not taken."""

    accepted: int = Field(ge=0)
    duplicates: int = Field(ge=0)
    rejected: tuple[RejectedOutcome, ...] = ()

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        if len({item.outcome_id for item in self.rejected}) != len(self.rejected):
            raise ValueError("an outcome is rejected twice")
        return self


class ScorerUnavailable(Exception):
    """The outside scorer gave no usable answer: {reason}. The caller goes on with the rules."""

    def __init__(self, reason: Unavailable) -> None:
        super().__init__(
            f"The outside scorer gave no usable answer: {reason}. The caller goes on with the rules."
        )
        self.reason: Unavailable = reason


class Scorer(Protocol):
    """Anything that answers the contract. Both methods raise `ScorerUnavailable`."""

    async def score(self, request: ScoreRequest) -> ScoreResponse:
        """Answers one question."""
        ...

    async def report(self, outcomes: tuple[OutcomeReport, ...]) -> OutcomeAnswer:
        """Takes outcomes."""
        ...

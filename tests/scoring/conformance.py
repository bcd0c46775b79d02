"""What any scorer that speaks the contract must do; all that is known of it is a base URL and headers.

`CHECKS` are functions of a `Target`: parametrize a test over them. A target may want a lead that exists.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
from pydantic import JsonValue

from model.scoring import OutcomeAnswer, ScoreResponse

Body = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Target:
    """The scorer under test; `lead_id` is a lead it can score, `tiers` the tiers it may give."""

    base_url: str
    headers: dict[str, str] = field(default_factory=dict)
    lead_id: str = "lead-1"
    tiers: frozenset[str] = frozenset({"T1", "T2", "T3", "T4"})

    def post(self, path: str, body: Body | bytes) -> httpx.Response:
        """Sends a body as JSON, or bytes as they are."""
        headers = {**self.headers, "content-type": "application/json"}
        with httpx.Client(base_url=self.base_url, headers=headers, timeout=10, trust_env=False) as http:
            return http.post(path, content=body) if isinstance(body, bytes) else http.post(path, json=body)

    def request(self, **changes: JsonValue) -> Body:
        """A fresh question about the lead."""
        plain: Body = {
            "request_id": f"r-{uuid4()}",
            "lead_id": self.lead_id,
            "as_of": "2026-11-04T10:00:00Z",
            "decision_point": "conformance",
            "schema_version": 1,
            "features": {},
            "context": {"tenant": "test", "journey": "dealer_lead", "journey_version": 1, "run_id": "run-1"},
        }
        return plain | changes

    def outcome(self, **changes: JsonValue) -> Body:
        """A fresh outcome of the lead."""
        plain: Body = {
            "outcome_id": f"o-{uuid4()}",
            "lead_id": self.lead_id,
            "type": "sale",
            "label": 1,
            "value": 24900,
            "occurred_at": "2026-11-04T10:00:00Z",
            "observed_at": "2026-11-04T10:05:00Z",
        }
        return plain | changes

    def scored(self, body: Body) -> ScoreResponse:
        """Asks and expects an answer of the contract."""
        response = self.post("/v1/score", body)
        assert response.status_code == 200, response.text
        return ScoreResponse.model_validate_json(response.content)

    def reported(self, *outcomes: Body) -> OutcomeAnswer:
        """Reports and expects an answer of the contract."""
        response = self.post("/v1/outcomes", {"outcomes": list(outcomes)})
        assert response.status_code == 202, response.text
        return OutcomeAnswer.model_validate_json(response.content)


def answers_in_range(target: Target) -> None:
    """The answer is to this question, its tier known, `p` null or a probability, never without any figure."""
    body = target.request()
    found = target.scored(body)
    assert found.request_id == body["request_id"]
    assert found.tier in target.tiers
    assert found.p is not None or found.points is not None
    assert not found.fallback


def the_same_request_gets_the_same_answer(target: Target) -> None:
    """Asking twice changes nothing, byte for byte in meaning."""
    body = target.request()
    assert target.scored(body) == target.scored(body)


def a_request_id_with_another_body_is_a_conflict(target: Target) -> None:
    """409, and the first answer stands."""
    body = target.request()
    first = target.scored(body)
    assert target.post("/v1/score", body | {"as_of": "2026-11-05T10:00:00Z"}).status_code == 409
    assert target.scored(body) == first


def an_unknown_feature_is_ignored(target: Target) -> None:
    """A feature that the scorer does not know changes no figure."""
    with_it = target.scored(target.request(features={"no_such_feature": 1.5, "nor_this": "x"}))
    without = target.scored(target.request())
    assert (with_it.p, with_it.points, with_it.tier) == (without.p, without.points, without.tier)


def a_bad_body_is_refused(target: Target) -> None:
    """422 or 400, never a score and never a failure of the server's own."""
    bad: list[Body | bytes] = [
        b"{",
        b"[]",
        b'{"request_id": NaN}',
        {},
        target.request(as_of="yesterday"),
        target.request(as_of="2026-11-04T10:00:00"),
        target.request(surprise=True),
        target.request(features={"nested": {"a": 1}}),
    ]
    for body in bad:
        assert target.post("/v1/score", body).status_code in {400, 422}, body


def a_later_question_gives_no_older_validity(target: Target) -> None:
    """`valid_until`, where given, lies after the instant that was asked about."""
    for as_of in ("2026-11-04T10:00:00+00:00", "2026-12-04T10:00:00+00:00"):
        body = target.request(as_of=as_of)
        until = target.scored(body).valid_until
        assert until is None or until.isoformat() > as_of


def an_outcome_is_taken_once(target: Target) -> None:
    """The second report of the same outcome is a duplicate."""
    outcome = target.outcome()
    assert target.reported(outcome) == OutcomeAnswer(accepted=1, duplicates=0)
    assert target.reported(outcome) == OutcomeAnswer(accepted=0, duplicates=1)


def an_outcome_id_with_another_body_is_rejected(target: Target) -> None:
    """The first report stands; the other outcomes of the same call are taken."""
    outcome, other = target.outcome(), target.outcome(type="visit")
    target.reported(outcome)
    answer = target.reported(outcome | {"label": 0}, other)
    assert [item.outcome_id for item in answer.rejected] == [outcome["outcome_id"]]
    assert (answer.accepted, answer.duplicates) == (1, 0)


def a_correction_names_what_it_supersedes(target: Target) -> None:
    """A sale withdrawn later is a new outcome."""
    sale = target.outcome()
    target.reported(sale)
    withdrawn = target.outcome(type="withdrawn", label=0, supersedes=sale["outcome_id"])
    assert target.reported(withdrawn).accepted == 1


def a_late_outcome_is_taken(target: Target) -> None:
    """An outcome observed months after it occurred counts all the same."""
    late = target.outcome(occurred_at="2026-03-01T00:00:00Z")
    assert target.reported(late).accepted == 1


def a_bad_outcome_is_refused(target: Target) -> None:
    """422 or 400 for what is not the contract's."""
    for outcome in (target.outcome(type="miracle"), target.outcome(label=2), target.outcome(value="much")):
        assert target.post("/v1/outcomes", {"outcomes": [outcome]}).status_code in {400, 422}


def ten_questions_at_once_are_answered(target: Target) -> None:
    """Ten different ones, then the same one ten times, each answered as if alone."""
    bodies = [target.request() for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        assert [found.request_id for found in pool.map(target.scored, bodies)] == [
            b["request_id"] for b in bodies
        ]
        same = list(pool.map(target.scored, [target.request()] * 10))
    assert len({found.score_id for found in same}) == 1


CHECKS: tuple[Callable[[Target], None], ...] = (
    answers_in_range,
    the_same_request_gets_the_same_answer,
    a_request_id_with_another_body_is_a_conflict,
    an_unknown_feature_is_ignored,
    a_bad_body_is_refused,
    a_later_question_gives_no_older_validity,
    an_outcome_is_taken_once,
    an_outcome_id_with_another_body_is_rejected,
    a_correction_names_what_it_supersedes,
    a_late_outcome_is_taken,
    a_bad_outcome_is_refused,
    ten_questions_at_once_are_answered,
)

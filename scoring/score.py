"""The score of a lead: a pure function of its events, its profile, an instant, and the stage it was in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import JsonValue

from model.events import Event
from model.scoring import Reason, ScoredBy, ScoreResponse
from scoring.counting import Contribution, Match, matches, ordered
from scoring.curve import Curve, curve, fading, rounded
from scoring.reasons import reasons_of
from scoring.rules import RuleModel, StateRule
from scoring.standing import BASE_STAGE, Standing, name_of, signs_of, spurts_of


@dataclass(frozen=True, slots=True)
class Score:
    """A lead's score at `as_of`.

    `total` is the number that the lead shows and that `lead.score >= 80` reads: the engagement points alone,
    since fit speaks through grade and tier and must not make a mere reader look busy; of a disqualified lead
    never above 0. `groups` are points after the group's clamp. `strong` are the buying indicators young
    enough to count. `crossed` says that the stage differs from the one before. Without new events all of it
    but the fading points holds until `valid_until` (None: for ever).
    """

    model: ScoredBy
    as_of: datetime
    engagement: float
    fit: float
    total: float
    groups: dict[str, float]
    band: str
    grade: str
    tier: str
    stage: str
    velocity: float
    hot: bool
    strong: tuple[str, ...]
    disqualified: str | None
    crossed: Literal["entered", "left"] | None
    reasons: tuple[Reason, ...]
    contributions: tuple[Contribution, ...]
    valid_until: datetime | None

    def to_response(self, request_id: str, score_id: str, *, fallback: bool = False) -> ScoreResponse:
        """Says it in the words of the contract."""
        return ScoreResponse(
            score_id=score_id,
            request_id=request_id,
            model=self.model,
            p=None,
            points=self.total,
            tier=self.tier,
            fit_grade=self.grade,
            band=self.band,
            strong=self.strong,
            disqualified=self.disqualified,
            reasons=self.reasons,
            valid_until=self.valid_until,
            fallback=fallback,
        )


def score(
    model: RuleModel,
    events: Sequence[Event],
    profile: Mapping[str, JsonValue],
    as_of: datetime,
    previous_stage: str | None = None,
) -> Score:
    """Scores a lead.

    `events`, with times in UTC, may come in any order and more than once; those after `as_of` are not looked
    at. `profile` has the lead's attributes under their full names (`lead.role`, `account.industry`).
    `previous_stage` is the stage of the last score, which hysteresis needs.
    """
    as_of = as_of.astimezone(UTC)
    matched = matches(model, ordered(events, as_of))
    states = [rule for rule in model.rules if isinstance(rule, StateRule) and rule.when(profile, as_of)]
    fit = _fit(model, states)
    standing = _standing(model, matched, states, fit, as_of)
    return _scored(standing, fit, previous_stage, _contributions(matched, standing.line, as_of), states)


def _standing(
    model: RuleModel, matched: list[Match], states: list[StateRule], fit: float, as_of: datetime
) -> Standing:
    counted = [match for match in matched if match.counted == "counted"]
    return Standing(
        model=model,
        line=curve(model, counted, as_of),
        grade=name_of(model.grades, fit),
        disqualified=next((rule.disqualify for rule in states if rule.disqualify is not None), None),
        signs=signs_of(matched, as_of),
        strong=frozenset(match.rule.id for match in matched if match.rule.strong),
        spurts=spurts_of(model, counted, as_of),
    )


def _scored(
    standing: Standing,
    fit: float,
    previous: str | None,
    contributions: tuple[Contribution, ...],
    states: list[StateRule],
) -> Score:
    model, line = standing.model, standing.line
    now, engagement = standing.position(0.0, previous), line.value(0.0)
    return Score(
        model=ScoredBy(id=model.id, version=model.version, kind="rules", label=model.label),
        as_of=line.origin,
        engagement=engagement,
        fit=fit,
        total=engagement if standing.disqualified is None else min(engagement, 0.0),
        groups={name: rounded(points) for name, points in line.group_points(0.0).items()},
        band=now.band,
        grade=standing.grade,
        tier=now.tier,
        stage=now.stage,
        velocity=rounded(standing.velocity(0.0)),
        hot=standing.hot(0.0),
        strong=_strong(standing),
        disqualified=standing.disqualified,
        crossed=_crossed(model, previous, now.stage),
        reasons=reasons_of(standing, now.stage, contributions, states),
        contributions=contributions,
        valid_until=standing.next_change(now),
    )


def _fit(model: RuleModel, states: list[StateRule]) -> float:
    points = sum(
        group.limits.clamp(sum(rule.points for rule in states if rule.group == group.id))
        for group in model.groups
        if group.score == "fit"
    )
    return rounded(model.fit.clamp(points))


def _contributions(matched: list[Match], line: Curve, as_of: datetime) -> tuple[Contribution, ...]:
    sums: dict[str, float] = {}
    fadings = [fading(match, as_of)[1] if match.counted == "counted" else 0.0 for match in matched]
    for match, left in zip(matched, fadings, strict=True):
        sums[match.rule.group] = sums.get(match.rule.group, 0.0) + left
    clamped = {
        group.id
        for group, _ in line.groups
        if group.limits.clamp(sums.get(group.id, 0.0)) != sums.get(group.id, 0.0)
    }
    return tuple(
        Contribution(
            rule=match.rule.id,
            group=match.rule.group,
            event=match.event.id,
            at=match.event.at,
            raw=match.rule.points,
            decayed=left,
            clamped_by=_held_back(match, clamped),
        )
        for match, left in zip(matched, fadings, strict=True)
    )


def _held_back(match: Match, clamped: set[str]) -> Literal["per", "cap", "group"] | None:
    match match.counted:
        case "repeated":
            return "per"
        case "capped":
            return "cap"
        case "counted":
            return "group" if match.rule.group in clamped else None


def _strong(standing: Standing) -> tuple[str, ...]:
    model = standing.model
    return tuple(
        rule.id
        for rule in model.rules
        if rule.id in standing.strong
        and any(-standing.signs[rule.id] < stage.strong_within.total_seconds() for stage in model.stages)
    )


def _crossed(model: RuleModel, previous: str | None, stage: str) -> Literal["entered", "left"] | None:
    """Says whether the lead rose into a stage or fell out of one; a disqualification falls out."""
    order = {BASE_STAGE: 0, **{known.name: place for place, known in enumerate(model.stages, 1)}}
    before, after = order.get(previous or BASE_STAGE, 0), order.get(stage, 0)
    if before == after:
        return None
    return "entered" if after > before else "left"

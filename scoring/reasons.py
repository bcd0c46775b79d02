"""Why a score is what it is, in a few sentences: first what holds a lead back, then the heaviest rules."""

from __future__ import annotations

from collections.abc import Iterable

from model.scoring import Reason, Texts
from scoring.counting import Contribution
from scoring.curve import rounded
from scoring.rules import EventRule, StateRule
from scoring.standing import Standing

MOST = 3
"""Rules named; a person reads no more."""

NEEDS_STRONG = Texts(
    es="Tiene puntos, pero ninguna señal clara de compra reciente",
    en="Enough points, but no recent buying indicator",
)
FIT_TOO_LOW = Texts(es="El perfil no encaja lo suficiente", en="The profile does not fit well enough")


def reasons_of(
    standing: Standing, stage: str, contributions: Iterable[Contribution], states: list[StateRule]
) -> tuple[Reason, ...]:
    """Names the gates that are shut and the rules that weigh most, heaviest first, ties in file order."""
    return (*_disqualified(states), *_gates(standing, stage), *_rules(standing, contributions, states))


def _disqualified(states: list[StateRule]) -> list[Reason]:
    return [
        Reason(code=rule.disqualify, feature=rule.group, direction="down", weight=0.0, text=_texts(rule))
        for rule in states
        if rule.disqualify is not None
    ][:1]


def _gates(standing: Standing, stage: str) -> list[Reason]:
    if standing.disqualified is not None:
        return []
    points = standing.line.value(0.0)
    shut: list[Reason] = []
    for gate in standing.model.stages:
        ready = points >= gate.engagement or standing.raised_hand(0.0, gate)
        if gate.name == stage or not ready:
            continue
        if not standing.fits(gate):
            shut.append(_gate("fit_too_low", gate.name, FIT_TOO_LOW))
        elif gate.needs_strong and not standing.strong_now(0.0, gate):
            shut.append(_gate("needs_strong_indicator", gate.name, NEEDS_STRONG))
    return shut


def _gate(code: str, stage: str, text: Texts) -> Reason:
    return Reason(code=code, feature=stage, direction="down", weight=0.0, text=text)


def _rules(
    standing: Standing, contributions: Iterable[Contribution], states: list[StateRule]
) -> list[Reason]:
    weights = {rule.id: rule.points for rule in states}
    for item in contributions:
        weights[item.rule] = weights.get(item.rule, 0.0) + item.decayed
    heavy = sorted(
        (rule for rule in standing.model.rules if abs(rounded(weights.get(rule.id, 0.0))) > 0),
        key=lambda rule: -abs(weights[rule.id]),
    )
    return [
        Reason(
            code=rule.id,
            feature=rule.group,
            direction="up" if weights[rule.id] > 0 else "down",
            weight=rounded(weights[rule.id]),
            text=_texts(rule),
        )
        for rule in heavy[:MOST]
    ]


def _texts(rule: EventRule | StateRule) -> Texts:
    return Texts(es=rule.text.es, en=rule.text.en)

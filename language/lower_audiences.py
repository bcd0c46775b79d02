"""Lowers what has to do with audiences: `joins` and `leaves`, and the steps that fill them."""

from __future__ import annotations

from language.compiled import ChangeAudience, Trigger
from language.expressions import Here
from language.lowering import Lowering
from language.problems import did_you_mean
from language.syntax.model import AudienceStep, Step, TriggerText
from language.vocabulary import Audience
from language.yaml import Scalar
from model.expressions import Expr

EVERYBODY = "everybody"


def lower_audience(low: Lowering, step: Step, body: AudienceStep, here: Here) -> Here:
    """Lowers a step that puts the lead into an audience or takes it out."""
    audience = _audience(low, body.audience)
    if audience is not None and audience.rule is not None:
        message = f"the audience `{audience.name}` is filled by its rule, not by a journey"
        low.error(body.audience, "J010", message, "change what the rule asks, with `set`")
    place, condition = low.place(step), low.condition(step.condition, here)
    low.program.emit(ChangeAudience(place, body.audience.raw, body.add, condition))
    return here


def lower_trigger(low: Lowering, text: TriggerText, name: str, condition: Expr | None) -> Trigger:
    """Lowers `joins` and `leaves`."""
    _audience(low, text.subject)
    late = text.date.catch_up if text.date is not None else None
    if late is not None and late.raw != EVERYBODY:
        advice = "write `catch_up: everybody`, for those who are in at publishing"
        low.error(late, "J005", f"`catch_up` cannot be `{late.raw}` here", advice)
    if late is not None and text.on == "leaves":
        low.error(late, "J028", "`catch_up` belongs to a trigger with `joins` or `date`", "leave it out")
    written = text.condition.raw if text.condition else ""
    return Trigger(
        "joins" if text.on == "joins" else "leaves",
        name,
        condition=condition,
        condition_text=written,
        line=text.subject.mark.line,
        audience=text.subject.raw,
        everybody=late is not None,
    )


def _audience(low: Lowering, name: Scalar) -> Audience | None:
    known = low.vocabulary.audiences
    if name.raw not in known:
        advice = did_you_mean(name.raw, known) or f"declare it: `audiences: {{{name.raw}: static}}`"
        low.error(name, "J011", f"the vocabulary has no audience `{name.raw}`", advice)
    return known.get(name.raw)

"""The shape of `scoring.yaml`, before its names are looked up and its conditions parsed."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from language.values import ValueText, parse_length

LONGEST = timedelta(days=3660)


def length(value: object) -> timedelta:
    """Reads `30 days` as elapsed time; raises ValueError for months, business days, over ten years."""
    try:
        read = parse_length(str(value))
    except ValueText as wrong:
        raise ValueError("; ".join(filter(None, (wrong.message, wrong.suggestion)))) from None
    if read.months or read.business_days:
        raise ValueError("points fade in elapsed time: write days or weeks")
    span = timedelta(days=read.days, seconds=read.seconds)
    if span > LONGEST:
        raise ValueError("longer than ten years")
    return span


def _expiry(value: object) -> timedelta | Literal["never"]:
    return "never" if value == "never" else length(value)


def _at_least(value: object) -> str:
    return _compared(value, ">=")


def _below(value: object) -> str:
    return _compared(value, "<")


def _compared(value: object, sign: str) -> str:
    text = str(value).strip()
    if not text.startswith(sign) or text.startswith(sign + "="):
        raise ValueError(f'write "{sign}" and the value: "{sign}100"')
    return text.removeprefix(sign).strip()


def _names(value: object) -> object:
    return [value] if isinstance(value, str) else value


Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Points = Annotated[float, Field(ge=-10_000, le=10_000)]
Span = Annotated[timedelta, BeforeValidator(length)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class Part(BaseModel):
    """What every part has in common: unknown words are mistakes, numbers are finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


class ModelPart(Part):
    """Which model this is; `label` says what its points stand for."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
    version: Annotated[int, Field(ge=1)]
    kind: Literal["rules"] = "rules"
    label: Id
    supersedes: JsonValue = None
    effective_from: JsonValue = None


class LimitsPart(Part):
    """Lowest and highest points of a score."""

    min: Points
    max: Points


class ScoresPart(Part):
    """The limits of the two scores."""

    engagement: LimitsPart
    fit: LimitsPart


class GroupPart(Part):
    """A group; without `min` or `max` the limits of its score apply."""

    score: Literal["engagement", "fit"]
    min: Points | None = None
    max: Points | None = None


class CapPart(Part):
    """At most `n` in any `window`."""

    n: Annotated[int, Field(ge=1, le=1000)]
    window: Span


class DecayPart(Part):
    """How points fade."""

    half_life: Span


class TextPart(Part):
    """What a salesperson reads."""

    es: Annotated[str, Field(min_length=1, max_length=300)]
    en: Annotated[str, Field(min_length=1, max_length=300)]


class RulePart(Part):
    """A rule on an event (`event`) or on what the lead is (`when`)."""

    id: Id
    group: str
    text: TextPart | None = None
    points: Points | None = None
    event: str | None = None
    where: str | None = None
    per: Names = ()
    cap: CapPart | None = None
    decay: DecayPart | None = None
    expire: Annotated[timedelta | Literal["never"], BeforeValidator(_expiry)] | None = None
    strong: bool = False
    bypass: bool = False
    when: str | None = None
    disqualify: Id | None = None


class VelocityPart(Part):
    """Points earned in a window that make a lead hot."""

    window: Span
    hot: Annotated[float, Field(gt=0)]


class EnterPart(Part):
    """What it takes to enter a stage."""

    engagement: Annotated[str, BeforeValidator(_at_least)]
    fit: Annotated[str, BeforeValidator(_at_least)] | None = None
    any_strong_within: Span | None = None


class LeavePart(Part):
    """When a stage is left."""

    engagement: Annotated[str, BeforeValidator(_below)]


class StagePart(Part):
    """A stage with its way in, its short cut and its way out."""

    enter: EnterPart
    or_bypass: Names = ()
    leave: LeavePart


class ScoringDocument(Part):
    """The whole file."""

    model: ModelPart
    scores: ScoresPart
    groups: Annotated[dict[Id, GroupPart], Field(min_length=1)]
    rules: Annotated[tuple[RulePart, ...], Field(min_length=1, max_length=500)]
    velocity: VelocityPart | None = None
    fit_grades: Annotated[dict[str, Points], Field(min_length=1)]
    engagement_bands: Annotated[dict[str, Points], Field(min_length=1)]
    tiers: Annotated[dict[str, Names | int], Field(min_length=1)]
    stages: dict[Id, StagePart] = {}
    watch: tuple[Points, ...] = ()
    account: JsonValue = None
    visibility: JsonValue = None


LATER = (("account",), ("visibility",), ("model", "supersedes"), ("model", "effective_from"))
"""Parts of the plan that the rules do not act on yet: refused by name, never passed over."""

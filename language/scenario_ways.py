"""What else may happen in a scenario: a trigger by time or audience begins it, audiences change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from language.compiled import Journey, Trigger
from language.outline import trigger_text
from language.problems import Mark, Problems, did_you_mean
from language.schedule import every_text, once_text, parse_every, parse_once
from language.syntax.parts import Parts
from language.values import ValueText
from language.vocabulary import Vocabulary
from language.yaml import Node, Scalar, Sequence
from model.time import After

AUDIENCES = "audiences"
"""Beside the fields of `lead`: the audiences that it is in."""

_WAYS = ("every", "once", "date", "joins", "leaves")


@dataclass(frozen=True, slots=True)
class Moves:
    """The lead comes into an audience, or leaves it."""

    at: After
    audience: str
    joins: bool
    mark: Mark
    kind: Literal["moves"] = "moves"


def way_of(parts: Parts) -> str | None:
    """Names the trigger, besides events and requests, that an event of a scenario is."""
    return next((name for name in _WAYS if parts.has(name)), None)


def read_trigger_name(journey: Journey, parts: Parts, way: str) -> str | None:
    """Reads a first event that is a trigger as it stands in `start`; gives the trigger's name."""
    written = parts.scalar(way)
    if written is None:
        return None
    starts = [start for start in journey.starts if start.on == way]
    same = [start for start in starts if _subject_of(start) == _as_written(way, written.raw)]
    if same:
        return same[0].name
    listed = " or ".join(f"`{_subject_of(start)}`" for start in starts)
    advice = f"it begins by {listed}" if listed else f"it has no trigger `{way}`"
    parts.problem(written.mark, "J010", f"the journey does not begin by `{way}: {written.raw}`", advice)
    return None


def read_moves(vocabulary: Vocabulary, parts: Parts, way: str, at: After) -> Moves | None:
    """Reads that the lead comes into an audience or leaves it, one that no rule fills."""
    written = parts.scalar(way)
    if written is None:
        return None
    audience = vocabulary.audiences.get(written.raw)
    if audience is None:
        _unknown(vocabulary, parts.reading.problems, written)
        return None
    if audience.rule is not None:
        message = f"the audience `{written.raw}` is filled by its rule"
        parts.problem(written.mark, "J010", message, "let the lead change: `set: {lead.…: …}`")
        return None
    return Moves(at, written.raw, way == "joins", written.mark)


def check_audiences(vocabulary: Vocabulary, problems: Problems, node: Node) -> None:
    """Checks the audiences that a lead is said to be in."""
    for name in node.items if isinstance(node, Sequence) else (node,):
        if not isinstance(name, Scalar) or name.raw not in vocabulary.audiences:
            _unknown(vocabulary, problems, name)


def _unknown(vocabulary: Vocabulary, problems: Problems, name: Node) -> None:
    shown = name.raw if isinstance(name, Scalar) else "this"
    advice = did_you_mean(shown, vocabulary.audiences) or "the vocabulary declares them under `audiences`"
    problems.add(name.mark, "J011", f"the vocabulary has no audience `{shown}`", advice)


def _subject_of(start: Trigger) -> str:
    return (start.date.path if start.date is not None else start.audience) or trigger_text(start)


def _as_written(way: str, text: str) -> str | None:
    if way not in ("every", "once"):
        return text
    try:
        return every_text(parse_every(text)) if way == "every" else once_text(parse_once(text))
    except ValueText:
        return None

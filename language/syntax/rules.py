"""Reads the journey's own rules at the top of its file: who may enter, when, and how many at once."""

from __future__ import annotations

import re

from language.syntax.model import LiveText, RulesText
from language.syntax.parts import Parts
from language.values import MIDNIGHT, Day, ValueText, parse_day
from language.yaml import Scalar

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(percent|%)?")


def read_rules(parts: Parts) -> RulesText:
    """Reads all of them."""
    return RulesText(
        not_after=parts.names("not_after"),
        holdout=_holdout(parts),
        live=_live(parts),
        hold_while=parts.condition("hold_while"),
    )


def _holdout(parts: Parts) -> float:
    written = parts.scalar("holdout")
    if written is None:
        return 0.0
    found = _PERCENT.fullmatch(written.raw.strip())
    share = float(found.group(1)) if found is not None else 0.0
    if found is not None and found.group(2) == "percent" and 0 < share < 100:
        return share
    example = f"write `{share:g} percent`" if 0 < share < 100 else "write a share, like `5 percent`"
    parts.problem(written.mark, "J005", f"`holdout` cannot be `{written.raw}`", example)
    return 0.0


def _live(parts: Parts) -> LiveText | None:
    found = parts.mapping("live")
    if found is None:
        return None
    inner = Parts(parts.reading, found, "`live`", "line")
    first, last = _day(inner, "from"), _day(inner, "until")
    inner.finish()
    if first is not None and last is not None and _minutes(last, MIDNIGHT) <= _minutes(first, 0):
        parts.problem(found.mark, "J005", "`live` ends before it begins", "change `from` or `until`")
    return LiveText(first, last)


def _minutes(day: Day, default: int) -> int:
    return day.day.toordinal() * MIDNIGHT + (default if day.at is None else day.at)


def _day(parts: Parts, name: str) -> Day | None:
    written: Scalar | None = parts.scalar(name)
    if written is None:
        return None
    try:
        return parse_day(written.raw)
    except ValueText as error:
        parts.reading.value_error(written.mark, error)
        return None

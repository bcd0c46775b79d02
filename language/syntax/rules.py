"""Reads the journey's own rules at the top of its file: who may enter, when, and how many at once."""

from __future__ import annotations

import re

from language.rules import AtATime, Pace
from language.syntax.model import LiveText, RulesText
from language.syntax.parts import Parts
from language.values import MIDNIGHT, Day, ValueText, parse_day
from language.yaml import Scalar

_PER = re.compile(r"(\d{1,9}) per (.+)")
_AT_A_TIME = re.compile(r"(\d{1,9})( per account)?")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(percent|%)?")


def read_rules(parts: Parts) -> RulesText:
    """Reads all of them."""
    return RulesText(
        not_after=parts.names("not_after"),
        holdout=_holdout(parts),
        live=_live(parts),
        hold_while=parts.condition("hold_while"),
        pace=_pace(parts),
        at_a_time=_at_a_time(parts),
        priority=parts.choice("priority", ("low", "normal", "high"), "normal"),
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


def _pace(parts: Parts) -> Pace | None:
    """Reads `500 per hour` and `spread over 30 days`."""
    written = parts.scalar("pace")
    if written is None:
        return None
    text = written.raw.strip()
    counted = _PER.fullmatch(text)
    length = counted.group(2) if counted is not None else text.removeprefix("spread over ")
    if counted is None and length == text:
        _refuse(parts, "pace", written, "write `500 per hour` or `spread over 30 days`")
        return None
    one = f"1 {length}" if length[:1].isalpha() else length
    found = parts.read_length(Scalar(one, written.mark, one))
    number = int(counted.group(1)) if counted is not None else None
    if found is None or found.business_days or number == 0:
        if found is not None:
            _refuse(parts, "pace", written, "count one lead or more, in hours, days or weeks")
        return None
    return Pace(found, number)


def _at_a_time(parts: Parts) -> AtATime | None:
    """Reads `200` and `5 per account`."""
    written = parts.scalar("at_a_time")
    if written is None:
        return None
    found = _AT_A_TIME.fullmatch(written.raw.strip())
    if found is None or not int(found.group(1)):
        _refuse(parts, "at_a_time", written, "write `200` or `5 per account`")
        return None
    return AtATime(int(found.group(1)), found.group(2) is not None)


def _refuse(parts: Parts, word: str, written: Scalar, advice: str) -> None:
    parts.problem(written.mark, "J005", f"`{word}` cannot be `{written.raw}`", advice)


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

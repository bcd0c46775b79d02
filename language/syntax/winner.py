"""Reads the `winner` of a split: by which event, within what time, and when it is decided."""

from __future__ import annotations

import re

from language.syntax.model import WinnerText
from language.syntax.parts import Parts
from language.values import ValueText, parse_length
from language.yaml import Scalar
from model.time import Length

_AFTER = re.compile(r"after (\d{1,9})(?: leads)?")
_FIRST = " after the first"
_EXAMPLE = "write `after 1000` or `2 days after the first`"


def read_winner(parts: Parts) -> WinnerText | None:
    """Reads `winner: {by: EVENT, within: 2 days, decide: after 1000}`."""
    found = parts.mapping("winner")
    if found is None:
        return None
    inner = Parts(parts.reading, found, "`winner`", "line")
    by = inner.need("by", "name the event that counts: `by: quote.completed`")
    within = inner.length("within") if inner.need("within", "add `within: 2 days`") else None
    decide = inner.need("decide", _EXAMPLE)
    number, over = _decide(inner, decide) if decide is not None else (None, None)
    inner.finish()
    if by is None or within is None or (number is None and over is None):
        return None
    return WinnerText(by, within, number, over)


def _decide(parts: Parts, written: Scalar) -> tuple[int | None, Length | None]:
    text = written.raw.strip()
    counted = _AFTER.fullmatch(text)
    if counted is not None and int(counted.group(1)) > 0:
        return int(counted.group(1)), None
    try:
        if text.endswith(_FIRST):
            return None, parse_length(text.removesuffix(_FIRST))
    except ValueText as error:
        parts.reading.value_error(written.mark, error)
        return None, None
    parts.problem(written.mark, "J005", f"`decide` cannot be `{written.raw}`", _EXAMPLE)
    return None, None

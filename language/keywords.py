"""What a reply says by the keywords of the vocabulary."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

STOP_ALL = "stop_all"
"""The group of keywords that refuses everything."""


def keyword_of(text: str, groups: Mapping[str, tuple[str, ...]]) -> str | None:
    """Finds the group of a text: a whole word anywhere, without case or accents; the first group in file
    order, `stop_all` over all.
    """
    words = set(re.findall(r"\w+", _plain(text)))
    hits = [name for name, keywords in groups.items() if words & {_plain(keyword) for keyword in keywords}]
    return STOP_ALL if STOP_ALL in hits else next(iter(hits), None)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))

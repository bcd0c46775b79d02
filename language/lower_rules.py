"""The journey's own rules in their compiled form."""

from __future__ import annotations

from language.lowering import Lowering
from language.rules import Live, Rules


def lower_rules(low: Lowering) -> Rules:
    """Lowers who may enter, when, and how many at once."""
    text = low.text.rules
    live = text.live
    zone = low.vocabulary.company.zone
    return Rules(
        not_after=tuple(low.ending(name) for name in text.not_after),
        holdout=text.holdout,
        live=Live(zone, live.first, live.last) if live is not None else None,
    )

"""The journey's own rules in their compiled form."""

from __future__ import annotations

from language.expressions import Here
from language.lowering import Lowering
from language.rules import HoldWhile, Live, Priority, Rules


def lower_rules(low: Lowering) -> Rules:
    """Lowers who may enter, when, and how many at once."""
    text = low.text.rules
    live = text.live
    zone = low.vocabulary.company.zone
    return Rules(
        not_after=tuple(low.ending(name) for name in text.not_after),
        holdout=text.holdout,
        live=Live(zone, live.first, live.last) if live is not None else None,
        hold_while=lower_hold(low),
        pace=text.pace,
        at_a_time=text.at_a_time,
        priority=text.priority,
    )


def own_priority(low: Lowering) -> Priority | None:
    """Gives the priority of work that names none: the journey's, where it is not the usual one."""
    priority = low.text.rules.priority
    return None if priority == "normal" else priority


def lower_hold(low: Lowering) -> HoldWhile | None:
    """Lowers the condition that keeps steps from beginning."""
    text = low.text.rules.hold_while
    condition = low.condition(text, Here(low.expressions.starts))
    return HoldWhile(condition, text.raw) if condition is not None and text is not None else None

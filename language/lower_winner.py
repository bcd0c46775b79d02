"""The `winner` of a split in its compiled form."""

from __future__ import annotations

from language.instructions import Winner
from language.lowering import Lowering
from language.syntax.model import SplitStep, Step


def lower_winner(low: Lowering, step: Step, body: SplitStep) -> Winner | None:
    """Lowers how the winner is found; other arms are another experiment, which begins anew."""
    text = body.winner
    if text is None:
        return None
    low.event(text.by)
    arms = ", ".join(arm.name.raw for arm in body.arms)
    key = f"{low.text.name.raw}/{low.ids.of(step)}: {arms}"
    return Winner(key, text.by.raw, text.within, text.after, text.over)

"""Lowers `allow` and `suppress`."""

from __future__ import annotations

from language.compiled import AllowLead, SuppressLead
from language.expressions import Here
from language.lowering import Lowering
from language.syntax.model import AllowStep, Step, SuppressStep


def lower_permission(low: Lowering, step: Step, body: AllowStep | SuppressStep, here: Here) -> Here:
    """Lowers a change of what may be sent to the lead."""
    place, condition = low.place(step), low.condition(step.condition, here)
    if isinstance(body, AllowStep):
        low.program.emit(AllowLead(place, body.what, condition))
    else:
        low.program.emit(SuppressLead(place, body.what, condition, body.length))
    return here

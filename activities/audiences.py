"""Puts leads into audiences and takes them out; the event that tells of it is applied at once."""

from __future__ import annotations

from dataclasses import replace

from intake.audiences import move_event
from model.commands import Enlist
from model.records import NewEvent
from model.runs import EffectRequest


def event_of(request: EffectRequest, effect: Enlist) -> NewEvent:
    """Words the event by which the lead joins or leaves."""
    made = move_event(
        effect.audience, request.run.lead_id, request.at, effect.id, joins=effect.add, by="journey"
    )
    return replace(made, run=request.run.enrolment_id)

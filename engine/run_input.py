"""The one argument of a run's workflow: all its state, so that it survives continue-as-new."""

from __future__ import annotations

from dataclasses import dataclass

from engine.position import Position
from model.events import Delivery
from model.runs import Run

HISTORY_LIMIT = 60
"""Events after which a run continues as new at the next quiet point: a cold wake replays at most about
these."""

VIRTUAL_HISTORY_LIMIT = 5_000
"""The same in virtual time, where a run must not continue as new."""

LONGEST_CALL = 5.0
"""Seconds that a provider's call may take in a local activity; a run hears nothing while one lasts."""


@dataclass(frozen=True, slots=True)
class RunInput:
    """A run at its beginning, or, with `position`, where it goes on.

    `journey` is the compiled form as `language.compiled.dump` writes it: a worker reads it once for all runs
    of it. `shift` (seconds) is business time minus the server's time, a constant of the run. `inbox` holds
    what a paused run was told and has not taken. `longest_call` is what a provider's call may take, in
    seconds: up to 5 s a send is a local activity.
    """

    run: Run
    journey: str
    shift: float = 0.0
    history_limit: int = HISTORY_LIMIT
    position: Position | None = None
    inbox: tuple[Delivery, ...] = ()
    paused: bool = False
    longest_call: float = LONGEST_CALL

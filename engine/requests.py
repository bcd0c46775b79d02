"""What a run asks of other journeys: `start_journey` and `stop_journey`, as effects (language.md §3)."""

from __future__ import annotations

from engine.draft import Draft
from engine.position import Doing, Token
from language.compiled import StartJourney, StopJourney, Values
from language.facts import reads_pii
from model.commands import BeginRun, Finish, StopRuns

STOPPED = "stopped"


def start_journey(draft: Draft, token: Token, here: StartJourney) -> None:
    """Asks for a run of another journey; whether the lead enters is judged there."""
    whom = None
    if here.whom is not None:
        private = ("lead",) if reads_pii(here.whom) else ()
        whom = draft.bind(token, Values({"lead": here.whom}, private))
    bound, own = draft.bind(token, here.values), draft.effect_id(token)
    draft.enter(token, Doing(token.index + 1))
    draft.emit(BeginRun(token.id, token.step, own, here.journey, bound, whom))


def stop_journey(draft: Draft, token: Token, here: StopJourney) -> None:
    """Ends the runs of a journey of this lead."""
    draft.enter(token, Doing(token.index + 1))
    draft.emit(StopRuns(token.id, token.step, draft.effect_id(token), here.journey))


def stopped(draft: Draft, here: StopJourney) -> bool:
    """Lets the run end next where it is of the journey that it stops."""
    if here.journey != draft.run.journey:
        return False
    outcome = draft.journey.endings.get(STOPPED, "neutral")
    draft.pending = (Finish(STOPPED, outcome, f"by its own `stop_journey: {here.journey}`"),)
    return True

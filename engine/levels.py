"""The journeys that hold at once: the run's own, then those inlined, outer ones first (language.md §4.5)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.draft import Draft
from engine.position import Frame, Token
from language.compiled import Exit, Journey, Scope, Whenever
from language.remembered import remembered
from language.rules import HoldWhile
from model.expressions import Expr
from model.record import record


@record
class Level:
    """One journey at work: `of` are its conditions, `reader` is its thread as the journey sees it, `prefix`
    stands before the names under which what its conditions were found last is kept.
    """

    exits: tuple[Exit, ...]
    whenever: tuple[Whenever, ...]
    hold: HoldWhile | None
    of: Mapping[str, Expr]
    reader: Token | None
    prefix: str = ""
    frame: Frame | None = None

    def conditions(self) -> Mapping[str, Expr]:
        """Gives the conditions of lines that have one, by name."""
        return self.of if not self.prefix else {f"{self.prefix}{name}": one for name, one in self.of.items()}


@remembered
def conditions_of(journey: Journey | Scope) -> Mapping[str, Expr]:
    """Gives the conditions of a journey's lines that have one, by the names of the lines."""
    lines = [
        *((f"exit:{number}", exit_.line) for number, exit_ in enumerate(journey.exits)),
        *((f"whenever:{number}", each.line) for number, each in enumerate(journey.whenever)),
    ]
    return {name: line.condition for name, line in lines if line.condition is not None}


def outermost(draft: Draft) -> Level:
    """Gives the run's own journey."""
    journey = draft.journey
    return Level(
        journey.exits, journey.whenever, journey.rules.hold_while, conditions_of(journey), draft.outermost
    )


def inlined(draft: Draft, frame: Frame) -> Level:
    """Gives an inlined journey."""
    scope = draft.journey.scopes[frame.scope]
    reader = draft.seen_from(draft.tokens[frame.owner], frame.id)
    return Level(
        scope.exits, scope.whenever, scope.hold_while, conditions_of(scope), reader, f"{frame.id}/", frame
    )


def levels(draft: Draft) -> list[Level]:
    """Lists the journeys at work, the outer ones first."""
    return [outermost(draft), *(inlined(draft, frame) for frame in draft.frames.values())]


def levels_of(draft: Draft, token: Token) -> list[Level]:
    """Lists the journeys in whose steps a token is."""
    around = [frame for frame in draft.frames.values() if draft.is_inside(token, frame.id)]
    return [outermost(draft), *(inlined(draft, frame) for frame in around)]

"""What goes into a turn of the engine and what comes out.

`advance(journey, position, news, now, facts) -> Turn` is in `engine/advance.py`. The driver's loop
(workflow and simulator alike): take the turn and keep its position and notes; while it asks, read the facts
and take it again without news; carry out its effects in order, each answer is the next news; sleep until
`wake` or the next delivery.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field

from model.commands import Connected, Done, Effect, Note, Sent
from model.events import Delivery, Fields
from model.expressions import Expr
from model.record import record


@record
class Heard:
    """Deliveries of the intake, in order of `seq`."""

    deliveries: tuple[Delivery, ...]
    kind: Literal["heard"] = "heard"


@record
class Operator:
    """An operator's word: skip the wait or held message the run stands at, try again what it is parked at, or
    end the run as `ending`.

    `step` says which of several threads is meant.
    """

    action: Literal["skip", "retry", "end"]
    ending: str = "stopped"
    step: str | None = None
    kind: Literal["operator"] = "operator"


P = TypeVar("P")
News = Annotated[Heard | Sent | Done | Connected | Operator, Field(discriminator="kind")]


@record
class Ask:
    """Facts that a condition of this turn lacks, all at once; `event` is the event being judged."""

    wanted: tuple[Expr, ...]
    names: Fields
    event: str | None = None


@record
class Turn(Generic[P]):
    """The outcome of a turn: the new position, notes, the effects to carry out now, facts asked for, when
    to wake.

    With `ask` the piece of news being judged is still in the position's inbox. `ended` comes with a last
    `Finish` effect.
    """

    position: P
    notes: tuple[Note, ...] = ()
    effects: tuple[Effect, ...] = ()
    ask: Ask | None = None
    wake: datetime | None = None
    ended: bool = False

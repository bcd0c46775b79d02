"""What a run keeps while it asks a connector: between two tries it waits like for anything else."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from model.commands import Bound
from model.record import record


@record
class Connecting:
    """A question on its way to a connector, at one of its `tries`; no try begins after `give_up`.

    `reason` is why the last try had no answer.
    """

    bound: Bound
    give_up: datetime
    tries: int = 1
    reason: str = ""
    kind: Literal["connecting"] = "connecting"


@record
class Unanswered:
    """Without a connector's answer until the next try."""

    until: datetime
    bound: Bound
    give_up: datetime
    tries: int
    reason: str
    kind: Literal["unanswered"] = "unanswered"

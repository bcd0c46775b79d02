"""Work for people between the rooms: what its attempts have used up, and what its queue has to do when."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Literal

from model.record import record


@record
class Job:
    """The work of a step: its present task, and what the attempts have used up (outcome to times).

    `begun` is when the step began, `dead` the outcome by which the lead's own number was found dead, `visit`
    the pass through the step; `late` is whether the steps under `overdue` have run, which they do once.
    """

    task: str
    ready_at: datetime
    attempt: int = 1
    turns: int = 0
    due_at: datetime | None = None
    expires_at: datetime | None = None
    other_number: bool = False
    tried: dict[str, int] = field(default_factory=dict)
    begun: datetime | None = None
    dead: str | None = None
    visit: int = 1
    late: bool = False


@record
class Appointment:
    """What a queue does with a task that is open at an instant; `to` is the queue that it escalates to.

    `expire` stands only with work that no run waits for: a run takes its own work back.
    """

    at: datetime
    what: Literal["ready", "overdue", "escalate", "expire"]
    to: str | None = None

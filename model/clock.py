"""The one source of business time for the API and intake."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells business time; runs have their own, set to the event that opened them."""

    def now(self) -> datetime:
        """Gives an aware datetime in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Gives the wall time."""
        return datetime.now(UTC)


class ManualClock:
    """Stands still until it is set; the store keeps its instant across restarts."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Gives the instant at which it stands."""
        return self._at

    def set(self, at: datetime) -> None:
        """Sets it to an aware instant."""
        self._at = at.astimezone(UTC)

"""From events to contributions: each event once, once per message or day or page, greedily under each cap.

Events are taken in the order (time, id), so their order and repetitions in the input change nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from model.events import Event
from scoring.rules import EventRule, RuleModel

Counted = Literal["counted", "repeated", "capped"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one event brought by one rule: `raw` points, `decayed` by now, and what held it back."""

    rule: str
    group: str
    event: str
    at: datetime
    raw: float
    decayed: float
    clamped_by: Literal["per", "cap", "group"] | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """An event that a rule applies to, and whether it counts."""

    rule: EventRule
    event: Event
    counted: Counted


@dataclass(slots=True)
class _Tally:
    """What a rule has counted so far."""

    keys: set[tuple[JsonValue, ...]] = field(default_factory=set)
    recent: deque[datetime] = field(default_factory=deque)

    def judge(self, rule: EventRule, event: Event, zone: ZoneInfo) -> Counted:
        key = tuple(_key_part(name, event, zone) for name in rule.per)
        if rule.per and key in self.keys:
            return "repeated"
        if rule.cap is not None and self._full(rule.cap.n, event.at, rule.cap.window):
            return "capped"
        self.keys.add(key)
        self.recent.append(event.at)
        return "counted"

    def _full(self, n: int, at: datetime, window: timedelta) -> bool:
        while self.recent and self.recent[0] + window <= at:
            self.recent.popleft()
        return len(self.recent) >= n


def ordered(events: Iterable[Event], as_of: datetime) -> list[Event]:
    """Sorts the events up to `as_of` by time and id and drops repeated ids."""
    known: set[str] = set()
    past = sorted((event for event in events if event.at <= as_of), key=lambda event: (event.at, event.id))
    return [event for event in past if not (event.id in known or known.add(event.id))]  # type: ignore[func-returns-value]


def matches(model: RuleModel, events: Sequence[Event]) -> list[Match]:
    """Applies the event rules to events already in order."""
    by_type: dict[str, list[tuple[EventRule, _Tally]]] = {}
    for rule in model.rules:
        if isinstance(rule, EventRule):
            by_type.setdefault(rule.event, []).append((rule, _Tally()))
    zone = ZoneInfo(model.zone)
    return [
        Match(rule, event, tally.judge(rule, event, zone))
        for event in events
        for rule, tally in by_type.get(event.type, ())
        if _applies(rule, event)
    ]


def _applies(rule: EventRule, event: Event) -> bool:
    """Says whether a rule means an event: one of a machine only where its `where` speaks of them."""
    if event.fields.get("machine") is True and not rule.machines:
        return False
    return rule.where is None or rule.where(_names(event), event.at)


def _names(event: Event) -> dict[str, JsonValue]:
    return {f"event.{name}": value for name, value in event.fields.items()}


def _key_part(name: str, event: Event, zone: ZoneInfo) -> JsonValue:
    match name:
        case "day":
            return event.at.astimezone(zone).date().isoformat()
        case "message":
            return event.message or event.id
        case "page":
            return _page(event)
        case _:
            value = event.fields.get(name)
            return value if isinstance(value, str | int | float | bool) else str(value)


def _page(event: Event) -> str:
    """The page without query and fragment, so that a tracking parameter makes no new page."""
    page = event.fields.get("page") or event.fields.get("url") or ""
    return str(page).split("?", 1)[0].split("#", 1)[0].rstrip("/")

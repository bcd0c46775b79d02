"""Whose turn it is where a journey takes leads one after the other: `pace` and `at_a_time` (language.md §1).

Windows are sliding stretches of elapsed time, as with caps: a day is 24 hours, a month 30 days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue

from engine.ids import share_of
from language.compiled import Journey
from language.rules import Pace, Priority, Rules, at_a_time_text, pace_text
from model.time import Length
from model.waiting import Entered

RANKS: Mapping[Priority, int] = {"high": 0, "normal": 1, "low": 2}
ACCOUNT_NAMES = ("id", "account_id", "domain", "name")


def due_at(journey: Journey, lead_id: str, since: datetime) -> datetime:
    """Gives the earliest turn of a lead that came at `since`: spread by a hash of lead and journey."""
    pace = journey.rules.pace
    if pace is None or pace.number is not None:
        return since
    return since + window(pace.length) * (share_of(journey.name, "pace", lead_id) / 100)


def has_room(rules: Rules, before: Entered, account: str | None, now: datetime) -> bool:
    """Says whether one more lead may enter now."""
    limit = rules.at_a_time
    if limit is not None and limit.per_account:
        full = account is not None and before.open_of_account >= limit.number
    else:
        full = limit is not None and before.open >= limit.number
    return not full and not _too_fast(rules.pace, before.nth_latest, now)


def _too_fast(pace: Pace | None, nth_latest: datetime | None, now: datetime) -> bool:
    return pace is not None and nth_latest is not None and nth_latest > now - window(pace.length)


def window(length: Length) -> timedelta:
    """Gives a length as elapsed time."""
    return timedelta(days=length.days + 30 * length.months, seconds=length.seconds)


def account_of(attributes: Mapping[str, JsonValue]) -> str | None:
    """Names the account of a lead by the first of its identifying fields that is known."""
    found = (attributes.get(name) for name in ACCOUNT_NAMES)
    return next((str(value) for value in found if value not in (None, "")), None)


def limits_text(rules: Rules) -> str:
    """Words what the turn waits for: `500 per hour, 200 at a time`."""
    pace = [pace_text(rules.pace)] if rules.pace is not None else []
    limit = [f"{at_a_time_text(rules.at_a_time)} at a time"] if rules.at_a_time is not None else []
    return ", ".join([*pace, *limit])

"""The date that a simulated run is about: settled where it begins, moved where the lead's date moves."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import JsonValue

from engine import dates
from engine.dates import Calendar
from engine.world import World
from language.dates import DateRule
from language.facts import START_DATE


def begin_by_date(world: World, rule: DateRule, at: datetime, place: Calendar) -> None:
    """Settles which date the run is about: the lead's whose instant this is, or that is made up for by
    `catch_up`; else the next; else the one that fits.
    """
    value = world.attributes.get(rule.path)
    ahead = [one for one in dates.instants(rule, value, at - timedelta(days=1), place) if one.at >= at]
    made_up = [one for one in dates.due(rule, value, at, place) if one.at == at]
    found = [*(one for one in ahead if one.at == at), *made_up, *ahead]
    world.start_date = found[0].date if found else None
    if world.start_date is None:
        known = (dates.current(rule, day, at, place) for day in dates.dates_of(value))
        world.start_date = next(known, None)
    if world.start_date is None:
        world.start_date = dates.origin(rule, at, place)
        own: JsonValue = [world.start_date] if rule.listed else world.start_date
        world.set({rule.path: own})


class Dating:
    """Lets the date of a run follow the lead's field."""

    def __init__(self, world: World, rule: DateRule, place: Calendar) -> None:
        self._world, self._rule, self._place = world, rule, place
        self._before = world.attributes.get(rule.path)

    def follow(self, changed: set[str], now: datetime) -> set[str]:
        """Moves the date if the field is among what has changed; gives the name of the fact if it did."""
        if self._rule.path not in changed:
            return set()
        value, was = self._world.attributes.get(self._rule.path), self._world.start_date
        self._world.start_date = dates.moved(self._rule, self._before, value, was or "", now, self._place)
        self._before = value
        return {START_DATE} if self._world.start_date != was else set()

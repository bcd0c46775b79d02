"""Liquid's `date`, by the clock of the one who reads: instants are told in the zone of the message."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from liquid import Environment, RenderContext
from liquid.builtin.filters.misc import date as known
from liquid.filter import with_context, with_environment

ZONE = "zone of the message"
"""Under this name the values of a message hold its zone. It is no name of Liquid: nothing takes its place."""


@with_context
@with_environment
def date(value: object, form: str, *, context: RenderContext, environment: Environment) -> str:
    """Words a date or an instant by `form`, an instant in the message's zone; of nothing it makes nothing."""
    if value is None:
        return ""
    zone = context.resolve(ZONE, default=None)
    local = _local(value, zone) if isinstance(zone, str) else value
    told: str = known(local, form, environment=environment)
    return told


def _local(value: object, zone: str) -> object:
    """Moves an instant into a zone; a day, and what is no date at all, stays."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value
    return at.astimezone(ZoneInfo(zone)) if isinstance(at, datetime) and at.tzinfo is not None else value

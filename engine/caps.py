"""The vocabulary's caps in the form that the contact rules read."""

from __future__ import annotations

from language import terms
from model.contact import Caps, Limit
from model.time import Length

DAY = 86_400


def caps_of(declared: terms.Caps) -> Caps:
    """Gives the caps on marketing contacts, of all and by topic."""
    topics = tuple((name, _limit(cap)) for name, cap in sorted(declared.topics.items()))
    return Caps(_limit(declared.marketing), topics)


def _limit(cap: terms.Cap) -> Limit:
    return Limit(cap.per_day, cap.per_week, None if cap.min_gap is None else _seconds(cap.min_gap))


def _seconds(gap: Length) -> int:
    """Counts a gap in elapsed time: a day is 24 hours, a month 30 days."""
    return gap.seconds + DAY * (gap.days + gap.business_days + 30 * gap.months)

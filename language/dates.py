"""The rule of a `date:` trigger: which date of the lead it is about, and when it begins (language.md §2)."""

from __future__ import annotations

from dataclasses import dataclass

from language.values import clock_text, length_text
from model.time import Length


@dataclass(frozen=True, slots=True)
class DateRule:
    """`path` is `lead.FIELD`, `account.FIELD` or a field of a thing; a run begins `offset` before (sign -1)
    or after it, at the clock time `at` (minutes of the day). `listed`: the field holds several dates, each
    with a run of its own. Within `catch_up` a date that is past when it becomes known still begins one.
    """

    path: str
    offset: Length
    sign: int = 1
    at: int | None = None
    yearly: bool = False
    listed: bool = False
    catch_up: Length | None = None


def date_text(rule: DateRule) -> str:
    """Words the rule: `7 days before lead.birthday at 9:00, every year`."""
    moved = rule.offset != Length()
    before = f"{length_text(rule.offset)} {'before' if rule.sign < 0 else 'after'} " if moved else "on "
    clock = f" at {clock_text(rule.at)}" if rule.at is not None else ""
    year = ", every year" if rule.yearly else ""
    late = f", up to {length_text(rule.catch_up)} late" if rule.catch_up is not None else ""
    return f"{before}{rule.path}{clock}{year}{late}"

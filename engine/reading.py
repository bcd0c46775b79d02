"""What a run reads while it moves: conditions, values, instants, hours, from its own names and given facts.

All facts that a question lacks are asked for together: `MissingFacts` leaves the piece of news undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import JsonValue, TypeAdapter

from engine import calendar
from engine.hours import NeverOpen, UnknownHolidays, next_turn
from engine.zones import zone_or
from language.evaluate import Context, MissingFacts, evaluate, holds, value_of
from language.facts import bind, children, fact_key, is_fact, reads_pii, to_text, walk
from language.moments import read_date, read_time
from language.next_change import next_change, reads_time
from language.remembered import remembered
from model.commands import Bound
from model.events import Event, Fields
from model.expressions import Call, Constant, Duration, Expr, Name, Private
from model.runs import Run
from model.time import Hours, Instant, Length, Moment, NextOpening

LEAD_ZONE, COMPANY_ZONE = Name("lead.zone", "text"), Name("company.zone", "text")
ALWAYS = Hours(days=(0, 1, 2, 3, 4, 5, 6), start=0, end=1440)

T = TypeVar("T")
NOTHING = Bound()
SHORTEST_LOOK = timedelta(seconds=1)

_HOURS: TypeAdapter[Hours] = TypeAdapter(Hours)
_BY_THE_DAY = frozenset({"days_since", "days_until", "hour", "weekday"})


def event_names(event: Event, root: str, at: datetime | None = None) -> Fields:
    """Gives the names under which the fields of an event are read; `at` stands in for its own instant."""
    names = {f"{root}.{name}": value for name, value in event.fields.items()}
    names[f"{root}.at"] = (at or event.at).isoformat()
    names[f"{root}.id"] = event.id
    return names


@dataclass(slots=True)
class Reading:
    """One reading of the world at `now`: `zone_name` and `contact` where the journey fixes them."""

    now: datetime
    facts: Mapping[str, JsonValue]
    zone_name: str | None = None
    contact: Hours | None = None
    last_zone: str = "UTC"
    _zone: str | None = None
    _start: Fields | None = None

    def fact(self, name: Name) -> JsonValue:
        """Gives a fact; raises MissingFacts."""
        if name.path not in self.facts:
            raise MissingFacts((name,))
        return self.facts[name.path]

    def zone(self) -> str:
        """Gives the run's zone: the journey's, the lead's, the company's, UTC; raises MissingFacts."""
        if self._zone is None:
            if self.zone_name is not None:
                self._zone = zone_or(self.zone_name, "UTC")
            elif self._knows_zone():
                self._zone = _zone(self.facts["lead.zone"], _zone(self.facts["company.zone"], "UTC"))
            else:
                raise MissingFacts(tuple(n for n in (LEAD_ZONE, COMPANY_ZONE) if n.path not in self.facts))
        return self._zone

    def start_names(self, run: Run) -> Fields:
        """Gives the names under which the beginning of the run is read."""
        if self._start is None:
            self._start = event_names(run.start, "start", run.entered_at)
            self._start["start.trigger"] = run.trigger
        return self._start

    def shown(self, at: datetime) -> str:
        """Words an instant by the wall clock of the run's zone."""
        return at.astimezone(ZoneInfo(self.known_zone())).isoformat(" ", "minutes")[:16]

    def known_zone(self) -> str:
        """Gives the run's zone without asking: the one last read where this turn has not read it."""
        known = self._zone is not None or self.zone_name is not None or self._knows_zone()
        return self.zone() if known else self.last_zone

    def company_zone(self) -> str:
        """Gives the company's zone, by which its queues keep their hours."""
        return _zone(self.fact(COMPANY_ZONE), "UTC")

    def hours(self, of: str) -> Hours:
        """Gives opening hours: `contact`, `business`, or those of a queue."""
        if of == "contact" and self.contact is not None:
            return self.contact
        name = f"hours.{of}" if of in ("contact", "business") else f"hours.queue.{of}"
        value = self.fact(Name(name, "any"))
        if value is not None:
            return _HOURS.validate_python(value)
        return ALWAYS if of == "contact" else calendar.WORKING_WEEK

    def holds(self, condition: Expr, names: Fields) -> bool:
        """Says whether a condition holds; raises MissingFacts."""
        return holds(condition, self._context(condition, names))

    def value(self, expr: Expr, names: Fields) -> JsonValue:
        """Gives a value as JSON; raises MissingFacts."""
        return evaluate(expr, self._context(expr, names))

    def all_hold(self, conditions: Iterable[tuple[Expr, Fields]]) -> list[bool]:
        """Judges several conditions; what they lack is asked for in one go."""
        return _gathered([partial(self.holds, c, n) for c, n in conditions])

    def next_changes(self, conditions: Iterable[tuple[Expr, Fields]]) -> datetime | None:
        """Gives the earliest instant at which one of the conditions can change by time alone."""
        timed = [(c, n) for c, n in conditions if reads_time(c)]
        found = _gathered([partial(self._next_change, c, n) for c, n in timed])
        earliest = min((at for at in found if at is not None), default=None)
        return None if earliest is None else max(earliest, self.now + SHORTEST_LOOK)

    def bound(self, items: Mapping[str, Expr], private: tuple[str, ...], names: Fields) -> Fields:
        """Gives the values of the items that are not personal, a missing one as null."""
        public = [(name, expr) for name, expr in items.items() if not _is_private(name, expr, private)]
        values = _gathered([partial(self.value, e, names) for _, e in public])
        return {name: value for (name, _), value in zip(public, values, strict=True)}

    def bind(
        self, items: Mapping[str, Expr], private: tuple[str, ...], names: Fields, event: str, start: str
    ) -> Bound:
        """Gives values for an effect; personal ones stay expressions, judged where it is carried out."""
        if not items:
            return NOTHING
        left = {n: bind(e, names) for n, e in items.items() if _is_private(n, e, private)}
        values = self.bound(items, private, names)
        return Bound(values, left, event if left else None, start if left else None)

    def resolve(
        self, instant: Instant, names: Fields, at: datetime | None = None, last: datetime | None = None
    ) -> datetime | None:
        """Gives the instant named, counted from `now` or `at` or, if that is past, from right before `last`;
        None: missing, out of range, or never open.
        """
        since = at or self.now
        since = since if last is None else min(since, last - SHORTEST_LOOK)

        def base(expr: Expr) -> datetime | date | None:
            found = value_of(expr, self._context(expr, names))
            if isinstance(found, str):  # a value of the run's own, whose type nobody declares
                return read_time(found) or read_date(found)
            return found if isinstance(found, date) else None

        queues = self.company_zone() if isinstance(instant, NextOpening) else None
        return kept(
            lambda: calendar.resolve(instant, since, self.zone(), self.hours, base, queue_zone=queues)
        )

    def add(self, at: datetime, length: Length, hours_of: str = "business") -> datetime:
        """Moves an instant by a length in the run's zone, business days by the hours of `hours_of`."""
        business = self.hours(hours_of) if length.business_days else None
        zone = self.zone() if length.days or length.months or length.business_days else "UTC"
        return kept(lambda: calendar.add(at, length, zone, business)) or at

    def because(self, text: str, condition: Expr, names: Fields) -> str:
        """Gives a condition in the words of its text with the values that it read."""
        read = [f"{name} {_shown(self._known(fact, names))}" for fact, name in _public(condition)]
        return f"{text or to_text(condition)} ({', '.join(read)})" if read else text or to_text(condition)

    def _next_change(self, condition: Expr, names: Fields) -> datetime | None:
        return next_change(condition, self._context(condition, names))

    def _known(self, fact: Expr, names: Fields) -> JsonValue:
        if isinstance(fact, Name):
            return names[fact.path] if fact.path in names else self.facts.get(fact_key(fact))
        return self.facts.get(fact_key(bind(fact, names)))

    def _context(self, expr: Expr, names: Fields) -> Context:
        zone = self.zone() if _needs_zone(expr) else "UTC"
        return Context(self.now, zone, names, self.facts, self._next_turn)

    def _next_turn(self, of: str) -> datetime | None:
        """Gives when hours next open or close, as `queue_open` and `in_contact_hours` judge them."""
        own, company = self.fact(LEAD_ZONE), self.company_zone()
        value = self.fact(Name("hours.contact" if of == "contact" else f"hours.queue.{of}", "any"))
        if value is None:
            return None
        zone = _zone(own, company) if of == "contact" else company
        return kept(lambda: next_turn(_HOURS.validate_python(value), self.now, zone))

    def _knows_zone(self) -> bool:
        return "lead.zone" in self.facts and "company.zone" in self.facts


def moves(instant: Instant) -> bool:
    """Says whether an instant names a fact, so that it moves when the fact does."""
    return isinstance(instant, Moment) and any(is_fact(node) for node in walk(instant.base))


def _gathered(questions: list[Callable[[], T]]) -> list[T]:
    """Asks every question, then raises MissingFacts for all that was lacking."""
    answers: list[T] = []
    missing: list[Expr] = []
    for question in questions:
        try:
            answers.append(question())
        except MissingFacts as lacking:
            missing.extend(lacking.exprs)
    if missing:
        raise MissingFacts(tuple(missing))
    return answers


def kept(find: Callable[[], datetime | None]) -> datetime | None:
    """Gives the instant found; None where hours never open, holidays are unknown, or years run out."""
    try:
        return find()
    except (NeverOpen, UnknownHolidays, OverflowError):
        return None


def _zone(value: JsonValue, default: str) -> str:
    return zone_or(value, default) if isinstance(value, str) else default


def _is_private(name: str, expr: Expr, private: tuple[str, ...]) -> bool:
    return name in private or reads_pii(expr)


@remembered
def _needs_zone(expr: Expr) -> bool:
    return any(_reads_days(node) for node in walk(expr))


def _reads_days(node: Expr) -> bool:
    match node:
        case Name() | Constant():
            return node.type == "date" or (isinstance(node, Name) and node.path == "now")
        case Call():
            return node.function in _BY_THE_DAY
        case _:
            return isinstance(node, Duration)


@remembered
def _public(expr: Expr) -> tuple[tuple[Expr, str], ...]:
    """Lists the names and facts read outside personal conditions, and what each is called."""
    found: dict[str, Expr] = {}
    for node in _open_nodes(expr):
        if isinstance(node, Name | Call) and not node.pii:
            found.setdefault(to_text(node), node)
    return tuple((node, _short(node)) for node in found.values())


def _open_nodes(expr: Expr) -> Iterator[Expr]:
    if isinstance(expr, Private):
        return
    if isinstance(expr, Name) or is_fact(expr):
        yield expr
        return
    for child in children(expr):
        yield from _open_nodes(child)


def _short(fact: Expr) -> str:
    return fact.path.rpartition(".")[2] if isinstance(fact, Name) else to_text(fact)


def _shown(value: JsonValue) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case list():
            return ", ".join(_shown(item) for item in value)
        case _:
            return str(value)

"""May this lead enter this journey now? One pure function for intake and simulator (language.md §1).

The rules, in this order; the first that speaks is the answer:

1. `key`        the event does not carry the journey's key
2. `live`       the journey takes no leads yet, or no longer
3. `if`         the trigger's condition does not hold
4. `exit`       an exit by `if` holds already
5. `open`       a run of the same lead and key is open, or waits for its turn (unless `again` is `replace`)
6. `not_after`  the last run ended in a way after which none follows
7. `again`      it is too early for another one

Who may enter is then, by a hash of lead and journey, held out as control (`holdout`) or not.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from engine.calendar import add
from engine.facts import Asked, Knowledge, judge, value_of
from engine.hours import at_clock
from engine.ids import share_of
from language.compiled import Journey, Trigger
from language.rules import Live, live_text, percent_text
from model.events import Event
from model.expressions import Expr
from model.record import record

OPEN = "a run is open"


@record
class LastRun:
    """The run that a lead began last in a journey with the same key; `ending` None: it is open."""

    opened_at: datetime
    ending: str | None = None


@record
class Admitted:
    """The lead enters; as `control` it gets nothing and is only counted."""

    control: bool = False


@record
class Refused:
    """The lead does not enter: the rule by its `code`, and the reason in the marketer's words."""

    code: str
    reason: str


def exprs_of(journey: Journey, trigger: Trigger) -> list[Expr]:
    """Lists what must be known to judge an entry."""
    exits = [exit_.line.condition for exit_ in journey.exits if exit_.line.hears == "if"]
    return [expr for expr in (*exits, journey.key, trigger.condition) if expr is not None]


def key_of(journey: Journey, known: Knowledge, asked: Asked) -> JsonValue:
    """Gives the value of the journey's key; null where it has none, or it is missing."""
    return None if journey.key is None else value_of(journey.key, known, asked)


def may_enter(
    journey: Journey,
    trigger: Trigger,
    known: Knowledge,
    asked: Asked,
    lead_id: str,
    last: LastRun | None,
) -> Admitted | Refused:
    """Judges an entry at `asked.at`; `last` is the lead's latest run with the same key. Never raises."""
    refused = (
        _by_key(journey, known, asked)
        or _by_live(journey.rules.live, asked.at)
        or _by_conditions(journey, trigger, known, asked)
        or by_last(journey, trigger, last, asked.at, known.zone)
    )
    return refused if refused is not None else Admitted(is_control(journey, lead_id))


def is_control(journey: Journey, lead_id: str) -> bool:
    """Says whether a lead is held out: by hash, each time the same."""
    share = journey.rules.holdout
    return share > 0 and share_of(journey.name, "holdout", lead_id) < share


def control_reason(journey: Journey) -> str:
    """Says why a lead of the control group gets nothing."""
    return f"held out as control, {percent_text(journey.rules.holdout)} get nothing"


def ends_wait(journey: Journey, event: Event, key: JsonValue, known: Knowledge, asked: Asked) -> str | None:
    """Names the ending to which an event would lead a lead that waits for its turn; None: it goes on waiting.

    Reactions and outcomes of work answer what a run did, and none has begun.
    """
    if event.message is not None or event.task is not None:
        return None
    for exit_ in journey.exits:
        line = exit_.line
        own = event.fields.get(journey.key_field or "") == key
        near = event.whose == "lead" or line.of in ("anyone", event.whose)
        of_key = near and (line.of is not None or journey.key is None or own)
        if line.event == event.type and of_key and (line.where is None or judge(line.where, known, asked)):
            return exit_.ending
    return None


def _by_key(journey: Journey, known: Knowledge, asked: Asked) -> Refused | None:
    if journey.key is None or key_of(journey, known, asked) is not None:
        return None
    return Refused("key", "the event does not carry the journey's key")


def _by_live(live: Live | None, at: datetime) -> Refused | None:
    if live is None:
        return None
    first, last = live.first, live.last
    begins = at_clock(first.day, first.at or 0, live.zone) if first is not None else None
    ends = at_clock(last.day, 1440 if last.at is None else last.at, live.zone) if last is not None else None
    if begins is not None and at < begins:
        return Refused("live", f"it is not live yet: it is so {live_text(live)}")
    if ends is not None and at >= ends:
        return Refused("live", f"it is not live any more: it was so {live_text(live)}")
    return None


def _by_conditions(journey: Journey, trigger: Trigger, known: Knowledge, asked: Asked) -> Refused | None:
    if trigger.condition is not None and not judge(trigger.condition, known, asked):
        return Refused("if", f"`{trigger.condition_text}` does not hold")
    for exit_ in journey.exits:
        line = exit_.line
        if line.hears == "if" and line.condition is not None and judge(line.condition, known, asked):
            return Refused("exit", f"its exit `{line.text or exit_.ending}` holds already")
    return None


def by_last(
    journey: Journey, trigger: Trigger, last: LastRun | None, at: datetime, zone: str
) -> Refused | None:
    """Judges by the lead's latest run with the same key alone: `open`, `not_after`, `again`.

    Where a date begins the run, `never` means once for each date, which the inbox keeps.
    """
    again = journey.again
    if last is None or (last.ending is None and again.mode == "replace"):
        return None
    if last.ending is None:
        return Refused("open", OPEN)
    if last.ending in journey.rules.not_after:
        return Refused("not_after", f"the last run ended as {last.ending}, and `not_after` names it")
    match again.mode:
        case "finished" | "replace":
            return None
        case "never" if trigger.date is not None:
            return None
        case "after" if again.after is not None:
            free = add(last.opened_at, again.after, zone)
            return None if at >= free else Refused("again", f"entered before; again from {_utc(free)}")
        case _:
            return Refused("again", "entered once before, and `again` is never")


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"

"""Words for what a compiled journey holds: any value of it as short text, whatever its type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import get_args

from language.compiled import Exit, Goal, Instruction, Journey, Line, Trigger, Values, Whenever
from language.facts import to_text
from language.instructions import Arm, RetryPlan, Winner
from language.outline import hours_text, instant_text, trigger_text
from language.program import retargeted
from language.rules import rules_text
from language.types import spelled
from language.values import length_text
from model.connectors import AnswerField
from model.expressions import Expr
from model.time import After, Hours, Length, Moment, NextClock, NextOpening

NOTHING = "nothing"
_EXPRESSIONS = get_args(get_args(Expr)[0])
_SILENT = frozenset(
    {
        "place", "kind", "line", "overdue", "outcomes", "else_", "loop", "if_missing", "exit", "target", "up",
        "ways", "scope", "returns",
    }
)  # fmt: skip
_CALLED = {
    "condition": "if",
    "else_": "else",
    "values": "with",
    "lines": "hears",
    "until": "",
    "arms": "shares",
    "first": "until the first is done",
    "for_": "for",
    "whom": "for",
    "on_days": "attempts on days",
    "skip_late": "skipped if held past its time",
    "preferred": "preferred channel first",
}


def parts_of(item: Instruction) -> dict[str, str]:
    """Gives the parts of an instruction by name, in words; not where it leads."""
    bare = retargeted(item, lambda _: 0)
    return dict(_parts(bare))


def facts_of(journey: Journey) -> dict[str, str]:
    """Gives what holds for a whole journey, in words."""
    again = journey.again.mode if journey.again.after is None else f"after {worded(journey.again.after)}"
    return {
        "about": journey.about,
        "key": worded(journey.key),
        "again": again,
        "contact hours": worded(journey.contact_hours),
        "zone": journey.zone or "the lead's",
        "life": worded(journey.life),
        "on_opt_out": journey.on_opt_out,
        "inputs": ", ".join(f"{name}: {spelled(kind)}" for name, kind in journey.inputs.items()),
        "runs": ", ".join(f"{one.journey} {one.version}" for one in journey.scopes.values()),
        **rules_text(journey.rules),
    }


def lists_of(journey: Journey) -> dict[str, dict[str, str]]:
    """Gives the lines of a whole journey: for each kind what it hears, and the rest of the line."""
    return {
        "start": _keyed(_trigger(one) for one in journey.starts),
        "exit": _keyed(_exit(one) for one in _exits(journey)),
        "whenever": _keyed(_whenever(one) for one in _whenevers(journey)),
        "goal": _keyed((one.name, goal_text(one)) for one in journey.goals),
        "ending": {name: f"counts as {outcome}" for name, outcome in journey.endings.items()},
        "outcome": {
            f"{code} of {queue}": f"means {effect}"
            for queue, form in journey.queues.items()
            for code, effect in form.outcomes.items()
        },
    }


def _exits(journey: Journey) -> tuple[Exit, ...]:
    return (*journey.exits, *(line for scope in journey.scopes.values() for line in scope.exits))


def _whenevers(journey: Journey) -> tuple[Whenever, ...]:
    return (*journey.whenever, *(line for scope in journey.scopes.values() for line in scope.whenever))


def worded(value: object) -> str:  # noqa: C901 - a case a type
    """Words any value of a compiled journey."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case float() | int():
            return f"{value:g}"
        case Length():
            return length_text(value)
        case Hours():
            return hours_text(value)
        case After() | NextClock() | Moment() | NextOpening():
            return instant_text(value)
        case Values():
            return ", ".join(f"{name}: {worded(expr)}" for name, expr in value.items.items()) or NOTHING
        case Line():
            return line_text(value)
        case Arm():
            return f"{value.name} {value.share:g} %"
        case Winner():
            return winner_text(value)
        case AnswerField():
            kind = f"list of {value.element}" if value.element is not None else value.type
            return f"{kind}{', personal' if value.pii else ''}"
        case RetryPlan():
            return _retry(value)
        case Mapping():
            return ", ".join(f"{name}: {worded(one)}" for name, one in value.items()) or NOTHING
        case tuple() | list():
            return ", ".join(worded(one) for one in value) or NOTHING
        case _:
            return _other(value)


def _other(value: object) -> str:
    if isinstance(value, _EXPRESSIONS):
        return to_text(value)
    return ", ".join(f"{name} {text}" for name, text in _parts(value) if text != NOTHING)


def _parts(value: object) -> Iterator[tuple[str, str]]:
    for one in fields(value) if is_dataclass(value) else ():
        if one.name not in _SILENT:
            text = worded(getattr(value, one.name))
            yield (
                _CALLED.get(one.name, one.name),
                text if one.name == "until" else text.removeprefix("until "),
            )


def line_text(line: Line) -> str:
    """Words what a line hears, with its `where`."""
    subject = line.event or line.text or worded(line.condition)
    where = f" where {worded(line.where)}" if line.where is not None else ""
    becomes = "becomes " if line.hears == "becomes" else ""
    details = [f"of {line.of}" if line.of else "", f"to {line.to}" if line.to else ""]
    details.append("since start" if line.since_start else "")
    return " ".join([f"{becomes}{subject}{where}", *(one for one in details if one)])


def winner_text(winner: Winner) -> str:
    """Words how the best arm is found."""
    when = f"after {winner.after}" if winner.over is None else f"{length_text(winner.over)} after the first"
    return f"by {winner.event} within {length_text(winner.within)}, decided {when}"


def _retry(plan: RetryPlan) -> str:
    limit = f"{plan.limit} times " if plan.limit else ""
    every = "every " if plan.repeat else "after "
    return f"{plan.outcome} {limit}{every}{' and '.join(length_text(one) for one in plan.delays)}"


def _keyed(lines: Iterator[tuple[str, str]]) -> dict[str, str]:
    """Keys lines by what they hear; a second one of the same gets a number."""
    found: dict[str, str] = {}
    for name, text in lines:
        number = sum(key.partition(" (")[0] == name for key in found)
        found[name if not number else f"{name} ({number + 1})"] = text
    return found


def start_text(one: Trigger) -> str:
    """Words what begins a journey, with its `where` and `if`."""
    return " ".join(text for text in _trigger(one) if text)


def _trigger(one: Trigger) -> tuple[str, str]:
    subject = one.event or ("becomes " + worded(one.becomes) if one.becomes is not None else one.on)
    plain = one.on in ("event", "becomes", "request") and not one.anyone
    subject = subject if plain else trigger_text(one)
    name = f"as {one.name}" if one.name not in (one.event, one.on) else ""
    where = f"where {worded(one.where)}" if one.where is not None else ""
    condition = f"if {one.condition_text or worded(one.condition)}" if one.condition is not None else ""
    return subject, " ".join(text for text in (where, condition, name) if text)


def _exit(one: Exit) -> tuple[str, str]:
    return line_text(one.line), f"ends as {one.ending}"


def _whenever(one: Whenever) -> tuple[str, str]:
    leads = f"leads to {one.stage}" if one.stage is not None else "does steps beside"
    return line_text(one.line), leads + (f", in {', '.join(one.stages)}" if one.stages else "")


def goal_text(one: Goal) -> str:
    """Words what counts as success: the event, its `where`, and how long it counts."""
    where = f" where {worded(one.where)}" if one.where is not None else ""
    return f"{one.event}{where}" + (f" within {worded(one.within)}" if one.within is not None else "")

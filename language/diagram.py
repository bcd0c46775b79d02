"""Draws a compiled journey as a Mermaid flow chart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from language.compiled import (
    Assign,
    End,
    GoTo,
    Instruction,
    Journey,
    Jump,
    Listen,
    Loop,
    LoopBack,
    LoopStart,
    Message,
    NotifyTeam,
    ReportOutcome,
    Restart,
    Score,
    SideEnd,
    Split,
    SuppressLead,
    Test,
    Wait,
    Work,
)
from language.facts import to_text
from language.values import clock_text, length_text
from model.time import After, Instant, Moment, NextClock, NextOpening

Edge = tuple[int, str]
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def mermaid(journey: Journey) -> str:
    """Writes the journey as `flowchart TD`, a subgraph for each stage."""
    lines = ["flowchart TD", f"  start([{_quoted(_starts(journey))}])"]
    if journey.stages:
        lines.append(f"  start --> n{next(iter(journey.stages.values()))}")
    shown = [index for index, item in enumerate(journey.program) if not isinstance(item, Jump)]
    for stage in dict.fromkeys(journey.program[index].place.stage for index in shown):
        nodes = [index for index in shown if journey.program[index].place.stage == stage]
        lines.append(f"  subgraph {_quoted(stage or 'beside')}")
        lines += [f"    n{index}{_node(journey.program[index])}" for index in nodes]
        lines.append("  end")
    for index in shown:
        for target, label in _edges(journey, index):
            arrow = f"-- {_quoted(label)} -->" if label else "-->"
            lines.append(f"  n{index} {arrow} n{_past_jumps(journey, target)}")
    lines += [*_beside(journey)]
    return "\n".join(lines) + "\n"


def _starts(journey: Journey) -> str:
    return f"{journey.name} {journey.version}: " + ", ".join(start.name for start in journey.starts)


def _beside(journey: Journey) -> Iterator[str]:
    for number, exit_ in enumerate(journey.exits):
        yield f"  x{number}{{{{{_quoted('exit: ' + (exit_.line.event or exit_.line.text))}}}}} --> e{number}"
        yield f"  e{number}([{_quoted('end ' + exit_.ending)}])"
    for number, line in enumerate(journey.whenever):
        target = line.line.target if line.stage is None else journey.stages[line.stage]
        label = "whenever: " + (line.line.event or line.line.text)
        yield f"  w{number}{{{{{_quoted(label)}}}}} --> n{_past_jumps(journey, target)}"


def _past_jumps(journey: Journey, index: int) -> int:
    item = journey.program[index]
    return _past_jumps(journey, item.target) if isinstance(item, Jump) else index


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "#quot;") + '"'


def _node(item: Instruction) -> str:
    text = _quoted(_label(item))
    match item:
        case Test() | Split() | Loop():
            return f"{{{text}}}"
        case End() | SideEnd():
            return f"([{text}])"
        case Wait() | Listen():
            return f"[/{text}/]"
        case Work():
            return f"[[{text}]]"
        case _:
            return f"[{text}]"


def _label(item: Instruction) -> str:  # noqa: C901 - a case an instruction
    match item:
        case Message():
            return f"{' or '.join(item.channels)} {item.template}"
        case Work():
            return f"{item.work} {item.name}, {item.queue}"
        case Wait():
            return f"wait {_instant(item.until)}"
        case Listen():
            limit = f", at most {_instant(item.within)}" if item.within else ""
            return "wait for " + " or ".join(line.name for line in item.lines) + limit
        case Test():
            return item.text
        case Split():
            return f"split {item.place.step}"
        case LoopStart():
            return "repeat"
        case Loop():
            return f"at most {item.at_most} rounds" if item.at_most else "each round"
        case LoopBack():
            return "next round"
        case GoTo():
            return f"go to {item.stage}"
        case End():
            return f"end {item.ending}"
        case Restart():
            return "start the wait over"
        case SideEnd():
            return "done"
        case Assign():
            return "set " + ", ".join(item.values.items)
        case Score():
            return f"score {item.points:+g}" if item.points is not None else "score anew"
        case ReportOutcome():
            return f"report {item.outcome}"
        case NotifyTeam():
            return f"notify {item.to}"
        case SuppressLead():
            return f"suppress {item.what}"
        case Jump():
            return ""
        case _:
            assert_never(item)


def _instant(instant: Instant) -> str:
    match instant:
        case After():
            clock = f" at {clock_text(instant.at)}" if instant.at is not None else ""
            return length_text(instant.length) + clock
        case NextClock():
            day = f"{_DAYS[instant.weekday]} at " if instant.weekday is not None else ""
            return f"until {day}{clock_text(instant.at)}"
        case Moment():
            sign = "+" if instant.sign > 0 else "-"
            moved = f" {sign} {length_text(instant.offset)}" if any(_parts(instant)) else ""
            return f"until {to_text(instant.base)}{moved}"
        case NextOpening():
            return f"until {instant.of} hours"
        case _:
            assert_never(instant)


def _parts(instant: Moment) -> tuple[int, int, int, int]:
    offset = instant.offset
    return offset.months, offset.days, offset.business_days, offset.seconds


def _edges(journey: Journey, index: int) -> list[Edge]:  # noqa: C901 - a case an instruction
    item = journey.program[index]
    match item:
        case Message():
            otherwise = [(item.else_, "nobody reachable")] if item.else_ is not None else []
            return [(index + 1, ""), *otherwise]
        case Work():
            overdue = [(item.overdue, "overdue")] if item.overdue is not None else []
            return [*_grouped(item.outcomes), *overdue]
        case Listen():
            lines = [(line.target, line.name) for line in item.lines]
            return [*lines, *([(item.else_, "else")] if item.within else [])]
        case Test():
            return [(index + 1, item.then_name or "yes"), (item.else_, item.else_name or "no")]
        case Split():
            return [(arm.target, f"{arm.name} {arm.share:g} %") for arm in item.arms]
        case Loop():
            ends = item.at_most is not None or item.until is not None
            return [(index + 1, ""), *([(item.exit, "done")] if ends else [])]
        case LoopBack() | Restart() | Jump():
            return [(item.target, "")]
        case GoTo():
            return [(journey.stages[item.stage], "")]
        case End() | SideEnd():
            return []
        case Wait() | LoopStart() | Assign() | Score() | ReportOutcome() | NotifyTeam() | SuppressLead():
            return [(index + 1, "")]
        case _:
            assert_never(item)


def _grouped(outcomes: dict[str, int]) -> list[Edge]:
    """One arrow for the outcomes that lead to the same place."""
    targets = dict.fromkeys(outcomes.values())
    return [(at, ", ".join(code for code, target in outcomes.items() if target == at)) for at in targets]

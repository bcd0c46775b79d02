"""Draws a compiled journey as a Mermaid flow chart."""

from __future__ import annotations

from collections.abc import Iterator

from language.compiled import (
    End,
    Fork,
    Instruction,
    Join,
    Journey,
    Jump,
    Listen,
    Loop,
    Return,
    SideEnd,
    Split,
    Test,
    Trigger,
    Wait,
    Work,
)
from language.outline import edges, label, past_jumps, trigger_text
from language.rules import rules_said


def mermaid(journey: Journey) -> str:
    """Writes the journey as `flowchart TD`, a subgraph for each stage."""
    lines = ["flowchart TD", f"  start([{_quoted(_starts(journey))}])"]
    if journey.stages:
        lines.append(f"  start --> n{next(iter(journey.stages.values()))}")
    shown = [index for index, item in enumerate(journey.program) if not isinstance(item, Jump | Join)]
    for stage in dict.fromkeys(journey.program[index].place.stage for index in shown):
        nodes = [index for index in shown if journey.program[index].place.stage == stage]
        lines.append(f"  subgraph {_quoted(stage or 'beside')}")
        lines += [f"    n{index}{_node(journey.program[index])}" for index in nodes]
        lines.append("  end")
    for index in shown:
        for target, name in edges(journey, index):
            arrow = f"-- {_quoted(name)} -->" if name else "-->"
            lines.append(f"  n{index} {arrow} n{past_jumps(journey, target)}")
    lines += [*_beside(journey)]
    return "\n".join(lines) + "\n"


def _starts(journey: Journey) -> str:
    return f"{journey.name} {journey.version}: " + ", ".join(_start(start) for start in journey.starts)


def _start(start: Trigger) -> str:
    plain = start.on in ("event", "becomes", "request") and not start.anyone
    return start.name if plain else trigger_text(start)


def _beside(journey: Journey) -> Iterator[str]:
    for number, (name, text) in enumerate(rules_said(journey.rules).items()):
        yield f"  r{number}[{_quoted(f'{name}: {text}')}]"
    for number, exit_ in enumerate(journey.exits):
        yield f"  x{number}{{{{{_quoted('exit: ' + (exit_.line.event or exit_.line.text))}}}}} --> e{number}"
        yield f"  e{number}([{_quoted('end ' + exit_.ending)}])"
    for number, line in enumerate(journey.whenever):
        target = line.line.target if line.stage is None else journey.stages[line.stage]
        name = "whenever: " + (line.line.event or line.line.text)
        yield f"  w{number}{{{{{_quoted(name)}}}}} --> n{past_jumps(journey, target)}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "#quot;") + '"'


def _node(item: Instruction) -> str:
    text = _quoted(label(item))
    match item:
        case Test() | Split() | Loop() | Fork():
            return f"{{{text}}}"
        case End() | Return() | SideEnd():
            return f"([{text}])"
        case Wait() | Listen():
            return f"[/{text}/]"
        case Work():
            return f"[[{text}]]"
        case _:
            return f"[{text}]"

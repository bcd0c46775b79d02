"""A journey as boxes and arrows: what each box says, and which way leads where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from language.compiled import (
    AllowLead,
    Assign,
    ChangeAudience,
    Connect,
    End,
    Enter,
    Fork,
    GoTo,
    Instruction,
    Join,
    Journey,
    Jump,
    Leave,
    Listen,
    Loop,
    LoopBack,
    LoopStart,
    Message,
    NotifyTeam,
    ReportOutcome,
    Restart,
    Return,
    Score,
    SideEnd,
    Split,
    StartJourney,
    StopJourney,
    SuppressLead,
    Test,
    Wait,
    Work,
)
from language.diff_words import NOTHING, facts_of, goal_text, line_text, parts_of, start_text, worded
from language.outline import edges, label, trigger_text
from language.rules import rules_said

Look = Literal["message", "work", "wait", "choice", "data", "won", "lost", "neutral", "stage", "start"]

_SKIPPED = (Jump, Join, LoopStart)
_ENDS = (End, GoTo, LoopBack, Leave, Restart, Return)
_TAGS = {"restart_on": "starts over at", "within": "at most"}
_SHOWN = (
    "if", "at", "not_after", "due", "attempts on days", "retry", "escalate", "expires", "within",
    "restart_on", "remind",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """What a box says: a small word above, the text, small lines below; `about` is shown on pointing at it,
    `stage` the one it leads to, `step` and `line` where it stands in the journey.
    """

    look: Look
    tag: str
    text: str
    details: tuple[str, ...] = ()
    about: str = ""
    stage: str | None = None
    step: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes by name, in the order of the file, and arrows with their labels."""

    cards: dict[str, Card]
    arrows: dict[tuple[str, str], str]


def stage_graph(journey: Journey, stage: str) -> Graph:
    """Gives the steps of one stage; ways of one step that end alike share their end."""
    inside = [
        index for index, item in enumerate(journey.program) if _drawn(item) and item.place.stage == stage
    ]
    cards = {index: _placed(journey, journey.program[index]) for index in inside}
    arrows: dict[tuple[int, int], str] = {}
    ends: dict[tuple[int, str], int] = {}
    for index in inside:
        for target, name in _ways(journey, index):
            to = _seen(journey, target)
            if to not in cards:
                continue
            if isinstance(journey.program[to], _ENDS):
                to = ends.setdefault((index, f"{cards[to].tag} {cards[to].text}"), to)
            arrows[index, to] = ", ".join(text for text in (arrows.get((index, to), ""), name) if text)
    reached = {to for _, to in arrows}
    drawn = {
        str(index): one
        for index, one in cards.items()
        if index in reached or not isinstance(journey.program[index], _ENDS) or len(cards) == 1
    }
    return Graph(drawn, {(str(from_), str(to)): text for (from_, to), text in arrows.items()})


def _placed(journey: Journey, item: Instruction) -> Card:
    """Says what stands in the box of an instruction, and where the instruction comes from."""
    return replace(card(journey, item), step=item.place.step, line=item.place.line)


def overview(journey: Journey) -> Graph:  # noqa: C901 - a case an instruction
    """Gives the stages, where they lead, and how the journey ends."""
    cards = {"": Card("start", "begins with", _starts(journey))}
    arrows: dict[tuple[str, str], str] = {}
    for stage in journey.stages:
        items = [item for item in journey.program if item.place.stage == stage and item.place.step]
        steps = len(
            {item.place.step for item in items if not isinstance(item, End | GoTo | Return | SideEnd)}
        )
        cards[stage] = Card("stage", f"{steps} step{'' if steps == 1 else 's'}", stage, stage=stage)
    for item in journey.program:
        match item:
            case GoTo() if item.place.stage != item.stage:
                arrows[item.place.stage, item.stage] = ""
            case Enter():
                arrows[item.place.stage, journey.program[item.target].place.stage] = "run"
            case Return() if item.target < len(journey.program):
                back = journey.program[item.target].place.stage
                if back != item.place.stage:
                    arrows[item.place.stage, back] = "returns"
            case End():
                ending = f"end {item.ending}"
                cards.setdefault(ending, _end(journey, item.ending))
                arrows[item.place.stage, ending] = ""
            case _:
                pass
    for number, line in enumerate(journey.whenever):
        if line.stage is not None:
            cards[f"whenever {number}"] = Card("start", "whenever", line.line.event or line.line.text)
            arrows[f"whenever {number}", line.stage] = ""
    if journey.stages:
        arrows = {("", next(iter(journey.stages))): "", **arrows}
    return Graph(
        cards, {ends: text for ends, text in arrows.items() if ends[0] in cards and ends[1] in cards}
    )


def card(journey: Journey, item: Instruction) -> Card:  # noqa: C901 - a case an instruction
    """Says what stands in the box of an instruction."""
    parts = parts_of(item)
    about = "\n".join(f"{name or 'wait'}: {text}" for name, text in parts.items() if text and text != NOTHING)
    about = f"{item.place.step}, line {item.place.line}\n{about}".strip()
    details = tuple(_details(item, parts))
    match item:
        case Message():
            topic = f", {item.topic}" if item.topic else ""
            tag = f"{' or '.join(item.channels)} · {item.purpose}{topic}"
            known_as = (f"counted as {item.place.step}",) if item.place.step != item.template else ()
            return Card("message", tag, item.template, (*known_as, *details), about)
        case Work():
            return Card("work", f"{item.work} · {item.queue}", item.name, details, about)
        case Wait():
            text = label(item).removeprefix("wait ")
            return Card("wait", "wait", text, details, about)
        case Listen():
            names = " or ".join(line.name for line in item.lines)
            return Card("wait", "wait for", names, details, about)
        case Test():
            return Card("choice", "if", item.text, (), about)
        case Split():
            return Card("choice", "split", item.place.step, (), about)
        case Loop():
            return Card("choice", "repeat", label(item), _until(parts), about)
        case Fork():
            text = "until the first is done" if item.first else "until all are done"
            return Card("choice", "in parallel", text, (), about)
        case End():
            return _end(journey, item.ending)
        case GoTo():
            return Card("stage", "go to", item.stage, (), about, item.stage)
        case Enter():
            scope = journey.scopes[item.scope]
            first = journey.program[item.target].place.stage
            return Card("stage", "run", f"{scope.journey} {scope.version}", details, about, first)
        case Return():
            return Card("neutral", "returns", item.ending, (), about)
        case Leave():
            return Card("neutral", "leave", item.loop.rpartition("#")[0], (), about)
        case LoopBack() | Restart():
            return Card("neutral", "again", label(item), (), about)
        case (
            Assign()
            | Score()
            | ReportOutcome()
            | NotifyTeam()
            | SuppressLead()
            | AllowLead()
            | Connect()
            | ChangeAudience()
            | StartJourney()
            | StopJourney()
        ):
            tag, _, text = label(item).partition(" ")
            return Card("data", tag, text, details, about)
        case Jump() | Join() | LoopStart() | SideEnd():
            return Card("data", "", label(item))
        case _:
            assert_never(item)


def _details(item: Instruction, parts: dict[str, str]) -> Iterator[str]:
    """Gives the small lines of a box: a part each, and each outcome that is tried again."""
    for name in _SHOWN:
        if name == "retry" and isinstance(item, Work):
            yield from (f"retry {worded(plan)}" for plan in item.retry)
            if item.attempts is not None and item.attempts > 1:
                yield f"{item.attempts} attempts at most"
        elif parts.get(name, NOTHING) != NOTHING:
            yield f"{_TAGS.get(name, name)} {parts[name]}"


def beside(journey: Journey) -> Iterator[tuple[str, str]]:
    """Gives what begins the journey, its own rules and goals, what is heard wherever the lead is, and what it
    does.
    """
    yield from (("begins with", start_text(start)) for start in journey.starts)
    facts = facts_of(journey)
    yield from ((name, facts[name]) for name in ("key", "again") if facts[name] not in (NOTHING, "never"))
    yield from rules_said(journey.rules).items()
    yield from (("goal", goal_text(goal)) for goal in journey.goals)
    for exit_ in journey.exits:
        yield f"at any time {line_text(exit_.line)}", f"ends as {exit_.ending}"
    for line in journey.whenever:
        where = f", in {', '.join(line.stages)}" if line.stages else ""
        does = f"go to {line.stage}" if line.stage is not None else _beside_steps(journey, line.line.target)
        yield f"whenever {line_text(line.line)}", does + where


def _beside_steps(journey: Journey, index: int) -> str:
    """Names the steps that run beside the run."""
    names: list[str] = []
    while index < len(journey.program) and not isinstance(journey.program[index], SideEnd):
        item = journey.program[index]
        if not isinstance(item, Jump):
            names.append(label(item))
        index += 1
    return ", ".join(names)


def _starts(journey: Journey) -> str:
    return " or ".join(trigger_text(start) for start in journey.starts)


def _end(journey: Journey, ending: str) -> Card:
    return Card(journey.endings.get(ending, "neutral"), "end", ending)


def _until(parts: dict[str, str]) -> tuple[str, ...]:
    until = parts.get("", parts.get("until", NOTHING))
    return (f"until {until}",) if until != NOTHING else ()


def _drawn(item: Instruction) -> bool:
    return not isinstance(item, (*_SKIPPED, SideEnd))


def _ways(journey: Journey, index: int) -> list[tuple[int, str]]:
    """Lists where a box leads; what goes back or elsewhere says so itself."""
    item = journey.program[index]
    return [] if isinstance(item, _ENDS) else edges(journey, index)


def _seen(journey: Journey, index: int) -> int:
    """Gives the instruction that is drawn for a target."""
    for _ in journey.program:
        item = journey.program[index]
        if isinstance(item, Jump | Join):
            index = item.target
        elif isinstance(item, LoopStart):
            index += 1
        else:
            break
    return index

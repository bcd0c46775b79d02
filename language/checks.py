"""What is wrong with a journey as a whole: circles, stages nobody reaches, waits longer than its life."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import assert_never

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
    dump,
)
from language.facts import children, walk
from language.problems import Mark, Problem, Problems
from language.step_ids import StepIds
from language.syntax.model import JourneyText
from language.values import length_text
from language.yaml import Scalar
from model.expressions import Binary, Call, Expr, Name
from model.time import After, Instant, Length, NextClock

_LINE = re.compile(r'"line":\d+')
_TIME_FUNCTIONS = frozenset(
    {"days_since", "hours_since", "days_until", "hour", "weekday", "in_contact_hours", "queue_open"}
)


def check_flow(
    text: JourneyText, journey: Journey, ids: StepIds, problems: Problems, *, broken: bool
) -> None:
    """Checks the ways through a journey; what hangs on its steps is left out where some could not be read."""
    marks = ids.marks
    if not broken:
        _unreached_stages(text, journey, problems)
        for index in circles(journey):
            step = journey.program[index].place.step.split("/")[0]
            message = "a lead could go round here for ever, without a rest"
            advice = "put a wait of some length, a call or a wait for an event into the circle"
            problems.add(marks.get(step, text.name.mark), "J022", message, advice)
    _long_waits(journey, marks, text.name.mark, problems)


def check_trigger(condition: Expr, text: Scalar, problems: Problems) -> None:
    """Refuses a `becomes` that only the passing of time can make true."""
    if any(isinstance(node, Name | Call) for node in walk(condition)) and not any(_lasting(condition)):
        message = "this becomes true by the passing of time alone, which no change of the lead could tell"
        advice = "write `date: lead.FIELD` with `before` or `after`, or `every: day at 8:00` with this `if`"
        problems.add(text.mark, "J033", message, advice)


def _lasting(expr: Expr) -> Iterator[Expr]:
    """Gives what a condition reads besides the time."""
    match expr:
        case Call() if expr.function in _TIME_FUNCTIONS:
            return
        case Binary(op="<" | "<=" | ">" | ">=") if any(_is_now(node) for node in walk(expr)):
            return
        case Name(path=path) if path != "now":
            yield expr
        case Call():
            yield expr
        case _:
            for child in children(expr):
                yield from _lasting(child)


def _is_now(node: Expr) -> bool:
    return isinstance(node, Name) and node.path == "now"


def _unreached_stages(text: JourneyText, journey: Journey, problems: Problems) -> None:
    first = next(iter(journey.stages), "")
    reached, ahead = set[str](), [first, *(line.stage for line in journey.whenever if line.stage)]
    while ahead:
        stage = ahead.pop()
        if stage not in reached:
            reached.add(stage)
            jumps = (item for item in journey.program if isinstance(item, GoTo) and item.place.stage == stage)
            ahead.extend(jump.stage for jump in jumps)
    for stage_text in text.stages:
        if stage_text.name.raw not in reached:
            message = f"no lead ever comes to the stage `{stage_text.name.raw}`"
            problems.add(stage_text.name.mark, "J023", message, "lead there with `go_to`, or delete it")


def _long_waits(journey: Journey, marks: Mapping[str, Mark], default: Mark, problems: Problems) -> None:
    for item in journey.program:
        instant: Instant | None = None
        if isinstance(item, Wait):
            instant = item.until
        elif isinstance(item, Listen):
            instant = item.within
        if isinstance(instant, After) and _days(instant.length) > _days(journey.life):
            message = f"a wait of {length_text(instant.length)} is longer than a run may live"
            advice = f"shorten it, or give the journey more than `life: {length_text(journey.life)}`"
            step = item.place.step.split("/")[0]
            problems.add(marks.get(step, default), "J031", message, advice)


def _days(length: Length) -> float:
    return length.months * 30.4 + length.days + length.business_days * 1.4 + length.seconds / 86_400


def circles(journey: Journey) -> list[int]:
    """Finds circles that nothing surely holds up, each by the index of the instruction that closes it."""
    program, roots = journey.program, [*journey.stages.values()]
    state: dict[int, int] = {}
    found: list[int] = []
    for root in roots:
        path: list[tuple[int, Iterator[int]]] = []
        if root not in state:
            state[root] = 1
            path.append((root, _unheld(journey, root)))
        while path:
            index, ahead = path[-1]
            following = next((target for target in ahead if state.get(target) != 2), None)
            if following is None:
                state[index] = 2
                path.pop()
            elif state.get(following) == 1:
                found.append(_closing(program, [at for at, _ in path], following))
            else:
                state[following] = 1
                path.append((following, _unheld(journey, following)))
    return sorted(set(found))


def _closing(program: tuple[Instruction, ...], path: list[int], head: int) -> int:
    """Of the instructions of a circle, the last one that stands for a step."""
    inside = path[path.index(head) :]
    return next((index for index in reversed(inside) if program[index].place.step), head)


def _unheld(journey: Journey, index: int) -> Iterator[int]:
    """Gives where an instruction may lead at once."""
    return iter([at for at in _at_once(journey, index) if 0 <= at < len(journey.program)])


def _at_once(journey: Journey, index: int) -> Iterator[int]:  # noqa: C901 - a case an instruction
    item = journey.program[index]
    match item:
        case Message() | Connect():
            yield index + 1
            if item.else_ is not None:
                yield item.else_
        case Work():
            if item.condition is not None or not item.wait:
                yield index + 1
        case Wait():
            if item.condition is not None or not isinstance(item.until, After | NextClock):
                yield index + 1
            if item.if_missing is not None:
                yield item.if_missing
        case Listen():
            yield from (line.target for line in item.lines if line.hears == "if")
            if not isinstance(item.within, After | NextClock):
                yield item.else_
        case Test():
            yield from (index + 1, item.else_)
        case Split():
            yield from (arm.target for arm in item.arms)
        case Loop():
            yield from (index + 1, item.exit)
        case LoopBack():
            head = journey.program[item.target]
            if isinstance(head, Loop) and head.at_most is None:
                yield item.target
        case GoTo():
            if item.stage in journey.stages:
                yield journey.stages[item.stage]
        case Jump() | Leave() | Return():
            yield item.target
        case Enter():
            yield item.target
            yield from _by_exits(journey, item)
        case Fork():
            yield from (way.target for way in item.ways)
            if _is_over_at_once(journey, item):
                yield item.exit
        case Restart() | Join() | End() | SideEnd():
            return
        case (
            LoopStart()
            | Assign()
            | Score()
            | ReportOutcome()
            | NotifyTeam()
            | SuppressLead()
            | AllowLead()
            | ChangeAudience()
        ):
            yield index + 1
        case StartJourney() | StopJourney():
            yield index + 1
        case _:
            assert_never(item)


def _by_exits(journey: Journey, enter: Enter) -> Iterator[int]:
    """Gives where the exits by `if` of an inlined journey may lead at once."""
    for exit_ in journey.scopes[enter.scope].exits:
        if exit_.line.hears == "if":
            yield enter.returns.get(exit_.ending, enter.exit)


def _is_over_at_once(journey: Journey, fork: Fork) -> bool:
    """Says whether a fork may be passed without a rest: all branches, or with `first` one of them."""
    through = (_comes_to_join(journey, way.target, fork.exit) for way in fork.ways)
    return any(through) if fork.first else all(through)


def _comes_to_join(journey: Journey, index: int, target: int) -> bool:
    seen, ahead = set[int](), [index]
    while ahead:
        at = ahead.pop()
        if at in seen or at >= len(journey.program):
            continue
        seen.add(at)
        item = journey.program[at]
        if isinstance(item, Join) and item.target == target:
            return True
        ahead.extend(_at_once(journey, at))
    return False


def compare(previous: Journey, journey: Journey, file: str = "") -> tuple[Problem, ...]:
    """Compares with the version published last: J041 for a version used twice, J040 for changed ids."""
    found: list[Problem] = []
    if previous.version == journey.version and _content(previous) != _content(journey):
        message = f"version {journey.version} is published with other content"
        found.append(Problem(file, 1, 1, "J041", message, f"write `version: {journey.version + 1}`"))
    before, now = _named(previous), _named(journey)
    for name, what in before.items():
        if name in now or what not in now.values():
            continue
        new = next((other for other, called in now.items() if called == what and other not in before), None)
        if new is None:
            continue
        message = (
            f"the step `{name}` is called `{new}` now: statistics begin anew, and leads that wait there stay"
        )
        line = next(item.place.line for item in journey.program if item.place.step == new)
        pair = f'"{name}={new}"' if " " in f"{name}{new}" else f"{name}={new}"
        advice = f"keep `id: {name}`, or move them with `--map {pair}`"
        found.append(Problem(file, line, 1, "J040", message, advice, hint=True))
    return tuple(found)


def _content(journey: Journey) -> str:
    """What a journey does, whatever lines its steps stand in."""
    return _LINE.sub("", dump(journey))


def _named(journey: Journey) -> dict[str, str]:
    """What each message and work step sends or asks, by id."""
    named: dict[str, str] = {}
    for item in journey.program:
        if isinstance(item, Message):
            named[item.place.step] = f"{'/'.join(item.channels)} {item.template}"
        if isinstance(item, Work):
            named[item.place.step] = f"{item.work} {item.name}"
    return named

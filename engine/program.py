"""What is known of a compiled journey without a run: where instructions lead, what is still reachable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from engine.position import Refusal
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
    Line,
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

DATA = (
    Assign,
    Score,
    ReportOutcome,
    NotifyTeam,
    SuppressLead,
    AllowLead,
    Connect,
    ChangeAudience,
    StartJourney,
    StopJourney,
)


def followers(journey: Journey, index: int, *, over_stages: bool) -> Iterator[int]:
    """Lists the indices to which an instruction may lead; those of `go_to` only with `over_stages`."""
    here: Instruction = journey.program[index]
    match here:
        case Message() | Connect() | Work() | Wait() | Listen() | Test() | Split() | Loop():
            yield from _branches(here, index)
        case LoopBack() | Restart() | Jump() | Leave() | Join() | Return():
            yield here.target
        case Enter():
            yield from (here.target, here.exit, *here.returns.values())
        case Fork():
            yield from (way.target for way in here.ways)
        case GoTo():
            if over_stages:
                yield journey.stages[here.stage]
        case End() | SideEnd():
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
            assert_never(here)


def _branches(
    here: Message | Connect | Work | Wait | Listen | Test | Split | Loop, index: int
) -> Iterator[int]:
    match here:
        case Message() | Connect():
            yield from (index + 1, *(() if here.else_ is None else (here.else_,)))
        case Work():
            skipped = () if here.outcomes and here.condition is None and here.wait else (index + 1,)
            yield from (*skipped, *here.outcomes.values(), *(() if here.overdue is None else (here.overdue,)))
        case Listen():
            yield from (here.else_, *(line.target for line in here.lines))
            if here.condition is not None:
                yield index + 1
            if here.remind is not None:
                yield here.remind.target
        case Wait():
            yield from (index + 1, *(() if here.if_missing is None else (here.if_missing,)))
        case Test():
            yield from (index + 1, here.else_)
        case Split():
            yield from (arm.target for arm in here.arms)
        case Loop():
            yield from (index + 1, here.exit)
        case _:
            assert_never(here)


def reach(journey: Journey, index: int, *, over_stages: bool) -> frozenset[int]:
    """Lists every index that can still come from `index` on, itself included."""
    seen: set[int] = set()
    ahead = [index]
    while ahead:
        at = ahead.pop()
        if at in seen or not 0 <= at < len(journey.program):
            continue
        seen.add(at)
        ahead.extend(followers(journey, at, over_stages=over_stages))
    return frozenset(seen)


def lines_of(instruction: Instruction) -> tuple[Line, ...]:
    """Lists the lines by which an instruction listens for later."""
    return instruction.lines if isinstance(instruction, Listen) else ()


def may_hear(journey: Journey, index: int, event: str) -> bool:
    """Says whether a wait that can come from `index` on, short of another stage, hears this type of event."""
    if not any(_names(line, event) for here in journey.program for line in lines_of(here)):
        return False
    ahead = reach(journey, index, over_stages=False)
    return any(_names(line, event) for at in ahead for line in lines_of(journey.program[at]))


def hears_ever(journey: Journey, event: str) -> bool:
    """Says whether some wait, in whatever stage, hears this type of event since entry."""
    lines = (line for here in journey.program for line in lines_of(here))
    return any(line.since_start and _names(line, event) for line in lines)


def _names(line: Line, event: str) -> bool:
    return line.event == event or (line.event == "replied" and event.endswith(".replied"))


def only_refused_left(journey: Journey, indices: Iterable[int], refusals: tuple[Refusal, ...]) -> bool:
    """Says whether only messages are left, at least one, all of them marketing that the lead has refused.

    Work, data steps, and waits for an event that may lead to a won or lost ending keep a run alive; so does a
    `whenever` that leads to a stage.
    """
    inlined = (line for scope in journey.scopes.values() for line in scope.whenever)
    if any(line.stage is not None for line in (*journey.whenever, *inlined)):
        return False
    reached = frozenset[int]().union(*(reach(journey, index, over_stages=True) for index in indices))
    ahead = [journey.program[at] for at in reached]
    messages = [here for here in ahead if isinstance(here, Message)]
    if not messages or not all(_refused(message, refusals) for message in messages):
        return False
    if any(isinstance(here, (Work, *DATA)) for here in ahead):
        return False
    return not any(_may_decide(journey, line) for here in ahead for line in lines_of(here))


def _refused(message: Message, refusals: tuple[Refusal, ...]) -> bool:
    return message.purpose == "marketing" and all(
        any(r.channel in (None, channel) and r.topic in (None, message.topic) for r in refusals)
        for channel in message.channels
    )


def _may_decide(journey: Journey, line: Line) -> bool:
    if line.hears != "event":
        return False
    ahead = (journey.program[at] for at in reach(journey, line.target, over_stages=True))
    endings = [here.ending for here in ahead if isinstance(here, End)]
    return any(journey.endings.get(ending, "neutral") != "neutral" for ending in endings)

"""Exits and `whenever`, judged before each step and in every wait (language.md §4.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.draft import MAIN, Draft
from engine.frames import give_back, lead_inside, steps_of_stage
from engine.hearing import hears, hears_since_start
from engine.levels import Level, conditions_of, inlined, levels, outermost
from engine.position import Frame, Listening, OnHold, Refusal, Token
from engine.program import only_refused_left
from language.compiled import Exit, Line, Listen, Whenever
from model.events import Event, Fields
from model.expressions import Expr


def judge(draft: Draft, event: Event | None = None) -> bool:
    """Judges exits, an opt-out, then `whenever`; says whether the run has ended or is led elsewhere.

    Those of inlined journeys come after those around them, each for itself: `led` are the threads that they
    led elsewhere alone, and whether by using the event.
    """
    draft.dirty, draft.led = False, {}
    if event is None and not draft.frames and not conditions_of(draft.journey):
        return False
    if _judge_level(draft, outermost(draft), event):
        return True
    for frame in list(draft.frames.values()):
        if frame.id in draft.frames:
            _judge_level(draft, inlined(draft, frame), event)
    return bool(draft.led)


def _judge_level(draft: Draft, level: Level, event: Event | None) -> bool:
    conditions = level.conditions()
    if event is None and not conditions:
        return False
    verdicts = _verdicts(draft, level, conditions)
    risen = _edges(draft, verdicts)
    return (
        _exit(draft, level, event, verdicts, risen)
        or (event is not None and level.frame is None and _opted_out(draft, event))
        or _whenever(draft, level, event, risen)
    )


def _verdicts(draft: Draft, level: Level, conditions: Mapping[str, Expr]) -> dict[str, bool]:
    if not conditions:
        return {}
    draft.asking = level.reader
    names = draft.names(level.reader)
    asked = [(condition, names) for condition in conditions.values()]
    verdicts = dict(zip(conditions, draft.read.all_hold(asked), strict=True))
    draft.asking = None
    return verdicts


def _edges(draft: Draft, verdicts: dict[str, bool]) -> set[str]:
    """Remembers what was found; gives the lines found true after having been found false."""
    risen = {name for name, holds in verdicts.items() if holds and draft.edges.get(name) is False}
    if any(draft.edges.get(name) != holds for name, holds in verdicts.items()):
        draft.edges = {**draft.edges, **verdicts}
    return risen


def _exit(
    draft: Draft, level: Level, event: Event | None, verdicts: dict[str, bool], risen: set[str]
) -> bool:
    for number, exit_ in enumerate(level.exits):
        if not _fires(draft, level, exit_.line, f"exit:{number}", event, verdicts, risen):
            continue
        why = _why(draft, level, exit_, event)
        if level.frame is None:
            draft.finish(exit_.ending, why)
            return True
        heard = event if exit_.line.hears == "event" else None
        _mark(draft, level.frame, heard)
        give_back(draft, level.frame, exit_.ending, why, leaves_work=False)
        return True
    return False


def _fires(
    draft: Draft,
    level: Level,
    line: Line,
    name: str,
    event: Event | None,
    verdicts: dict[str, bool],
    risen: set[str],
) -> bool:
    match line.hears:
        case "event":
            return event is not None and hears(draft, line, event, None, level.reader)
        case "if":
            return verdicts.get(f"{level.prefix}{name}", False)
        case "becomes":
            return f"{level.prefix}{name}" in risen


def _why(draft: Draft, level: Level, exit_: Exit, event: Event | None) -> str:
    line = exit_.line
    if line.condition is None:
        return f"exit: {event.type if event is not None else line.event}"
    return f"exit: {draft.read.because(line.text, line.condition, draft.names(level.reader))}"


def _opted_out(draft: Draft, event: Event) -> bool:
    if event.type != "lead.unsubscribed" or event.whose != "lead":
        return False
    refusal = Refusal(_named(event, "channel"), _named(event, "topic"))
    if refusal not in draft.refusals:
        draft.refusals = (*draft.refusals, refusal)
    threads = [token.index for token in draft.threads()]
    if draft.journey.on_opt_out == "go_on" or not threads:
        return False
    if not only_refused_left(draft.journey, threads, draft.refusals):
        return False
    why = "all messages still to come are marketing that the lead has refused"
    draft.finish("unsubscribed", why, keeps_open=True)
    return True


def opt_in(draft: Draft, event: Event) -> None:
    """Takes back the refusals that a later consent speaks of."""
    if event.type == "lead.consent_given":
        channel, topic = _named(event, "channel"), _named(event, "topic")
        draft.refusals = tuple(
            refusal
            for refusal in draft.refusals
            if (channel is not None and refusal.channel not in (None, channel))
            or (topic is not None and refusal.topic not in (None, topic))
        )


def _named(event: Event, field: str) -> str | None:
    """Gives what is refused; None is all of them."""
    value = event.fields.get(field)
    return value if isinstance(value, str) and value != "all" else None


def _whenever(draft: Draft, level: Level, event: Event | None, risen: set[str]) -> bool:
    reader = level.reader
    for number, each in enumerate(level.whenever):
        if reader is None or (each.stages and draft.at(reader).place.stage not in each.stages):
            continue
        name = f"whenever:{number}"
        if each.line.hears == "if" or not _fires(draft, level, each.line, name, event, {}, risen):
            continue
        heard = event if each.line.hears == "event" else None
        return _begin(draft, level, each, f"{level.prefix}{name}", heard)
    return False


def _begin(draft: Draft, level: Level, each: Whenever, name: str, event: Event | None) -> bool:
    why = event.type if event is not None else f"it became so: {each.line.text}"
    step, frame = level.reader.step if level.reader is not None else "", level.frame
    if each.stage is not None:
        draft.note("branch", step, f"to {each.stage}: {why}", each.line.name or each.stage)
        _lead(draft, frame, each.stage, event)
        return True
    if any(token.side == name for token in draft.tokens.values()):
        draft.note("dropped", step, f"{why}, but its steps are still at work")
        return False
    draft.note("branch", step, f"whenever {why}", each.line.name or None)
    draft.spawn(each.line.target, name, None, event, frame.id if frame is not None else 0)
    return False


def _lead(draft: Draft, frame: Frame | None, stage: str, event: Event | None) -> None:
    if frame is not None:
        _mark(draft, frame, event)
        lead_inside(draft, frame, stage, event, draft.tokens[frame.owner])
        return
    if event is not None:
        draft.use(event, None)
    lead_to(draft, stage, event)


def _mark(draft: Draft, frame: Frame, event: Event | None) -> None:
    """Remembers which thread an inlined journey leads elsewhere, and that it uses the event."""
    draft.led[frame.owner] = event is not None
    if event is not None:
        draft.use(event, draft.tokens[frame.owner])


def go_to(draft: Draft, token: Token, stage: str) -> None:
    """Goes on at a stage by a step, within the inlined journey that the step is of."""
    frame = draft.frames.get(token.frame)
    if frame is None:
        lead_to(draft, stage, None, token if token.side is None else None)
    else:
        lead_inside(draft, frame, stage, None, token)


def finish(draft: Draft, token: Token, ending: str, why: str) -> None:
    """Ends the run, or the inlined journey that the step is of."""
    frame = draft.frames.get(token.frame)
    if frame is None:
        draft.finish(ending, why, keeps_open=True)
    else:
        give_back(draft, frame, ending, why, leaves_work=True)


def lead_to(draft: Draft, stage: str, event: Event | None, by: Token | None = None) -> None:
    """Leaves everything at work and goes on at a stage, which hears what comes after.

    `by` is the branch that leads there; what it remembers goes on.
    """
    main = by or draft.outermost or Token(MAIN, 0)
    if steps := steps_of_stage(draft, draft.at(main).place.stage):
        draft.withdraw(steps=steps)
    for token in list(draft.tokens.values()):
        draft.drop(token)
    draft.unused = tuple(kept for kept in draft.unused if hears_since_start(draft, kept.event))
    draft.paces, draft.frames = {}, {}
    kept_event = event if event is not None else main.event
    draft.put(
        Token(
            MAIN, draft.journey.stages[stage], event=kept_event, window=draft.heard, messages=main.messages,
            worked=main.worked, floor=draft.heard,
        )
    )  # fmt: skip


def look_again(draft: Draft) -> None:
    """Finds when an open condition of exits, `whenever` and waits can next change by time alone."""
    open_ones: list[tuple[Expr, Fields]] = []
    on_hold = any(isinstance(token.state, OnHold) for token in draft.tokens.values())
    for level in levels(draft):
        conditions = [*level.conditions().values()]
        if on_hold and level.hold is not None:
            conditions.append(level.hold.condition)
        if conditions:
            names = draft.names(level.reader)
            open_ones.extend((condition, names) for condition in conditions)
    for token in draft.tokens.values():
        here = draft.at(token) if isinstance(token.state, Listening) else None
        if isinstance(here, Listen):
            own = draft.names(token)
            open_ones.extend((line.condition, own) for line in here.lines if line.condition is not None)
    draft.look = draft.read.next_changes(open_ones) if open_ones else None


def earliest(*instants: datetime | None) -> datetime | None:
    """Gives the earliest of the instants that are there."""
    return min((at for at in instants if at is not None), default=None)

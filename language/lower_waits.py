"""Lowers `wait`, `wait_for` and `first_of`."""

from __future__ import annotations

from collections.abc import Callable

from language.compiled import Jump, Listen, Place, Remind, Wait
from language.expressions import Here
from language.lowering import REACTIONS, Lowering, Side
from language.syntax.model import Block, ListenStep, RemindText, Step, WaitStep
from model.time import After, Instant, Length, Moment

Inner = Callable[[Block, Here], Here | None]


def lower_wait(low: Lowering, step: Step, body: WaitStep, here: Here, inner: Inner) -> Here | None:
    """Lowers `wait`; the steps for an instant that is not known stand behind it."""
    until = low.expressions.instant(body.instant, here) or After(Length(days=1))
    restart = low.line(body.restart_on, here, body.restart_on.subject.raw) if body.restart_on else None
    condition = low.condition(step.condition, here)
    if body.if_missing is None:
        low.program.emit(Wait(low.place(step), until, condition, restart))
        return here
    _check_missing(low, step, until)
    missing, behind = low.program.label(), low.program.label()
    low.program.emit(Wait(low.place(step), until, condition, restart, if_missing=missing))
    low.program.emit(Jump(Place("", low.stage), behind))
    low.program.put(missing)
    flow = inner(body.if_missing, here)
    low.program.put(behind)
    return here.joined(flow)


def _check_missing(low: Lowering, step: Step, until: Instant) -> None:
    if not isinstance(until, Moment):
        message = "`if_missing` is never taken: this instant is always known"
        low.error(step.verb, "J028", message, "leave it out, or wait `until` a fact: `until lead.birthday`")


def lower_listen(low: Lowering, step: Step, body: ListenStep, here: Here, inner: Inner) -> Here | None:
    """Lowers a wait for events: its branches, then `else`; its reminders run beside."""
    program = low.program
    targets = [program.label() for _ in body.lines]
    otherwise, behind, begin = program.label(), program.label(), program.here()
    program.emit(_listen(low, step, body, here, targets, otherwise))
    flow: Here | None = None
    for line, target in zip(body.lines, targets, strict=True):
        program.put(target)
        event = frozenset({line.hearing.subject.raw}) if line.hearing.hears == "event" else here.events
        outer, low.restart = low.restart, (begin, low.depth) if line.hearing.hears != "if" else None
        out = inner(line.then, Here(event, here.in_loop)) if line.then else Here(event, here.in_loop)
        low.restart = outer
        if out is not None:
            program.emit(Jump(Place("", low.stage), behind))
            flow = out.joined(flow)
    program.put(otherwise)
    out = inner(body.otherwise, here) if body.otherwise else here
    program.put(behind)
    return flow if out is None else out.joined(flow)


def _listen(
    low: Lowering, step: Step, body: ListenStep, here: Here, targets: list[int], otherwise: int
) -> Listen:
    pairs = zip(body.lines, _line_names(body), targets, strict=True)
    lines = tuple(low.line(line.hearing, here, name, target) for line, name, target in pairs)
    within = low.expressions.instant(body.within, here) if body.within else None
    _check_otherwise(low, body)
    return Listen(low.place(step), lines, within, otherwise, remind=_remind(low, body.remind, here))


def _remind(low: Lowering, remind: RemindText | None, here: Here) -> Remind | None:
    if remind is None:
        return None
    label = low.program.label()
    low.sides.append(Side(label, remind.do, here, low.stage))
    return Remind(remind.every, remind.at_most, label)


def _line_names(body: ListenStep) -> list[str]:
    subjects = [line.hearing.subject.raw for line in body.lines]
    names: list[str] = []
    for line, subject in zip(body.lines, subjects, strict=True):
        where = (
            f" where {line.hearing.where.raw}" if line.hearing.where and subjects.count(subject) > 1 else ""
        )
        name = subject + where
        names.append(name if name not in names else f"{name} ({names.count(name) + 1})")
    return names


def _check_otherwise(low: Lowering, body: ListenStep) -> None:
    """Without `within` only a wait for a reaction (to a message not sent) comes to its `else`."""
    reaction = any(line.hearing.subject.raw.split(".")[0] in REACTIONS for line in body.lines)
    if body.otherwise is not None and body.within is None and not reaction and body.otherwise.steps:
        advice = "add `within: …` to the wait"
        low.error(
            body.otherwise.steps[0].verb, "J023", "no lead ever comes here: the wait has no end", advice
        )

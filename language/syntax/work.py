"""Reads `call` and `task`: their times, their attempts, their outcomes."""

from __future__ import annotations

import re
from dataclasses import replace

from language.rules import Priority
from language.syntax.model import Block, Branch, CallStep, EscalateText, Retry
from language.syntax.parts import Parts
from language.yaml import Entry, Mapping, Scalar, Sequence
from model.time import Length

_ATTEMPTS = re.compile(r"([1-9]\d{0,2})(?:\s+(?:times\s+)?every\s+(.+))?")
_ON_DAYS = re.compile(r"on days? (\d{1,4}(?:(?:\s*,\s*|\s+)\d{1,4})*)")
_PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high")
_TIMES = re.compile(r"([1-9]\d{0,2})\s+times\s+every\s+(.+)")


def read_call(parts: Parts, name: Scalar) -> CallStep | None:
    """Reads the parts of a call."""
    number = parts.scalar("number")
    read = _work(parts, name)
    return replace(read, number=number) if read is not None else None


def read_task(parts: Parts, name: Scalar) -> CallStep | None:
    """Reads the parts of a task, which needs no phone and has no number to call."""
    read = _work(parts, name)
    return replace(read, work="task") if read is not None else None


def _work(parts: Parts, name: Scalar) -> CallStep | None:
    queue = parts.need("queue")
    attempts, retry, on_days = _tries(parts)
    priority: Priority | None = None
    if parts.has("priority"):
        priority = parts.choice("priority", _PRIORITIES, "normal")
    waits = parts.entry("wait") is None
    due, overdue, expires = parts.length("due"), parts.block("overdue"), parts.scalar("expires")
    assign_to, script, values = parts.scalar("assign_to"), parts.scalar("script"), parts.pairs("with")
    escalate, skills = _escalate(parts), parts.names("skills")
    outcomes = _outcomes(parts)
    entry = parts.entry("outcomes")
    if not waits:
        _check_not_waited_for(parts)
    elif entry is None:
        parts.missing("outcomes", "say what follows each outcome of the queue: `outcomes: {…}`")
    if queue is None or (entry is None and waits):
        return None
    return CallStep(
        name=name,
        queue=queue,
        outcomes=outcomes if waits else (),
        outcomes_mark=entry.key.mark if entry is not None else name.mark,
        due=due,
        overdue=overdue if waits else None,
        expires=expires,
        attempts=attempts,
        retry=retry,
        assign_to=assign_to,
        script=script,
        values=values,
        priority=priority,
        on_days=on_days,
        escalate=escalate,
        skills=skills,
        wait=waits,
    )


def _check_not_waited_for(parts: Parts) -> None:
    """Work with `wait: false` has nothing that the run would have to be there for."""
    advice = {
        "outcomes": "hear the outcome later with `wait_for: task.completed`, or leave `wait: false` out",
        "overdue": "write `escalate`, or a `whenever` that hears `task.overdue`",
    }
    for name, what in advice.items():
        if (entry := parts.entry(name)) is not None:
            message = f"`{name}` needs a run that waits, and this one goes on at once"
            parts.problem(entry.key.mark, "J028", message, what)


def _escalate(parts: Parts) -> tuple[EscalateText, ...]:
    found: list[EscalateText] = []
    for node in parts.items("escalate"):
        if not isinstance(node, Mapping):
            advice = "write `escalate: [{after: 15 minutes, to: QUEUE}]`"
            parts.problem(node.mark, "J005", "a line of `escalate` says when and to which queue", advice)
            continue
        line = Parts(parts.reading, node, "a line of `escalate`", "step")
        after, to = line.length("after"), line.need("to")
        if not line.has("after"):
            line.missing("after", "say how long after it is ready: `after: 15 minutes`")
        line.finish()
        if after is not None and to is not None:
            found.append(EscalateText(after, to))
    return tuple(found)


def _tries(parts: Parts) -> tuple[int | None, tuple[Retry, ...], tuple[int, ...]]:
    """Reads `attempts` and `retry`: how many, when again, and on which days."""
    on_days = _on_days(parts)
    attempts, every = (len(on_days), None) if on_days is not None else _attempts(parts)
    named = _retry(parts)
    again, entry = parts.entry("retry"), parts.entry("attempts")
    if entry is not None and again is None and on_days is None and every is None and (attempts or 1) > 1:
        advice = f"write `attempts: {attempts} every 1 day`"
        parts.problem(entry.value.mark, "J005", "`attempts` without saying how often", advice)
    if again is not None and (every is not None or on_days is not None):
        form = "… every …" if on_days is None else "on days …"
        message = f"`retry` and `attempts: {form}` both say when it is tried again"
        parts.problem(again.key.mark, "J028", message, f"write `attempts: {attempts}` beside `retry`")
    return attempts, (every,) if every else named, on_days or ()


def _on_days(parts: Parts) -> tuple[int, ...] | None:
    """Reads `attempts: on days 1, 3, 5`; None where the attempts are written otherwise."""
    written = parts.scalar("attempts")
    if written is None or not written.raw.strip().startswith("on "):
        return None
    found = _ON_DAYS.fullmatch(written.raw.strip())
    days = tuple(int(day) for day in re.split(r"[\s,]+", found.group(1))) if found else ()
    if not days or list(days) != sorted(set(days)) or days[0] < 1:
        advice = "write `attempts: on days 1, 3, 5`, where 1 is the day of the step, each later than the last"
        parts.problem(written.mark, "J005", f"`{written.raw}` says no days", advice)
        return (1,)
    return days


def _attempts(parts: Parts) -> tuple[int | None, Retry | None]:
    written = parts.scalar("attempts")
    if written is None:
        return None, None
    found = _ATTEMPTS.fullmatch(written.raw.strip())
    if found is None:
        advice = "write `attempts: 3 every 1 day` or `attempts: on days 1, 3, 5`"
        parts.problem(written.mark, "J005", f"`{written.raw}` says no attempts", advice)
        return None, None
    if found.group(2) is None:
        return int(found.group(1)), None
    length = _length(parts, written, found.group(2))
    return int(found.group(1)), Retry(None, (length,), repeat=True) if length else None


def _retry(parts: Parts) -> tuple[Retry, ...]:
    found = parts.mapping("retry")
    read = (_retry_of(parts, entry) for entry in found.entries) if found else ()
    return tuple(retry for retry in read if retry is not None)


def _retry_of(parts: Parts, entry: Entry) -> Retry | None:
    """Reads `busy: 20 minutes`, `busy: [2 hours, 3 weeks]`, `busy: 5 times every 20 minutes`."""
    match entry.value:
        case Sequence(items=items) if items and all(isinstance(item, Scalar) for item in items):
            lengths = tuple(parts.read_length(item) for item in items if isinstance(item, Scalar))
            delays = tuple(length for length in lengths if length is not None)
            return Retry(entry.key, delays, repeat=False) if len(delays) == len(items) else None
        case Scalar() as written if written.raw.strip():
            times = _TIMES.fullmatch(written.raw.strip())
            length = _length(parts, written, times.group(2) if times else written.raw)
            limit = int(times.group(1)) if times else None
            return Retry(entry.key, (length,), repeat=True, limit=limit) if length else None
        case _:
            parts.problem(
                entry.key.mark, "J005", f"`{entry.name}` needs a length", "write `busy: 20 minutes`"
            )
            return None


def _length(parts: Parts, written: Scalar, text: str) -> Length | None:
    return parts.read_length(Scalar(text, written.mark, text))


def _outcomes(parts: Parts) -> tuple[Branch, ...]:
    found = parts.mapping("outcomes")
    branches: list[Branch] = []
    for entry in found.entries if found else ():
        codes = tuple(re.split(r"\s+or\s+", entry.name.strip()))
        block = parts.reading.read_block(parts.reading, entry)
        branches.append(Branch(codes, entry.key, block or Block((), entry.key.mark)))
    return tuple(branches)

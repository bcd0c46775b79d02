"""Reads `call`: its times, its attempts, its outcomes."""

from __future__ import annotations

import re

from language.rules import Priority
from language.syntax.model import Block, Branch, CallStep, Retry
from language.syntax.parts import Parts
from language.yaml import Entry, Scalar, Sequence
from model.time import Length

_ATTEMPTS = re.compile(r"([1-9]\d{0,2})(?:\s+(?:times\s+)?every\s+(.+))?")
_PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high")
_TIMES = re.compile(r"([1-9]\d{0,2})\s+times\s+every\s+(.+)")


def read_call(parts: Parts, name: Scalar) -> CallStep | None:
    """Reads the parts of a call."""
    queue = parts.need("queue")
    attempts, retry = _tries(parts)
    priority: Priority | None = None
    if parts.has("priority"):
        priority = parts.choice("priority", _PRIORITIES, "normal")
    due, overdue, expires = parts.length("due"), parts.block("overdue"), parts.scalar("expires")
    assign_to, script, values = parts.scalar("assign_to"), parts.scalar("script"), parts.pairs("with")
    outcomes = _outcomes(parts)
    entry = parts.entry("outcomes")
    if entry is None:
        parts.missing("outcomes", "say what follows each outcome of the queue: `outcomes: {…}`")
    if queue is None or entry is None:
        return None
    return CallStep(
        name=name,
        queue=queue,
        outcomes=outcomes,
        outcomes_mark=entry.key.mark,
        due=due,
        overdue=overdue,
        expires=expires,
        attempts=attempts,
        retry=retry,
        assign_to=assign_to,
        script=script,
        values=values,
        priority=priority,
    )


def _tries(parts: Parts) -> tuple[int | None, tuple[Retry, ...]]:
    """Reads `attempts` and `retry`."""
    attempts, every = _attempts(parts)
    named = _retry(parts)
    if attempts is not None and attempts > 1 and every is None and not parts.has("retry"):
        entry = parts.entry("attempts")
        if entry:
            advice = f"write `attempts: {attempts} every 1 day`"
            parts.problem(entry.value.mark, "J005", "`attempts` without saying how often", advice)
    if every is not None and (entry := parts.entry("retry")) is not None:
        message = "`retry` and `attempts: … every …` both say when it is tried again"
        parts.problem(entry.key.mark, "J028", message, f"write `attempts: {attempts}` beside `retry`")
    return attempts, (every,) if every else named


def _attempts(parts: Parts) -> tuple[int | None, Retry | None]:
    written = parts.scalar("attempts")
    if written is None:
        return None, None
    if written.raw.startswith("on day"):
        parts.problem(
            written.mark, "J003", "`attempts: on days …` is not supported yet", "write `3 every 1 day`"
        )
        return None, None
    found = _ATTEMPTS.fullmatch(written.raw.strip())
    if found is None:
        parts.problem(
            written.mark, "J005", f"`{written.raw}` says no attempts", "write `attempts: 3 every 1 day`"
        )
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

"""Reads `wait`, `wait_for` and `first_of`."""

from __future__ import annotations

from language.syntax import model as m
from language.syntax.lines import hearing_of, read_first_of_line
from language.syntax.parts import Parts
from language.yaml import Entry, Mapping, Scalar

MOST_REMINDERS = 1_000


def read_wait(parts: Parts, instant: Scalar) -> m.WaitStep:
    """Reads `wait` with the event that starts it over."""
    event = parts.scalar("restart_on")
    hearing = hearing_of(parts, event, waits=False) if event else None
    return m.WaitStep(instant, hearing, parts.block("if_missing"))


def read_wait_for(parts: Parts, event: Scalar) -> m.ListenStep:
    """Reads `wait_for` with its reminders."""
    line = m.ListenLine(hearing_of(parts, event), parts.block("then"))
    return m.ListenStep((line,), parts.scalar("within"), parts.block("else"), _remind(parts))


def read_first_of(parts: Parts, entry: Entry) -> m.ListenStep | None:
    """Reads the lines of `first_of`."""
    nodes = parts.items(entry.name)
    lines = tuple(line for node in nodes if (line := read_first_of_line(parts.reading, node)) is not None)
    within, otherwise = parts.scalar("within"), parts.block("else")
    return m.ListenStep(lines, within, otherwise) if lines else None


def _remind(parts: Parts) -> m.RemindText | None:
    entry = parts.entry("remind")
    if entry is None:
        return None
    if not isinstance(entry.value, Mapping):
        advice = "write `remind: {every: 2 days, at_most: 3, do: [steps]}`"
        parts.problem(entry.key.mark, "J005", "`remind` says how often, and what is done", advice)
        return None
    inner = Parts(parts.reading, entry.value, "`remind`", "line")
    if not inner.has("every"):
        inner.missing("every", "say how often: `every: 2 days`")
    if not inner.has("do"):
        inner.missing("do", "say what is done: `do: [steps]`")
    every, at_most, do = inner.length("every"), _at_most(inner), inner.block("do")
    inner.finish()
    return m.RemindText(every, at_most, do) if every is not None and do is not None else None


def _at_most(parts: Parts) -> int | None:
    written = parts.scalar("at_most")
    if written is None:
        return None
    number = written.value
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number <= MOST_REMINDERS:
        return number
    message = f"`at_most` cannot be `{written.raw}`"
    parts.problem(written.mark, "J005", message, "write a whole number: `at_most: 3`")
    return None

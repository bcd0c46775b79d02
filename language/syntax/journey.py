"""Reads a journey's file: its top-level keys, its stages and their steps."""

from __future__ import annotations

from dataclasses import replace

from language.problems import Problems
from language.syntax.advice import as_line
from language.syntax.lines import EXIT, START, WHENEVER, read_exit, read_goal, read_trigger, read_whenever
from language.syntax.model import AgainText, GoalText, JourneyText, StageText, TriggerText
from language.syntax.parts import Parts, Reading
from language.syntax.rules import read_rules
from language.syntax.steps import read_block
from language.values import ValueText, parse_zone
from language.yaml import Entry, Mapping, Node, Scalar

WHOLE = "steps"


def read_journey(node: Node, lines: tuple[str, ...], problems: Problems) -> JourneyText | None:
    """Reads a journey as far as it can be read; None where nothing is left to check."""
    if not isinstance(node, Mapping):
        problems.add(node.mark, "J005", "a journey has lines of `name: value`", "begin with `journey: NAME`")
        return None
    reading = Reading(problems, lines, read_block)
    parts = Parts(reading, node, "a journey", "journey")
    name, about = parts.need("journey"), parts.scalar("about")
    version = _version(parts)
    starts = _starts(parts)
    stages = _stages(parts)
    read = JourneyText(
        name=name or Scalar("", parts.mark, ""),
        version=version,
        about=about.raw if about else "",
        starts=starts,
        stages=stages,
        has_stages=parts.has("stages"),
        key=parts.scalar("key"),
        again=_again(parts),
        exits=tuple(
            found
            for item in parts.items("exit", as_line(parts.node.get("exit"), EXIT, "if"))
            if (found := read_exit(reading, item))
        ),
        whenever=tuple(
            line for item in parts.items("whenever", WHENEVER) if (line := read_whenever(reading, item))
        ),
        contact_hours=parts.node_of("contact_hours"),
        zone=_zone(parts),
        life=parts.length("life"),
        on_opt_out=parts.choice("on_opt_out", ("end", "go_on"), "end"),
        goals=_goals(parts),
        rules=read_rules(parts),
        inputs=_inputs(parts),
    )
    parts.finish()
    return read if name is not None and stages else None


def _inputs(parts: Parts) -> tuple[Entry, ...]:
    found = parts.mapping("inputs")
    return found.entries if found is not None else ()


def _version(parts: Parts) -> int:
    written = parts.need("version", "add `version: 1`")
    if written is None:
        return 1
    if (
        isinstance(written.value, int)
        and not isinstance(written.value, bool)
        and 0 < written.value < 1_000_000
    ):
        return written.value
    parts.problem(
        written.mark, "J005", f"`version` cannot be `{written.raw}`", "write a whole number: `version: 1`"
    )
    return 1


def _starts(parts: Parts) -> tuple[TriggerText, ...]:
    if not parts.has("start"):
        parts.entry("start")
        parts.missing("start", "say what begins it: `start: {event: …}`")
    read = (
        read_trigger(parts.reading, item)
        for item in parts.items("start", as_line(parts.node.get("start"), START, "becomes"))
    )
    return tuple(trigger for trigger in read if trigger is not None)


def _stages(parts: Parts) -> tuple[StageText, ...]:
    has_steps, has_stages = parts.has(WHOLE), parts.has("stages")
    steps, stages = parts.entry(WHOLE), parts.mapping("stages")
    if has_steps and has_stages and steps is not None:
        parts.problem(
            steps.key.mark, "J004", "a journey has `steps` or `stages`, not both", "move them into a stage"
        )
    if not has_steps and not has_stages:
        parts.missing(WHOLE, "add `steps:` with a list of steps")
    if stages is None:
        block = parts.block(WHOLE)
        return (StageText(steps.key, block),) if block is not None and steps is not None else ()
    read = ((entry.key, read_block(parts.reading, entry)) for entry in stages.entries)
    return tuple(StageText(key, block) for key, block in read if block is not None)


def _again(parts: Parts) -> AgainText:
    written = parts.scalar("again")
    return AgainText() if written is None else replace(_again_of(parts, written), mark=written.mark)


def _again_of(parts: Parts, written: Scalar) -> AgainText:
    match written.raw.split():
        case ["never"]:
            return AgainText()
        case ["when", "finished"]:
            return AgainText("finished")
        case ["replace"]:
            return AgainText("replace")
        case ["after", *rest] if rest:
            text = " ".join(rest)
            return AgainText("after", parts.read_length(Scalar(text, written.mark, text)))
        case _:
            advice = "write `never`, `when finished`, `after 30 days` or `replace`"
            parts.problem(written.mark, "J005", f"`again` cannot be `{written.raw}`", advice)
            return AgainText()


def _zone(parts: Parts) -> str | None:
    written = parts.scalar("zone")
    if written is None:
        return None
    try:
        return parse_zone(written.raw)
    except ValueText as error:
        parts.reading.value_error(written.mark, error)
        return None


def _goals(parts: Parts) -> tuple[GoalText, ...]:
    one = parts.node_of("goal")
    found = [read_goal(parts.reading, None, one)] if one is not None else []
    several = parts.mapping("goals")
    entries = several.entries if several else ()
    found.extend(read_goal(parts.reading, entry.name, entry.value) for entry in entries)
    return tuple(goal for goal in found if goal is not None)

"""The parts of a journey that an inlined one has too: stages, `exit`, `whenever`, and what runs beside."""

from __future__ import annotations

from dataclasses import replace

from language.compiled import Exit, Line, Place, SideEnd, Whenever
from language.expressions import Here
from language.lowering import Lowering, Side
from language.step_ids import all_steps
from language.syntax.model import CallStep, ExitText, MessageStep, StageText, Step, WheneverText
from model.channels import MESSAGES

BESIDE = frozenset({
    "if", "choose", "set", "score", "report", "notify", "suppress", "allow", "fetch", "webhook",
    "add_to_audience", "remove_from_audience", *MESSAGES, "send", "end", "start_journey", "stop_journey",
})  # fmt: skip


def lower_stages(low: Lowering) -> dict[str, int]:
    """Lowers the stages in the order of the file; a journey of `steps` is one that may come to its end."""
    labels: dict[str, int] = {}
    for number, stage in enumerate(low.text.stages):
        low.stage = f"{low.prefix}{stage.name.raw}"
        labels[low.stage] = low.program.here()
        first = number == 0 and not low.text.has_stages
        before = low.broken
        low.broken = False
        flow = low.block(low, stage.block, Here(low.expressions.starts if first else low.everything))
        if flow is not None and low.text.has_stages and not low.broken:
            _falls_off(low, stage)
        elif flow is not None:
            low.end(Place(f"{low.prefix}finished", low.stage, low.line_of_run), "finished")
        low.broken = low.broken or before
    return labels


def _falls_off(low: Lowering, stage: StageText) -> None:
    message = f"the stage `{stage.name.raw}` comes to its end without leading anywhere"
    last = stage.block.steps[-1].verb if stage.block.steps else stage.name
    low.error(last, "J021", message, "let every way end in `go_to: STAGE` or `end: NAME`")
    low.end(Place(f"{low.prefix}finished", low.stage, low.line_of_run), "finished")


def lower_exit(low: Lowering, text: ExitText) -> Exit:
    """Lowers a line of `exit`."""
    name = low.ending(text.ending)
    return Exit(low.line(text.hearing, Here(low.expressions.starts), name), name)


def lower_whenever(low: Lowering, text: WheneverText) -> Whenever:
    """Lowers a line of `whenever`; what it does is lowered behind the stages."""
    stages = tuple(low.stage_name(name) for name in text.stages)
    here = Here(low.expressions.starts)
    line = low.line(text.hearing, here, text.hearing.subject.raw)
    if text.do is None:
        return Whenever(line, low.stage_name(text.stage) if text.stage else None, stages)
    label = low.program.label()
    event = frozenset({line.event}) if line.event else here.events
    low.sides.append(Side(label, text.do, Here(event), ""))
    return Whenever(aimed(line, label), None, stages)


def aimed(line: Line, target: int) -> Line:
    """Gives the line with another target."""
    return replace(line, target=target)


def lower_sides(low: Lowering) -> None:
    """Lowers what runs beside the run."""
    for side in low.sides:
        low.stage = side.stage
        low.program.put(side.label)
        for step in all_steps(side.block):
            _check_beside(low, step)
        if low.block(low, side.block, side.here) is not None:
            low.program.emit(SideEnd(Place("", side.stage)))


def _check_beside(low: Lowering, step: Step) -> None:
    verb = step.verb.raw
    if isinstance(step.body, CallStep) and not step.body.wait:
        return
    timed = _timed(step)
    if verb not in BESIDE or timed:
        what = f"`{verb}` with `{timed}`" if timed else f"`{verb}`"
        advice = "what is done beside the run waits for nothing: write `if`, messages, data, `notify`"
        if isinstance(step.body, CallStep):
            advice = "add `wait: false`, without `outcomes`: what is done beside the run waits for nothing"
        low.error(step.verb, "J028", f"{what} cannot stand in `do` or `overdue`", advice)


def _timed(step: Step) -> str | None:
    """Names the part for which a message takes its time."""
    if not isinstance(step.body, MessageStep):
        return None
    return "at" if step.body.at is not None else "until_seen" if step.body.until_seen is not None else None

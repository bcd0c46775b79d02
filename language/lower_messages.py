"""Lowers messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from language.compiled import Jump, Message, Place
from language.expressions import Here
from language.lowering import Lowering, TemplateInfo
from language.reading import read_hours
from language.syntax.model import Block, MessageStep, Step

Inner = Callable[[Block, Here], Here | None]


def lower_message(low: Lowering, step: Step, body: MessageStep, here: Here, inner: Inner) -> Here | None:
    """Lowers one message; `else` of a `send` stands behind it."""
    otherwise, behind = low.program.label(), low.program.label()
    message = _lowered(low, step, body, here)
    if body.otherwise is None:
        low.program.emit(message)
        return here
    low.program.emit(replace(message, else_=otherwise))
    low.program.emit(Jump(Place("", low.stage), behind))
    low.program.put(otherwise)
    flow = inner(body.otherwise, here)
    low.program.put(behind)
    return here.joined(flow)


def _lowered(low: Lowering, step: Step, body: MessageStep, here: Here) -> Message:
    purpose, topic = _purpose(low, body)
    instants = low.expressions.instant
    hours = read_hours(body.hours, low.vocabulary.contact_hours, low.problems) if body.hours else None
    return Message(
        place=low.place(step),
        channels=body.channels,
        template=body.template.raw,
        purpose=purpose,
        topic=topic,
        condition=low.condition(step.condition, here),
        values=low.values(body.values, here),
        at=instants(body.at, here, bare=True) if body.at else None,
        if_past=body.if_past,
        skip_late=body.says_if_past and body.if_past == "skip",
        not_after=instants(body.not_after, here, bare=True) if body.not_after else None,
        hours=hours,
        on_quiet=body.on_quiet,
        on_cap=body.on_cap,
        on_unknown=body.on_unknown,
    )


def _purpose(low: Lowering, body: MessageStep) -> tuple[Literal["marketing", "service"], str | None]:
    """Takes purpose and topic from the templates, which agree where there are several."""
    first: TemplateInfo | None = None
    for channel in body.channels:
        info = low.template(channel, body.template, body.values)
        if (
            first is not None
            and info is not None
            and (info.purpose, info.topic) != (first.purpose, first.topic)
        ):
            channels = " and ".join(body.channels)
            message = f"the templates `{body.template.raw}` of {channels} differ in purpose or topic"
            low.error(body.template, "J012", message, "make them agree")
        first = first or info
    return (first.purpose, first.topic) if first is not None else ("marketing", None)

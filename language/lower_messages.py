"""Lowers messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from language.compiled import Jump, Message, Place
from language.expressions import Here
from language.lowering import Lowering, TemplateInfo
from language.problems import did_you_mean
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
    channels = _channels(low, body)
    purpose, topic = _purpose(low, body, channels)
    instants = low.expressions.instant
    hours = read_hours(body.hours, low.vocabulary.contact_hours, low.problems) if body.hours else None
    return Message(
        place=low.place(step),
        channels=channels,
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
        network=body.network,
        preferred=body.preferred,
        until_seen=body.until_seen,
    )


def _channels(low: Lowering, body: MessageStep) -> tuple[str, ...]:
    """Gives the channels to try; where the lead chooses, those for which the message is written."""
    if not body.preferred:
        return body.channels
    known = [channel for channel in body.channels if channel != "social" or body.network is not None]
    if low.templates is None:
        return tuple(known)
    written = tuple(channel for channel in known if body.template.raw in low.templates.names(channel))
    if not written:
        names = {name for channel in known for name in low.templates.names(channel)}
        advice = did_you_mean(body.template.raw, names) or f"make `templates/email/{body.template.raw}.txt`"
        low.error(body.template, "J012", f"no channel has a template `{body.template.raw}`", advice)
    return written


def _purpose(
    low: Lowering, body: MessageStep, channels: tuple[str, ...]
) -> tuple[Literal["marketing", "service"], str | None]:
    """Takes purpose and topic from the templates, which agree where there are several."""
    first: TemplateInfo | None = None
    for channel in channels:
        info = low.template(channel, body.template, body.values)
        if (
            first is not None
            and info is not None
            and (info.purpose, info.topic) != (first.purpose, first.topic)
        ):
            names = " and ".join(channels)
            message = f"the templates `{body.template.raw}` of {names} differ in purpose or topic"
            low.error(body.template, "J012", message, "make them agree")
        first = first or info
    return (first.purpose, first.topic) if first is not None else ("marketing", None)

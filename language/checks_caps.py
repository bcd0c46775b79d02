"""Where fixed waits alone send more than a cap allows (J032)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from language.compiled import Journey, Message, Wait
from language.problems import Problems
from language.step_ids import StepIds, blocks_of, journey_blocks
from language.syntax.model import Block, JourneyText, MessageStep, SetStep, Step, WaitStep
from language.terms import Cap, Caps
from language.values import length_text
from model.time import After, Length

DAY = 86_400


@dataclass(frozen=True, slots=True)
class _Contact:
    """A marketing message at so many seconds after the first known instant."""

    at: int
    topic: str | None
    step: Step


def check_caps(text: JourneyText, journey: Journey, ids: StepIds, caps: Caps, problems: Problems) -> None:
    """Gives a hint at each message that the caps stop in every run."""
    messages = {item.place.step: item for item in journey.program if isinstance(item, Message)}
    waits = {item.place.step: item for item in journey.program if isinstance(item, Wait)}
    for block in _all_blocks(text):
        _check_block(block, ids, messages, waits, _Judge(caps, problems))


def _check_block(
    block: Block, ids: StepIds, messages: dict[str, Message], waits: dict[str, Wait], judge: _Judge
) -> None:
    """Adds up the waits between the messages of one list of steps; what takes an unknown time begins anew."""
    known: list[_Contact] = []
    now = 0
    for step in block.steps:
        wait = waits.get(ids.of(step))
        match step.body:
            case SetStep():
                continue
            case MessageStep() if step.condition is None and step.body.at is None:
                contact = _contact(messages.get(ids.of(step)), step, now)
                if contact is not None and not any(other.at == now for other in known):
                    judge.contact(contact, known)
                    known.append(contact)
            case WaitStep() if wait is not None and wait.condition is None and isinstance(wait.until, After):
                now += _seconds(wait.until.length)
            case _:
                known, now = [], 0


def _contact(message: Message | None, step: Step, now: int) -> _Contact | None:
    if message is None or message.purpose != "marketing" or message.on_cap == "hold":
        return None
    return _Contact(now, message.topic, step)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Holds the caps against contacts."""

    caps: Caps
    problems: Problems

    def contact(self, contact: _Contact, before: list[_Contact]) -> None:
        """Gives a hint where a cap stops the contact."""
        same = [other for other in before if other.topic == contact.topic]
        topic = self.caps.topics.get(contact.topic or "")
        why = _why(contact, before, self.caps.marketing) or (_why(contact, same, topic) if topic else None)
        if why is not None:
            message = f"this message comes too soon after those before, and is skipped: {why}"
            self.problems.add(
                contact.step.verb.mark,
                "J032",
                message,
                "wait longer before it, or write `on_cap: hold`",
                hint=True,
            )


def _why(contact: _Contact, before: list[_Contact], cap: Cap) -> str | None:
    for limit, days, name in ((cap.per_day, 1, "day"), (cap.per_week, 7, "week")):
        recent = [other for other in before if contact.at - other.at < days * DAY]
        if limit is not None and len(recent) >= limit:
            return f"the cap is {limit} a {name}"
    gap = cap.min_gap
    if gap is not None and before and contact.at - before[-1].at < _seconds(gap):
        return f"the least time between two messages is {length_text(gap)}"
    return None


def _seconds(length: Length) -> int:
    return (length.months * 30 + length.days + length.business_days) * DAY + length.seconds


def _all_blocks(text: JourneyText) -> Iterator[Block]:
    ahead = list(journey_blocks(text))
    while ahead:
        block = ahead.pop(0)
        yield block
        for step in block.steps:
            ahead.extend(blocks_of(step))

"""The verbs: how each one is read.

A new verb is a class in `syntax.model`, an entry here and a case in `lower_steps`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from language.syntax import model as m
from language.syntax.audiences import read_add, read_remove
from language.syntax.flow import (
    read_leave,
    read_parallel,
    read_run,
    read_start_journey,
    read_stop_journey,
)
from language.syntax.messages import message, read_send, read_social
from language.syntax.parts import Parts
from language.syntax.permission import read_allow, read_suppress
from language.syntax.waiting import read_first_of, read_wait, read_wait_for
from language.syntax.winner import read_winner
from language.syntax.work import read_call, read_task
from language.yaml import Entry, Mapping, Node, Scalar
from model.channels import MESSAGES

_POINTS = re.compile(r"[+-]\d{1,6}(\.\d{1,3})?")


def _choose(parts: Parts, entry: Entry) -> m.ChooseStep | None:
    nodes = parts.items(entry.name)
    arms = [arm for node in nodes if (arm := _choose_arm(parts, node, is_last=node is nodes[-1])) is not None]
    return m.ChooseStep(tuple(arms)) if arms else None


def _choose_arm(parts: Parts, node: Node, *, is_last: bool) -> m.ChooseArm | None:
    if not isinstance(node, Mapping):
        parts.problem(
            node.mark,
            "J005",
            "an arm of `choose` is an `if` with its steps",
            "write `- if: …` with `then: …`",
        )
        return None
    arm = Parts(parts.reading, node, "an arm of `choose`", "step")
    if arm.has("else"):
        if not is_last:
            arm.problem(arm.mark, "J005", "`else` is the last arm of `choose`", "put it at the end")
        block = arm.block("else")
        arm.finish()
        return m.ChooseArm(None, block, is_else=True)
    if not arm.has("if"):
        arm.missing("if", "write `if: …` with `then: …`, or `else: …` at the end")
    condition, then = arm.condition("if"), arm.block("then")
    arm.finish()
    return m.ChooseArm(condition, then)


def _split(parts: Parts, entry: Entry) -> m.SplitStep | None:
    shares, blocks = parts.mapping(entry.name), parts.mapping("then")
    draw, winner = parts.scalar("draw"), read_winner(parts)
    if draw is not None and draw.raw != "each run":
        parts.problem(draw.mark, "J005", f"`draw` cannot be `{draw.raw}`", "write `draw: each run`")
    if not parts.has("id"):
        parts.missing("id", "give it a name under which it is counted: `id: …`")
    if not parts.has("then"):
        parts.missing("then", "give each arm its steps: `then: {name: [steps]}`")
    if shares is None or blocks is None:
        return None
    arms = [arm for share in shares.entries if (arm := _arm(parts, share, blocks)) is not None]
    for other in blocks.entries:
        if shares.entry(other.name) is None:
            advice = f"it has {', '.join(share.name for share in shares.entries)}"
            parts.problem(other.key.mark, "J003", f"the split has no arm `{other.name}`", advice)
    if len(arms) < len(shares.entries):
        return None
    return m.SplitStep(tuple(arms), draw is not None, winner)


def _arm(parts: Parts, share: Entry, blocks: Mapping) -> m.SplitArm | None:
    number = share.value.value if isinstance(share.value, Scalar) else None
    entry = blocks.entry(share.name)
    if entry is None:
        parts.problem(
            share.key.mark, "J002", f"the arm `{share.name}` has no steps", f"add `{share.name}: go_on`"
        )
        return None
    block = parts.reading.read_block(parts.reading, entry)
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number <= 100:
        parts.problem(
            share.value.mark, "J005", "a share is a number, in percent", f"write `{share.name}: 50`"
        )
        return None
    return m.SplitArm(share.key, float(number), block or m.Block((), entry.key.mark))


def _repeat(parts: Parts, entry: Entry) -> m.RepeatStep | None:
    at_most, until, known = _rounds(parts, entry)
    if not parts.has("do"):
        parts.missing("do", "say what is repeated: `do: [steps]`")
    do = parts.block("do")
    return m.RepeatStep(do, at_most, until) if do is not None and known else None


def _rounds(parts: Parts, entry: Entry) -> tuple[int | None, Scalar | None, bool]:
    match entry.value:
        case Mapping() as node:
            inner = Parts(parts.reading, node, "`repeat`", "step")
            until, at_most = inner.condition("until"), inner.scalar("at_most")
            if not inner.has("until"):
                inner.missing("until", "write `repeat: {until: …, at_most: 10}`")
            inner.finish()
            times = _times(inner, at_most) if at_most else None
            return times, until, until is not None
        case Scalar(raw="for ever"):
            return None, None, True
        case Scalar() as written:
            times = _times(parts, written)
            return times, None, times is not None
        case _:
            parts.problem(
                entry.value.mark, "J005", "`repeat` is no list", "write `repeat: 6` with `do: [steps]`"
            )
            return None, None, False


def _times(parts: Parts, written: Scalar) -> int | None:
    if isinstance(written.value, int) and not isinstance(written.value, bool) and 0 < written.value <= 10_000:
        return written.value
    advice = "write a number, `for ever`, or `{until: …, at_most: 10}`"
    if (number := written.raw.removesuffix(" times")).isdigit() and int(number) > 0 and number != written.raw:
        advice = f"write `{number}` alone"
    parts.problem(written.mark, "J005", f"`{written.raw}` does not say how often", advice)
    return None


def _go_to(_: Parts, stage: Scalar) -> m.GoToStep:
    return m.GoToStep(stage)


def _end(_: Parts, ending: Scalar) -> m.EndStep:
    return m.EndStep(ending)


def _restart(parts: Parts, what: Scalar) -> m.RestartStep | None:
    if what.raw == "this":
        return m.RestartStep()
    parts.problem(what.mark, "J005", f"`restart` cannot be `{what.raw}`", "write `restart: this`")
    return None


def _set(parts: Parts, entry: Entry) -> m.SetStep | None:
    pairs = parts.pairs(entry.name)
    return m.SetStep(pairs) if pairs else None


def _score(parts: Parts, written: Scalar) -> m.ScoreStep | None:
    if written.raw == "refresh":
        return m.ScoreStep(None)
    if _POINTS.fullmatch(written.raw):
        return m.ScoreStep(float(written.raw))
    plain = written.raw.isdigit()
    advice = (
        f"write `score: +{written.raw}`" if plain else "write `score: +30`, `score: -10` or `score: refresh`"
    )
    message = f"`{written.raw}` does not say whether points are added or taken away"
    parts.problem(written.mark, "J005", message, advice)
    return None


def _report(parts: Parts, outcome: Scalar) -> m.ReportStep:
    return m.ReportStep(outcome, parts.scalar("value"))


def _notify(parts: Parts, to: Scalar) -> m.NotifyStep:
    return m.NotifyStep(to, parts.scalar("template"), parts.pairs("with"))


def _fetch(parts: Parts, connector: Scalar) -> m.ConnectStep:
    return m.ConnectStep("fetch", connector, parts.pairs("with"), parts.block("else"))


def _webhook(parts: Parts, connector: Scalar) -> m.ConnectStep:
    return m.ConnectStep("webhook", connector, parts.pairs("with"), parts.block("else"))


BY_VALUE: dict[str, Callable[[Parts, Scalar], m.Body | None]] = {
    **{channel: message(channel) for channel in MESSAGES},
    "social": read_social,
    "send": read_send,
    "call": read_call,
    "task": read_task,
    "wait": read_wait,
    "wait_for": read_wait_for,
    "leave": read_leave,
    "run": read_run,
    "start_journey": read_start_journey,
    "stop_journey": read_stop_journey,
    "go_to": _go_to,
    "end": _end,
    "restart": _restart,
    "score": _score,
    "report": _report,
    "notify": _notify,
    "allow": read_allow,
    "add_to_audience": read_add,
    "remove_from_audience": read_remove,
    "suppress": read_suppress,
    "fetch": _fetch,
    "webhook": _webhook,
}
BY_ENTRY: dict[str, Callable[[Parts, Entry], m.Body | None]] = {
    "first_of": read_first_of,
    "choose": _choose,
    "split": _split,
    "repeat": _repeat,
    "parallel": read_parallel,
    "set": _set,
}
VERBS = frozenset({*BY_VALUE, *BY_ENTRY, "if"})

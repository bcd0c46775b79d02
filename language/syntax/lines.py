"""Lines that hear something: in triggers, exits, `whenever`, `restart_on`, `wait_for` and `first_of`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from language.problems import did_you_mean
from language.syntax.advice import EVENT, as_line
from language.syntax.model import (
    DateParts,
    ExitText,
    GoalText,
    Hearing,
    Hears,
    ListenLine,
    Of,
    TriggerOn,
    TriggerText,
    WheneverText,
)
from language.syntax.parts import Parts, Reading
from language.syntax.words import right_word
from language.yaml import Entry, Mapping, Node, Scalar

START = "write `{event: …}`"
EXIT = "write `{event: …, as: NAME}`"
WHENEVER = "write `{event: …, go_to: STAGE}`"
DATE_PARTS = ("before", "after", "at", "yearly")
_WAYS: dict[str, TriggerOn] = {
    "event": "event",
    "becomes": "becomes",
    "by": "request",
    "every": "every",
    "once": "once",
    "date": "date",
    "joins": "joins",
    "leaves": "leaves",
}


def read_exit(reading: Reading, node: Node) -> ExitText | None:
    """Reads one line of `exit`."""
    parts = _parts(reading, node, "an exit", EXIT, "if")
    if parts is None:
        return None
    hearing = read_hearing(parts, waits=False)
    ending = parts.need("as", "name the ending: `as: converted`")
    parts.finish()
    return ExitText(hearing, ending) if hearing and ending else None


def read_whenever(reading: Reading, node: Node) -> WheneverText | None:
    """Reads one line of `whenever`."""
    parts = _parts(reading, node, "a `whenever` line", WHENEVER, "becomes")
    if parts is None:
        return None
    hearing = read_hearing(parts, ("event", "becomes"), waits=False)
    stages = parts.names("in")
    stage, do = parts.scalar("go_to"), parts.block("do")
    parts.finish()
    if parts.has("go_to") == parts.has("do"):
        parts.problem(
            parts.mark, "J002", "a `whenever` line has either `go_to` or `do`", "add `go_to: STAGE`"
        )
        return None
    return WheneverText(hearing, stages, stage, do) if hearing else None


def read_first_of_line(reading: Reading, node: Node) -> ListenLine | None:
    """Reads one line of `first_of`."""
    parts = _parts(reading, node, "a line of `first_of`", "write `- event: …` or `- if: …`", "if")
    if parts is None:
        return None
    hearing = read_hearing(parts)
    then = parts.block("then")
    parts.finish()
    return ListenLine(hearing, then) if hearing else None


def read_trigger(reading: Reading, node: Node) -> TriggerText | None:
    """Reads one trigger of `start`."""
    parts = _parts(reading, node, "a trigger", START, "becomes")
    if parts is None:
        return None
    found = [name for name in _WAYS if parts.has(name)]
    event, becomes, by = parts.scalar("event"), parts.condition("becomes"), parts.scalar("by")
    every, once, date = parts.scalar("every"), parts.scalar("once"), parts.scalar("date")
    audience = parts.scalar("joins"), parts.scalar("leaves")
    beside = _beside_date(parts)
    where, condition, name = parts.condition("where"), parts.condition("if"), parts.scalar("as")
    parts.entry("of")
    parts.finish()
    if len(found) != 1:
        _one_of(parts, found, tuple(_WAYS))
        return None
    if where is not None and event is None:
        parts.problem(where.mark, "J028", "`where` belongs to a trigger with `event`", "write `if`")
    if by is not None and by.raw != "request":
        parts.problem(by.mark, "J005", f"`by` cannot be `{by.raw}`", "write `by: request`")
        return None
    _only_beside(parts, "date", DATE_PARTS, date is not None)
    _only_beside(parts, "date", ("catch_up",), date is not None or any(audience))
    subject = event or becomes or by or every or once or date or audience[0] or audience[1]
    if subject is None:
        return None
    anyone = _anyone(parts, event)
    return TriggerText(_WAYS[found[0]], subject, where, condition, name, beside, anyone)


def _beside_date(parts: Parts) -> DateParts:
    yearly = parts.scalar("yearly")
    if yearly is not None and not isinstance(yearly.value, bool):
        parts.problem(yearly.mark, "J005", f"`yearly` cannot be `{yearly.raw}`", "write `yearly: true`")
    found = DateParts(
        before=parts.length("before"),
        after=parts.length("after"),
        at=parts.scalar("at"),
        yearly=yearly is not None and yearly.value is True,
        catch_up=parts.scalar("catch_up"),
    )
    both = parts.entry("after")
    if found.before is not None and both is not None:
        message = "a trigger has `before` or `after`, not both"
        parts.problem(both.key.mark, "J004", message, "keep one of them")
    return found


def _only_beside(parts: Parts, word: str, names: Iterable[str], fits: bool) -> None:
    for name in names:
        if not fits and (entry := parts.entry(name)) is not None:
            message = f"`{name}` belongs to a trigger with `{word}`"
            parts.problem(entry.key.mark, "J028", message, f"write `{word}: lead.FIELD`, or leave it out")


def _anyone(parts: Parts, event: Scalar | None) -> bool:
    """Says whether a trigger hears the events of everybody, `of: anyone`."""
    written = parts.scalar("of")
    if written is None:
        return False
    if event is None:
        parts.problem(written.mark, "J028", "`of` belongs to a trigger with `event`", "leave it out")
    elif written.raw != "anyone":
        advice = "leave it out: a trigger is about the lead of its event; `of: anyone` begins a run of others"
        parts.problem(written.mark, "J005", f"`of` of a trigger cannot be `{written.raw}`", advice)
    elif not parts.has("where"):
        advice = "say whose run begins: `where: event.referrer_id is lead.id`"
        parts.problem(written.mark, "J002", "`of: anyone` needs `where`", advice)
    return written.raw == "anyone"


def read_goal(reading: Reading, name: str | None, node: Node) -> GoalText | None:
    """Reads one goal; without a name it is called after its event."""
    parts = _parts(reading, node, "a goal", "write `{event: …, within: 30 days}`")
    if parts is None:
        return None
    event, where, within = parts.need("event"), parts.condition("where"), parts.length("within")
    parts.finish()
    return GoalText(name or event.raw, event, where, within) if event else None


def read_hearing(
    parts: Parts, forms: tuple[Hears, ...] = ("event", "if", "becomes"), *, waits: bool = True
) -> Hearing | None:
    """Reads what a line hears: one of `event`, `if`, `becomes`, with its parts; a wait's may have `since`."""
    found = [form for form in ("event", "if", "becomes") if parts.has(form)]
    read = {form: parts.scalar(form) if form == "event" else parts.condition(form) for form in forms}
    where = parts.condition("where")
    details = _details(parts, waits=waits)
    if found == ["event", "if"] or found == ["if", "event"]:
        entry = parts.entry("if")
        if entry:
            parts.problem(
                entry.key.mark,
                "J003",
                "a line with `event` has no `if`",
                "write `where`: it is about the event",
            )
        found = ["event"]
    if len(found) != 1 or found[0] not in forms:
        _one_of(parts, found, forms)
        return None
    form: Hears = "event" if found[0] == "event" else "if" if found[0] == "if" else "becomes"
    subject = read[form]
    if form != "event":
        _only_with_event(parts)
    return Hearing(form, subject, where, *details) if subject else None


def hearing_of(parts: Parts, subject: Scalar, *, waits: bool = True) -> Hearing:
    """Reads the parts of a hearing whose event is the value of a verb or of `restart_on`."""
    return Hearing("event", subject, parts.condition("where"), *_details(parts, waits=waits))


def _details(parts: Parts, *, waits: bool) -> tuple[Of | None, Scalar | None, bool]:
    of = parts.scalar("of")
    to, since = parts.scalar("to"), parts.scalar("since") if waits else None
    if since is not None and since.raw != "start":
        parts.problem(since.mark, "J005", f"`since` cannot be `{since.raw}`", "write `since: start`")
    return _of(parts, of), to, since is not None and since.raw == "start"


def _of(parts: Parts, written: Scalar | None) -> Of | None:
    if written is None:
        return None
    for known in get_args(Of):
        if written.raw == known:
            found: Of = known
            if found == "anyone" and not parts.has("where"):
                advice = "say which: `where: event.referrer_id is lead.id`"
                parts.problem(written.mark, "J002", "`of: anyone` needs `where`: it hears everybody", advice)
            return found
    advice = did_you_mean(written.raw, get_args(Of)) or "write `of: lead`, `of: account` or `of: anyone`"
    parts.problem(written.mark, "J005", f"`of` cannot be `{written.raw}`", advice)
    return None


def _only_with_event(parts: Parts) -> None:
    for name in ("where", "of", "to", "since"):
        if (entry := parts.entry(name)) is not None:
            advice = "put it into the condition with `and`" if name == "where" else "leave it out"
            parts.problem(entry.key.mark, "J028", f"`{name}` belongs to a line with `event`", advice)


def _one_of(parts: Parts, found: list[str], forms: tuple[str, ...]) -> None:
    """Says that a line names none of the forms, or two, or one that does not belong there."""
    listed = " or ".join(f"`{form}`" for form in forms)
    entry = parts.node.entry(found[-1]) if found else None
    if entry is None:
        if (other := parts.unasked()) is not None and parts.what != "a trigger":
            parts.refuse(other, _instead(parts, other, forms))
        elif not any(right_word(parts.kind, other.name) in forms for other in parts.node.entries):
            parts.problem(parts.mark, "J002", f"{parts.what} needs {listed}", f"add `{forms[0]}: …`")
    elif len(found) > 1:
        message = f"{parts.what} names both `{found[0]}` and `{found[1]}`"
        parts.problem(entry.key.mark, "J004", message, "keep one of them")
    else:
        parts.problem(entry.key.mark, "J028", f"{parts.what} has no `{found[0]}`", f"write {listed}")


def _instead(parts: Parts, entry: Entry, forms: tuple[str, ...]) -> str:
    """Says what to write for the wrong word that a line begins with."""
    if entry.name == "wait_for":
        return "write `event`"
    if entry.name == "wait" and parts.what == "a line of `first_of`":
        return "write `within: …` beside `first_of`, and `else` for what follows then"
    if EVENT.fullmatch(entry.name):
        return f"write `- event: {entry.name}`, its steps under `then`"
    right = right_word(parts.kind, entry.name)
    if right in forms:
        return f"write `{right}`"
    return f"write {' or '.join(f'`{form}`' for form in forms)}"


def _parts(
    reading: Reading, node: Node, what: str, suggestion: str, condition: str | None = None
) -> Parts | None:
    if isinstance(node, Mapping):
        return Parts(reading, node, what, "trigger" if what == "a trigger" else "line")
    reading.problems.add(
        node.mark, "J005", f"{what} says what it hears", as_line(node, suggestion, condition)
    )
    return None

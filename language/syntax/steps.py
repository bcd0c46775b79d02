"""Reads lists of steps: which verb a step has, and what every step may have."""

from __future__ import annotations

from language.problems import closest
from language.syntax.advice import as_step
from language.syntax.model import Block, Body, IfStep, Step
from language.syntax.parts import Parts, Reading
from language.syntax.verbs import BY_ENTRY, BY_VALUE, VERBS
from language.syntax.words import PART_OF, right_verb
from language.yaml import Entry, Mapping, Node, Scalar, Sequence

GO_ON = "go_on"
WORK = frozenset({"call", "task"})
OFTEN = ("call", "choose", "email", "end", "first_of", "go_to", "if", "notify")
"""Verbs that are named to somebody who wrote none."""


def read_block(reading: Reading, entry: Entry) -> Block | None:
    """Reads the list of steps behind a key; None, with a problem, where there is none."""
    node, mark = entry.value, entry.key.mark
    match node:
        case Scalar() if _is_go_on(node):
            return Block((), mark)
        case Sequence() if node.items:
            before = len(reading.problems)
            steps = [step for item in node.items if (step := _read_step(reading, item)) is not None]
            lost = len(steps) < sum(not _is_go_on(item) for item in node.items)
            return Block(tuple(steps), mark, broken=lost and len(reading.problems) > before)
        case Mapping():
            reading.problems.add(
                mark, "J005", f"`{entry.name}` is a list of steps", "begin each step with `- `"
            )
            return None
        case Scalar() if (meant := as_step(node.raw, VERBS)) is not None:
            message = f"`{entry.name}` is a list of steps"
            reading.problems.add(mark, "J005", message, f"write `- {meant}` on a line of its own below it")
            return None
        case _:
            reading.problems.add(
                mark,
                "J005",
                f"`{entry.name}` has no steps",
                f"write `{entry.name}: {GO_ON}` where nothing is to be done",
            )
            return None


def _is_go_on(node: Node) -> bool:
    return isinstance(node, Scalar) and node.raw == GO_ON


def _read_step(reading: Reading, node: Node) -> Step | None:
    match node:
        case Scalar() if _is_go_on(node):
            return None
        case Mapping() if node.entries:
            return _read_map(reading, node)
        case Scalar() if node.raw in VERBS:
            reading.problems.add(node.mark, "J005", f"`{node.raw}` has no value", f"write `- {node.raw}: …`")
        case Scalar():
            _no_verb(reading, node, [node.raw])
        case _:
            reading.problems.add(
                node.mark,
                "J004",
                "a step is one word for what is to be done, with its value",
                "write `- email: welcome`",
            )
    return None


def _read_map(reading: Reading, node: Mapping) -> Step | None:
    verb = _verb(reading, node)
    if verb is None:
        return None
    parts = Parts(reading, node, f"`{verb.name}`", "step")
    parts.entry(verb.name)
    if verb.name not in WORK and (wait := _false_wait(node)) is not None and verb.name != "wait":
        parts.entry("wait")
        message = f"`wait: false` does not belong to `{verb.name}`"
        parts.problem(wait.key.mark, "J028", message, "it is a part of `call` and `task`")
    id_, _ = parts.scalar("id"), parts.scalar("note")
    condition = None if verb.name == "if" else parts.condition("if")
    body = _read_if(parts) if verb.name == "if" else _read_body(parts, verb)
    parts.finish()
    if body is None:
        return None
    return Step(verb.key, verb.value if isinstance(verb.value, Scalar) else None, body, id_, condition)


def _verb(reading: Reading, node: Mapping) -> Entry | None:
    """Finds the one verb of a step; `if` is the verb only where no other stands."""
    found = [entry for entry in node.entries if entry.name in VERBS and entry.name != "if"]
    found = _without_wait_part(node, found) or _if_verb(node, found)
    if len(found) > 1:
        names = f"`{found[0].name}` and `{found[1].name}`"
        reading.problems.add(
            found[1].key.mark, "J004", f"one step does two things, {names}", "make them two steps"
        )
        return None
    if not found:
        _no_verb(reading, node, [entry.name for entry in node.entries])
        return None
    return found[0]


def _without_wait_part(node: Mapping, found: list[Entry]) -> list[Entry]:
    """Leaves `wait: false` out beside another verb: there it is a part."""
    wait = _false_wait(node)
    return found if wait is None or len(found) < 2 else [entry for entry in found if entry is not wait]


def _false_wait(node: Mapping) -> Entry | None:
    """Finds `wait: false`, the one verb that is also a part."""
    wait = node.entry("wait")
    return wait if wait is not None and isinstance(wait.value, Scalar) and wait.value.value is False else None


def _if_verb(node: Mapping, found: list[Entry]) -> list[Entry]:
    entry = node.entry("if")
    is_verb = entry is not None and not found and not any(right_verb(other.name) for other in node.entries)
    return [entry] if entry is not None and is_verb else found


def _no_verb(reading: Reading, node: Node, words: list[str]) -> None:
    """Says that a step has no verb, and which was meant."""
    keys = {entry.name: entry.key.mark for entry in node.entries} if isinstance(node, Mapping) else {}
    for word in words:
        right = right_verb(word) or (
            None if word in PART_OF or word in ("id", "note") else closest(word, VERBS)
        )
        if right is not None:
            mark = keys.get(word, node.mark)
            reading.problems.add(mark, "J003", f"`{word}` is no word of a step", f"write `{right}`")
            return
    message, advice = "this step does not say what is to be done", f"write one of {', '.join(OFTEN)} …"
    if (meant := as_step(words[0], VERBS) if isinstance(node, Scalar) else None) is not None:
        advice = f"write `- {meant}`"
    elif words[0] in PART_OF:
        message = f"`{words[0]}` is a part of a step and cannot begin one"
        advice = "put it under the step that it belongs to, without the `- `"
    reading.problems.add(node.mark, "J004", message, advice)


def _read_body(parts: Parts, verb: Entry) -> Body | None:
    if verb.name in BY_ENTRY:
        return BY_ENTRY[verb.name](parts, verb)
    value = parts.scalar(verb.name)
    read = BY_VALUE[verb.name]
    if value is not None:
        return read(parts, value)
    read(parts, verb.key)
    return None


def _read_if(parts: Parts) -> IfStep | None:
    condition = parts.condition("if")
    if not parts.has("then") and not parts.has("else"):
        parts.missing("then", "say what follows: `then: [steps]`, or add a verb that the condition is for")
    then, otherwise = parts.block("then"), parts.block("else")
    return IfStep(condition, then or Block((), parts.mark), otherwise)

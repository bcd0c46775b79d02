"""What steps are called: the verb's value, or the id they are given (language.md §3)."""

from __future__ import annotations

from collections.abc import Iterator

from language.problems import Mark, Problems
from language.syntax.model import (
    Block,
    CallStep,
    ChooseStep,
    ConnectStep,
    IfStep,
    JourneyText,
    ListenStep,
    MessageStep,
    ParallelStep,
    RepeatStep,
    RunStep,
    SplitStep,
    Step,
    WaitStep,
)

_NAMED_BY_PLACE = {
    "if": "choice",
    "choose": "choice",
    "repeat": "repeat",
    "parallel": "parallel",
    "leave": "leave",
    "first_of": "wait",
    "set": "change",
}


def blocks_of(step: Step) -> Iterator[Block]:  # noqa: C901 - a case a verb
    """Gives the blocks directly inside a step, in the order of the file."""
    body = step.body
    found: tuple[Block | None, ...] = ()
    match body:
        case MessageStep() | ConnectStep():
            found = (body.otherwise,)
        case CallStep():
            found = (body.overdue, *(branch.block for branch in body.outcomes))
        case ListenStep():
            remind = body.remind.do if body.remind is not None else None
            found = (*(line.then for line in body.lines), body.otherwise, remind)
        case WaitStep():
            found = (body.if_missing,)
        case IfStep():
            found = (body.then, body.otherwise)
        case ChooseStep():
            found = tuple(arm.block for arm in body.arms)
        case SplitStep():
            found = tuple(arm.block for arm in body.arms)
        case RepeatStep():
            found = (body.do,)
        case RunStep():
            found = tuple(branch.block for branch in body.branches)
        case ParallelStep():
            found = tuple(arm.block for arm in body.arms)
        case _:
            pass
    yield from (block for block in found if block is not None)


def all_steps(block: Block) -> Iterator[Step]:
    """Gives every step of a block and of the blocks inside it, in the order of the file."""
    for step in block.steps:
        yield step
        for inner in blocks_of(step):
            yield from all_steps(inner)


def journey_blocks(journey: JourneyText) -> Iterator[Block]:
    """Gives the blocks of a journey: its stages, then what `whenever` does."""
    yield from (stage.block for stage in journey.stages)
    yield from (line.do for line in journey.whenever if line.do is not None)


def heard_in(block: Block) -> frozenset[str]:
    """The types `event` may be of after the steps of a block."""
    heard: set[str] = set()
    for step in all_steps(block):
        if isinstance(step.body, CallStep) and step.body.wait:
            heard.add("task.completed")
        if isinstance(step.body, ListenStep):
            lines = (line.hearing for line in step.body.lines)
            heard.update(line.subject.raw for line in lines if line.hears == "event")
    return frozenset(heard)


class StepIds:
    """The ids of all steps of a journey, a prefix before each; `messages` and `work` are those of these
    kinds, `asked` maps those that ask a connector, without the prefix, to its name.
    """

    def __init__(self, journey: JourneyText, problems: Problems, prefix: str = "") -> None:
        self._prefix = prefix
        self._ids: dict[Step, str] = {}
        self.messages: list[str] = []
        self.work: list[str] = []
        self.asked: dict[str, str] = {}
        self._problems = problems
        self._given: dict[str, Step] = {}
        steps = [step for block in journey_blocks(journey) for step in all_steps(block)]
        for step in steps:
            self._take_given(step)
        self._name(steps)

    def of(self, step: Step) -> str:
        """Gives a step's id."""
        return self._ids[step]

    @property
    def marks(self) -> dict[str, Mark]:
        """Where each step stands, by id."""
        return {name: step.verb.mark for step, name in self._ids.items()}

    def _take_given(self, step: Step) -> None:
        if step.id is None:
            return
        first = self._given.setdefault(step.id.raw, step)
        if first is not step and first.id is not None:
            message = f"line {first.id.mark.line} gives the id `{step.id.raw}` too"
            self._problems.add(step.id.mark, "J026", message, "give each step its own id")

    def _name(self, steps: list[Step]) -> None:
        counts: dict[str, int] = {}
        before = "the beginning"
        for step in steps:
            base = _value_of(step) or f"the {_NAMED_BY_PLACE.get(step.verb.raw, 'step')} after {before}"
            name = step.id.raw if step.id is not None else self._numbered(step, base, counts)
            self._ids[step] = f"{self._prefix}{name}"
            before = name if not name.startswith("the ") else before
            if isinstance(step.body, MessageStep):
                self.messages.append(self._ids[step])
            if isinstance(step.body, CallStep):
                self.work.append(self._ids[step])
            if isinstance(step.body, ConnectStep):
                self.asked[name] = step.body.connector.raw

    def _numbered(self, step: Step, base: str, counts: dict[str, int]) -> str:
        counts[base] = counts.get(base, 0) + 1
        name = base if counts[base] == 1 else f"{base}_{counts[base]}"
        if (other := self._given.get(name)) is not None and other.id is not None:
            message = f"the step in line {step.verb.mark.line} is called `{name}` already"
            self._problems.add(other.id.mark, "J026", message, "choose another id")
        elif counts[base] > 1 and isinstance(step.body, MessageStep | CallStep):
            advice = "give it an `id`, so that its numbers stay together when you edit"
            self._problems.add(
                step.verb.mark,
                "J026",
                f"another step is called `{base}`, so this one is counted as `{name}`",
                advice,
                hint=True,
            )
        return name


def _value_of(step: Step) -> str | None:
    if step.value is None or step.verb.raw in ("if", "repeat", "restart", "leave"):
        return None
    return step.value.raw.strip()

"""Plays scenarios and compares them with what they expect; counts which branches they cover (language.md
§9).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from engine.simulator import simulate
from engine.story import LogLine, Story
from language.compiled import Connect, Enter, Fork, Journey, Listen, Loop, Message, Split, Test, Wait, Work
from language.scenario import Expected, Scenario
from language.vocabulary import Vocabulary
from model.channels import MESSAGES

ALWAYS = frozenset({*MESSAGES, "call", "task", "end"})
OTHERS = frozenset({
    "set", "score", "report", "notify", "suppress", "allow", "goal", "fetch", "webhook", "add_to_audience",
    "remove_from_audience", "start_journey", "stop_journey",
})  # fmt: skip

Branch = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a scenario parted from what it expects: the line of its file (None: more happened than it
    says).
    """

    message: str
    line: int | None
    expected: str | None
    happened: LogLine | None


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """How a scenario went: `covered` are the branches and outcomes that it took, as (step, name)."""

    scenario: Scenario
    story: Story
    difference: Difference | None
    covered: frozenset[Branch]

    @property
    def passed(self) -> bool:
        """Whether everything went as expected."""
        return self.difference is None

    @property
    def log(self) -> tuple[LogLine, ...]:
        """The whole day-by-day log."""
        return self.story.log


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which branches and outcomes no scenario took; `percent` of all were."""

    missing: tuple[Branch, ...]
    percent: float


def run_scenario(journey: Journey, vocabulary: Vocabulary, scenario: Scenario) -> ScenarioResult:
    """Plays one scenario."""
    story = simulate(
        journey,
        vocabulary,
        scenario.lead,
        scenario.begin,
        scenario.events,
        history=scenario.history,
        control=scenario.control,
        others=scenario.others,
    )
    difference = _compare(scenario, story)
    exits = {("exit", story.ending)} if story.ending is not None and _by_exit(story) else set()
    return ScenarioResult(scenario, story, difference, story.taken | exits)


def _by_exit(story: Story) -> bool:
    return any(line.kind == "end" and (line.reason or "").startswith("exit:") for line in story.log)


def shown(line: LogLine, zone: str) -> str:
    """Words a line of the log as `expect` would."""
    skipped = f" skipped {line.reason}" if line.kind in MESSAGES and line.reason else ""
    return f"day {line.day} at {line.at.astimezone(ZoneInfo(zone)):%H:%M} {line.kind} {line.text}{skipped}"


def _compare(scenario: Scenario, story: Story) -> Difference | None:
    wanted = scenario.expect
    if story.refused is not None or any(each.verb == "refused" for each in wanted):
        return _compare_refusal(wanted, story)
    if (problem := next((line for line in story.log if line.kind == "problem"), None)) is not None:
        return Difference(problem.text, scenario.mark.line, None, problem)
    compared = _compared(wanted)
    happened = [line for line in story.log if line.kind in compared and _counts(line, wanted)]
    for number, each in enumerate(wanted):
        line = happened[number] if number < len(happened) else None
        if line is None or not _fits(each, line, story.zone):
            got = f"it was `{shown(line, story.zone)}`" if line is not None else "nothing more happened"
            return Difference(f"expected `{each.text}`, but {got}", each.mark.line, each.text, line)
    if len(happened) > len(wanted):
        extra = happened[len(wanted)]
        return Difference(f"`{shown(extra, story.zone)}` was not expected", None, None, extra)
    return None


def _compare_refusal(wanted: tuple[Expected, ...], story: Story) -> Difference | None:
    first = wanted[0] if wanted else None
    line = story.log[0] if story.refused is not None else None
    if first is None:
        return Difference(f"the lead was refused: {story.refused}", None, None, line)
    if first.verb == "refused" and story.refused is not None and first.name in story.refused:
        return None
    got = f"it was refused: {story.refused}" if story.refused is not None else "it entered"
    return Difference(f"expected `{first.text}`, but {got}", first.mark.line, first.text, line)


def _compared(wanted: tuple[Expected, ...]) -> frozenset[str]:
    """The verbs whose lines are all compared: messages, work and the ending, and others once one is
    written.
    """
    return ALWAYS | {each.verb for each in wanted if each.verb in OTHERS}


def _counts(line: LogLine, wanted: tuple[Expected, ...]) -> bool:
    """Skipped messages are compared once one is written."""
    skipped = line.kind in MESSAGES and line.reason is not None
    return not skipped or any(each.skipped is not None for each in wanted)


def _fits(each: Expected, line: LogLine, zone: str) -> bool:
    local = line.at.astimezone(ZoneInfo(zone))
    on_time = each.at is None or each.at == local.hour * 60 + local.minute
    skipped = line.reason if line.kind in MESSAGES else None
    same = (each.verb, each.name, each.day, each.skipped) == (line.kind, line.text, line.day, skipped)
    return same and on_time


def branches(journey: Journey) -> tuple[Branch, ...]:  # noqa: C901 - a case an instruction
    """Lists every branch, outcome, else and exit of a journey, as (step, name)."""
    found: dict[Branch, None] = {}
    for here in journey.program:
        step = here.place.step
        match here:
            case Test():
                names = [name for name in (here.then_name, here.else_name) if name]
            case Enter():
                names = list(here.returns)
            case Fork():
                names = [way.name for way in here.ways] if here.first else []
            case Split():
                names = [arm.name for arm in here.arms]
            case Listen():
                names = [line.name for line in here.lines if line.name]
                names += ["else"] if here.within is not None else []
                names += ["remind"] if here.remind is not None else []
            case Wait():
                names = ["if_missing"] if here.if_missing is not None else []
            case Work():
                names = [*_outcomes(here), *(["overdue"] if here.overdue is not None else [])]
            case Message() | Connect():
                names = ["else"] if here.else_ is not None else []
            case Loop():
                names = ["until", "at_most"] if here.until is not None and here.at_most is not None else []
            case _:
                names = []
        found.update(((step, name), None) for name in names)
    found.update((("exit", each.ending), None) for each in journey.exits)
    return tuple(found)


def _outcomes(work: Work) -> list[str]:
    """The outcomes that have a branch of their own; the unlisted ones follow others, and a task that never
    expires is only ever canceled by hand.
    """
    unlisted = ("no_answer",) if work.work == "task" and work.expires is None else ("no_answer", "expired")
    own = [code for code in work.outcomes if code not in ("no_answer", "expired")]
    target = {code: work.outcomes[code] for code in unlisted if code in work.outcomes}
    others = {work.outcomes[code] for code in own} | {target.get("no_answer")}
    return own + [code for code, index in target.items() if code == "no_answer" or index not in others]


def coverage(journey: Journey, results: Iterable[ScenarioResult]) -> Coverage:
    """Says which branches and outcomes of a journey no scenario took."""
    every = branches(journey)
    covered = {branch for result in results for branch in result.covered}
    missing = tuple(branch for branch in every if branch not in covered)
    return Coverage(missing, 100.0 if not every else 100 * (len(every) - len(missing)) / len(every))

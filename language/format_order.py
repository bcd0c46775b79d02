"""The order of the words: a journey from its name to its steps, in a step the verb first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from language.format_source import Element, Group
from language.syntax.verbs import VERBS
from language.vocabulary import NAMED, SETTINGS

Kind = Literal["vocabulary", "scenarios", "journey"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


JOURNEY = _words(
    "journey version about inputs start key again not_after goal goals exit whenever hold_while on_opt_out"
    " holdout contact_hours zone live life pace at_a_time priority stages steps"
)
TRIGGER = _words(
    "event becomes joins leaves every once date by of where before after at yearly catch_up if as"
)
LINE = _words("event becomes if of to where since within in as go_to do then")
PARTS = _words(
    "id note if queue by network of to for assign_to skills number restart_on where since every"
    " script template value at if_past if_missing not_after hours on_quiet on_cap on_unknown with"
    " until_seen due overdue escalate expires retry attempts priority draw winner at_most wait"
    " outcomes remind do until within then else"
)
SCENARIOS = _words("journey lead history with scenarios")
SCENARIO = _words("name lead history control with events expect")

_STEPS = frozenset({"then", "else", "do", "overdue"})
_NAMED_STEPS = frozenset({"then", "outcomes", "parallel"})


def arrange(root: Group, kind: Kind) -> None:
    """Puts the words of a whole file into their order; what the language does not know stays behind."""
    match kind:
        case "vocabulary":
            _sort(root, (*SETTINGS, *NAMED))
        case "scenarios":
            _sort(root, SCENARIOS)
            for scenario in _maps(root, "scenarios"):
                _sort(scenario, SCENARIO)
        case "journey":
            _journey(root)


def _journey(root: Group) -> None:
    _sort(root, JOURNEY)
    for trigger in _maps(root, "start"):
        _sort(trigger, TRIGGER)
    for name in ("exit", "whenever", "goal"):
        for line in _maps(root, name):
            _line(line)
    for goal in _values(root, "goals"):
        _line(goal)
    _block(root.named("steps"))
    for stage in _entries(root, "stages"):
        _block(stage)


def _line(line: Group) -> None:
    _sort(line, LINE)
    _inside(line)


def _block(element: Element | None) -> None:
    """Arranges a list of steps."""
    group = element.value if element is not None else None
    for item in group.elements if isinstance(group, Group) and not group.is_map else ():
        if isinstance(item.value, Group) and item.value.is_map:
            _step(item.value)


def _step(step: Group) -> None:
    verb = _verb(step)
    _sort(step, (*([verb] if verb else []), *PARTS))
    _inside(step)
    for line in _maps(step, "first_of"):
        _line(line)
    for arm in _maps(step, "choose"):
        _step(arm)
    for late in _maps(step, "escalate"):
        _sort(late, ("after", "to"))
    for part in ("remind", "repeat"):
        for inner in _maps(step, part):
            _inside(inner)


def _inside(group: Group) -> None:
    """Arranges the steps that stand inside a step or a line."""
    for element in group.elements:
        if element.name in _STEPS:
            _block(element)
        if element.name in _NAMED_STEPS:
            for named in _entries(group, element.name):
                _block(named)


def _verb(step: Group) -> str | None:
    found = [one.name for one in step.elements if one.name in VERBS and one.name != "if"]
    found.sort(key=lambda name: name == "wait")
    return found[0] if found else "if" if step.named("if") else None


def _sort(group: Group, words: Iterable[str]) -> None:
    ranks: dict[str, int] = {}
    for word in words:
        ranks.setdefault(word, len(ranks))
    group.elements.sort(key=lambda one: ranks.get(one.name, len(ranks)))


def _maps(group: Group, name: str) -> list[Group]:
    """Gives the maps of a list behind a name; a single map counts as a list of one."""
    element = group.named(name)
    value = element.value if element is not None else None
    if not isinstance(value, Group):
        return []
    found = [value] if value.is_map else [item.value for item in value.elements]
    return [one for one in found if isinstance(one, Group) and one.is_map]


def _values(group: Group, name: str) -> list[Group]:
    return [one.value for one in _entries(group, name) if isinstance(one.value, Group)]


def _entries(group: Group, name: str) -> list[Element]:
    element = group.named(name)
    value = element.value if element is not None else None
    return value.elements if isinstance(value, Group) and value.is_map else []

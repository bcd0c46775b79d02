"""From a journey as written to its compiled form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from language.builtin import ENDINGS
from language.checks import check_flow, check_trigger
from language.checks_caps import check_caps
from language.compiled import (
    Again,
    Effect,
    Goal,
    Journey,
    Outcome,
    QueueForm,
    Trigger,
    Whenever,
)
from language.expressions import Expressions, Here
from language.facts import reads_pii
from language.listening import heard, heard_of_others, read_fields, watched
from language.lower_connect import fetched_fields
from language.lower_parts import aimed, lower_exit, lower_sides, lower_stages, lower_whenever
from language.lower_rules import lower_rules
from language.lower_run import heard_anywhere, inlined_ids, read_inputs, starting
from language.lower_steps import lower_block
from language.lower_things import own_fields, own_key, things_read, trigger_thing
from language.lower_triggers import of_anyone, own_start, scanned
from language.lowering import Lowering, Templates
from language.problems import Problems
from language.reading import read_hours
from language.step_ids import StepIds
from language.syntax.model import (
    GoalText,
    JourneyText,
    TriggerText,
)
from language.vocabulary import Vocabulary
from model.expressions import Expr, Name
from model.time import Hours


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a journey: the vocabulary and the templates, and the names of the calls and tasks
    of all journeys, where they are known.
    """

    vocabulary: Vocabulary
    templates: Templates | None = None
    work: frozenset[str] = frozenset()
    journeys: Mapping[str, JourneyText] = field(default_factory=dict)


def lower_journey(text: JourneyText, around: Around, problems: Problems) -> Journey:
    """Lowers a journey, reporting everything that is wrong; the form is of use only where nothing was."""
    low = _lowering(text, around, problems)
    starts = tuple(_trigger(low, trigger) for trigger in text.starts)
    key = _key(low)
    stages = lower_stages(low)
    whenever = tuple(lower_whenever(low, line) for line in text.whenever)
    exits = tuple(lower_exit(low, line) for line in text.exits)
    goals = tuple(_goal(low, goal) for goal in text.goals)
    rules = lower_rules(low)
    lower_sides(low)
    program = low.program.finished()
    index = low.program.index
    lowered = Journey(
        name=text.name.raw,
        version=text.version,
        about=text.about,
        program=program,
        stages={name: index(label) for name, label in {**stages, **low.shared.stages}.items()},
        starts=starts,
        key=key,
        key_field=key.path.removeprefix("start.") if isinstance(key, Name) else None,
        again=Again(text.again.mode, text.again.after),
        exits=exits,
        whenever=_placed(whenever, index),
        contact_hours=_contact_hours(low),
        zone=text.zone,
        life=text.life or around.vocabulary.defaults.life,
        on_opt_out=text.on_opt_out,
        goals=goals,
        rules=rules,
        endings=_endings(low),
        queues=_queues(low),
        inputs=read_inputs(text, problems),
        scopes={
            name: replace(scope, whenever=_placed(scope.whenever, index))
            for name, scope in low.shared.scopes.items()
        },
        things=things_read(low),
    )
    check_flow(text, lowered, low.ids, problems, broken=low.broken or low.lost_way)
    check_caps(text, lowered, low.ids, around.vocabulary.caps, problems)
    return replace(
        lowered,
        hears=heard(lowered),
        reads=read_fields(lowered, low.expressions.reads, around.vocabulary),
        watches=watched(lowered),
        wide=heard_of_others(lowered),
    )


def _lowering(text: JourneyText, around: Around, problems: Problems) -> Lowering:
    ids = StepIds(text, problems)
    starts = starting(text)
    vocabulary = around.vocabulary
    inlined = tuple(inlined_ids(text, ids, around.journeys))
    ids.messages += [name for each in inlined for name in each.messages]
    ids.work += [name for each in inlined for name in each.work]
    schema = replace(vocabulary.schema(), work=around.work)
    expressions = Expressions(vocabulary, schema, problems, starts, frozenset(ids.messages))
    expressions.own_start = {
        **own_start(text, vocabulary),
        **own_fields(text, vocabulary.things),
        **read_inputs(text, Problems()),
    }
    expressions.fetched = fetched_fields(ids.asked, vocabulary.connectors)
    everything = heard_anywhere(text)
    low = Lowering(text, vocabulary, problems, expressions, ids, around.templates, everything, lower_block)
    low.shared.journeys = around.journeys
    key = own_key(text, vocabulary.things)
    low.own_key = key.path if key is not None else None
    return low


def _placed(lines: tuple[Whenever, ...], index: Callable[[int], int]) -> tuple[Whenever, ...]:
    return tuple(replace(item, line=aimed(item.line, index(item.line.target))) for item in lines)


def _trigger(low: Lowering, text: TriggerText) -> Trigger:
    here = Here(low.expressions.starts)
    condition = low.condition(text.condition, here)
    name = text.name.raw if text.name else text.subject.raw if text.on == "event" else text.on
    written = text.condition.raw if text.condition else ""
    line = text.subject.mark.line
    if text.on == "becomes":
        becomes = low.condition(text.subject, Here(frozenset()))
        if becomes is not None:
            check_trigger(becomes, text.subject, low.problems)
        thing = trigger_thing(low, text, becomes)
        return Trigger("becomes", name, None, None, becomes, condition, written, line, thing=thing)
    if text.on not in ("event", "request"):
        return scanned(low, text, condition)
    if text.on == "request":
        return Trigger("request", name, None, None, None, condition, written, line)
    low.event(text.subject)
    where = low.condition(text.where, Here(frozenset({text.subject.raw})))
    trigger = Trigger("event", name, text.subject.raw, where, None, condition, written, line)
    return of_anyone(low, text, trigger) if text.anyone else trigger


def _key(low: Lowering) -> Expr | None:
    text = low.text.key
    if text is None:
        return own_key(low.text, low.vocabulary.things)
    key = low.expressions.value(text, Here(frozenset()))
    if key is None:
        return None
    if reads_pii(key):
        low.error(
            text, "J037", "`key` may hold no personal data, it cannot be erased", "take a number or an id"
        )
    elif not isinstance(key, Name) or not key.path.startswith("start."):
        low.error(
            text, "J005", f"`key` cannot be `{text.raw}`", "name a field of the trigger: `start.quote_id`"
        )
    return key


def _goal(low: Lowering, text: GoalText) -> Goal:
    low.event(text.event)
    where = low.condition(text.where, Here(frozenset({text.event.raw})))
    return Goal(text.name, text.event.raw, where, text.within)


def _contact_hours(low: Lowering) -> Hours:
    own, given = low.vocabulary.contact_hours, low.text.contact_hours
    return (read_hours(given, own, low.problems) if given is not None else None) or own


def _endings(low: Lowering) -> dict[str, Outcome]:
    names = sorted({*low.endings, *ENDINGS})
    return {name: low.vocabulary.ending_class(name) for name in names}


def _queues(low: Lowering) -> dict[str, QueueForm]:
    forms: dict[str, QueueForm] = {}
    for name in sorted(low.queues):
        queue = low.vocabulary.queues.get(name)
        if queue is not None:
            effects: dict[str, Effect] = {code: outcome.effect for code, outcome in queue.outcomes.items()}
            forms[name] = QueueForm({**effects, "expired": "expired"})
    return forms

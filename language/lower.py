"""From a journey as written to its compiled form."""

from __future__ import annotations

from dataclasses import dataclass, replace

from language.builtin import ENDINGS
from language.checks import check_flow, check_trigger
from language.checks_caps import check_caps
from language.compiled import (
    SCANNED,
    Again,
    Effect,
    End,
    Exit,
    Goal,
    Journey,
    Line,
    Outcome,
    Place,
    QueueForm,
    SideEnd,
    Trigger,
    Whenever,
)
from language.expressions import Expressions, Here
from language.facts import reads_pii
from language.listening import heard, heard_of_others, read_fields, watched
from language.lower_connect import fetched_fields
from language.lower_rules import lower_rules
from language.lower_steps import heard_in, lower_block
from language.lower_triggers import of_anyone, own_start, scanned
from language.lowering import Lowering, Side, Templates
from language.problems import Problems
from language.reading import read_hours
from language.step_ids import StepIds, all_steps, journey_blocks
from language.syntax.model import (
    CallStep,
    GoalText,
    JourneyText,
    MessageStep,
    StageText,
    Step,
    TriggerText,
    WheneverText,
)
from language.vocabulary import Vocabulary
from model.channels import MESSAGES
from model.expressions import Expr, Name
from model.time import Hours

BESIDE = frozenset({
    "if", "choose", "set", "score", "report", "notify", "suppress", "allow", "fetch", "webhook", *MESSAGES,
    "send", "end",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a journey: the vocabulary and the templates, and the names of the calls and tasks
    of all journeys, where they are known.
    """

    vocabulary: Vocabulary
    templates: Templates | None = None
    work: frozenset[str] = frozenset()


def lower_journey(text: JourneyText, around: Around, problems: Problems) -> Journey:
    """Lowers a journey, reporting everything that is wrong; the form is of use only where nothing was."""
    low = _lowering(text, around, problems)
    starts = tuple(_trigger(low, trigger) for trigger in text.starts)
    key = _key(low)
    stages = _stages(low)
    whenever = tuple(_whenever(low, line) for line in text.whenever)
    exits = tuple(_exit(low, index) for index in range(len(text.exits)))
    goals = tuple(_goal(low, goal) for goal in text.goals)
    rules = lower_rules(low)
    _sides(low)
    program = low.program.finished()
    index = low.program.index
    lowered = Journey(
        name=text.name.raw,
        version=text.version,
        about=text.about,
        program=program,
        stages={name: index(label) for name, label in stages.items()},
        starts=starts,
        key=key,
        key_field=key.path.removeprefix("start.") if isinstance(key, Name) else None,
        again=Again(text.again.mode, text.again.after),
        exits=exits,
        whenever=tuple(replace(item, line=_aimed(item.line, index(item.line.target))) for item in whenever),
        contact_hours=_contact_hours(low),
        zone=text.zone,
        life=text.life or around.vocabulary.defaults.life,
        on_opt_out=text.on_opt_out,
        goals=goals,
        rules=rules,
        endings=_endings(low),
        queues=_queues(low),
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
    starts = frozenset(trigger.subject.raw for trigger in text.starts if trigger.on == "event")
    everything = starts.union(*(heard_in(block) for block in journey_blocks(text)))
    jumps = {line.hearing.subject.raw for line in text.whenever if line.hearing.hears == "event"}
    vocabulary = around.vocabulary
    messages = frozenset(ids.messages)
    schema = replace(vocabulary.schema(), work=around.work)
    expressions = Expressions(vocabulary, schema, problems, starts, messages)
    expressions.own_start = own_start(text, vocabulary)
    expressions.fetched = fetched_fields(ids.asked, vocabulary.connectors)
    return Lowering(text, vocabulary, problems, expressions, ids, around.templates, everything | jumps)


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
        return Trigger("becomes", name, None, None, becomes, condition, written, line)
    if text.on in SCANNED:
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
        return None
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


def _stages(low: Lowering) -> dict[str, int]:
    """Lowers the stages in the order of the file; a journey of `steps` is one that may come to its end."""
    labels: dict[str, int] = {}
    for number, stage in enumerate(low.text.stages):
        low.stage = stage.name.raw
        labels[low.stage] = low.program.here()
        first = number == 0 and not low.text.has_stages
        before = low.broken
        low.broken = False
        flow = lower_block(low, stage.block, Here(low.expressions.starts if first else low.everything))
        if flow is not None and low.text.has_stages and not low.broken:
            _falls_off(low, stage)
        elif flow is not None:
            low.endings.add("finished")
            low.program.emit(End(Place("finished", low.stage), "finished"))
        low.broken = low.broken or before
    return labels


def _falls_off(low: Lowering, stage: StageText) -> None:
    message = f"the stage `{stage.name.raw}` comes to its end without leading anywhere"
    last = stage.block.steps[-1].verb if stage.block.steps else stage.name
    low.error(last, "J021", message, "let every way end in `go_to: STAGE` or `end: NAME`")
    low.program.emit(End(Place("finished", low.stage), "finished"))


def _exit(low: Lowering, index: int) -> Exit:
    text = low.text.exits[index]
    name = low.ending(text.ending)
    return Exit(low.line(text.hearing, Here(low.expressions.starts), name), name)


def _whenever(low: Lowering, text: WheneverText) -> Whenever:
    stages = tuple(low.stage_name(name) for name in text.stages)
    here = Here(low.expressions.starts)
    line = low.line(text.hearing, here, text.hearing.subject.raw)
    if text.do is None:
        return Whenever(line, low.stage_name(text.stage) if text.stage else None, stages)
    label = low.program.label()
    event = frozenset({line.event}) if line.event else here.events
    low.sides.append(Side(label, text.do, Here(event), ""))
    return Whenever(_aimed(line, label), None, stages)


def _aimed(line: Line, target: int) -> Line:
    return replace(line, target=target)


def _sides(low: Lowering) -> None:
    """Lowers what runs beside the run."""
    for side in low.sides:
        low.stage = side.stage
        low.program.put(side.label)
        for step in all_steps(side.block):
            _check_beside(low, step)
        if lower_block(low, side.block, side.here) is not None:
            low.program.emit(SideEnd(Place("", side.stage)))


def _check_beside(low: Lowering, step: Step) -> None:
    verb = step.verb.raw
    if isinstance(step.body, CallStep) and not step.body.wait:
        return
    timed = _timed(step)
    if verb not in BESIDE or timed:
        what = f"`{verb}` with `{timed}`" if timed else f"`{verb}`"
        advice = "what is done beside the run waits for nothing: write `if`, messages, data, `notify`"
        if isinstance(step.body, CallStep):
            advice = "add `wait: false`, without `outcomes`: what is done beside the run waits for nothing"
        low.error(step.verb, "J028", f"{what} cannot stand in `do` or `overdue`", advice)


def _timed(step: Step) -> str | None:
    """Names the part for which a message takes its time."""
    if not isinstance(step.body, MessageStep):
        return None
    return "at" if step.body.at is not None else "until_seen" if step.body.until_seen is not None else None


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

"""`run:` puts the steps of another journey in (language.md §3), and `inputs`, which it gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from language.compiled import Enter, Jump, Place, Scope, Values
from language.expressions import Expressions, Here
from language.facts import reads_pii
from language.lower_connect import fetched_fields
from language.lower_data import fits
from language.lower_parts import lower_exit, lower_sides, lower_stages, lower_whenever
from language.lower_rules import lower_hold
from language.lower_things import own_fields
from language.lower_triggers import own_start
from language.lowering import Lowering, Returns
from language.problems import Problems, did_you_mean
from language.schema import FieldType
from language.step_ids import StepIds, all_steps, heard_in, journey_blocks
from language.syntax.model import JourneyText, Pair, RunStep, Step
from language.vocabulary_fields import read_fields
from model.expressions import Expr


def read_inputs(text: JourneyText, problems: Problems) -> dict[str, FieldType]:
    """Reads the types of a journey's `inputs`."""
    return read_fields(text.inputs, problems)


def starting(text: JourneyText) -> frozenset[str]:
    """Lists the types of the events that begin a journey."""
    return frozenset(trigger.subject.raw for trigger in text.starts if trigger.on == "event")


def heard_anywhere(text: JourneyText) -> frozenset[str]:
    """Lists the types that `event` may be of where a stage is entered."""
    jumps = {line.hearing.subject.raw for line in text.whenever if line.hearing.hears == "event"}
    return starting(text).union(jumps, *(heard_in(block) for block in journey_blocks(text)))


def inlined_ids(
    text: JourneyText, ids: StepIds, journeys: Mapping[str, JourneyText], within: tuple[str, ...] = ()
) -> Iterator[StepIds]:
    """Gives the ids of the steps of all journeys that a journey inlines."""
    for block in journey_blocks(text):
        for step in all_steps(block):
            name = step.body.journey.raw if isinstance(step.body, RunStep) else ""
            inner = journeys.get(name)
            if inner is not None and name not in within:
                own = StepIds(inner, Problems(), f"{ids.of(step)}/")
                yield own
                yield from inlined_ids(inner, own, journeys, (*within, name))


def lower_run(low: Lowering, step: Step, body: RunStep, here: Here) -> Here | None:
    """Lowers the steps of another journey in place, then what follows its endings."""
    text = _wanted(low, body)
    if text is None:
        return here
    program, run_id = low.program, low.ids.of(step)
    first, behind = program.label(), program.label()
    labels = [program.label() for _ in body.branches]
    named = {
        code: label for branch, label in zip(body.branches, labels, strict=True) for code in branch.codes
    }
    inputs = given(low, body.journey.raw, body.values, read_inputs(text, Problems()), here)
    program.emit(Enter(low.place(step), run_id, _open(low, body.values, inputs), first, named, behind))
    inner = _inner(low, step, text, Returns(named, behind))
    program.put(first)
    low.shared.stages.update(lower_stages(inner))
    whenever = tuple(lower_whenever(inner, line) for line in text.whenever)
    exits = tuple(lower_exit(inner, line) for line in text.exits)
    low.shared.scopes[run_id] = Scope(text.name.raw, text.version, exits, whenever, lower_hold(inner))
    lower_sides(inner)
    _report(low, body, inner)
    for kind in inner.expressions.things:
        low.expressions.things.setdefault(kind, body.journey)
    return _branches(low, body, inner.endings, labels, behind, here)


def _branches(
    low: Lowering, body: RunStep, endings: set[str], labels: list[int], behind: int, here: Here
) -> Here | None:
    left = endings - {code for branch in body.branches for code in branch.codes}
    flow = here if left else None
    for branch, label in zip(body.branches, labels, strict=True):
        for code in branch.codes:
            if code not in endings and not low.broken:
                advice = did_you_mean(code, endings) or f"it ends as {', '.join(sorted(endings))}"
                low.error(branch.key, "J010", f"`{body.journey.raw}` never ends as `{code}`", advice)
        low.program.put(label)
        out = low.block(low, branch.block, here)
        if out is not None:
            low.program.emit(Jump(Place("", low.stage), behind))
            flow = out.joined(flow)
    low.program.put(behind)
    return flow


def _wanted(low: Lowering, body: RunStep) -> JourneyText | None:
    name, known = body.journey.raw, low.shared.journeys
    around = (*low.within, low.text.name.raw)
    if name in around:
        chain = " runs ".join(f"`{one}`" for one in (*around[around.index(name) :], name))
        advice = f"`start_journey: {name}` begins it anew, as a run of its own"
        low.error(body.journey, "J027", f"a journey cannot run itself: {chain}", advice)
        return None
    if name not in known:
        listed = did_you_mean(name, set(known) - set(around)) or "name a journey of this project"
        low.error(body.journey, "J011", f"there is no journey `{name}`", listed)
        return None
    return known[name]


def given(
    low: Lowering, journey: str, pairs: tuple[Pair, ...], declared: Mapping[str, FieldType], here: Here
) -> dict[str, Expr]:
    """Reads and checks the inputs that a step gives to a journey."""
    found: dict[str, Expr] = {}
    for pair in pairs:
        name = pair.name.raw
        value = low.expressions.value(pair.value, here)
        if name not in declared:
            has = f"it has {', '.join(declared)}" if declared else f"declare it: `inputs: {{{name}: text}}`"
            message = f"the journey `{journey}` has no input `{name}`"
            low.error(pair.name, "J010", message, did_you_mean(name, declared) or has)
        elif value is not None and fits(low, pair, declared[name], value):
            found[name] = value
    return found


def _open(low: Lowering, pairs: tuple[Pair, ...], inputs: dict[str, Expr]) -> Values:
    """Takes inputs that a run may carry."""
    for pair in pairs:
        value = inputs.get(pair.name.raw)
        if value is not None and reads_pii(value):
            message = f"`{pair.name.raw}` would carry personal data in the run"
            low.error(pair.value, "J037", message, f"read `{pair.value.raw}` in that journey itself")
            del inputs[pair.name.raw]
    return Values(inputs)


def _inner(low: Lowering, step: Step, text: JourneyText, returns: Returns) -> Lowering:
    """Makes the lowering of an inlined journey: its own words and ids, in the same program."""
    prefix, problems, outer = f"{low.ids.of(step)}/", Problems(), low.expressions
    ids = StepIds(text, Problems(), prefix)
    nested = tuple(inlined_ids(text, ids, low.shared.journeys, (*low.within, low.text.name.raw)))
    ids.messages += [name for each in nested for name in each.messages]
    ids.work += [name for each in nested for name in each.work]
    expressions = Expressions(low.vocabulary, outer.schema, problems, starting(text), frozenset(ids.messages))
    expressions.reads, expressions.prefix = outer.reads, prefix
    expressions.fetched = fetched_fields(ids.asked, low.vocabulary.connectors)
    expressions.own_start = {
        **own_start(text, low.vocabulary),
        **own_fields(text, low.vocabulary.things),
        **read_inputs(text, Problems()),
    }
    inner = Lowering(
        replace(text, key=low.text.key), low.vocabulary, problems, expressions, ids, low.templates,
        heard_anywhere(text), low.block, low.program,
    )  # fmt: skip
    inner.own_key = low.own_key
    inner.shared, inner.prefix, inner.returns = low.shared, prefix, returns
    inner.within = (*low.within, low.text.name.raw)
    inner.line_of_run = low.line_of_run or step.verb.mark.line
    return inner


def _report(low: Lowering, body: RunStep, inner: Lowering) -> None:
    """Says at the step why a journey cannot stand there, the first reason alone."""
    low.broken = low.broken or inner.broken or inner.lost_way
    if errors := inner.problems.errors:
        first = errors[0]
        place = f"({first.file}, line {first.line})"
        message = f"`{body.journey.raw}` cannot run here: {first.message} {place}"
        circle = first.code == "J027"
        low.error(body.journey, first.code, first.message if circle else message, first.suggestion)
        low.broken = True

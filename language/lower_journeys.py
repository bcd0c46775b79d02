"""Lowers `start_journey` and `stop_journey`, which ask for runs of other journeys and end them."""

from __future__ import annotations

from language.compiled import StartJourney, StopJourney, Values
from language.expressions import Here
from language.facts import reads_pii
from language.lower_run import given, read_inputs
from language.lowering import Lowering
from language.problems import Problems, did_you_mean
from language.syntax.model import JourneyText, StartJourneyStep, Step, StopJourneyStep
from language.yaml import Scalar
from model.expressions import Expr


def lower_start_journey(low: Lowering, step: Step, body: StartJourneyStep, here: Here) -> Here:
    """Lowers the request for a run of another journey."""
    text = _known(low, body.journey)
    if text is not None and not any(trigger.on == "request" for trigger in text.starts):
        message = f"`{body.journey.raw}` cannot be started: none of its triggers says `by: request`"
        low.error(body.journey, "J010", message, "add `- by: request` to its `start`")
    declared = read_inputs(text, Problems()) if text is not None else {}
    inputs = given(low, body.journey.raw, body.values, declared, here) if text is not None else {}
    for pair in body.values:
        value = inputs.get(pair.name.raw)
        if value is not None and reads_pii(value) and not declared[pair.name.raw].pii:
            message = f"`{pair.name.raw}` would carry personal data in the run"
            advice = (
                f"read it in that journey itself, or declare the input with `pii: true`: `{pair.name.raw}`"
            )
            low.error(pair.value, "J037", message, advice)
    whom = low.expressions.value(body.whom, here) if body.whom is not None else None
    condition = low.condition(step.condition, here)
    low.program.emit(StartJourney(low.place(step), body.journey.raw, _values(inputs), whom, condition))
    return here


def lower_stop_journey(low: Lowering, step: Step, body: StopJourneyStep, here: Here) -> Here:
    """Lowers the end of another journey's runs."""
    _known(low, body.journey)
    low.program.emit(StopJourney(low.place(step), body.journey.raw, low.condition(step.condition, here)))
    return here


def _values(inputs: dict[str, Expr]) -> Values:
    return Values(inputs, tuple(name for name, expr in inputs.items() if reads_pii(expr)))


def _known(low: Lowering, name: Scalar) -> JourneyText | None:
    found = low.shared.journeys.get(name.raw)
    if found is None:
        advice = did_you_mean(name.raw, low.shared.journeys) or "name a journey of this project"
        low.error(name, "J011", f"there is no journey `{name.raw}`", advice)
    return found

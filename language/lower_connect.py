"""Lowers `fetch` and `webhook`, and says what `fetched.` reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from language.compiled import Connect, Jump, Place, Values
from language.expressions import Here
from language.lower_data import fits
from language.lowering import Lowering
from language.problems import did_you_mean
from language.schema import Fields, FieldType
from language.syntax.model import Block, ConnectStep, Step
from language.terms import Connector
from model.connectors import AnswerField

Inner = Callable[[Block, Here], Here | None]


def lower_connect(low: Lowering, step: Step, body: ConnectStep, here: Here, inner: Inner) -> Here | None:
    """Lowers one question to a connector; `else` stands behind it."""
    connector = low.vocabulary.connectors.get(body.connector.raw)
    if connector is None:
        known = low.vocabulary.connectors
        advice = did_you_mean(body.connector.raw, known) or "declare it under `connectors:` in the vocabulary"
        message = f"the vocabulary has no connector `{body.connector.raw}`"
        low.error(body.connector, "J011", message, advice)
        connector = Connector(body.connector.raw, "post", "")
    else:
        _check_answers(low, body, connector)
    values = low.values(body.values, here)
    if body.connector.raw in low.vocabulary.connectors:
        _check_values(low, body, connector, values)
    otherwise, behind = low.program.label(), low.program.label()
    low.program.emit(
        Connect(
            place=low.place(step),
            verb=body.verb,
            connector=connector.name,
            values=values,
            answers=_answers(connector),
            timeout=float(connector.timeout.seconds),
            retry_for=connector.retry_for,
            condition=low.condition(step.condition, here),
            else_=otherwise if body.otherwise is not None else None,
        )
    )
    if body.otherwise is None:
        return here
    low.program.emit(Jump(Place("", low.stage), behind))
    low.program.put(otherwise)
    flow = inner(body.otherwise, here)
    low.program.put(behind)
    return here.joined(flow)


def _check_values(low: Lowering, body: ConnectStep, connector: Connector, values: Values) -> None:
    given = {pair.name.raw for pair in body.values}
    for pair in body.values:
        declared = connector.sends.get(pair.name.raw)
        if declared is None:
            listed = f"it sends {', '.join(connector.sends)}" if connector.sends else "it sends nothing"
            advice = did_you_mean(pair.name.raw, connector.sends) or listed
            message = f"`{connector.name}` does not send `{pair.name.raw}`"
            low.error(pair.name, "J010", message, advice)
        elif (value := values.items.get(pair.name.raw)) is not None:
            fits(low, pair, declared, value)
    missing = [name for name in connector.sends if name not in given]
    if missing:
        shown = ", ".join(f"{name}: …" for name in missing)
        message = (
            f"`{connector.name}` sends {', '.join(f'`{name}`' for name in missing)}, which nobody gives it"
        )
        low.error(body.connector, "J002", message, f"give it: `with: {{{shown}}}`")


def _check_answers(low: Lowering, body: ConnectStep, connector: Connector) -> None:
    if body.verb == "fetch" and not connector.answers:
        message = f"`{connector.name}` answers nothing that could be read"
        advice = "declare its `answers` in the vocabulary, or write `webhook`"
        low.error(body.connector, "J010", message, advice)


def _answers(connector: Connector) -> dict[str, AnswerField]:
    return {
        name: AnswerField(found.type, found.element, found.values, found.pii)
        for name, found in connector.answers.items()
    }


def fetched_fields(asked: Mapping[str, str], connectors: Mapping[str, Connector]) -> Fields:
    """Gives what stands behind `fetched.`: each step that asks, whether it was answered, and its fields.

    `asked` maps the ids of steps to their connectors.
    """
    found: dict[str, FieldType] = {}
    for step, name in asked.items():
        found[step] = FieldType("yes_no")
        connector = connectors.get(name)
        for field, declared in connector.answers.items() if connector is not None else ():
            found[f"{step}.{field}"] = declared
    return found

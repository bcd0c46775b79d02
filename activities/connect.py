"""Asks connectors: what is sent is read here, and what is answered is kept here where it is personal.

An answer is kept under the id of the step's visit, so that a try whose word was lost is not made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import assert_never

import structlog
from pydantic import SecretStr

from activities.booking import book, line
from activities.values import Values, lead_of
from language.fitting import mistake
from language.vocabulary import Connector, Vocabulary
from model.commands import CallConnector, Connected
from model.connectors import Answered, Connectors, GivenAnswer, Later, Outcome, Question, Refused
from model.events import Fields
from model.runs import CarriedOut, EffectRequest
from store import Store

log = structlog.get_logger(__name__)


class Connect:
    """Carries out `CallConnector`; `secrets` are the settings that connectors name, those that are set."""

    def __init__(
        self,
        store: Store,
        values: Values,
        vocabulary: Vocabulary,
        connectors: Connectors,
        secrets: Mapping[str, SecretStr],
    ) -> None:
        self._store = store
        self._values = values
        self._vocabulary = vocabulary
        self._connectors = connectors
        self._secrets = secrets

    async def call(self, request: EffectRequest, effect: CallConnector) -> CarriedOut:
        """Asks once, and answers what became of it."""
        connector = self._vocabulary.connectors.get(effect.connector)
        if connector is None:
            why = f"the vocabulary has no connector {effect.connector}: declare it, restart the worker"
            return await self._stuck(request, effect, why)
        if connector.secret is not None and connector.secret not in self._secrets:
            why = (
                f"{connector.secret}, the secret of {connector.name}, is not set: set it, restart the worker"
            )
            return await self._stuck(request, effect, why)
        before, fields = await self._read(request, effect)
        if before is not None and before.id == effect.id:
            return await self._told(request, effect, Answered(before.fields))
        if before is not None:
            async with self._store.begin() as tx:
                await tx.answers.forget(before.id)
        outcome = await self._connectors.ask(self._question(connector, effect, fields))
        return await self._told(request, effect, _typed(outcome, effect))

    async def _read(self, request: EffectRequest, effect: CallConnector) -> tuple[GivenAnswer | None, Fields]:
        """Reads the step's last answer, and what is to be sent."""
        async with self._store.read() as tx:
            before = (await tx.answers.latest(request.run.enrolment_id)).get(effect.step)
            lead = await lead_of(tx, request.run)
            return before, await self._values.values(tx, request.run, lead, effect.bound, request.at)

    def _question(self, connector: Connector, effect: CallConnector, fields: Fields) -> Question:
        secret = self._secrets.get(connector.secret or "")
        return Question(
            method=connector.method,
            url=connector.url,
            key=effect.id,
            fields=fields,
            reads=bool(effect.answers),
            secret=secret.get_secret_value() if secret is not None else None,
            timeout=effect.timeout,
        )

    async def _told(self, request: EffectRequest, effect: CallConnector, outcome: Outcome) -> CarriedOut:
        """Writes down what became of the question, and answers it without what is personal."""
        run, what = request.run, f"{effect.verb} {effect.connector}"
        async with self._store.begin() as tx:
            match outcome:
                case Answered(values):
                    answer = Connected(effect.token, "answered", _public(values, effect))
                    await tx.answers.add(
                        GivenAnswer(
                            effect.id, run.enrolment_id, run.lead_id, effect.step, effect.connector, values,
                            request.at,
                        )
                    )  # fmt: skip
                    said = [
                        line(run, request.at, "facts", f"{what}: answered", f"{effect.id}/ok", effect.step)
                    ]
                case Later(reason, after):
                    until = request.at + timedelta(seconds=after) if after else None
                    answer, said = Connected(effect.token, "later", reason=reason, until=until), []
                case Refused(reason):
                    answer, said = Connected(effect.token, "failed", reason=reason), []
                case _:
                    assert_never(outcome)
            await book(tx, run, request.progress, said)
        return CarriedOut(answer)

    async def _stuck(self, request: EffectRequest, effect: CallConnector, reason: str) -> CarriedOut:
        log.error("connector cannot be asked", connector=effect.connector, reason=reason)
        async with self._store.begin() as tx:
            await book(tx, request.run, request.progress)
        return CarriedOut(Connected(effect.token, "needs_attention", reason=reason))


def _typed(outcome: Outcome, effect: CallConnector) -> Outcome:
    """Keeps the declared fields of an answer; one of another type makes it a refusal that names the field."""
    if not isinstance(outcome, Answered):
        return outcome
    found: Fields = {}
    for name, declared in effect.answers.items():
        value = outcome.values.get(name)
        if value is None:
            continue
        wrong = mistake(declared, value)
        if wrong is not None:
            return Refused(f"`{name}` of the answer {wrong}")
        found[name] = value
    return Answered(found)


def _public(values: Fields, effect: CallConnector) -> Fields:
    return {n: v for n, v in values.items() if n in effect.answers and not effect.answers[n].pii}

"""Conditions of the rules in the journey language: `where` over the event, `when` over lead and account.

Points fade by themselves, so a condition reads no clock, no history, no open work; nor personal data.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from language.evaluate import Context, holds
from language.facts import fact_key, fact_nodes, walk
from language.parser import parse_condition
from language.problems import ConditionError
from language.schema import Schema, Scope
from model.expressions import Call, Expr, Name, Private
from scoring.rules import Condition, Names

PLAIN_FUNCTIONS = frozenset({"count", "lower"})


class LanguageConditions:
    """Reads conditions against a vocabulary's schema; days are bounded by the company's `zone`."""

    def __init__(self, schema: Schema, zone: str) -> None:
        self._schema = schema
        self._zone = zone

    @property
    def events(self) -> Iterable[str]:
        """The events that the vocabulary knows."""
        return self._schema.events.keys()

    @property
    def zone(self) -> str:
        """The company's zone."""
        return self._zone

    def fields(self, event: str) -> Iterable[str]:
        """The fields that the vocabulary gives an event."""
        return self._schema.fields_of_events([event]).keys()

    def where(self, event: str, text: str) -> Condition:
        """Reads a condition over the fields of an event; raises ConditionError."""
        scope = Scope(event=self._schema.fields_of_events([event]), open=frozenset())
        return self._condition(
            text, scope, ("event",), "`where` reads the event; what the lead is goes into `when`"
        )

    def when(self, text: str) -> Condition:
        """Reads a condition over what the lead and its account are; raises ConditionError."""
        return self._condition(
            text, Scope(open=frozenset()), ("lead", "account"), "`when` reads lead and account"
        )

    def _condition(self, text: str, scope: Scope, roots: tuple[str, ...], only: str) -> Condition:
        expr = parse_condition(text, self._schema, scope)
        for node in walk(expr):
            _refuse(node, roots, only)
        zone, facts = self._zone, tuple(fact_key(fact) for fact in fact_nodes(expr))

        def judge(names: Names, now: datetime) -> bool:
            asked = {fact: names.get(fact) for fact in facts}
            return holds(expr, Context(now=now, zone=zone, names=names, facts=asked))

        return judge


def _refuse(node: Expr, roots: tuple[str, ...], only: str) -> None:
    match node:
        case Private():
            raise ConditionError("personal data is not scored", 0, "score what the lead does", "J037")
        case Call() if node.function not in PLAIN_FUNCTIONS:
            advice = "say it with `points`, `cap`, `decay` and `expire`"
            raise ConditionError(
                f"`{node.function}(…)` is not read by a rule of the score", 0, advice, "J028"
            )
        case Name(path="now"):
            raise ConditionError(
                "`now` is not read by a rule of the score", 0, "points fade by `decay`", "J028"
            )
        case Name() if node.path.split(".", 1)[0] not in roots:
            raise ConditionError(f"`{node.path}` is not read here", 0, only, "J028")
        case _:
            pass

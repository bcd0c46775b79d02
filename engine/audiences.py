"""Audiences by rule: which rules ask about what has changed, and who is in by them (language.md §8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.facts import Asked, Knowledge, judge
from language.listening import facts_read
from language.vocabulary import Vocabulary
from model.expressions import Expr

MOST_ROUNDS = 10
"""How often rules that ask about one another are judged again after one change."""


@dataclass(frozen=True, slots=True)
class Rule:
    """An audience by rule; `reads` are the names of the facts on which its members depend."""

    audience: str
    condition: Expr
    reads: frozenset[str]


def rules_of(vocabulary: Vocabulary) -> tuple[Rule, ...]:
    """Lists the audiences by rule, by name."""
    found = [(one.name, one.rule) for one in vocabulary.audiences.values() if one.rule is not None]
    return tuple(Rule(name, rule, frozenset(facts_read(rule))) for name, rule in sorted(found))


def concerned(rules: Iterable[Rule], changed: frozenset[str]) -> tuple[Rule, ...]:
    """Lists the rules that ask about any of the facts that have changed."""
    return tuple(rule for rule in rules if rule.reads & changed)


def turned(rules: Iterable[Rule], members: frozenset[str], known: Knowledge, asked: Asked) -> dict[str, bool]:
    """Judges rules for a lead that is in `members`; gives the audiences it is to join (true) or leave."""
    held = {rule.audience: judge(rule.condition, known, asked) for rule in rules}
    return {name: holds for name, holds in held.items() if holds != (name in members)}


def fact_of(audience: str) -> str:
    """Names the fact that changes with the membership."""
    return f"audience:{audience}"

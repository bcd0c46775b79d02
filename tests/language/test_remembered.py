"""What is found out about expressions is kept, and never told of another one."""

from __future__ import annotations

from language.facts import names_read
from language.remembered import MOST, remembered
from model.expressions import Expr, Name


def test_the_same_expression_is_looked_into_once() -> None:
    looked: list[Expr] = []

    @remembered
    def read(expr: Expr) -> frozenset[str]:
        looked.append(expr)
        return names_read(expr)

    score = Name("lead.score", "number")
    assert [read(score) for _ in range(3)] == [frozenset({"lead.score"})] * 3
    assert looked == [score]


def test_more_expressions_than_are_kept_still_get_their_own_answers() -> None:
    read = remembered(names_read)
    wrong = 0
    for number in range(2 * MOST + 10):
        path = f"lead.n{number}"
        wrong += read(Name(path, "number")) != frozenset({path})
    assert wrong == 0

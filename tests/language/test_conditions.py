"""Conditions are parsed, typed and written back; what is wrong gets the right word."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from pydantic import TypeAdapter

from language.facts import bind, events_read, fact_key, fact_nodes, names_read, reads_pii, to_text
from language.parser import parse_condition, parse_value
from language.problems import ConditionError
from language.schema import Scope
from model.expressions import Binary, Call, Constant, Duration, Expr, Known, Name, Not, Private
from tests.language.words import SCHEMA, SCOPE, conditions


def parse(text: str) -> Expr:
    return parse_condition(text, SCHEMA, SCOPE)


@settings(max_examples=150, deadline=None)
@given(conditions())
def test_the_canonical_text_reads_back_as_the_same_tree(text: str) -> None:
    tree = parse(text)
    assert parse(to_text(tree)) == tree
    assert to_text(parse(to_text(tree))) == to_text(tree)


@settings(max_examples=40, deadline=None)
@given(conditions())
def test_a_tree_travels_as_json(text: str) -> None:
    adapter: TypeAdapter[Expr] = TypeAdapter(Expr)
    tree = parse(text)
    assert adapter.validate_json(adapter.dump_json(tree)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("lead.vip", Name("lead.vip", "yes_no")),
        ("not lead.vip", Not(Name("lead.vip", "yes_no"))),
        ("lead.score is known", Known(Name("lead.score", "number"))),
        ("lead.score is not known", Known(Name("lead.score", "number"), negated=True)),
        ("lead.score is not 5", Binary("is not", Name("lead.score", "number"), Constant(5, "number"))),
        ("lead.score >= 1.5", Binary(">=", Name("lead.score", "number"), Constant(1.5, "number"))),
        ('lead.status in ["new"]', Binary("in", Name("lead.status", "text"), Constant(["new"], "list"))),
        (
            "lead.renews_on < 2026-03-02",
            Binary("<", Name("lead.renews_on", "date"), Constant("2026-03-02", "date")),
        ),
        (
            "now - lead.last_login_at > 30 days",
            Binary(
                ">", Binary("-", Name("now", "time"), Name("lead.last_login_at", "time")), Duration(days=30)
            ),
        ),
        (
            'did("email.clicked", 30 days, template is "welcome")',
            Call(
                "did",
                (Constant("email.clicked", "text"),),
                Duration(days=30),
                Binary("is", Name("field.template", "text"), Constant("welcome", "text")),
                type="yes_no",
            ),
        ),
        (
            'last("quote.started", this run).amount > 3',
            Binary(
                ">",
                Call("last", (Constant("quote.started", "text"),), "this run", None, "amount", "number"),
                Constant(3, "number"),
            ),
        ),
        ('opened("welcome")', Call("opened", (Constant("welcome", "text"),), type="yes_no")),
    ],
)
def test_a_condition_becomes_its_tree(text: str, tree: Expr) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("lead.vip or run.a and run.b", "lead.vip or (run.a and run.b)"),
        ("not run.a and run.b", "(not run.a) and run.b"),
        ("not lead.score is 3", "not (lead.score is 3)"),
        ("lead.score - 1 - 2 > 3", "(lead.score - 1) - 2 > 3"),
        ("lead.score-1 > 3", "lead.score - 1 > 3"),
        ("(((lead.vip)))", "lead.vip"),
    ],
)
def test_operators_bind_as_expected(text: str, same: str) -> None:
    assert parse(text) == parse(same)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("lead.score == 3", "write `is`"),
        ("lead.score = 3", "write `is`"),
        ("lead.score === 3", "write `is`"),
        ("lead.score != 3", "write `is not`"),
        ("lead.score <> 3", "write `is not`"),
        ("lead.score ≠ 3", "write `is not`"),
        ("lead.score ≥ 3", "write `>=`"),
        ("lead.score => 3", "write `>=`"),
        ("lead.score =< 3", "write `<=`"),
        ("run.a && run.b", "write `and`"),
        ("run.a || run.b", "write `or`"),
        ("!run.a", "write `not`"),
        ("run.a AND run.b", "write `and`"),
        ("lead.vip is True", "write `true`"),
        ("lead.status is null", "write `lead.status is not known`"),
        ("lead.status is not null", "write `lead.status is known`"),
        ("lead.status is empty", "write `lead.status is not known`"),
        ('lead.status equals "new"', "write `is`"),
        ('lead.status like "n"', "write `contains`"),
        ("lead.status exists", "write `is known`"),
        ("lead.score between 1 and 3", "write `… >= 1 and … <= 5`"),
        ("lead.score is greater than 3", "write `>`"),
        ('lead.status is in ["new"]', "write `in`"),
        ('lead.status is not in ["new"]', "write `not in`"),
        ("lead.status is 'new'", 'write "new"'),
        ("lead.status is “new”", 'write "new"'),
        ("lead.status is new", 'a text stands in quotes: "new"'),
        ("{{ lead.score }} > 3", "write the name alone: `lead.score`"),
        ("1 < lead.score < 3", "join two comparisons with `and`"),
        ("lead.score * 2 > 3", "only `+` and `-` are there"),
        ("lead.score > 1_000", "write `1000`"),
        ("lead.renews_on < 02/03/2026", "write year, month and day: `2026-03-02`"),
        ("lead.renews_on < 2026-02-30", "check month and day"),
        ("lead.renews_on < now + 30days", "write a length like `30 days`, or use quotes"),
        ("now > lead.last_login_at + 3 business days", "use calendar days"),
        ('lead.status is "new', 'close it with `"`'),
        ("(lead.vip", "add `)`"),
        ("lead.score >", "something has to follow"),
        ("", "write one like `lead.score >= 80`"),
        ("lead.status in []", "write what is in it, or `is known`"),
        ("lead.status in [lead.tier]", "join conditions with `or`"),
        ("lead.vip lead.vip", "join conditions with `and` or `or`"),
    ],
)
def test_a_word_of_another_language_names_the_right_one(text: str, suggestion: str) -> None:
    with pytest.raises(ConditionError) as raised:
        parse(text)
    assert raised.value.suggestion == suggestion


@pytest.mark.parametrize(
    ("text", "offset", "code", "suggestion"),
    [
        ("lead.scor > 3", 0, "J010", "did you mean `lead.score`?"),
        ("laed.score > 3", 0, "J010", "did you mean `lead.score`?"),
        ("score > 3", 0, "J010", "write `lead.score`"),
        ("amount > 3", 0, "J010", "write `event.amount`"),
        ('policy.statsu is "x"', 0, "J010", "did you mean `policy.status`?"),
        ('lead.score is "5"', 14, "J010", "write `5` without quotes"),
        ("lead.status > 5", 0, "J010", "use `is`, `in` or `contains`"),
        ("lead.status is 5", 15, "J010", 'write "5"'),
        ('lead.status is "mqll"', 15, "J010", "did you mean `mql`?"),
        ('lead.status in ["new", "mqll"]', 15, "J010", "did you mean `mql`?"),
        ('lead.interests contains "suvs"', 24, "J010", "did you mean `suv`?"),
        ('"suvs" in lead.interests', 0, "J010", "did you mean `suv`?"),
        ('lead.vip is "yes"', 12, "J010", "write `is true`"),
        ('lead.vip is "no"', 12, "J010", "write `is false`"),
        ('lead.interests is "suv"', 0, "J010", 'write `lead.interests contains "suv"`'),
        ('lead.status is ["new"]', 15, "J010", 'write `lead.status in ["new"]`'),
        ('lead.status in "new"', 15, "J010", 'write `lead.status in ["new"]`'),
        ("lead.score contains 5", 0, "J010", "use `is`"),
        ("lead.score", 0, "J010", "compare it (`lead.score is …`) or write `lead.score is known`"),
        (
            'lead.score + "a" > 3',
            0,
            "J010",
            "it goes with numbers, and with times, dates and lengths like `30 days`",
        ),
        ("now - lead.last_login_at > 30", 27, "J010", "compare it with a length like `30 days`"),
        ('did("email.clickd")', 4, "J011", "did you mean `email.clicked`?"),
        ('did("email.clicked", tmplate is "x")', 21, "J010", "did you mean `template`?"),
        ("did(email.clicked)", 4, "J010", "begin with `lead.`, `event.` …"),
        ("did()", 0, "J010", 'write `did("email.clicked", 30 days)`'),
        ('last("quote.started").amnt > 3', 0, "J010", "did you mean `amount`?"),
        (
            'last("quote.started") is known',
            0,
            "J010",
            'write `last("quote.started").at`, or `did("quote.started")`',
        ),
        ('times("quote.started").amount > 3', 0, "J010", 'write `last("quote.started").amount`'),
        ('queue_open("dispach")', 11, "J011", "did you mean `dispatch`?"),
        ('in_audience("vips")', 12, "J011", "did you mean `vip`?"),
        ('can_reach("mail")', 10, "J011", "did you mean `email`?"),
        ("can_reach(lead.preferred_channel)", 10, "J010", 'write `can_reach("sms")`'),
        ("hour(3) > 4", 0, "J010", "write `hour()`"),
        ("count() > 4", 0, "J010", "write `count(lead.interests)`"),
        ("days_since(lead.score) > 4", 11, "J010", "write `days_since(lead.created_at)`"),
        ("day_since(lead.created_at) > 4", 0, "J010", "did you mean `days_since`?"),
        ('weekday() is "munday"', 13, "J010", "did you mean `sunday`?"),
    ],
)
def test_a_wrong_name_or_type_is_found_at_its_place(
    text: str, offset: int, code: str, suggestion: str
) -> None:
    with pytest.raises(ConditionError) as raised:
        parse(text)
    assert (raised.value.offset, raised.value.code, raised.value.suggestion) == (offset, code, suggestion)


@pytest.mark.parametrize("text", ['event.text is "x"', "start.amount > 1", "round > 2", "run.x is 1"])
def test_what_cannot_be_read_here_is_refused(text: str) -> None:
    with pytest.raises(ConditionError, match="read"):
        parse_condition(text, SCHEMA, Scope(open=frozenset()))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "lead.vip" + ")" * 500,
        "not " * 500 + "lead.vip",
        " and ".join(["lead.vip"] * 300),
        "a" * 5_000,
    ],
    ids=["parentheses", "nots", "chain", "length"],
)
def test_a_condition_made_to_hurt_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse(text)


@pytest.mark.parametrize(
    ("value", "tree"),
    [
        ("lead.score", Name("lead.score", "number")),
        ("run.tries + 1", Binary("+", Name("run.tries", "any"), Constant(1, "number"))),
        ("now", Name("now", "time")),
        ("now + 2 days", Binary("+", Name("now", "time"), Duration(days=2))),
        ("round", Name("round", "number")),
        (
            "count(lead.interests)",
            Call("count", (parse_value("lead.interests", SCHEMA, SCOPE),), type="number"),
        ),
        ("policy.status", Name("policy.status", "text")),
        ("2026-03-02", Constant("2026-03-02", "date")),
        ("5", Constant(5, "number")),
        (5, Constant(5, "number")),
        ("true", Constant(True, "yes_no")),
        (False, Constant(False, "yes_no")),
        ("mql", Constant("mql", "text")),
        ("now or never!", Constant("now or never!", "text")),
        ("policy. And more", Constant("policy. And more", "text")),
        ("leads.score", Constant("leads.score", "text")),
        ("count (me) in", Constant("count (me) in", "text")),
        ("Hola, ¿qué tal?", Constant("Hola, ¿qué tal?", "text")),
        ("+34600111222", Constant("+34600111222", "text")),
    ],
)
def test_a_value_is_an_expression_by_its_beginning(value: str | int | bool, tree: Expr) -> None:
    assert parse_value(value, SCHEMA, SCOPE) == tree


@pytest.mark.parametrize("value", ["lead.scor", "now - lead.last_login_at", "count(lead.score)", None])
def test_a_value_that_begins_as_an_expression_is_checked_as_one(value: str | None) -> None:
    with pytest.raises(ConditionError):
        parse_value(value, SCHEMA, SCOPE)


def test_the_smallest_condition_on_personal_data_is_private() -> None:
    tree = parse('lead.score > 3 and not lead.first_name is "Luis"')
    assert isinstance(tree, Binary)
    assert tree.right == Not(
        Private(Binary("is", Name("lead.first_name", "text", pii=True), Constant("Luis", "text")))
    )
    assert [fact_key(fact) for fact in fact_nodes(tree)] == ["lead.score", 'lead.first_name is "Luis"']


@pytest.mark.parametrize(
    "text",
    [
        "lead.secret_vip",
        "lead.email is known",
        'lower(event.text) contains "yes"',
        "days_until(lead.birthday) < 7",
        'last("sms.replied").text contains "x"',
        'did("email.clicked", template is lead.tier)',
        'did("sms.replied", text is event.text)',
    ],
)
def test_a_condition_that_shows_personal_data_is_judged_whole(text: str) -> None:
    tree = parse(text)
    assert isinstance(tree, Private)
    assert reads_pii(tree.condition)
    assert not reads_pii(tree)
    assert not any(isinstance(inner, Private) for inner in fact_nodes(tree.condition) if inner != tree)


def test_a_filter_on_free_text_is_an_ordinary_question() -> None:
    assert isinstance(parse('did("sms.replied", 3 days, text contains "yes")'), Call)


def test_a_value_on_personal_data_says_so() -> None:
    assert reads_pii(parse_value("lower(lead.email)", SCHEMA, SCOPE))
    assert not reads_pii(parse_value("lead.score + 1", SCHEMA, SCOPE))


def test_names_are_listed_also_inside_filters_and_private_conditions() -> None:
    tree = parse(
        'did("quote.started", amount > start.amount) and lead.email is known and now > policy.expires_on'
    )
    assert names_read(tree) == {"field.amount", "start.amount", "lead.email", "policy.expires_on"}
    assert events_read(tree) == {"quote.started"}


def test_the_key_of_a_question_has_the_runs_own_values_in_it() -> None:
    tree = parse('did("quote.started", 1 year, amount > start.amount)')
    bound = bind(tree, {"start.amount": 12.5})
    assert fact_key(bound) == 'did("quote.started", 12 months, amount > 12.5)'
    assert bind(tree, {}) == tree


def test_a_fact_named_twice_is_listed_once() -> None:
    assert len(fact_nodes(parse("lead.score > 3 or lead.score < 1"))) == 1

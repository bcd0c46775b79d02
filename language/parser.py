"""Reads conditions and values to trees, typed against the vocabulary (language.md §6).

Weakest first: `or`, `and`, `not`, one comparison, `+ -`, then values, names, functions and parentheses.
What cannot be read raises ConditionError with the place in the text and, mostly, the form that works.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from language.advice import unexpected
from language.functions import (
    HISTORY,
    NAMES,
    PLAIN,
    HistoryCall,
    event_fields,
    history_call,
    plain_call,
    unknown_function,
)
from language.lexer import Token, tokens
from language.names import ABSENT_WORDS, ROOTS, WORDS, resolve_name
from language.problems import ConditionError
from language.schema import FieldType, Schema, Scope
from language.types import YES_NO, Typed, calculated, compared, condition, joined, known, negated, type_of
from language.values import ValueText, parse_date, parse_length
from language.yaml import resolve
from model.expressions import Constant, Duration, Expr, Operator, Type

MAX_DEPTH = 20
MAX_OPERATORS = 60

_COMPARISONS: dict[str, Operator] = {
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "in": "in",
    "contains": "contains",
}
_UNITS = frozenset(
    word + ending
    for word in ("second", "minute", "hour", "day", "week", "month", "year")
    for ending in ("", "s")
)


def parse_condition(text: str, schema: Schema, scope: Scope) -> Expr:
    """Reads a condition, something that holds or does not."""
    return condition(_Parser(text, schema, scope).whole())


def parse_value(value: str | int | float | bool | None, schema: Schema, scope: Scope) -> Expr:
    """Reads a value of `set`, `with`, `key`, `assign_to`: an expression by its beginning, else itself."""
    if value is None:
        raise ConditionError("a value is missing", 0, "write one; `nothing` clears")
    if not isinstance(value, str):
        return Constant(value, type_of(value))
    if not is_expression(value, schema):
        return _constant(value)
    read = _Parser(value, schema, scope).whole()
    if read.type == "duration":
        advice = "write `days_since(…)` or `hours_since(…)`"
        raise ConditionError("a length of time cannot be kept as a value", read.offset, advice, "J010")
    return read.expr


def is_expression(text: str, schema: Schema) -> bool:
    """Says whether a value is an expression: by what it begins with."""
    text = text.strip()
    word = re.match(r"[a-z_][a-z0-9_]*", text)
    if word is None:
        return False
    rest = text[word.end() :]
    if word.group() in ("now", "round"):
        return re.match(r"\s*($|[-+]\s)", rest) is not None
    if rest.startswith("."):
        roots = (ROOTS - {"field"}) | schema.things.keys()
        return word.group() in roots and re.match(r"\.\w", rest) is not None
    return rest.startswith("(") and word.group() in NAMES


def _constant(text: str) -> Constant:
    try:
        return Constant(parse_date(text).isoformat(), "date")
    except ValueText:
        plain = resolve(text)
        return Constant(text, "text") if plain is None else Constant(plain, type_of(plain))


class _Parser:
    """Reads one text by recursive descent; `typed` nodes carry the place and type of every piece."""

    def __init__(self, text: str, schema: Schema, scope: Scope) -> None:
        self._text = text
        self._schema = schema
        self._scope = scope
        self._tokens = tokens(text)
        self._position = 0
        self._depth = 0
        self._operators = 0

    def whole(self) -> Typed:
        """Reads all of the text as one expression."""
        if self._next.kind == "end":
            raise ConditionError("a condition is missing", 0, "write one like `lead.score >= 80`")
        read = self._either()
        if (rest := self._next).kind != "end":
            raise self._unexpected(rest)
        return read

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    def _at(self, *words: str) -> bool:
        return all(
            token.text == word and token.kind in ("word", "sign")
            for word, token in zip(words, self._tokens[self._position :], strict=False)
        ) and len(self._tokens) > self._position + len(words)

    def _take(self) -> Token:
        token = self._next
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def _skip(self, *words: str) -> bool:
        if not self._at(*words):
            return False
        self._position += len(words)
        return True

    def _operator(self) -> None:
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            raise ConditionError(
                "the condition is too long", self._next.offset, "divide it into several steps"
            )

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ConditionError(
                "too many parentheses inside one another", self._next.offset, "make it flatter"
            )

    def _spanned(self, node: Typed) -> Typed:
        end = self._tokens[self._position - 1].end
        return replace(node, text=self._text[node.offset : end])

    def _either(self) -> Typed:
        left = self._both()
        while self._skip("or"):
            self._operator()
            left = self._spanned(joined("or", left, self._both()))
        return left

    def _both(self) -> Typed:
        left = self._negation()
        while self._skip("and"):
            self._operator()
            left = self._spanned(joined("and", left, self._negation()))
        return left

    def _negation(self) -> Typed:
        if not self._at("not"):
            return self._comparison()
        offset = self._take().offset
        self._deeper()
        read = self._spanned(negated(self._negation(), offset))
        self._depth -= 1
        return read

    def _comparison(self) -> Typed:
        left = self._sum()
        read = self._compared(left)
        if read is None:
            return left
        self._operator()
        if self._compared_again():
            advice = "join two comparisons with `and`"
            raise ConditionError("comparisons do not stand in a chain", self._next.offset, advice)
        return self._spanned(read)

    def _compared_again(self) -> bool:
        return self._at("is") or self._at("not", "in") or any(self._at(word) for word in _COMPARISONS)

    def _compared(self, left: Typed) -> Typed | None:
        if self._skip("is"):
            return self._is(left)
        if self._skip("not", "in"):
            return compared("not in", left, self._sum())
        for word, operator in _COMPARISONS.items():
            if self._skip(word):
                return compared(operator, left, self._sum())
        return None

    def _is(self, left: Typed) -> Typed:
        is_not = self._skip("not")
        if self._skip("known"):
            return known(left, is_not)
        token = self._next
        if token.kind == "word" and token.text.lower() in ABSENT_WORDS:
            advice = f"write `{left.text} is {'known' if is_not else 'not known'}`"
            raise ConditionError(f"`{token.text}` is no value", token.offset, advice)
        if token.text in ("in", "contains", "greater", "less") and token.kind == "word":
            advice = "not in" if is_not and token.text == "in" else token.text
            word = {"greater": ">", "less": "<"}.get(advice, advice)
            raise ConditionError(
                f"`is` and `{token.text}` do not go together", token.offset, f"write `{word}`"
            )
        return compared("is not" if is_not else "is", left, self._sum())

    def _sum(self) -> Typed:
        left = self._value()
        while self._at("+") or self._at("-"):
            operator: Operator = "+" if self._take().text == "+" else "-"
            self._operator()
            left = self._spanned(calculated(operator, left, self._value()))
        return left

    def _value(self) -> Typed:
        token = self._take()
        match token.kind:
            case "number":
                return self._number(token, 1)
            case "text" | "date" | "time":
                return self._literal(token.text, token.kind, token)
            case "word":
                return self._word(token)
            case "sign" if token.text == "-" and self._next.kind == "number":
                return replace(self._number(self._take(), -1), offset=token.offset)
            case "sign" if token.text == "(":
                return self._parenthesis(token)
            case "sign" if token.text == "[":
                return self._list(token)
            case _:
                raise self._unexpected(token)

    def _literal(self, value: str | int | float | bool, kind: Type, token: Token) -> Typed:
        return Typed(
            Constant(value, kind), FieldType(kind), token.offset, self._text[token.offset : token.end]
        )

    def _number(self, token: Token, sign: int) -> Typed:
        word = self._next
        if word.kind == "word" and (word.text in _UNITS or word.text == "business"):
            return self._duration(token, sign)
        value = int(token.text) if token.text.isdigit() else float(token.text)
        return self._literal(sign * value, "number", token)

    def _duration(self, first: Token, sign: int) -> Typed:
        self._position -= 1
        while self._next.kind == "number" and self._tokens[self._position + 1].kind == "word":
            if self._tokens[self._position + 1].text == "business":
                advice = "use calendar days"
                raise ConditionError("business days are not counted in conditions", first.offset, advice)
            if self._tokens[self._position + 1].text not in _UNITS:
                break
            self._position += 2
        written = self._text[first.offset : self._tokens[self._position - 1].end]
        if sign < 0:
            raise ConditionError(
                "a length of time is never negative", first.offset, f"write `now - {written}`"
            )
        try:
            length = parse_length(written)
        except ValueText as error:
            raise ConditionError(error.message, first.offset, error.suggestion) from None
        duration = Duration(length.months, length.days, length.seconds)
        return Typed(duration, FieldType("duration"), first.offset, written)

    def _parenthesis(self, opening: Token) -> Typed:
        self._deeper()
        read = self._either()
        if not self._skip(")"):
            raise self._missing(")", opening)
        self._depth -= 1
        return replace(
            read,
            offset=opening.offset,
            text=self._text[opening.offset : self._tokens[self._position - 1].end],
        )

    def _list(self, opening: Token) -> Typed:
        items: list[Typed] = []
        while not self._at("]"):
            item = self._value()
            if not isinstance(item.expr, Constant) or item.type == "list":
                raise ConditionError("a list holds values only", item.offset, "join conditions with `or`")
            items.append(item)
            if not self._skip(",") and not self._at("]"):
                raise self._missing("]", opening)
        self._take()
        if not items:
            raise ConditionError("the list is empty", opening.offset, "write what is in it, or `is known`")
        kinds = {item.type for item in items}
        element: Type = kinds.pop() if len(kinds) == 1 else "any"
        values = [item.expr.value for item in items if isinstance(item.expr, Constant)]
        read = Typed(Constant(values, "list"), FieldType("list", element), opening.offset, "")
        return self._spanned(read)

    def _word(self, token: Token) -> Typed:
        word = token.text
        if self._at("("):
            return self._call(token)
        if word in ("true", "false"):
            return Typed(Constant(word == "true", "yes_no"), YES_NO, token.offset, word)
        if self._scope.filter is not None and word in self._scope.filter:
            return resolve_name(word, token.offset, self._schema, self._scope)
        if word in WORDS - {"now", "round"} or (word.lower() in WORDS - {"round"} and word != word.lower()):
            raise self._unexpected(token)
        if word.lower() in ABSENT_WORDS:
            raise ConditionError(
                f"`{word}` is no value", token.offset, "write `… is known` or `… is not known`"
            )
        return resolve_name(word, token.offset, self._schema, self._scope)

    def _call(self, token: Token) -> Typed:
        opening = self._take()
        self._deeper()
        if token.text in HISTORY:
            read = self._history(token, opening)
        elif token.text in PLAIN:
            arguments = self._arguments(opening)
            read = plain_call(token.text, arguments, token.offset, self._schema)
        else:
            raise unknown_function(token.text, token.offset)
        self._depth -= 1
        return self._spanned(read)

    def _arguments(self, opening: Token) -> list[Typed]:
        found: list[Typed] = []
        while not self._at(")"):
            found.append(self._either())
            if not self._skip(",") and not self._at(")"):
                raise self._missing(")", opening)
        self._take()
        return found

    def _history(self, token: Token, opening: Token) -> Typed:
        if self._at(")"):
            advice = f"write `{HISTORY[token.text]}`"
            raise ConditionError(
                f"`{token.text}` begins with an event in quotes", token.offset, advice, "J010"
            )
        event = self._value()
        fields = event_fields(token.text, event, self._schema)
        window = self._window() if self._skip(",") else None
        has_filter = self._tokens[self._position - 1].text == "," or (window is not None and self._skip(","))
        where = self._filter(fields) if has_filter else None
        if not self._skip(")"):
            raise self._missing(")", opening)
        field = self._take().text if self._skip(".") and self._next.kind == "word" else None
        return history_call(HistoryCall(token.text, token.offset, event, fields, window, where, field))

    def _window(self) -> Duration | Literal["this run"] | None:
        if self._skip("this", "run"):
            return "this run"
        following = self._tokens[min(self._position + 1, len(self._tokens) - 1)]
        if self._next.kind != "number" or following.kind != "word":
            return None
        read = self._value()
        return read.expr if isinstance(read.expr, Duration) else None

    def _filter(self, fields: dict[str, FieldType]) -> Typed:
        outer = self._scope
        self._scope = replace(outer, filter=fields)
        read = self._either()
        self._scope = outer
        if read.type == "duration" or self._at(","):
            advice = "event, window and filter, in this order: join conditions with `and`"
            raise ConditionError("this does not belong into the parentheses", read.offset, advice)
        return read

    def _missing(self, sign: str, opening: Token) -> ConditionError:
        if self._next.kind == "end":
            return ConditionError(f"`{opening.text}` is not closed", opening.offset, f"add `{sign}`")
        return self._unexpected(self._next)

    def _unexpected(self, token: Token) -> ConditionError:
        return unexpected(token, self._text[token.offset : token.end], _UNITS)

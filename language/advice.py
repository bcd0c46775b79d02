"""Advice for words that stand where they do not belong: what other languages call what a condition has."""

from __future__ import annotations

from collections.abc import Collection

from language.lexer import Token
from language.names import WORDS
from language.problems import ConditionError, closest, did_you_mean

OTHER_OPERATORS = {
    **dict.fromkeys(("equals", "equal", "eq", "are", "was"), "`is`"),
    **dict.fromkeys(("ne", "neq", "isnt", "differs"), "`is not`"),
    **dict.fromkeys(("includes", "include", "has", "like", "matches", "match", "contain"), "`contains`"),
    **dict.fromkeys(("exists", "exist", "set", "present"), "`is known`"),
    **dict.fromkeys(("gt", "greater", "more", "over", "above", "after"), "`>`"),
    **dict.fromkeys(("lt", "less", "under", "below", "before"), "`<`"),
    **dict.fromkeys(("gte", "least"), "`>=`"),
    **dict.fromkeys(("lte", "most"), "`<=`"),
    **dict.fromkeys(("one_of", "any_of", "within"), "`in […]`"),
    "between": "`… >= 1 and … <= 5`",
    "plus": "`+`",
    "minus": "`-`",
    "then": "the condition alone",
    "null": "`is not known`",
}


def unexpected(token: Token, written: str, units: Collection[str]) -> ConditionError:
    """Words the mistake of a piece that cannot stand where it does; `written` is its text with quotes."""
    if token.kind == "end":
        return ConditionError("the condition breaks off here", token.offset, "something has to follow")
    if token.kind != "word":
        advice = "join conditions with `and` or `or`" if token.kind != "sign" else None
        return ConditionError(f"`{written}` does not belong here", token.offset, advice)
    return _unexpected_word(token, written, units)


def _unexpected_word(token: Token, written: str, units: Collection[str]) -> ConditionError:
    word = written.lower()
    if word in OTHER_OPERATORS:
        message = f"`{written}` is not used in conditions"
        return ConditionError(message, token.offset, f"write {OTHER_OPERATORS[word]}")
    if word in WORDS and word != written:
        return ConditionError(f"`{written}` is written small", token.offset, f"write `{word}`")
    near = closest(word, (*WORDS - {"this", "round", "now"}, *units))
    advice = f"did you mean `{near}`?" if near else "join conditions with `and` or `or`"
    return ConditionError(f"`{written}` does not belong here", token.offset, advice)


def no_event(name: str, events: Collection[str]) -> str:
    """Says what to write where an event was to be named and something else stands."""
    if name[:1].isdigit():
        return f"write `wait: {name}`; the longest time of a `wait_for` is its `within`"
    if " or " in name or ", " in name:
        return "one line hears one event: write `first_of:` with a line `- event: …` for each"
    if " " in name:
        return f"a condition stands under `first_of`: `- if: {name}`"
    endings = [event for event in events if event.endswith(f".{name}")]
    if endings:
        return f"write `{'email.' + name if 'email.' + name in endings else endings[0]}`"
    return did_you_mean(name, events) or "declare it under `events:` in the vocabulary"

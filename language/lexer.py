"""Cuts a condition into words, numbers, texts, dates and signs, and names the right word for signs of other
languages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from language.problems import ConditionError

MAX_CHARACTERS = 4_000

TokenKind = Literal["word", "number", "text", "date", "time", "sign", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a condition: `text` as written (a quoted text without quotes), `offset` of its first
    character.
    """

    kind: TokenKind
    text: str
    offset: int
    end: int


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?![\w-])")
_NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d{1,3})?(?!\.?\w|/\d+/\d)")
_WORD = re.compile(r"[^\W\d]\w*(\.\w+)*")
_SIGNS = re.compile(r"<=|>=|<|>|\+|-|\(|\)|\[|\]|,|\.")

_OTHER_SIGNS: tuple[tuple[str, str], ...] = (
    ("===", "`is`"),
    ("!==", "`is not`"),
    ("==", "`is`"),
    ("=>", "`>=`"),
    ("=<", "`<=`"),
    ("=", "`is`"),
    ("!=", "`is not`"),
    ("<>", "`is not`"),
    ("≠", "`is not`"),
    ("≥", "`>=`"),
    ("≤", "`<=`"),
    ("&&", "`and`"),
    ("&", "`and`"),
    ("||", "`or`"),
    ("|", "`or`"),
    ("!", "`not`"),
)
_OTHER_QUOTES = "'‘’“”„«»`"


def tokens(text: str) -> list[Token]:
    """Cuts the text up; the last token is of kind `end`. Raises ConditionError with the place of what it
    cannot read.
    """
    if len(text) > MAX_CHARACTERS:
        raise ConditionError(
            f"a condition has at most {MAX_CHARACTERS} characters", 0, "divide it into several steps"
        )
    found: list[Token] = []
    position = 0
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if position == len(text):
            found.append(Token("end", "", position, position))
            return found
        token = _next(text, position)
        found.append(token)
        position = token.end


def _next(text: str, position: int) -> Token:
    if text[position] == '"':
        return _quoted(text, position)
    _refuse_other_signs(text, position)
    patterns: tuple[tuple[TokenKind, re.Pattern[str]], ...] = (
        ("time", _TIME),
        ("date", _DATE),
        ("number", _NUMBER),
        ("word", _WORD),
        ("sign", _SIGNS),
    )
    for kind, pattern in patterns:
        if (found := pattern.match(text, position)) is not None:
            token = Token(kind, found.group(), position, found.end())
            _check(token)
            return token
    raise _unreadable(text, position)


def _refuse_other_signs(text: str, position: int) -> None:
    if text.startswith(("{{", "{%", "}}"), position):
        raise ConditionError("a condition has no `{{ }}`", position, "write the name alone: `lead.score`")
    for sign, word in _OTHER_SIGNS:
        if text.startswith(sign, position):
            raise ConditionError(f"`{sign}` is not used in conditions", position, f"write {word}")
    if text[position] in _OTHER_QUOTES:
        raise ConditionError(
            f"texts do not stand in {text[position]}", position, _double_quoted(text, position)
        )


def _double_quoted(text: str, position: int) -> str:
    closing = next((at for at in range(position + 1, len(text)) if text[at] in _OTHER_QUOTES), None)
    inner = text[position + 1 : closing] if closing else ""
    return f'write "{inner}"' if inner and len(inner) < 60 else 'write "…" with double quotes'


def _quoted(text: str, position: int) -> Token:
    letters: list[str] = []
    at = position + 1
    while at < len(text):
        if text[at] == '"':
            return Token("text", "".join(letters), position, at + 1)
        if text[at] == "\\" and text[at + 1 : at + 2] in ("\\", '"'):
            at += 1
        letters.append(text[at])
        at += 1
    raise ConditionError("the text that begins here has no end", position, 'close it with `"`')


def _check(token: Token) -> None:
    """Refuses dates that no calendar has and numbers too long to be exact."""
    try:
        if token.kind == "date":
            date.fromisoformat(token.text)
        if token.kind == "time":
            datetime.fromisoformat(token.text)
    except ValueError:
        raise ConditionError(f"there is no day `{token.text}`", token.offset, "check month and day") from None
    if token.kind == "number" and (
        len(token.text) > 24 or float(token.text) > 1e300 or _long_integer(token.text)
    ):
        raise ConditionError("this number is too long", token.offset, "numbers have up to 15 digits")


def _long_integer(text: str) -> bool:
    return text.isdigit() and len(text) > 15


def _unreadable(text: str, position: int) -> ConditionError:
    character = text[position]
    if character.isdigit():
        return _strange_number(text, position)
    if character in "*/%^":
        return ConditionError(
            f"`{character}` cannot be calculated in a condition", position, "only `+` and `-` are there"
        )
    if character in "{}":
        return ConditionError(
            f"`{character}` has no meaning in a condition", position, "lists stand in `[ ]`"
        )
    if character == "?":
        return ConditionError("`?` is not used in conditions", position, "write two steps with `if:`")
    if character in ";:":
        return ConditionError(
            f"`{character}` has no meaning in a condition", position, "join conditions with `and`"
        )
    return ConditionError(f"`{character}` has no meaning in a condition", position)


def _strange_number(text: str, position: int) -> ConditionError:
    found = re.compile(r"[\w.,:/-]*[\w]").match(text, position)
    written = found.group() if found else text[position]
    if re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}", written):
        return ConditionError(f"`{written}` is no date", position, "write year, month and day: `2026-03-02`")
    if re.fullmatch(r"\d{1,3}([_]\d{3})+", written):
        return ConditionError(f"`{written}` is no number", position, f"write `{written.replace('_', '')}`")
    if (short := re.fullmatch(r"(\d+)([a-z]+)", written)) is not None:
        return ConditionError(
            f"`{written}` is not readable",
            position,
            f"write a length like `{short.group(1)} days`, or use quotes",
        )
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", written):
        return ConditionError(f"`{written}` lacks its zone", position, "write `2026-03-02T09:00:00Z`")
    return ConditionError(f"`{written}` is not readable", position, "texts stand in double quotes")

"""Reads the sections of a vocabulary that are not fields: company, caps, queues, audiences, endings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import get_args

from language.audience_rules import is_circular
from language.builtin import CONTROL
from language.problems import Problems
from language.reading import (
    check_name,
    read_by,
    read_condition,
    read_count,
    read_hours,
    read_length,
    read_mapping,
    read_parts,
    read_text,
    read_texts,
    read_word,
)
from language.schema import Schema, Scope
from language.terms import (
    Audience,
    Cap,
    Caps,
    Company,
    Defaults,
    Effect,
    EndingClass,
    Outcome,
    Queue,
    Result,
)
from language.values import parse_zone
from language.yaml import Entry, Mapping, Node, Scalar, Sequence
from model.time import Hours

EFFECTS: dict[str, Effect] = {word: word for word in get_args(Effect)}
RESULTS: dict[str, Result] = {word: word for word in get_args(Result)}
CLASSES: dict[str, EndingClass] = {word: word for word in get_args(EndingClass)}
UNLISTED = {
    "no_answer": Outcome("no_answer", "No answer", "retry", None, unlisted=True),
    "expired": Outcome("expired", "Expired", "done", None, unlisted=True),
}

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")


def read_company(node: Node | None, problems: Problems) -> Company:
    """Reads `{name, zone, languages, postal_address}`."""
    words = ("name", "zone", "languages", "postal_address")
    parts = read_parts(node, "`company`", words, problems) if node is not None else None
    if parts is None:
        return Company()
    default = Company()
    languages = read_texts(parts["languages"], "a language", problems) if "languages" in parts else ()
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            problems.add(parts["languages"].mark, "J005", f"`{language}` is no language", "write `es`, `en`")
    return Company(
        _text(parts, "name", problems) or default.name,
        (read_by(parts["zone"], parse_zone, problems) if "zone" in parts else None) or default.zone,
        languages or default.languages,
        _text(parts, "postal_address", problems) or default.postal_address,
    )


def read_defaults(node: Node | None, problems: Problems) -> Defaults:
    """Reads `{life, expires}`."""
    parts = read_parts(node, "`defaults`", ("life", "expires"), problems) if node is not None else None
    if parts is None:
        return Defaults()
    default = Defaults()
    life, expires = read_length(parts, "life", problems), read_length(parts, "expires", problems)
    return Defaults(life or default.life, expires or default.expires)


def read_caps(node: Node | None, problems: Problems) -> Caps:
    """Reads `{marketing: {...}, topics: {NAME: {...}}}`."""
    parts = read_parts(node, "`caps`", ("marketing", "topics"), problems) if node is not None else None
    if parts is None:
        return Caps()
    topics = read_mapping(parts["topics"], "`topics`", problems) if "topics" in parts else None
    return Caps(
        _read_cap(parts["marketing"], problems) if "marketing" in parts else Cap(),
        {entry.name: _read_cap(entry.value, problems) for entry in topics.entries} if topics else {},
    )


def _read_cap(node: Node, problems: Problems) -> Cap:
    parts = read_parts(node, "a cap", ("per_day", "per_week", "min_gap"), problems) or {}
    counts = {
        name: read_count(parts[name], f"`{name}`", problems) if name in parts else None
        for name in ("per_day", "per_week")
    }
    return Cap(**counts, min_gap=read_length(parts, "min_gap", problems))


def read_queues(entries: Iterable[Entry], business: Hours, problems: Problems) -> dict[str, Queue]:
    """Reads queues; hours not given are the business hours."""
    queues: dict[str, Queue] = {}
    for entry in entries:
        if not check_name(entry, "a queue", problems):
            continue
        words = ("label", "hours", "agents", "outcomes")
        parts = read_parts(entry.value, f"the queue `{entry.name}`", words, problems)
        if parts is None:
            continue
        hours = read_hours(parts["hours"], business, problems) if "hours" in parts else None
        outcomes = _read_outcomes(entry, parts.get("outcomes"), problems)
        label = _text(parts, "label", problems) or _worded(entry.name)
        agents = _read_agents(parts["agents"], problems) if "agents" in parts else {}
        queues[entry.name] = Queue(entry.name, hours or business, outcomes, label, agents)
    return queues


def _read_agents(node: Node, problems: Problems) -> dict[str, tuple[str, ...]]:
    """Reads who works in a queue: a list of names, or each name with the skills."""
    if not isinstance(node, Mapping):
        return dict.fromkeys(read_texts(node, "an agent", problems), ())
    skills = {entry.name: entry.value for entry in node.entries}
    return {
        name: ()
        if isinstance(given, Sequence) and not given.items
        else read_texts(given, "a skill", problems)
        for name, given in skills.items()
    }


def _read_outcomes(queue: Entry, node: Node | None, problems: Problems) -> dict[str, Outcome]:
    if node is None:
        message = f"the queue `{queue.name}` lacks `outcomes`"
        problems.add(queue.key.mark, "J002", message, "name how work may end")
        return dict(UNLISTED)
    mapping = read_mapping(node, "`outcomes`", problems)
    outcomes: dict[str, Outcome] = {}
    for entry in mapping.entries if mapping is not None else ():
        if check_name(entry, "an outcome", problems):
            outcomes[entry.name] = _read_outcome(entry, problems)
    return {**outcomes, **{code: outcome for code, outcome in UNLISTED.items() if code not in outcomes}}


def _read_outcome(entry: Entry, problems: Problems) -> Outcome:
    plain = UNLISTED.get(entry.name, Outcome(entry.name, _worded(entry.name)))
    if isinstance(entry.value, Scalar) and entry.value.value is None:
        return plain
    what = f"the outcome `{entry.name}`"
    parts = read_parts(entry.value, what, ("label", "effect", "result"), problems) or {}

    effect = read_word(parts["effect"], "effect", tuple(EFFECTS), problems) if "effect" in parts else None
    result = read_word(parts["result"], "result", tuple(RESULTS), problems) if "result" in parts else None
    if plain.unlisted and effect is not None and effect != plain.effect:
        message = f"`{entry.name}` is built in with the effect `{plain.effect}`"
        problems.add(parts["effect"].mark, "J005", message, "leave it out, or rename the outcome")
        effect = None
    return replace(
        plain,
        label=_text(parts, "label", problems) or plain.label,
        effect=EFFECTS[effect] if effect else plain.effect,
        result=RESULTS[result] if result else plain.result,
    )


def read_teams(entries: Iterable[Entry], problems: Problems) -> dict[str, tuple[str, ...]]:
    """Reads teams: lists of e-mail addresses."""
    teams: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        if not check_name(entry, "a team", problems):
            continue
        addresses = read_texts(entry.value, "an e-mail address", problems)
        for address in addresses:
            if not _ADDRESS.fullmatch(address):
                problems.add(entry.value.mark, "J005", f"`{address}` is no e-mail address")
        teams[entry.name] = addresses
    return teams


def read_audiences(entries: Iterable[Entry], schema: Schema, problems: Problems) -> dict[str, Audience]:
    """Reads audiences: `{if: CONDITION}`, `static` or `{network: NAME}`; rules may name other audiences."""
    entries = tuple(entries)
    known = replace(schema, audiences=frozenset(entry.name for entry in entries))
    audiences: dict[str, Audience] = {}
    for entry in entries:
        if not check_name(entry, "an audience", problems):
            continue
        if isinstance(entry.value, Scalar):
            read_word(entry.value, "kind of audience", ("static",), problems)
            audiences[entry.name] = Audience(entry.name)
            continue
        parts = read_parts(entry.value, f"the audience `{entry.name}`", ("if", "network"), problems) or {}
        scope = Scope(open=frozenset())
        rule = read_condition(parts["if"], known, scope, problems) if "if" in parts else None
        audiences[entry.name] = Audience(entry.name, rule, _text(parts, "network", problems))
    for entry in entries:
        if is_circular(entry.name, audiences):
            message = f"the rule of `{entry.name}` comes back to itself by way of `in_audience`"
            problems.add(entry.key.mark, "J005", message, "let one of them ask about the lead instead")
    return audiences


def read_endings(entries: Iterable[Entry], problems: Problems) -> dict[str, EndingClass]:
    """Reads which endings are won, lost or neutral."""
    endings: dict[str, EndingClass] = {}
    for entry in entries:
        if entry.name == CONTROL:
            message = f"`{CONTROL}` is how leads that a `holdout` keeps out are counted"
            problems.add(entry.key.mark, "J005", message, "choose another name for the ending")
        elif check_name(entry, "an ending", problems):
            word = read_word(entry.value, "class of endings", tuple(CLASSES), problems)
            endings[entry.name] = CLASSES[word] if word else "neutral"
    return endings


def read_reply_keywords(entries: Iterable[Entry], problems: Problems) -> dict[str, tuple[str, ...]]:
    """Reads groups of words to look for in replies, in the order of the file."""
    groups: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        if check_name(entry, "a group of keywords", problems):
            groups[entry.name] = read_texts(entry.value, "a keyword", problems)
    return groups


def _text(parts: dict[str, Node], name: str, problems: Problems) -> str | None:
    return read_text(parts[name], f"`{name}`", problems) if name in parts else None


def _worded(name: str) -> str:
    return name.replace("_", " ").capitalize()

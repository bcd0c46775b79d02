"""Reads the files of a vocabulary, every mistake with its place."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace

from language.problems import Problems, did_you_mean
from language.reading import read_hours, read_mapping
from language.terms import (
    BUSINESS_HOURS,
    CONTACT_HOURS,
    Audience,
    Cap,
    Caps,
    Company,
    Connector,
    Defaults,
    Outcome,
    Queue,
    Thing,
    Vocabulary,
)
from language.vocabulary_connectors import read_connectors
from language.vocabulary_fields import check_things, read_events, read_fields, read_lead, read_things
from language.vocabulary_parts import (
    read_audiences,
    read_caps,
    read_company,
    read_defaults,
    read_endings,
    read_queues,
    read_reply_keywords,
    read_teams,
)
from language.yaml import Entry, Node, Scalar, read_yaml
from model.time import Hours

__all__ = [
    "Audience",
    "Cap",
    "Caps",
    "Company",
    "Connector",
    "Defaults",
    "Outcome",
    "Queue",
    "Thing",
    "Vocabulary",
    "load_vocabulary",
]

SETTINGS = ("company", "contact_hours", "business_hours", "defaults", "caps")
NAMED = (
    "lead",
    "account",
    "things",
    "events",
    "queues",
    "teams",
    "audiences",
    "connectors",
    "endings",
    "reply_keywords",
)


@dataclass(slots=True)
class _Sections:
    """The sections of all files: settings once, named things merged."""

    settings: dict[str, Entry] = field(default_factory=dict)
    named: dict[str, dict[str, Entry]] = field(default_factory=lambda: {name: {} for name in NAMED})


def load_vocabulary(sources: Map[str, str | bytes], problems: Problems) -> Vocabulary:
    """Reads a vocabulary from the content of its files by name; what is wrong is reported and left out."""
    sections = _Sections()
    for file, content in sources.items():
        node = read_yaml(file, content, problems)
        mapping = read_mapping(node, "a vocabulary", problems) if node is not None else None
        for entry in mapping.entries if mapping is not None else ():
            _sort_in(entry, sections, problems)
    return _vocabulary(sections, problems)


def _sort_in(entry: Entry, sections: _Sections, problems: Problems) -> None:
    if entry.name in SETTINGS:
        _once(entry, entry.name, sections.settings, problems)
    elif entry.name in NAMED:
        if isinstance(entry.value, Scalar) and entry.value.value is None:
            return
        mapping = read_mapping(entry.value, f"`{entry.name}`", problems)
        for named in mapping.entries if mapping is not None else ():
            _once(named, f"{entry.name}: {named.name}", sections.named[entry.name], problems)
    else:
        known = did_you_mean(entry.name, (*SETTINGS, *NAMED))
        advice = known or f"it has {', '.join((*SETTINGS, *NAMED))}"
        problems.add(entry.key.mark, "J003", f"a vocabulary has no `{entry.name}`", advice)


def _once(entry: Entry, name: str, seen: dict[str, Entry], problems: Problems) -> None:
    first = seen.setdefault(entry.name, entry)
    if first is not entry:
        message = f"`{name}` is there twice: here and at {first.key.mark}"
        problems.add(entry.key.mark, "J001", message, "keep one of them")


def _vocabulary(sections: _Sections, problems: Problems) -> Vocabulary:
    named = {name: tuple(entries.values()) for name, entries in sections.named.items()}
    setting = {name: entry.value for name, entry in sections.settings.items()}
    contact = _hours(setting.get("contact_hours"), CONTACT_HOURS, problems)
    business = _hours(setting.get("business_hours"), BUSINESS_HOURS, problems)
    fields = Vocabulary(
        lead=read_lead(named["lead"], problems),
        account=read_fields(named["account"], problems),
        things=read_things(named["things"], problems),
        events=read_events(named["events"], problems),
        queues=read_queues(named["queues"], business, problems),
    )
    check_things(fields.things, named["events"], problems)
    return Vocabulary(
        company=read_company(setting.get("company"), problems),
        contact_hours=contact,
        business_hours=business,
        defaults=read_defaults(setting.get("defaults"), problems),
        caps=read_caps(setting.get("caps"), problems),
        lead=fields.lead,
        account=fields.account,
        things=fields.things,
        events=fields.events,
        queues=fields.queues,
        teams=read_teams(named["teams"], problems),
        audiences=read_audiences(named["audiences"], replace(fields.schema(), things={}), problems),
        connectors=read_connectors(named["connectors"], problems),
        endings=read_endings(named["endings"], problems),
        reply_keywords=read_reply_keywords(named["reply_keywords"], problems),
    )


def _hours(node: Node | None, default: Hours, problems: Problems) -> Hours:
    return (read_hours(node, default, problems) if node is not None else None) or default

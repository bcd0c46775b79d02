"""The vocabulary: everything a journey may name, typed (language.md §8).

`language.vocabulary` reads it from YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from language.builtin import CHANNELS, ENDINGS, EVENTS, LEAD_FIELDS
from language.schema import Fields, Schema
from model.connectors import Method
from model.expressions import Expr
from model.time import Hours, Length

Effect = Literal["done", "reached", "retry", "callback", "number_dead", "never_call"]
Result = Literal["positive", "negative", "neutral"]
EndingClass = Literal["won", "lost", "neutral"]

CONTACT_HOURS = Hours((0, 1, 2, 3, 4, 5), 9 * 60, 20 * 60)
BUSINESS_HOURS = Hours((0, 1, 2, 3, 4), 9 * 60, 18 * 60)
LIFE = Length(months=12)
EXPIRES = Length(days=2)
TIMEOUT = Length(seconds=5)
RETRY_FOR = Length(days=1)


@dataclass(frozen=True, slots=True)
class Company:
    """Who writes: `zone` is the company's own, `languages` those of its templates, the first the default."""

    name: str = ""
    zone: str = "UTC"
    languages: tuple[str, ...] = ("en",)
    postal_address: str = ""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where a journey says nothing: the longest life of a run, how long work stays on offer."""

    life: Length = LIFE
    expires: Length = EXPIRES


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many messages in a day and in a week, and the least time between two."""

    per_day: int | None = None
    per_week: int | None = None
    min_gap: Length | None = None


@dataclass(frozen=True, slots=True)
class Caps:
    """The caps on marketing messages, of all and by topic."""

    marketing: Cap = Cap()
    topics: Mapping[str, Cap] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Thing:
    """What a lead may have several of: `key` is the field that identifies one."""

    name: str
    key: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Outcome:
    """How work may end; `unlisted` ones are there without being named and need not be handled."""

    code: str
    label: str
    effect: Effect = "done"
    result: Result | None = None
    unlisted: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """Where work waits for people; `outcomes` by code, with the unlisted `no_answer` and `expired`.

    `agents` are those who work in it, each with the skills; none named: everybody who claims from it.
    """

    name: str
    hours: Hours
    outcomes: Mapping[str, Outcome]
    label: str
    agents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audience:
    """A group of leads: by `rule`, or filled by hand, journeys and API; `network` where it is shown to
    one.
    """

    name: str
    rule: Expr | None = None
    network: str | None = None


@dataclass(frozen=True, slots=True)
class Connector:
    """An outside address that journeys may call: `secret` names a setting, `sends` and `answers` are
    typed.
    """

    name: str
    method: Method
    url: str
    secret: str | None = None
    sends: Fields = field(default_factory=dict)
    answers: Fields = field(default_factory=dict)
    timeout: Length = TIMEOUT
    retry_for: Length = RETRY_FOR


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything a journey may name. `lead` and `events` hold the built-in ones too."""

    company: Company = Company()
    contact_hours: Hours = CONTACT_HOURS
    business_hours: Hours = BUSINESS_HOURS
    defaults: Defaults = Defaults()
    caps: Caps = Caps()
    lead: Fields = field(default_factory=lambda: dict(LEAD_FIELDS))
    account: Fields = field(default_factory=dict)
    things: Mapping[str, Thing] = field(default_factory=dict)
    events: Mapping[str, Fields] = field(default_factory=lambda: {name: EVENTS[name] for name in EVENTS})
    queues: Mapping[str, Queue] = field(default_factory=dict)
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    connectors: Mapping[str, Connector] = field(default_factory=dict)
    endings: Mapping[str, EndingClass] = field(default_factory=dict)
    reply_keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def schema(self) -> Schema:
        """Gives what the typing of conditions needs."""
        return Schema(
            lead=self.lead,
            account=self.account,
            things={name: thing.fields for name, thing in self.things.items()},
            thing_keys={name: thing.key for name, thing in self.things.items()},
            events=self.events,
            queues=frozenset(self.queues),
            audiences=frozenset(self.audiences),
            teams=frozenset(self.teams),
            connectors=frozenset(self.connectors),
            endings=frozenset((*self.endings, *ENDINGS)),
            channels=frozenset(CHANNELS),
        )

    def ending_class(self, ending: str) -> EndingClass:
        """Says whether an ending is won, lost or neutral, which it is unless the vocabulary says
        otherwise.
        """
        return self.endings.get(ending, "neutral")

"""What the contact rules read and what they answer (language.md §4.6, architecture.md §5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from model.time import Hours

Purpose = Literal["marketing", "service"]
Reason = Literal["no_address", "no_consent", "suppressed", "snoozed", "quiet", "cap", "stopped"]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `per_day` contacts in any 24 hours, `per_week` in any 7 days, `min_gap` seconds between two."""

    per_day: int | None = None
    per_week: int | None = None
    min_gap: int | None = None


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits on marketing contacts: of all of them together, and of each named topic."""

    marketing: Limit = Limit()
    topics: tuple[tuple[str, Limit], ...] = ()


@dataclass(frozen=True, slots=True)
class Consent:
    """The latest word of a lead on one channel (or `all`) and one topic (None: every topic).

    `scope` says what a refusal covers: marketing, or all messages, service ones too.
    """

    channel: str
    given: bool
    at: datetime
    topic: str | None = None
    scope: Literal["marketing", "all"] = "marketing"


@dataclass(frozen=True, slots=True)
class Snooze:
    """The lead asked for rest from marketing `until` then; None: until it stirs."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """A journey stopped something until then: `marketing`, a channel, `calls` or `all`."""

    what: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """One message or call that reached the lead or may have (dispatching, accepted, unknown).

    Contacts with the same `contact_key` count as one; without a key each counts.
    """

    at: datetime
    channel: str
    purpose: Purpose
    topic: str | None = None
    contact_key: str | None = None


@dataclass(frozen=True, slots=True)
class Contactability:
    """All that the rules read about one lead, gathered in one transaction that holds the lead's row.

    `addresses` are the channels for which the lead has an address, `social:x` for a network. `suppressions`
    are those of the lead and of its present addresses: a channel, `calls`, `marketing` or `all`. `zones` are
    the IANA zones where the lead may be; unknown names are passed over, and with none left UTC counts, so the
    caller puts the company's zone where it knows none. `recent` reaches back at least as far as
    `engine.contact.look_back` says. `stopped` and `stopped_journeys` are the stop switches, `paused` is the
    run's own. `rests` are suppressions that end by themselves; those over count no more.
    """

    addresses: tuple[str, ...]
    zones: tuple[str, ...]
    consents: tuple[Consent, ...] = ()
    suppressions: tuple[str, ...] = ()
    snooze: Snooze | None = None
    recent: tuple[Contact, ...] = ()
    stopped: bool = False
    stopped_journeys: tuple[str, ...] = ()
    paused: bool = False
    rests: tuple[Rest, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """A message or call about to be made.

    `hours` are the contact hours that apply, already merged (None: none). With `own_hours` the step itself
    named them, and they bind a service message too. `priority` orders the callers of the rules, which do not
    read it. `network` is that of `social`; without it any will do.
    """

    channel: str
    purpose: Purpose
    topic: str | None = None
    journey: str | None = None
    contact_key: str | None = None
    hours: Hours | None = None
    own_hours: bool = False
    caps: Caps = Caps()
    on_quiet: Literal["hold", "skip"] = "hold"
    on_cap: Literal["hold", "skip"] = "skip"
    priority: Literal["low", "normal", "high"] = "normal"
    network: str | None = None


@dataclass(frozen=True, slots=True)
class Allow:
    """The lead may be contacted now."""

    kind: Literal["allow"] = "allow"


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now: judge again at `until`, which is later than the instant judged."""

    until: datetime
    reason: Reason
    kind: Literal["hold"] = "hold"


@dataclass(frozen=True, slots=True)
class Deny:
    """The message is skipped."""

    reason: Reason
    kind: Literal["deny"] = "deny"


Verdict = Annotated[Allow | Hold | Deny, Field(discriminator="kind")]

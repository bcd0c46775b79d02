"""May this lead be contacted now? One pure function for every message and call (language.md §4.6).

The rules, in this order; the first that speaks is the answer, and what refuses goes before what only delays:

1. `no_address`   the lead has no address for the channel, of `social` on its network
2. `suppressed`   the channel, all, or (for marketing) marketing is suppressed
3. `no_consent`   marketing needs a consent for the channel; a refusal of everything binds service too
4. `snoozed`      marketing to a lead that asked for rest without an end
5. `quiet`        outside contact hours, and `on_quiet` says skip; also hours that never open
6. `cap`          no contact left, and `on_cap` says skip, judged at the instant until which others hold it
7. holds: `stopped` (a stop switch or a paused run), `snoozed` (a suppression with an end too), `quiet`, `cap`

Contact hours bind marketing, calls, and a service message whose step names its own; they must be open in
every zone where the lead may be. Caps bind marketing and count marketing alone, in sliding windows of 24
hours and 7 days of elapsed time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.hours import CalendarError, next_open_everywhere
from engine.zones import known_zones
from model.channels import place_of
from model.contact import (
    Allow,
    Caps,
    Consent,
    Contact,
    Contactability,
    Deny,
    Hold,
    Intent,
    Limit,
    Reason,
    Verdict,
)

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
STOPPED_FOR = timedelta(minutes=5)
BY_VOICE = ("call", "voice")
"""Channels on which the lead's phone rings: who wants no calls wants none by machines either."""


def may_contact(lead: Contactability, message: Intent, now: datetime) -> Verdict:
    """Judges whether `lead` may get `message` at `now` (aware, UTC); never raises."""
    refusal = _refusal(lead, message)
    if refusal is not None:
        return refusal
    opening = _opening(lead, message, now)
    if opening is None or (opening > now and message.on_quiet == "skip"):
        return Deny("quiet")
    holds = _holds(lead, message, now)
    if opening > now:
        holds.append(Hold(opening, "quiet"))
    ready = max((hold.until for hold in holds), default=now)
    free = _free(lead, message, ready)
    if free is None or (free > ready and message.on_cap == "skip"):
        return Deny("cap")
    if holds:
        return holds[0]
    return Hold(free, "cap") if free > now else Allow()


def may_call(lead: Contactability, at: datetime) -> Reason | None:
    """Says why a lead may not be called at all, None if it may; contact hours are judged when an agent
    takes the call.

    A call needs no consent of its own, but never passes a refusal of calls.
    """
    words = [word for word in lead.consents if word.channel in ("call", "all") and word.topic is None]
    refused = any(not word.given for word in words)
    if "call" not in lead.addresses:
        return "no_address"
    if any(scope in ("call", "calls", "all") for scope in lead.suppressions):
        return "suppressed"
    if any(rest.what in ("call", "calls", "all") and rest.until > at for rest in lead.rests):
        return "snoozed"
    return "no_consent" if refused else None


def look_back(caps: Caps) -> timedelta:
    """Returns how far back `Contactability.recent` must reach for `caps` to be judged."""
    limits = (caps.marketing, *(limit for _, limit in caps.topics))
    return max(WEEK, *(timedelta(seconds=limit.min_gap or 0) for limit in limits))


def _refusal(lead: Contactability, message: Intent) -> Deny | None:
    marketing = message.purpose == "marketing"
    if place_of(message.channel, message.network) not in lead.addresses:
        return Deny("no_address")
    if any(_suppresses(scope, message) for scope in lead.suppressions):
        return Deny("suppressed")
    if _refused(lead, message) or (marketing and not _consented(lead, message)):
        return Deny("no_consent")
    if marketing and lead.snooze is not None and lead.snooze.until is None:
        return Deny("snoozed")
    return None


def _suppresses(scope: str, message: Intent) -> bool:
    if scope == "marketing":
        return message.purpose == "marketing"
    return scope in ("all", message.channel) or (scope == "calls" and message.channel in BY_VOICE)


def _consented(lead: Contactability, message: Intent) -> bool:
    return any(word.given and _speaks_of(word, message) for word in lead.consents)


def _refused(lead: Contactability, message: Intent) -> bool:
    """Whether a refusal stands: none later, on the same or something narrower, has lifted it."""
    about = [word for word in lead.consents if _speaks_of(word, message)]
    refusals = (
        word for word in about if not word.given and (message.purpose == "marketing" or word.scope == "all")
    )
    return any(not any(_lifts(given, refusal) for given in about) for refusal in refusals)


def _speaks_of(word: Consent, message: Intent) -> bool:
    return word.channel in ("all", message.channel) and word.topic in (None, message.topic)


def _lifts(given: Consent, refusal: Consent) -> bool:
    as_narrow = refusal.channel in ("all", given.channel) and refusal.topic in (None, given.topic)
    return given.given and as_narrow and given.at > refusal.at


def _holds(lead: Contactability, message: Intent, now: datetime) -> list[Hold]:
    holds: list[Hold] = []
    if lead.stopped or lead.paused or message.journey in lead.stopped_journeys:
        holds.append(Hold(now + STOPPED_FOR, "stopped"))
    until = lead.snooze.until if lead.snooze is not None else None
    if message.purpose == "marketing" and until is not None and until > now:
        holds.append(Hold(until, "snoozed"))
    ends = [rest.until for rest in lead.rests if rest.until > now and _suppresses(rest.what, message)]
    if ends:
        holds.append(Hold(max(ends), "snoozed"))
    return holds


def _opening(lead: Contactability, message: Intent, now: datetime) -> datetime | None:
    """The first instant from `now` on within contact hours, `now` where none bind; None: they never open."""
    bound = message.purpose == "marketing" or message.channel == "call" or message.own_hours
    if message.hours is None or not bound:
        return now
    zones = tuple(zone for zone in lead.zones if zone in known_zones()) or ("UTC",)
    try:
        return next_open_everywhere(message.hours, now, zones)
    except (CalendarError, OverflowError):
        return None


def _free(lead: Contactability, message: Intent, at: datetime) -> datetime | None:
    """The first instant from `at` on at which the caps leave room; None: a cap of 0 never does."""
    if message.purpose != "marketing":
        return at
    counted = [contact for contact in lead.recent if contact.purpose == "marketing"]
    of_topic = [contact for contact in counted if contact.topic == message.topic]
    frees = [_limit_frees(message.caps.marketing, counted, message, at)]
    for topic, limit in message.caps.topics:
        if topic == message.topic:
            frees.append(_limit_frees(limit, of_topic, message, at))
    known = [free for free in frees if free is not None]
    return max(known) if len(known) == len(frees) else None


def _limit_frees(limit: Limit, contacts: list[Contact], message: Intent, at: datetime) -> datetime | None:
    latest = _latest(contacts, message.contact_key)
    gap = timedelta(seconds=limit.min_gap or 0)
    free = max((moment + gap for moment in latest), default=at)
    for most, window in ((limit.per_day, DAY), (limit.per_week, WEEK)):
        if most is not None and most < 1:
            return None
        if most is not None and len(latest) >= most:
            free = max(free, latest[-most] + window)
    return max(free, at)


def _latest(contacts: list[Contact], own_key: str | None) -> list[datetime]:
    """When each contact other than the message's own was last made, in order."""
    moments: dict[str, datetime] = {}
    single: list[datetime] = []
    for contact in contacts:
        if contact.contact_key is None:
            single.append(contact.at)
        elif contact.contact_key != own_key:
            moments[contact.contact_key] = max(contact.at, moments.get(contact.contact_key, contact.at))
    return sorted([*single, *moments.values()])

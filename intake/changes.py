"""What an event says about the lead itself: attributes, consents, refusals, rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from pydantic import JsonValue

from engine.permission import source_of
from engine.zones import known_zones, possible_zones
from model.channels import MESSAGES
from model.events import Fields
from model.records import InboxEvent, Lead, LeadChanges, NewConsent
from store import Tx

COLUMNS = (
    "email", "phone", "postal_address", "first_name", "last_name", "language", "zone", "owner", "campaign",
    "source", "request_type", "preferred_channel",
)  # fmt: skip
"""Built-in attributes that an event may write."""

ABOUT_LEADS = frozenset({"lead.created", "lead.updated"})
CONSENT_CHANNELS = frozenset({*MESSAGES, "call", "all"})


async def apply_changes(tx: Tx, lead: Lead, event: InboxEvent) -> Lead:
    """Applies what the event says about its lead and gives the lead as it is now.

    What a step of a journey suppressed is written by the step: the lead itself has refused nothing.
    """
    match event.type:
        case "lead.created" | "lead.updated":
            return await _updated(tx, lead, event)
        case "account.changed":
            account = event.body.get("account")
            known = _merged(lead.account, account if isinstance(account, dict) else {})
            return await tx.leads.update(lead.id, {"account": known}, event.at)
        case "lead.unsubscribed" | "lead.snooze_requested" if event.run is not None:
            return lead
        case "lead.consent_given":
            await tx.consents.add(_word(lead, event, given=True))
        case "lead.unsubscribed":
            await tx.consents.add(_word(lead, event, given=False))
        case "lead.snooze_requested":
            until = _time(event.body.get("until"))
            return await tx.leads.update(lead.id, {"snoozed": True, "snoozed_until": until}, event.at)
    return lead


async def wake_from_snooze(tx: Tx, lead: Lead, at: datetime) -> Lead:
    """Ends a rest asked for without an end: the lead stirs. One with a date lasts until then."""
    if lead.snoozed and lead.snoozed_until is None:
        return await tx.leads.update(lead.id, {"snoozed": False}, at)
    return lead


async def _updated(tx: Tx, lead: Lead, event: InboxEvent) -> Lead:
    body = event.body
    changes: Fields = {name: body[name] for name in COLUMNS if name in body}
    attributes = {
        name: value
        for name, value in body.items()
        if name not in COLUMNS and name not in ("consent", "account")
    }
    if attributes:
        changes["attributes"] = _merged(lead.attributes, attributes)
    account = body.get("account")
    if isinstance(account, dict):
        changes["account"] = _merged(lead.account, account)
    consent = body.get("consent")
    if isinstance(consent, dict):
        await _consents(tx, lead, event, consent)
    if "zone" not in changes and lead.zone is None:
        changes |= _zone_of(changes.get("phone", lead.phone))
    if not changes:
        return lead
    return await tx.leads.update(lead.id, cast("LeadChanges", changes), event.at)


def _merged(before: Fields, after: Mapping[str, JsonValue]) -> Fields:
    merged = {**before, **after}
    return {name: value for name, value in merged.items() if value is not None}


def _zone_of(phone: JsonValue) -> Fields:
    zones = possible_zones(phone, None) if isinstance(phone, str) else ()
    return {"zone": zones[0]} if len(zones) == 1 and zones[0] in known_zones() else {}


async def _consents(tx: Tx, lead: Lead, event: InboxEvent, words: Mapping[str, JsonValue]) -> None:
    for channel, given in words.items():
        if channel in CONSENT_CHANNELS and isinstance(given, bool):
            word = _word(lead, event, given=given)
            await tx.consents.add(replace(word, channel=channel))


def _word(lead: Lead, event: InboxEvent, *, given: bool) -> NewConsent:
    body = event.body
    channel = body.get("channel")
    topic, wording, basis = body.get("topic"), body.get("wording"), body.get("basis")
    return NewConsent(
        lead_id=lead.id,
        channel=channel if isinstance(channel, str) and channel in CONSENT_CHANNELS else "all",
        given=given,
        at=event.at,
        topic=topic if isinstance(topic, str) else None,
        scope="all" if body.get("scope") == "all" else "marketing",
        basis=basis if isinstance(basis, str) else None,
        source=_source(event),
        wording=wording if isinstance(wording, str) else None,
    )


def _source(event: InboxEvent) -> str:
    """Names where a word comes from: a step of a journey, or the source of the event."""
    journey, step = event.body.get("journey"), event.body.get("step")
    by_step = event.run is not None and isinstance(journey, str) and isinstance(step, str)
    return source_of(str(journey), str(step)) if by_step else event.source


def _time(value: JsonValue) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None

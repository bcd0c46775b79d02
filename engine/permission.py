"""What `allow` and `suppress` tell others, and what a consent takes back (language.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from language.keywords import keyword_of
from language.reactions import REPLIES
from model.commands import Permit, Suppress
from model.contact import Consent
from model.events import Event, Fields
from model.runs import Run

SUPPRESSED, SNOOZED, PERMITTED = "lead.unsubscribed", "lead.snooze_requested", "lead.consent_given"


def told(effect: Suppress | Permit, run: Run) -> tuple[str, Fields]:
    """Gives the type and the fields of the event that a step makes."""
    what = effect.what
    channel = {"calls": "call", "marketing": "all"}.get(what, what)
    fields: Fields = {"channel": channel, "journey": run.journey, "step": effect.step}
    if isinstance(effect, Permit):
        return PERMITTED, fields
    fields["scope"] = "marketing" if what == "marketing" else "all"
    if effect.until is None:
        return SUPPRESSED, fields
    return SNOOZED, {**fields, "until": effect.until.isoformat()}


def told_of_calls(journey: str, step: str) -> Fields:
    """Gives the fields of `SUPPRESSED` after an outcome that forbids calls, where no run says so."""
    return {"channel": "call", "journey": journey, "step": step, "scope": "all"}


def is_own(event: Event, run: Run) -> bool:
    """Says whether the run made the event by its own `allow` or `suppress`: to itself it is no news."""
    return event.run == run.enrolment_id and event.type in (SUPPRESSED, SNOOZED, PERMITTED)


def source_of(journey: str, step: str) -> str:
    """Names a step as the source of a word or a suppression."""
    return f"journey {journey}: {step}"


def lifted_by(what: str) -> frozenset[str]:
    """Lists what a consent takes back of all that journeys stopped: the same, and marketing as a whole."""
    return frozenset({what}) if what == "calls" else frozenset({what, "marketing"})


def with_keyword(event: Event, groups: Mapping[str, tuple[str, ...]]) -> Event:
    """Gives a reply the keyword that its text says, unless it names one; other events as they are."""
    text = event.fields.get("text")
    word = keyword_of(text, groups) if event.type in REPLIES and isinstance(text, str) else None
    return event if word is None else replace(event, fields={"keyword": word, **event.fields})


def opt_out(reply: Event) -> Event:
    """Gives the refusal of everything that a reply with STOP is."""
    return Event(f"{reply.id} stop", SUPPRESSED, reply.at, {"channel": "all", "scope": "all"})


def said_in(event: Event) -> Consent:
    """Gives the lead's word that `lead.consent_given` or `lead.unsubscribed` tells."""
    channel, topic = event.fields.get("channel"), event.fields.get("topic")
    return Consent(
        channel if isinstance(channel, str) else "all",
        event.type == PERMITTED,
        event.at,
        topic if isinstance(topic, str) else None,
        "all" if event.fields.get("scope") == "all" else "marketing",
    )

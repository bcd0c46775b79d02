"""Requests shown in OpenAPI; a test sends each of them to a real server."""

from __future__ import annotations

from typing import Final

from fastapi.openapi.models import Example

EVENTS: Final[dict[str, Example]] = {
    "one": {
        "summary": "One event",
        "value": {
            "id": "visit-2026-11-04-luis",
            "type": "dealer.visited",
            "lead": {"external_id": "crm-8812", "email": "luis.perez@example.com", "phone": "+34600111222"},
            "properties": {"model": "ibiza"},
        },
    },
    "many": {
        "summary": "Up to 1,000",
        "value": {
            "events": [
                {
                    "id": "page-1", "type": "page.viewed", "lead": {"visitor_id": "v-3f9a"},
                    "properties": {"url": "https://example.com/ibiza"},
                },
                {
                    "id": "form-1", "type": "form.submitted",
                    "lead": {"visitor_id": "v-3f9a", "email": "luis.perez@example.com"},
                    "properties": {"form": "quote"},
                },
            ]
        },
    },
    "consent": {
        "summary": "A consent",
        "value": {
            "id": "consent-1", "type": "lead.consent_given", "lead": {"external_id": "crm-8812"},
            "properties": {"channel": "email", "basis": "form", "wording": "Yes, write to me."},
        },
    },
}  # fmt: skip

LEAD: Final[dict[str, Example]] = {
    "luis": {
        "summary": "A person of the CRM",
        "value": {
            "email": "luis.perez@example.com", "phone": "+34600111222", "first_name": "Luis",
            "last_name": "Pérez", "language": "es", "zone": "Europe/Madrid",
            "consent": {"email": True, "call": True},
        },
    }
}  # fmt: skip

SEARCH: Final[dict[str, Example]] = {
    "email": {"summary": "By e-mail address", "value": {"email": "luis.perez@example.com"}},
    "external": {"summary": "By the source's own id", "value": {"external_id": "crm-8812"}},
}

ENROL: Final[dict[str, Example]] = {
    "luis": {
        "summary": "Begin a journey for a person",
        "value": {"lead": {"external_id": "crm-8812"}, "inputs": {"model": "ibiza"}},
    }
}

STOP: Final[dict[str, Example]] = {
    "journey": {"summary": "One journey", "value": {"journey": "welcome_drip"}},
    "all": {"summary": "Everything", "value": {}},
}

END: Final[dict[str, Example]] = {"stopped": {"summary": "As stopped", "value": {"ending": "stopped"}}}

MOVE: Final[dict[str, Example]] = {
    "look": {
        "summary": "Who would land where",
        "value": {"from": 1, "to": 2, "map": {"hello": "welcome"}, "dry_run": True},
    }
}

CLAIM: Final[dict[str, Example]] = {
    "anna": {
        "summary": "The best task of a queue",
        "value": {"queue": "inside_sales", "agent": "anna", "lease_seconds": 300},
    }
}

HOLD: Final[dict[str, Example]] = {"held": {"summary": "The holder's word", "value": {"fence": 1}}}
RENEW: Final[dict[str, Example]] = {
    "held": {"summary": "Ten more minutes", "value": {"fence": 1, "lease_seconds": 600}}
}

COMPLETE: Final[dict[str, Example]] = {
    "reached": {
        "summary": "The call is done",
        "value": {
            "fence": 1, "completion_id": "call-4711", "outcome": "confirmed", "notes": "Buys within a month.",
        },
    },
}  # fmt: skip

CLOCK: Final[dict[str, Example]] = {
    "day": {"summary": "On to a day", "value": {"now": "2027-02-13T10:00:00+01:00"}}
}

SCORE: Final[dict[str, Example]] = {
    "question": {
        "summary": "How good is this lead?",
        "value": {
            "request_id": "q-1", "lead_id": "lead-1", "as_of": "2026-11-04T10:00:00+01:00",
            "features": {"lead.campaign": "autumn"},
        },
    }
}  # fmt: skip

OUTCOMES: Final[dict[str, Example]] = {
    "sale": {
        "summary": "A sale",
        "value": {
            "outcomes": [
                {
                    "outcome_id": "o-1", "lead_id": "lead-1", "type": "sale", "label": 1, "value": 21500,
                    "occurred_at": "2026-11-04T10:00:00+01:00", "observed_at": "2026-11-04T12:00:00+01:00",
                }
            ]
        },
    }
}  # fmt: skip

THING: Final[dict[str, Example]] = {
    "new": {
        "summary": "A policy of a lead",
        "value": {
            "lead": {"external_id": "crm-8812"},
            "fields": {"status": "active", "expires_on": "2027-03-01"},
        },
    },
}

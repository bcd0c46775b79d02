"""What every vocabulary has without naming it: lead fields, events, channels, endings (language.md §7,
§8).
"""

from __future__ import annotations

from collections.abc import Mapping

from language.schema import FieldType
from model.channels import HANDLES, MESSAGES

CHANNELS = (*MESSAGES, "call")
ENDINGS = ("finished", "replaced", "unsubscribed", "life_over", "stopped", "converted")
CONTROL = "control"
"""How the enrolment of a lead that is held out ends, at once."""

_TEXT = FieldType("text")
_NUMBER = FieldType("number")
_YES_NO = FieldType("yes_no")
_TIME = FieldType("time")
_PRIVATE = FieldType("text", pii=True)

LEAD_FIELDS: Mapping[str, FieldType] = {
    "id": _TEXT,
    **dict.fromkeys(("email", "phone", "postal_address", "first_name", "last_name", *HANDLES), _PRIVATE),
    **dict.fromkeys(("language", "zone", "owner", "tier"), _TEXT),
    "preferred_channel": FieldType("text", values=CHANNELS),
    "score": _NUMBER,
    "consent": FieldType("any"),
    **{f"consent.{channel}": _YES_NO for channel in CHANNELS},
    **dict.fromkeys(("created_at", "updated_at"), _TIME),
    **dict.fromkeys(("campaign", "source", "request_type"), _TEXT),
}

_COMMON = {"at": _TIME, "id": _TEXT, "source": _TEXT}
_MESSAGE = dict.fromkeys(("template", "step", "campaign"), _TEXT)
_PURPOSE = dict.fromkeys(("channel", "purpose", "topic"), _TEXT)
_REPLY = {**_MESSAGE, "text": _PRIVATE, "keyword": _TEXT}
_TASK = {"task": _TEXT, "step": _TEXT, "queue": _TEXT}
_CALL = {"number": _PRIVATE, "direction": _TEXT}
_UTM = {f"utm_{name}": _TEXT for name in ("source", "medium", "campaign", "term", "content")}

_SPECIFIC: dict[str, dict[str, FieldType]] = {
    "lead.created": {},
    "lead.updated": {},
    "lead.consent_given": {"channel": _TEXT, "topic": _TEXT, "scope": _TEXT},
    "lead.unsubscribed": {"channel": _TEXT, "topic": _TEXT, "scope": _TEXT},
    "lead.snooze_requested": {"until": _TIME, "channel": _TEXT, "scope": _TEXT},
    "score.changed": {"from": _NUMBER, "to": _NUMBER, "tier": _TEXT},
    "message.sent": {**_MESSAGE, **_PURPOSE},
    "message.skipped": {**_MESSAGE, **_PURPOSE, "reason": _TEXT},
    "message.failed": {**_MESSAGE, **_PURPOSE, "reason": _TEXT},
    "email.delivered": _MESSAGE,
    "email.opened": {**_MESSAGE, "machine": _YES_NO},
    "email.clicked": {**_MESSAGE, "url": _TEXT, "machine": _YES_NO},
    "email.bounced": _MESSAGE,
    "email.complained": _MESSAGE,
    **{
        f"{channel}.{what}": _MESSAGE
        for channel in ("sms", "whatsapp")
        for what in ("delivered", "failed", "read")
    },
    **{f"{channel}.replied": _REPLY for channel in ("email", "sms", "whatsapp", "social", "web_message")},
    "replied": {**_REPLY, "channel": _TEXT},
    **{f"web_message.{what}": _MESSAGE for what in ("shown", "clicked", "dismissed")},
    **{f"push.{what}": _MESSAGE for what in ("delivered", "failed", "opened")},
    **{f"{channel}.{what}": _MESSAGE for channel in ("voice", "letter") for what in ("delivered", "failed")},
    **{f"social.{what}": _MESSAGE for what in ("delivered", "failed", "read")},
    "call.missed": {"number": _PRIVATE},
    "call.started": {**_TASK, **_CALL},
    "call.ended": {**_TASK, **_CALL, "result": _TEXT},
    **{f"task.{what}": _TASK for what in ("ready", "overdue", "escalated", "expired", "canceled")},
    "task.started": _TASK,
    "task.completed": {**_TASK, "outcome": _TEXT, "notes": _PRIVATE, "callback_at": _TIME, "again": _YES_NO},
    "form.submitted": {"form": _TEXT},
    "page.viewed": {"url": _TEXT, "title": _TEXT, **_UTM},
    "journey.entered": {"journey": _TEXT},
    "journey.ended": {"journey": _TEXT, "ending": _TEXT},
}

EVENTS: Mapping[str, Mapping[str, FieldType]] = {
    name: {**_COMMON, **fields} for name, fields in _SPECIFIC.items()
}
COMMON_FIELDS: Mapping[str, FieldType] = _COMMON
FIRST_WORDS = frozenset({*(name.split(".")[0] for name in EVENTS), *CHANNELS})

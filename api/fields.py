"""Field types of requests, normalised as they are read; a refusal never repeats the value."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from engine.zones import known_zones
from language.fitting import MOMENT

EVENT_TYPE: Final = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"
NAME: Final = r"^[a-z][a-z0-9_]*$"
ID: Final = r"^[\x21-\x7e]+$"


class Body(BaseModel):
    """A request: frozen, nothing extra, only finite numbers, no input in errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True, protected_namespaces=()
    )


class Answer(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True, protected_namespaces=(), from_attributes=True)


def email(text: str) -> str:
    """Normalises an e-mail address to lower case and NFC; asks no name server. Raises ValueError."""
    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError:
        raise ValueError("not a valid e-mail address") from None
    return found.normalized.lower()


def phone(text: str) -> str:
    """Normalises a phone number with its country code to E.164. Raises ValueError."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise ValueError("not a phone number in international form, +34600111222") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError("not a valid phone number of its country")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def zone(text: str) -> str:
    """Checks a zone of the IANA database, `Europe/Madrid`. Raises ValueError."""
    if text not in known_zones():
        raise ValueError("not a time zone of the IANA database, Europe/Madrid")
    return text


def language(text: str) -> str:
    """Checks a language tag and writes it in its usual case, `es`, `pt-BR`. Raises ValueError."""
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?", text):
        raise ValueError("not a language tag, es or pt-BR")
    first, *rest = text.split("-")
    return "-".join((first.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)))


def moment(value: object) -> datetime:
    """Reads an ISO 8601 date and time with its offset; gives UTC. Raises ValueError."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        raise ValueError("not a date and time with an offset, 2026-11-04T10:00:00+01:00")
    try:
        found = datetime.fromisoformat(value)
        return sane(found)
    except ValueError:
        raise ValueError("no such date and time between 1900 and 2200") from None


def sane(moment: datetime) -> datetime:
    """Gives an aware datetime in UTC. Raises ValueError outside the years 1900 to 2199."""
    if not 1900 <= moment.year < 2200:
        raise ValueError("not between 1900 and 2200")
    return moment.astimezone(UTC)


def shown(value: str) -> str:
    """Refuses texts that show nothing, or carry control characters other than line breaks and tabs."""
    if not value.strip() or _CONTROL.search(value):
        raise ValueError("empty, or with control characters")
    return value


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Email = Annotated[
    str, StringConstraints(max_length=254), AfterValidator(email), Field(examples=["luis.perez@example.com"])
]
Phone = Annotated[
    str, StringConstraints(max_length=40), AfterValidator(phone), Field(examples=["+34600111222"])
]
Zone = Annotated[
    str, StringConstraints(max_length=64), AfterValidator(zone), Field(examples=["Europe/Madrid"])
]
Language = Annotated[str, StringConstraints(max_length=12), AfterValidator(language), Field(examples=["es"])]
Moment = Annotated[datetime, BeforeValidator(moment), Field(examples=["2026-11-04T10:00:00+01:00"])]
Name = Annotated[str, StringConstraints(pattern=NAME, max_length=100)]
EventType = Annotated[
    str, StringConstraints(pattern=EVENT_TYPE, max_length=100), Field(examples=["dealer.visited"])
]
Id = Annotated[str, StringConstraints(pattern=ID, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=200), AfterValidator(shown)]
LongText = Annotated[str, StringConstraints(max_length=4000), AfterValidator(shown)]

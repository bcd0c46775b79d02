"""Providers that carry messages, one module each, behind one protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias, assert_never

from pydantic import SecretStr

from channels.only_to import OnlyTo
from channels.outbox import OutboxChannel
from model.messages import Channel, Outgoing
from settings import Settings

Keep: TypeAlias = Callable[[Outgoing], Awaitable[None]]
Provider: TypeAlias = Literal["outbox", "sendgrid", "twilio"]


def open_channels(settings: Settings, keep: Keep) -> dict[str, Channel]:
    """Returns the channel that carries each kind of message; `keep` stores what goes to the outbox.

    A kind that nothing carries is missing: it has no provider, and the outbox is not meant.
    """
    chosen = carried_by(settings)
    opened = {name: _opened(provider, settings, keep) for name, provider in chosen.items()}
    if not settings.only_to:
        return opened
    return {name: OnlyTo(channel, settings.only_to) for name, channel in opened.items()}


def carried_by(settings: Settings) -> dict[str, Provider]:
    """Tells which provider carries each kind of message.

    As long as nothing leaves the house the outbox takes every kind. Beside a real provider it takes only what
    the settings say, since there a message that goes nowhere would be a mistake.
    """
    chosen: dict[str, Provider | None] = {
        "email": settings.email,
        "sms": settings.sms,
        "whatsapp": settings.whatsapp,
        "push": settings.push,
        "web_message": settings.web_message,
        "voice": settings.voice,
        "letter": settings.letter,
        "social": settings.social,
    }
    default: Provider | None = "outbox" if settings.is_rehearsal else None
    found = {name: provider or default for name, provider in chosen.items()}
    return {name: provider for name, provider in found.items() if provider is not None}


def _opened(provider: Provider, settings: Settings, keep: Keep) -> Channel:
    match provider:
        case "outbox":
            return OutboxChannel(keep)
        case "sendgrid":
            return _sendgrid(settings)
        case "twilio":
            return _twilio(settings)
        case _:
            assert_never(provider)


def _sendgrid(settings: Settings) -> Channel:
    from channels.sendgrid import Sender, SendGridChannel  # an SDK that is not used is not loaded

    return SendGridChannel(
        api_key=_secret(settings.sendgrid_api_key),
        sender=Sender(settings.email_from or "", settings.email_from_name),
        base=settings.sendgrid_url,
        timeout=settings.provider_timeout,
    )


def _twilio(settings: Settings) -> Channel:
    from channels.twilio import TwilioChannel

    return TwilioChannel(
        account=settings.twilio_account_sid or "",
        token=_secret(settings.twilio_auth_token),
        sender=settings.sms_from or "",
        base=settings.twilio_url,
        timeout=settings.provider_timeout,
    )


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()

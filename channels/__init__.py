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
    """Returns the channel that carries each kind of message; `keep` stores what goes to the outbox."""
    opened = {
        "email": _opened(settings.email, settings, keep),
        "sms": _opened(settings.sms, settings, keep),
    }
    if not settings.only_to:
        return opened
    return {name: OnlyTo(channel, settings.only_to) for name, channel in opened.items()}


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

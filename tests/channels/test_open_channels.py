"""Which channel the settings choose, and the guard for trials."""

from __future__ import annotations

from dataclasses import replace

from channels import carried_by, open_channels
from model.channels import MESSAGES
from model.messages import Accepted, Outgoing, Rejected
from settings import Settings
from tests.channels.conftest import EMAIL, OWN_NUMBER, SMS
from tests.fakes.sendgrid import FakeSendGrid
from tests.fakes.twilio import FakeTwilio


class Shelf:
    """Keeps what the outbox is given."""

    def __init__(self) -> None:
        self.kept: list[Outgoing] = []

    async def keep(self, message: Outgoing) -> None:
        """Puts one more on the shelf."""
        self.kept.append(message)


def real(sendgrid: FakeSendGrid, twilio: FakeTwilio, **more: str) -> Settings:
    """The settings of an installation with both accounts."""
    return Settings.model_validate(
        {
            "email": "sendgrid",
            "sendgrid_api_key": sendgrid.api_key,
            "sendgrid_url": sendgrid.url,
            "email_from": "ventas@marca.example",
            "sms": "twilio",
            "twilio_account_sid": twilio.account,
            "twilio_auth_token": twilio.token,
            "twilio_url": twilio.url,
            "sms_from": OWN_NUMBER,
            **more,
        }
    )


async def test_by_default_messages_are_kept_and_go_nowhere() -> None:
    shelf = Shelf()
    channels = open_channels(Settings(), shelf.keep)

    assert await channels["email"].send(EMAIL) == Accepted(f"outbox-{EMAIL.send_id}")
    assert await channels["sms"].send(SMS) == Accepted(f"outbox-{SMS.send_id}")
    assert shelf.kept == [EMAIL, SMS]


async def test_as_long_as_nothing_leaves_the_house_the_outbox_takes_every_kind() -> None:
    shelf = Shelf()
    channels = open_channels(Settings(), shelf.keep)
    assert tuple(channels) == MESSAGES
    for name, channel in channels.items():
        message = replace(SMS, channel=name, send_id=f"send-{name}")
        assert await channel.send(message) == Accepted(f"outbox-send-{name}")
    assert [message.channel for message in shelf.kept] == list(MESSAGES)


def test_beside_a_real_account_the_outbox_takes_only_what_the_settings_say(
    sendgrid: FakeSendGrid, twilio: FakeTwilio
) -> None:
    kept = real(sendgrid, twilio, whatsapp="outbox", letter="outbox")
    assert carried_by(kept) == {
        "email": "sendgrid", "sms": "twilio", "whatsapp": "outbox", "letter": "outbox",
    }  # fmt: skip
    assert set(open_channels(kept, Shelf().keep)) == {"email", "sms", "whatsapp", "letter"}


async def test_settings_alone_switch_to_real_accounts(sendgrid: FakeSendGrid, twilio: FakeTwilio) -> None:
    shelf = Shelf()
    channels = open_channels(real(sendgrid, twilio, provider_timeout="3"), shelf.keep)

    assert [(name, channel.provider, channel.timeout) for name, channel in channels.items()] == [
        ("email", "sendgrid", 3.0),
        ("sms", "twilio", 3.0),
    ]
    assert isinstance(await channels["email"].send(EMAIL), Accepted)
    assert isinstance(await channels["sms"].send(SMS), Accepted)
    assert (len(sendgrid.accepted), len(twilio.accepted), shelf.kept) == (1, 1, [])


async def test_in_a_trial_only_the_listed_receive_anything(
    sendgrid: FakeSendGrid, twilio: FakeTwilio
) -> None:
    listed = "Luis@Example.com, +34 600-111-222"
    channels = open_channels(real(sendgrid, twilio, only_to=listed), Shelf().keep)

    assert isinstance(await channels["email"].send(EMAIL), Accepted)
    assert isinstance(await channels["sms"].send(SMS), Accepted)
    for stranger in ("ana@example.com", "luis@example.com.evil.example", "34600111222@example.com"):
        receipt = await channels["email"].send(replace(EMAIL, to=stranger))
        assert receipt == Rejected("CAUCE_ONLY_TO", "content")
    assert await channels["sms"].send(replace(SMS, to="+34600111223")) == Rejected("CAUCE_ONLY_TO", "content")
    assert (len(sendgrid.log), len(twilio.log)) == (1, 1)


def test_the_guard_shows_the_channel_behind_it(sendgrid: FakeSendGrid, twilio: FakeTwilio) -> None:
    settings = real(sendgrid, twilio, only_to="luis@example.com", provider_timeout="3")

    channel = open_channels(settings, Shelf().keep)["email"]

    assert (channel.provider, channel.timeout) == ("sendgrid", 3.0)

"""The two providers, and a channel to each with a time-out that tests can wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from channels.sendgrid import Sender, SendGridChannel
from channels.twilio import TwilioChannel
from model.messages import Channel, Outgoing
from tests.fakes.sendgrid import FakeSendGrid
from tests.fakes.server import FakeServer
from tests.fakes.twilio import FakeTwilio

TIMEOUT = 0.4
OWN_NUMBER = "+34910000000"
EMAIL = Outgoing(
    send_id="5b0b3c1e-0000-5000-8000-000000000001",
    channel="email",
    to="luis@example.com",
    text="Hola Luis",
    html="<p>Hola Luis</p>",
    subject="Su visita",
    at=datetime(2026, 11, 4, 10, tzinfo=UTC),
)
SMS = Outgoing(
    send_id="5b0b3c1e-0000-5000-8000-000000000002",
    channel="sms",
    to="+34600111222",
    text="Hola Luis, ¿qué tal la visita?",
    at=datetime(2026, 11, 4, 10, tzinfo=UTC),
)


def email_channel(url: str, timeout: float = TIMEOUT, key: str = "SG.test-key") -> SendGridChannel:
    """A channel to SendGrid at `url`."""
    return SendGridChannel(key, Sender("ventas@marca.example", "Marca"), url, timeout)


def sms_channel(url: str, timeout: float = TIMEOUT, sender: str = OWN_NUMBER) -> TwilioChannel:
    """A channel to Twilio at `url`."""
    return TwilioChannel("AC" + "0" * 32, "test-token", sender, url, timeout)


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider's server, a way to open a channel to any address, and a message it would take."""

    server: FakeServer
    channel_to: Callable[[str], Channel]
    message: Outgoing

    @property
    def channel(self) -> Channel:
        """A channel to the server."""
        return self.channel_to(self.server.url)


@pytest.fixture
def sendgrid() -> Iterator[FakeSendGrid]:
    """A SendGrid that takes mail."""
    with FakeSendGrid() as server:
        yield server


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    """A Twilio that takes text messages."""
    with FakeTwilio(opted_out=["+34600000001"], landlines=["+34910000001"]) as server:
        yield server


@pytest.fixture(params=["sendgrid", "twilio"])
def provider(request: pytest.FixtureRequest, sendgrid: FakeSendGrid, twilio: FakeTwilio) -> Provider:
    """Each provider in turn."""
    if request.param == "sendgrid":
        return Provider(sendgrid, email_channel, EMAIL)
    return Provider(twilio, sms_channel, SMS)

"""What Twilio gets, and what its error codes mean."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from pydantic import JsonValue

from channels.twilio import TwilioChannel
from model.messages import Accepted, NotSent, Receipt, Rejected, Unknown
from tests.channels.conftest import OWN_NUMBER, SMS, sms_channel
from tests.fakes import server as fakes
from tests.fakes.twilio import FakeTwilio

SERVICE = "MG" + "a" * 32


async def test_the_message_arrives_whole(twilio: FakeTwilio) -> None:
    await sms_channel(twilio.url).send(replace(SMS, valid_for=3600))

    [entry] = twilio.accepted
    assert entry.content == {
        "From": OWN_NUMBER,
        "To": SMS.to,
        "Body": SMS.text,
        "ValidityPeriod": "3600",
    }


async def test_a_messaging_service_sends_in_its_own_name(twilio: FakeTwilio) -> None:
    await sms_channel(twilio.url, sender=SERVICE).send(SMS)

    [entry] = twilio.accepted
    assert entry.content == {"MessagingServiceSid": SERVICE, "To": SMS.to, "Body": SMS.text}


async def test_status_callbacks_will_carry_the_send_id(twilio: FakeTwilio) -> None:
    callback = "https://cauce.example/webhooks/twilio/status"
    channel = TwilioChannel(twilio.account, twilio.token, OWN_NUMBER, twilio.url, 1.0, callback)

    await channel.send(SMS)

    assert [entry.send_id for entry in twilio.accepted] == [SMS.send_id]


@pytest.mark.parametrize(("asked", "sent"), [(0, "1"), (90_000, "36000")])
async def test_the_validity_period_stays_within_what_twilio_takes(
    twilio: FakeTwilio, asked: int, sent: str
) -> None:
    assert isinstance(await sms_channel(twilio.url).send(replace(SMS, valid_for=asked)), Accepted)

    [entry] = twilio.accepted
    assert isinstance(entry.content, dict)
    assert entry.content["ValidityPeriod"] == sent


async def test_the_path_of_the_base_address_is_kept_and_the_environment_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    with FakeTwilio(prefix="/proxy/sms") as server:
        assert isinstance(await sms_channel(server.url + "/").send(SMS), Accepted)
        assert len(server.accepted) == 1


@pytest.mark.parametrize(
    ("to", "receipt"),
    [
        ("+34600000001", Rejected("twilio_21610", "opted_out")),
        ("+34910000001", Rejected("twilio_21614", "recipient")),
        ("600111222", Rejected("twilio_21211", "recipient")),
    ],
)
async def test_a_number_that_cannot_be_sent_to_is_rejected(
    twilio: FakeTwilio, to: str, receipt: Receipt
) -> None:
    assert await sms_channel(twilio.url).send(replace(SMS, to=to)) == receipt
    assert twilio.accepted == []


async def test_a_text_that_is_too_long_is_rejected_as_content(twilio: FakeTwilio) -> None:
    receipt = await sms_channel(twilio.url).send(replace(SMS, text="a" * 1601))

    assert receipt == Rejected("twilio_21617", "content")


async def test_a_wrong_sender_or_token_is_a_matter_of_configuration(twilio: FakeTwilio) -> None:
    unsent = await sms_channel(twilio.url, sender="+0").send(SMS)
    stranger = await TwilioChannel(twilio.account, "old", OWN_NUMBER, twilio.url, 1.0).send(SMS)

    assert unsent == NotSent("twilio_21212", "configuration")
    assert stranger == NotSent("twilio_20003", "configuration")


@pytest.mark.parametrize(
    ("status", "code", "receipt"),
    [
        (403, 21408, Rejected("twilio_21408", "content")),
        (403, 20005, NotSent("twilio_20005", "configuration")),
        (400, 21611, NotSent("twilio_21611", "transient", 5.0)),
        (429, 20429, NotSent("twilio_20429", "transient", 5.0)),
        (400, 30006, Rejected("twilio_30006", "recipient")),
        (400, 99999, Rejected("twilio_99999", "content")),
        (503, 20429, Unknown("http_503")),
    ],
)
async def test_an_error_code_says_more_than_the_status(
    twilio: FakeTwilio, status: int, code: int, receipt: Receipt
) -> None:
    twilio.next(fakes.refuse(status, {"code": code, "message": SMS.to, "status": status}, Retry_After="5"))

    assert await sms_channel(twilio.url).send(SMS) == receipt


@pytest.mark.parametrize("body", [{}, {"sid": "XX1"}, {"sid": None}, [], "created", None])
async def test_a_201_that_names_no_message_is_unknown(twilio: FakeTwilio, body: JsonValue) -> None:
    twilio.next(replace(fakes.refuse(201, body), accept=True))

    assert await sms_channel(twilio.url).send(SMS) == Unknown("bad_answer")
    assert len(twilio.accepted) == 1


async def test_nothing_of_the_message_or_the_token_is_logged(
    twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpx")
    channel = sms_channel(twilio.url)

    await channel.send(SMS)
    await channel.send(replace(SMS, to="600111222"))

    assert "httpx" in {record.name for record in caplog.records}
    for secret in (twilio.token, SMS.to, "600111222", "Hola"):
        assert secret not in caplog.text

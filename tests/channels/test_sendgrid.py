"""What SendGrid gets, and what its refusals mean."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from channels.sendgrid import Sender, SendGridChannel
from model.messages import Accepted, NotSent, Rejected
from tests.channels.conftest import EMAIL, email_channel
from tests.fakes import server as fakes
from tests.fakes.sendgrid import FakeSendGrid


async def test_the_message_arrives_whole(sendgrid: FakeSendGrid) -> None:
    unsubscribe = ("List-Unsubscribe", "<https://marca.example/u/1>")

    await email_channel(sendgrid.url).send(replace(EMAIL, headers=(unsubscribe,)))

    [entry] = sendgrid.accepted
    assert entry.send_id == EMAIL.send_id
    assert entry.content == {
        "personalizations": [{"to": [{"email": "luis@example.com"}]}],
        "from": {"email": "ventas@marca.example", "name": "Marca"},
        "subject": "Su visita",
        "content": [
            {"type": "text/plain", "value": "Hola Luis"},
            {"type": "text/html", "value": "<p>Hola Luis</p>"},
        ],
        "custom_args": {"send_id": EMAIL.send_id},
        "headers": {"List-Unsubscribe": "<https://marca.example/u/1>"},
    }


async def test_the_path_of_the_base_address_is_kept() -> None:
    with FakeSendGrid(prefix="/proxy/mail") as server:
        receipt = await email_channel(server.url + "/").send(EMAIL)

        assert isinstance(receipt, Accepted)
        assert len(server.accepted) == 1


async def test_a_wrong_key_is_a_matter_of_configuration(sendgrid: FakeSendGrid) -> None:
    channel = email_channel(sendgrid.url, key="SG.revoked")

    assert await channel.send(EMAIL) == NotSent("http_401", "configuration")


async def test_a_sender_that_is_not_verified_is_a_matter_of_configuration() -> None:
    with FakeSendGrid(senders=["other@marca.example"]) as server:
        assert await email_channel(server.url).send(EMAIL) == NotSent("http_403", "configuration")


async def test_a_sender_that_is_no_address_is_a_matter_of_configuration(sendgrid: FakeSendGrid) -> None:
    channel = SendGridChannel(sendgrid.api_key, Sender("ventas"), sendgrid.url, 1.0)

    assert await channel.send(EMAIL) == NotSent("sendgrid_sender", "configuration")


async def test_an_address_that_is_none_is_rejected_as_the_recipient(sendgrid: FakeSendGrid) -> None:
    receipt = await email_channel(sendgrid.url).send(replace(EMAIL, to="luis@nowhere"))

    assert receipt == Rejected("sendgrid_recipient", "recipient")
    assert sendgrid.accepted == []


async def test_content_that_is_not_taken_is_rejected(sendgrid: FakeSendGrid) -> None:
    channel = email_channel(sendgrid.url)

    assert await channel.send(replace(EMAIL, subject=None)) == Rejected("sendgrid_content", "content")
    sendgrid.next(fakes.refuse(413, {"errors": [{"message": "too large", "field": None}]}))
    assert await channel.send(EMAIL) == Rejected("http_413", "content")


async def test_nothing_of_the_message_or_the_key_is_logged(
    sendgrid: FakeSendGrid, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpx")
    sendgrid.next(fakes.WELL, fakes.refuse(400, {"errors": [{"message": "luis@example.com", "field": "x"}]}))
    channel = email_channel(sendgrid.url)

    await channel.send(EMAIL)
    await channel.send(EMAIL)

    assert "httpx" in {record.name for record in caplog.records}
    for secret in (sendgrid.api_key, EMAIL.to, "Hola", "Su visita"):
        assert secret not in caplog.text


def test_a_key_with_a_line_break_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="no key has") as refused:
        email_channel("http://127.0.0.1:1", key="SG.secret\n")

    assert "secret" not in str(refused.value)


def test_a_base_address_that_is_not_http_is_refused() -> None:
    with pytest.raises(ValueError, match="http"):
        email_channel("api.sendgrid.com")

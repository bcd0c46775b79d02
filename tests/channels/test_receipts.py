"""What is provably not sent, what is unknown, and what the provider's own log says about it."""

from __future__ import annotations

import asyncio
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from model.messages import Accepted, NotSent, Unknown
from tests.channels import places
from tests.channels.conftest import TIMEOUT, Provider
from tests.fakes import server as fakes


async def test_what_the_provider_took_is_accepted_under_its_id(provider: Provider) -> None:
    receipt = await provider.channel.send(provider.message)

    [entry] = provider.server.accepted
    assert receipt == Accepted(entry.provider_id or "")
    assert entry.to == provider.message.to


async def test_a_port_where_nobody_listens_is_provably_not_sent(provider: Provider) -> None:
    receipt = await provider.channel_to(places.closed()).send(provider.message)

    assert receipt == NotSent("refused", "transient", 30.0)


async def test_a_name_that_is_not_known_is_provably_not_sent(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", places.no_such_name)

    receipt = await provider.channel_to("http://provider.invalid").send(provider.message)

    assert receipt == NotSent("dns", "transient", 30.0)


async def test_proxies_of_the_environment_are_not_used(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", places.closed())
    monkeypatch.setenv("ALL_PROXY", places.closed())

    assert isinstance(await provider.channel.send(provider.message), Accepted)


async def test_a_connection_that_is_never_made_is_provably_not_sent(provider: Provider) -> None:
    with places.deaf() as address:
        receipt = await provider.channel_to(address).send(provider.message)

    assert receipt == NotSent("connect_timeout", "transient", 30.0)


async def test_a_server_without_tls_never_gets_the_request(provider: Provider) -> None:
    address = provider.server.url.replace("http:", "https:")

    assert await provider.channel_to(address).send(provider.message) == NotSent("tls", "transient", 30.0)
    assert provider.server.log == []


async def test_a_redirect_is_not_followed(provider: Provider) -> None:
    provider.server.next(fakes.refuse(302, Location=f"{provider.server.url}/elsewhere"))

    assert await provider.channel.send(provider.message) == Unknown("http_302")
    assert [entry.status for entry in provider.server.log] == [302]


@pytest.mark.parametrize(
    ("behaviour", "reason", "accepted"),
    [
        (fakes.RESET_BEFORE, "dropped", 0),
        (fakes.RESET_AFTER, "dropped", 1),
        (fakes.HANG, "timeout", 1),
        (fakes.slow(TIMEOUT * 2), "timeout", 1),
        (fakes.TRICKLE_HEAD, "timeout", 1),
        (fakes.TRICKLE_BODY, "timeout", 1),
        (fakes.HTML, "bad_answer", 0),
        (fakes.EMPTY, "bad_answer", 1),
        (fakes.refuse(500, {"errors": [{"message": "oops", "field": None}]}), "http_500", 0),
        (fakes.refuse(503, None, Retry_After="7"), "http_503", 0),
        (fakes.refuse(408), "http_408", 0),
        (fakes.refuse(400), "http_400", 0),
    ],
)
async def test_what_may_have_been_sent_is_unknown_and_asked_for_once(
    provider: Provider, behaviour: fakes.Behaviour, reason: str, accepted: int
) -> None:
    provider.server.next(behaviour)
    started = time.monotonic()

    receipt = await provider.channel.send(provider.message)

    assert receipt == Unknown(reason)
    assert time.monotonic() - started < TIMEOUT + 1
    assert len(provider.server.log) == 1
    assert len(provider.server.accepted) == accepted


@pytest.mark.parametrize("status", [401, 403, 404, 405, 407])
async def test_a_refusal_of_us_is_a_matter_of_configuration(provider: Provider, status: int) -> None:
    provider.server.next(fakes.refuse(status, {"message": "no"}))

    assert await provider.channel.send(provider.message) == NotSent(f"http_{status}", "configuration")


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry_After": "7"}, 7, 7),
        ({"Retry_After": "0"}, 1, 1),
        ({"Retry_After": "999999999"}, 86_400, 86_400),
        ({"Retry_After": "date"}, 590, 600),
        ({"X_RateLimit_Reset": "seconds"}, 590, 600),
        ({"Retry_After": "soon"}, 30, 30),
        ({}, 30, 30),
    ],
)
async def test_too_many_requests_waits_as_long_as_asked(
    provider: Provider, headers: dict[str, str], least: float, most: float
) -> None:
    then = datetime.now(UTC) + timedelta(minutes=10)
    words = {"date": format_datetime(then), "seconds": str(int(then.timestamp()))}
    asked = {name: words.get(value, value) for name, value in headers.items()}
    provider.server.next(fakes.refuse(429, {"message": "slow down"}, **asked))

    receipt = await provider.channel.send(provider.message)

    assert isinstance(receipt, NotSent)
    assert (receipt.reason, receipt.cause) == ("http_429", "transient")
    assert least <= receipt.retry_after <= most


async def test_many_calls_at_once_each_keep_their_time(provider: Provider) -> None:
    provider.server.always(fakes.HANG)
    channel, started = provider.channel, time.monotonic()

    receipts = await asyncio.gather(*(channel.send(provider.message) for _ in range(40)))

    assert time.monotonic() - started < TIMEOUT + 1
    assert {receipt.kind for receipt in receipts} <= {"unknown", "not_sent"}
    unknown = sum(receipt.kind == "unknown" for receipt in receipts)
    assert unknown >= len(provider.server.log) > 0


async def test_a_hanging_provider_leaves_no_call_behind_that_blocks_the_next(provider: Provider) -> None:
    channel = provider.channel
    provider.server.always(fakes.TRICKLE_BODY)
    await asyncio.gather(*(channel.send(provider.message) for _ in range(20)))
    provider.server.always(fakes.WELL)

    assert isinstance(await channel.send(provider.message), Accepted)

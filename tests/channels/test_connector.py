"""Asking outside addresses: a real server that misbehaves, and addresses that must not be reached."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from channels.connector import HttpConnectors
from channels.safe_address import NotResolved, SafeAddresses, UnsafeAddress
from model.connectors import Answered, Later, Outcome, Question, Refused
from model.events import Fields
from runtime.ports import any_free
from tests.fakes.receiver import Receiver, page, redirect
from tests.fakes.server import (
    HANG,
    HTML,
    RESET_AFTER,
    RESET_BEFORE,
    TRICKLE_BODY,
    TRICKLE_HEAD,
    Behaviour,
    refuse,
    slow,
)

HERE = HttpConnectors(SafeAddresses(["127.0.0.1"]))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver({"owner": "ana", "seats": 4}) as opened:
        yield opened


def question(url: str, *, reads: bool = True, secret: str | None = None, timeout: float = 2.0) -> Question:
    return Question("post", url, "key-1", {"lead_id": "l1", "gone": None}, reads, secret, timeout)


async def ask(receiver: Receiver, timeout: float = 2.0) -> Outcome:  # noqa: ASYNC109
    return await HERE.ask(question(receiver.url, timeout=timeout))


async def test_json_goes_there_and_json_comes_back(receiver: Receiver) -> None:
    assert await ask(receiver) == Answered({"owner": "ana", "seats": 4})
    (request,) = receiver.requests
    assert (request.method, receiver.bodies) == ("POST", [{"lead_id": "l1"}])
    assert request.headers["idempotency-key"] == "key-1"
    assert request.headers["content-type"] == "application/json"
    assert "authorization" not in request.headers


async def test_get_carries_its_values_in_the_query(receiver: Receiver) -> None:
    fields: Fields = {"lead_id": "a b&c", "seats": 4, "new": True}
    assert isinstance(await HERE.ask(Question("get", f"{receiver.url}/x?v=1", "k", fields, True)), Answered)
    (request,) = receiver.requests
    assert (request.method, request.path) == ("GET", "/x?v=1&lead_id=a+b%26c&seats=4&new=true")


async def test_a_secret_signs_as_standard_webhooks_has_it(receiver: Receiver) -> None:
    await HERE.ask(question(receiver.url, secret="hunter2"))
    (request,) = receiver.requests
    Webhook(b"hunter2").verify(request.body, dict(request.headers))
    assert "hunter2" not in str(request)


async def test_a_secret_with_a_scheme_is_the_authorization(receiver: Receiver) -> None:
    await HERE.ask(question(receiver.url, secret="Bearer hunter2"))
    assert receiver.requests[0].headers["authorization"] == "Bearer hunter2"


async def test_a_question_shows_its_secret_nowhere() -> None:
    assert "hunter2" not in repr(question("https://x.example", secret="hunter2"))


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        (refuse(500), Later("http_500")),
        (refuse(503, None, Retry_After="120"), Later("http_503", 120.0)),
        (refuse(429, None, Retry_After="7"), Later("http_429", 7.0)),
        (refuse(429), Later("http_429")),
        (refuse(408), Later("http_408")),
        (refuse(404), Refused("http_404")),
        (refuse(401), Refused("http_401")),
        (RESET_BEFORE, Later("dropped")),
        (RESET_AFTER, Later("dropped")),
        (HTML, Refused("the answer is no JSON")),
        (page(b"[1, 2]"), Refused("the answer is no JSON object")),
        (page(b""), Refused("the answer is no JSON")),
        (page(b'{"a": NaN}'), Refused("the answer is no JSON")),
        (page(b'{"a": 1e999}'), Refused("the answer is no JSON")),
        (page(b'{"a": "\\ud800"}'), Refused("the answer is no JSON")),
        (page(b'{"a": "\\u0000"}'), Refused("the answer has a NUL character")),
        (page(b"[" * 60_000), Refused("the answer is no JSON")),
        (page(b'{"a": "' + b"x" * 100_000 + b'"}'), Refused("the answer is larger than 64 kB")),
    ],
)
async def test_what_a_misbehaving_server_means(
    receiver: Receiver, behaviour: Behaviour, outcome: Outcome
) -> None:
    receiver.next(behaviour)
    assert await ask(receiver) == outcome


@pytest.mark.parametrize("behaviour", [HANG, TRICKLE_HEAD, TRICKLE_BODY, slow(2)])
async def test_one_deadline_holds_for_the_whole_answer(receiver: Receiver, behaviour: Behaviour) -> None:
    receiver.next(behaviour)
    async with asyncio.timeout(1.5):
        assert await ask(receiver, timeout=0.2) == Later("timeout")


async def test_nobody_listening_is_tried_again() -> None:
    assert await HERE.ask(question(f"http://127.0.0.1:{any_free()}/")) == Later("refused")


async def test_where_nothing_is_read_any_answer_of_success_will_do(receiver: Receiver) -> None:
    receiver.next(HTML)
    assert await HERE.ask(question(receiver.url, reads=False)) == Answered({})


@pytest.mark.parametrize("status", [307, 308])
async def test_a_post_follows_redirects_that_keep_it(receiver: Receiver, status: int) -> None:
    receiver.next(redirect(status, f"{receiver.url}/moved"))
    assert isinstance(await HERE.ask(question(receiver.url, secret="s")), Answered)
    first, second = receiver.requests
    assert (second.method, second.path, second.body) == ("POST", "/moved", first.body)
    assert "webhook-signature" in second.headers


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_post_follows_no_redirect_that_would_make_it_a_get(receiver: Receiver, status: int) -> None:
    receiver.next(redirect(status, f"{receiver.url}/moved"))
    assert await ask(receiver) == Refused(f"http_{status}")
    assert len(receiver.requests) == 1


async def test_redirects_come_to_an_end(receiver: Receiver) -> None:
    receiver.always(redirect(307, receiver.url))
    assert await ask(receiver) == Refused("redirects without end")
    assert len(receiver.requests) == 4


async def test_another_host_is_not_told_the_secret(receiver: Receiver) -> None:
    with Receiver({"owner": "eve"}) as other:
        for secret in ("Bearer hunter2", "hunter2"):
            receiver.next(redirect(307, other.url))
            assert await HERE.ask(question(receiver.url, secret=secret)) == Answered({"owner": "eve"})
        for request in other.requests:
            assert not {"authorization", "webhook-signature", "webhook-id"} & request.headers.keys()


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.2:1/", "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[::1]/"],
)
async def test_a_redirect_reaches_no_address_that_nobody_allowed(receiver: Receiver, address: str) -> None:
    receiver.next(redirect(307, address))
    assert await ask(receiver) == Refused("the address is not a public one")


async def test_a_redirect_to_nonsense_is_refused(receiver: Receiver) -> None:
    for place in ("file:///etc/passwd", "gopher://127.0.0.1/"):
        receiver.next(redirect(307, place))
        assert await ask(receiver) == Refused("http_307")


async def test_nothing_reaches_the_machine_itself_unless_it_is_allowed(receiver: Receiver) -> None:
    closed = HttpConnectors(SafeAddresses())
    for url in (receiver.url, receiver.url.replace("127.0.0.1", "localhost")):
        assert await closed.ask(question(url)) == Refused("the address is not a public one")
    assert receiver.requests == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "255.255.255.255",
        "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::", "fd00:ec2::254", "localhost",
    ],
)  # fmt: skip
async def test_addresses_that_are_nobody_else_s_are_refused(host: str) -> None:
    with pytest.raises((UnsafeAddress, NotResolved)):
        await SafeAddresses().of(host, 443)


@pytest.mark.parametrize("host", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
async def test_public_addresses_may_be_reached(host: str) -> None:
    assert await SafeAddresses().of(host, 443) != ()


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("127.0.0.0/8", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("fc00::/7", "fc00::5"),
        ("10.0.0.0/8", "10.9.9.9"),
    ],
)
async def test_what_the_installation_allows_may_be_reached(allowed: str, host: str) -> None:
    assert await SafeAddresses([allowed]).of(host, 80)
    with pytest.raises(UnsafeAddress):
        await SafeAddresses([allowed]).of("192.168.7.7", 80)


async def test_a_name_with_one_private_address_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "8.8.8.8", "192.168.0.1")
    with pytest.raises(UnsafeAddress):
        await SafeAddresses().of("mixed.example", 443)


async def test_the_connection_goes_to_the_address_that_was_judged(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answers(monkeypatch, "127.0.0.1")
    port = receiver.url.rpartition(":")[2]
    assert isinstance(await HERE.ask(question(f"http://crm.example:{port}/assign")), Answered)
    assert asked == ["crm.example"]
    assert receiver.requests[0].headers["host"] == f"crm.example:{port}"


async def test_a_name_that_does_not_resolve_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch)
    assert await HERE.ask(question("https://crm.example/")) == Later("dns")


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Lets names resolve to these addresses, as a name server would; gives the names that were asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def found(host: str, port: int, *rest: int, **named: int) -> list[object]:
        if not host.endswith(".example"):
            return list(real(host, port, *rest, **named))
        asked.append(host)
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return asked

"""E-mail by SendGrid's SDK, which speaks through `Wire` and runs in threads of this channel's own."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias
from urllib.request import OpenerDirector, Request

import python_http_client  # type: ignore[import-untyped]
from pydantic import BaseModel, JsonValue, ValidationError
from sendgrid import SendGridAPIClient

from channels import classify
from channels.wire import Answer, Lost, Wire, WireFailure
from model.messages import Accepted, NotSent, Outgoing, Receipt, Rejected, Unknown

Post: TypeAlias = Callable[[str, Mapping[str, str], bytes], Answer]

THREADS = 16

# The SDK logs whole requests at level debug: addresses, texts and the key.
logging.getLogger("python_http_client.client").addFilter(lambda _: False)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the mail is from."""

    address: str
    name: str | None = None


class SendGridChannel:
    """Sends e-mail by one account; `timeout` seconds hold for all of a call, waiting for a thread too."""

    provider = "sendgrid"

    def __init__(self, api_key: str, sender: Sender, base: str, timeout: float) -> None:
        if not (api_key.isascii() and api_key.isprintable()):
            raise ValueError("the SendGrid API key holds characters that no key has")
        self._key = api_key
        self._sender = sender
        self._wire = Wire(base, timeout)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="sendgrid")

    @property
    def timeout(self) -> float:
        """Seconds after which a call is given up as unknown."""
        return self._wire.timeout

    async def send(self, message: Outgoing) -> Receipt:
        """Sends once and says what became of it; callbacks will carry `send_id` as a custom argument."""
        loop = asyncio.get_running_loop()
        post = self._post_from_thread(loop, loop.time() + self.timeout)
        try:
            answer = await loop.run_in_executor(self._threads, self._call, _body(message, self._sender), post)
        except WireFailure as failure:
            return classify.of_failure(failure)
        return _receipt(answer, time.time())

    def _call(self, body: dict[str, JsonValue], post: Post) -> Answer:
        api = SendGridAPIClient(self._key, host=self._wire.base)
        api.client = _Client(post, host=api.host, request_headers=api.client.request_headers, version=3)
        response = api.send(body)
        return Answer(response.status_code, response.headers, response.body)

    def _post_from_thread(self, loop: asyncio.AbstractEventLoop, deadline: float) -> Post:
        def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
            call = asyncio.run_coroutine_threadsafe(self._wire.post(url, headers, body, deadline), loop)
            try:
                return call.result(self.timeout + 1)
            except TimeoutError:  # the loop stands still or is gone
                raise Lost("timeout") from None

        return post


class _Client(python_http_client.Client):  # type: ignore[misc]
    """The SDK's client with its one network call replaced."""

    def __init__(self, post: Post, **settings: object) -> None:
        super().__init__(**settings)
        self._post = post

    def _build_client(self, name: str | None = None) -> _Client:
        path = [*self._url_path, name] if name else self._url_path
        return _Client(
            self._post,
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=path,
        )

    def _make_request(self, opener: OpenerDirector, request: Request, timeout: float | None = None) -> _Reply:
        if not isinstance(request.data, bytes):
            raise TypeError("the SDK made a request without a body")
        return _Reply(self._post(request.full_url, dict(request.header_items()), request.data))


@dataclass(frozen=True, slots=True)
class _Reply:
    """An answer in the shape in which the SDK reads urllib's."""

    answer: Answer

    def getcode(self) -> int:
        return self.answer.status

    def read(self) -> bytes:
        return self.answer.body

    def info(self) -> Mapping[str, str]:
        return self.answer.headers


def _body(message: Outgoing, sender: Sender) -> dict[str, JsonValue]:
    """Makes the body of `POST /v3/mail/send`; plain text must come before HTML there."""
    parts = (("text/plain", message.text), ("text/html", message.html))
    body: dict[str, JsonValue] = {
        "personalizations": [{"to": [{"email": message.to}]}],
        "from": {"email": sender.address, **({"name": sender.name} if sender.name else {})},
        "subject": message.subject or "",
        "content": [{"type": kind, "value": value} for kind, value in parts if value],
        "custom_args": {"send_id": message.send_id},
    }
    if message.headers:
        body["headers"] = dict(message.headers)
    return body


class _Problem(BaseModel):
    field: str | None = None


class _Problems(BaseModel):
    errors: list[_Problem]


def _receipt(answer: Answer, now: float) -> Receipt:
    if answer.status == 202:
        provider_id = answer.headers.get("x-message-id")
        return Accepted(provider_id) if provider_id else Unknown("bad_answer")
    return classify.of_status(answer, now) or _refusal(answer)


def _refusal(answer: Answer) -> Receipt:
    """Reads which field of the request was refused; its name says whose fault it is."""
    try:
        errors = _Problems.model_validate_json(answer.body).errors
    except ValidationError:
        return Unknown(f"http_{answer.status}")
    fields = [error.field or "" for error in errors]
    if any(field == "from" or field.startswith("from.") for field in fields):
        return NotSent("sendgrid_sender", "configuration")
    if any(field.startswith("personalizations") and ".to" in field for field in fields):
        return Rejected("sendgrid_recipient", "recipient")
    return Rejected("sendgrid_content", "content")

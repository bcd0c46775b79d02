"""SMS by Twilio's SDK, whose asynchronous client speaks through `Wire`."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, StringConstraints, ValidationError
from twilio.http.response import Response
from twilio.rest import Client

from channels import classify
from channels.wire import Answer, Wire, WireFailure
from model.messages import Accepted, NotSent, Outgoing, Receipt, Rejected, Unknown

Meaning: TypeAlias = Literal["transient", "configuration", "recipient", "opted_out", "content"]
SERVICE = "MG"
LONGEST_VALIDITY = 36_000

MEANINGS: Mapping[int, Meaning] = {
    14107: "transient",  # rate of messages exceeded
    20429: "transient",  # too many requests
    21611: "transient",  # the sender's queue is full
    30001: "transient",  # queue overflow
    10001: "configuration",  # account is not active
    20003: "configuration",  # account or token are wrong
    20005: "configuration",  # account is not active
    20008: "configuration",  # test credentials
    20404: "configuration",  # no such account
    21212: "configuration",  # sender is not valid
    21603: "configuration",  # no sender
    21606: "configuration",  # sender cannot send messages
    21659: "configuration",  # sender is not a Twilio number
    21660: "configuration",  # sender belongs to another account
    21661: "configuration",  # sender is not capable of SMS
    21703: "configuration",  # messaging service has no number
    21705: "configuration",  # messaging service does not exist
    30002: "configuration",  # account is suspended
    30034: "configuration",  # sender is not registered with the carriers
    21211: "recipient",  # not a valid number
    21217: "recipient",  # not a valid number
    21614: "recipient",  # not a mobile number
    21635: "recipient",  # a landline
    30005: "recipient",  # unknown handset
    30006: "recipient",  # landline or unreachable carrier
    21610: "opted_out",  # the recipient answered STOP
    21408: "content",  # the account may not send to that country
    21608: "content",  # a trial account sends to verified numbers alone
    21612: "content",  # not from this sender to that number
    30003: "content",  # handset is off
    30004: "content",  # blocked
    30007: "content",  # filtered by the carrier
}
"""What Twilio's error codes mean, in answers and in status callbacks alike; any other is `content`.

`content` refuses this message and has no other consequence: the number may well take the next one. Its codes
are listed because Twilio answers some of them with 403, which would otherwise stop the channel.
"""


class TwilioChannel:
    """Sends SMS by one account from one number or messaging service (`MG…`).

    `callback_url` is where Twilio reports delivery; the message's `send_id` is added to its query.
    """

    provider = "twilio"

    def __init__(
        self,
        account: str,
        token: str,
        sender: str,
        base: str,
        timeout: float,
        callback_url: str | None = None,
    ) -> None:
        self._wire = Wire(base, timeout)
        self._sender = sender
        self._callback_url = callback_url
        self._client = Client(account, token, http_client=_Http(self._wire))

    @property
    def timeout(self) -> float:
        """Seconds after which a call is given up as unknown."""
        return self._wire.timeout

    async def send(self, message: Outgoing) -> Receipt:
        """Sends once and says what became of it."""
        try:
            made = await self._client.messages.create_async(**self._fields(message))
        except WireFailure as failure:
            return classify.of_failure(failure)
        except _NotCreated as answered:
            return _refusal(answered.answer, time.time())
        return Accepted(made.sid)

    def _fields(self, message: Outgoing) -> dict[str, str | int]:
        sender = "messaging_service_sid" if self._sender.startswith(SERVICE) else "from_"
        fields: dict[str, str | int] = {sender: self._sender, "to": message.to, "body": message.text}
        if message.valid_for is not None:
            fields["validity_period"] = min(max(message.valid_for, 1), LONGEST_VALIDITY)
        if self._callback_url is not None:
            fields["status_callback"] = f"{self._callback_url}?{urlencode({'send_id': message.send_id})}"
        return fields


class _NotCreated(Exception):
    """The answer is not a created message; it passes through the SDK, which would drop its headers."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class _Http:
    """The SDK's HTTP client: one request, whose host (region and edge too) the base address replaces."""

    is_async = True

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def request(
        self,
        method: str,
        uri: str,
        *,
        data: Mapping[str, str | int],
        headers: Mapping[str, str],
        auth: tuple[str, str],
        **others: object,
    ) -> Response:
        """Posts a form; raises WireFailure, or `_NotCreated` for every answer but a message created."""
        if method != "POST" or any(others.values()):
            raise NotImplementedError("only messages are created here")
        deadline = asyncio.get_running_loop().time() + self._wire.timeout
        answer = await self._wire.post(
            self._wire.base + urlsplit(uri).path,
            {**headers, "authorization": _basic(*auth)},
            urlencode(data).encode(),
            deadline,
        )
        if not _is_created(answer):
            raise _NotCreated(answer)
        return Response(answer.status, answer.body.decode(), answer.headers)


class _Created(BaseModel):
    sid: Annotated[str, StringConstraints(pattern=r"^(SM|MM)[0-9a-fA-F]{32}$")]


class _Problem(BaseModel):
    code: int


def _is_created(answer: Answer) -> bool:
    try:
        _Created.model_validate_json(answer.body)
    except ValidationError:
        return False
    return answer.status == 201


def _refusal(answer: Answer, now: float) -> Receipt:
    """Reads Twilio's own code before the status, which tells less."""
    code = _code(answer)
    meaning = None if code is None else MEANINGS.get(code)
    if code is not None and meaning is not None:
        return _meant(meaning, code, answer, now)
    by_status = classify.of_status(answer, now)
    if by_status is not None:
        return by_status
    return Unknown(f"http_{answer.status}") if code is None else Rejected(f"twilio_{code}", "content")


def _meant(meaning: Meaning, code: int, answer: Answer, now: float) -> Receipt:
    reason = f"twilio_{code}"
    match meaning:
        case "transient":
            return NotSent(reason, meaning, classify.retry_after(answer.headers, now))
        case "configuration":
            return NotSent(reason, meaning)
        case "recipient" | "opted_out" | "content":
            return Rejected(reason, meaning)


def _code(answer: Answer) -> int | None:
    if not 400 <= answer.status < 500:
        return None
    try:
        return _Problem.model_validate_json(answer.body).code
    except ValidationError:
        return None


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()

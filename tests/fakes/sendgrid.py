"""SendGrid's `POST /v3/mail/send`, as far as one message to one address goes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from tests.fakes.server import FakeServer, Reply, Request, Verdict

ADDRESS = re.compile(r"[^@\s<>,]+@[^@\s<>,]+\.[^@\s<>,]+")
RESERVED_HEADERS = frozenset(
    {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
    | {"to", "from", "subject", "reply-to", "cc", "bcc"}
)
NonEmpty = Annotated[str, StringConstraints(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Address(_Part):
    email: str
    name: str | None = None


class _Personalization(_Part):
    to: Annotated[list[_Address], Field(min_length=1, max_length=1000)]


class _Content(_Part):
    type: Literal["text/plain", "text/html"]
    value: NonEmpty


class _Mail(_Part):
    personalizations: Annotated[list[_Personalization], Field(min_length=1, max_length=1000)]
    sender: _Address = Field(alias="from")
    subject: NonEmpty
    content: Annotated[list[_Content], Field(min_length=1)]
    custom_args: dict[str, str] = {}
    headers: dict[str, str] = {}


class FakeSendGrid(FakeServer):
    """Takes mail with the right key; `senders` are the verified ones, any where not given."""

    def __init__(
        self,
        api_key: str = "SG.test-key",
        senders: Iterable[str] | None = None,
        file: Path | None = None,
        prefix: str = "",
    ) -> None:
        super().__init__(file, prefix)
        self.api_key = api_key
        self._senders = None if senders is None else frozenset(senders)

    def judge(self, request: Request) -> Verdict:
        """Takes a message with 202, or refuses it as SendGrid does."""
        if request.path != "/v3/mail/send":
            return Verdict(_errors(404, "Not Found"))
        if request.method != "POST":
            return Verdict(_errors(405, "method not allowed"))
        if request.headers.get("authorization") != f"Bearer {self.api_key}":
            return Verdict(_errors(401, "The provided authorization grant is invalid, expired, or revoked"))
        if request.headers.get("content-type") != "application/json":
            return Verdict(_errors(415, "Content-Type should be application/json."))
        return self._mail(request.body)

    def _mail(self, body: bytes) -> Verdict:
        try:
            content: JsonValue = json.loads(body)
        except ValueError:
            return Verdict(_errors(400, "Bad Request"))
        try:
            mail = _Mail.model_validate(content)
        except ValidationError as error:
            field = ".".join(map(str, error.errors()[0]["loc"]))
            return Verdict(_errors(400, "The field is missing or not valid.", field), content=content)
        refused = self._refused(mail)
        identity = uuid4().hex
        return Verdict(
            refused or Reply(202, b"", {"X-Message-Id": identity, "X-RateLimit-Remaining": "599"}),
            provider_id=None if refused else identity,
            send_id=mail.custom_args.get("send_id"),
            to=mail.personalizations[0].to[0].email,
            content=content,
        )

    def _refused(self, mail: _Mail) -> Reply | None:
        for index, personalization in enumerate(mail.personalizations):
            for place, address in enumerate(personalization.to):
                if not ADDRESS.fullmatch(address.email):
                    field = f"personalizations.{index}.to.{place}.email"
                    return _errors(400, "Does not contain a valid address.", field)
        if not ADDRESS.fullmatch(mail.sender.email):
            return _errors(400, "The from email does not contain a valid address.", "from.email")
        if self._senders is not None and mail.sender.email not in self._senders:
            return _errors(403, "The from address does not match a verified Sender Identity.", "from")
        if [part.type for part in mail.content] == ["text/html", "text/plain"]:
            return _errors(400, "The text/plain content must be followed by text/html.", "content")
        reserved = RESERVED_HEADERS & {name.lower() for name in mail.headers}
        if reserved:
            return _errors(400, "The headers parameter holds a reserved header.", "headers")
        return None


def _errors(status: int, message: str, field: str | None = None) -> Reply:
    content = {"errors": [{"message": message, "field": field, "help": None}]}
    return Reply(status, json.dumps(content).encode(), {"Content-Type": "application/json"})

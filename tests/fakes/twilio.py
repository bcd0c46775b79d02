"""Twilio's `POST /2010-04-01/Accounts/{sid}/Messages.json`, as far as a text message goes."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import uuid4

from pydantic import JsonValue

from tests.fakes.server import FakeServer, Reply, Request, Verdict

E164 = re.compile(r"\+[1-9]\d{6,14}")
SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
LETTERS = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
SHORT_CODE = re.compile(r"\d{3,6}")
ACCOUNT = "AC" + "0" * 32


class FakeTwilio(FakeServer):
    """Takes text messages of one account.

    `opted_out` and `landlines` are numbers that Twilio would not send to.
    """

    def __init__(
        self,
        account: str = ACCOUNT,
        token: str = "test-token",
        opted_out: Iterable[str] = (),
        landlines: Iterable[str] = (),
        file: Path | None = None,
        prefix: str = "",
    ) -> None:
        super().__init__(file, prefix)
        self.account, self.token = account, token
        self._opted_out, self._landlines = frozenset(opted_out), frozenset(landlines)

    def judge(self, request: Request) -> Verdict:
        """Creates a message with 201, or refuses it as Twilio does."""
        basic = b64encode(f"{self.account}:{self.token}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return Verdict(error(401, 20003, "Authenticate"))
        if request.path != f"/2010-04-01/Accounts/{self.account}/Messages.json":
            return Verdict(error(404, 20404, "The requested resource was not found"))
        if request.method != "POST":
            return Verdict(error(405, 20004, "Method not allowed"))
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        return self._message(fields)

    def _message(self, fields: dict[str, str]) -> Verdict:
        refused = _refused_sender(fields) or self._refused_recipient(fields) or _refused_rest(fields)
        sid = f"SM{uuid4().hex}"
        return Verdict(
            refused or _json(201, self._created(sid, fields)),
            provider_id=None if refused else sid,
            send_id=parse_qs(urlsplit(fields.get("StatusCallback", "")).query).get("send_id", [None])[0],
            to=fields.get("To"),
            content={**fields},
        )

    def _refused_recipient(self, fields: Mapping[str, str]) -> Reply | None:
        to = fields.get("To", "")
        if not to:
            return error(400, 21604, "A 'To' phone number is required.")
        if not E164.fullmatch(to) or to == fields.get("From"):
            return error(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if to in self._landlines:
            return error(400, 21614, f"To number: {to}, is not a mobile number")
        if to in self._opted_out:
            return error(400, 21610, "Attempt to send to unsubscribed recipient")
        return None

    def _created(self, sid: str, fields: Mapping[str, str]) -> dict[str, JsonValue]:
        now = format_datetime(datetime.now(UTC))
        return {
            "sid": sid,
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "messaging_service_sid": fields.get("MessagingServiceSid"),
            "from": fields.get("From"),
            "to": fields["To"],
            "body": fields["Body"],
            "status": "accepted" if "MessagingServiceSid" in fields else "queued",
            "direction": "outbound-api",
            "num_segments": "1",
            "num_media": "0",
            "error_code": None,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "date_created": now,
            "date_updated": now,
            "date_sent": None,
            "uri": f"/2010-04-01/Accounts/{self.account}/Messages/{sid}.json",
            "subresource_uris": {},
        }


def error(status: int, code: int, message: str) -> Reply:
    """Makes an error as Twilio words it."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return _json(status, {"code": code, "message": message, "more_info": more, "status": status})


def _refused_sender(fields: Mapping[str, str]) -> Reply | None:
    service, sender = fields.get("MessagingServiceSid"), fields.get("From")
    if service is None and sender is None:
        return error(400, 21603, "A 'From' phone number is required.")
    if service is not None and not SERVICE.fullmatch(service):
        return error(400, 21705, "The Messaging Service Sid is invalid.")
    kinds = (E164, LETTERS, SHORT_CODE)
    if sender is not None and not any(kind.fullmatch(sender) for kind in kinds):
        return error(400, 21212, f"Invalid From Number: {sender}")
    return None


def _refused_rest(fields: Mapping[str, str]) -> Reply | None:
    body = fields.get("Body", "")
    if not body:
        return error(400, 21602, "Message body is required.")
    if len(body) > 1600:
        return error(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    callback = urlsplit(fields.get("StatusCallback", "https://none.example"))
    if callback.scheme not in {"http", "https"} or not callback.netloc:
        return error(400, 21609, "Invalid 'StatusCallback' URL")
    validity = fields.get("ValidityPeriod", "36000")
    if not validity.isdigit() or not 1 <= int(validity) <= 36_000:
        return error(400, 20001, "ValidityPeriod is out of range")
    return None


def _json(status: int, content: Mapping[str, JsonValue]) -> Reply:
    return Reply(status, json.dumps(content).encode(), {"Content-Type": "application/json"})

"""An outside system behind a connector: answers JSON, or misbehaves as it is told."""

from __future__ import annotations

import json
import threading

from pydantic import JsonValue

from tests.fakes.server import Behaviour, FakeServer, Reply, Request, Verdict


class Receiver(FakeServer):
    """Answers every request with `answer`; `requests` are all that came."""

    def __init__(self, answer: JsonValue = None) -> None:
        super().__init__()
        self.answer_with = answer
        self.requests: list[Request] = []
        self._heard = threading.Lock()

    def judge(self, request: Request) -> Verdict:
        """Accepts everything."""
        with self._heard:
            self.requests.append(request)
        body = b"" if self.answer_with is None else json.dumps(self.answer_with).encode()
        return Verdict(Reply(200, body, {"Content-Type": "application/json"}), provider_id="taken")

    @property
    def bodies(self) -> list[JsonValue]:
        """What was sent, in order."""
        return [json.loads(request.body) for request in self.requests]


def redirect(status: int, to: str) -> Behaviour:
    """Sends the caller elsewhere."""
    return Behaviour(accept=False, reply=Reply(status, b"", {"Location": to}))


def page(body: bytes, kind: str = "application/json") -> Behaviour:
    """Answers 200 with any bytes."""
    return Behaviour(accept=False, reply=Reply(200, body, {"Content-Type": kind}))

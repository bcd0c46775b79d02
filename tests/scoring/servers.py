"""Real HTTP servers on 127.0.0.1: one that answers with the rules, one that misbehaves as told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydantic import ValidationError

from model.events import Event
from model.scoring import OutcomeAnswer, OutcomeReports, RejectedOutcome, ScoreRequest
from scoring.outside import answer
from scoring.score import score
from tests.scoring.world import rules


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: a status, a body, more headers, and seconds to wait before."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


Answerer = Callable[[Asked], Reply]


@contextmanager
def serving(answerer: Answerer) -> Iterator[str]:
    """Serves on a free port until the block ends; gives the base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            reply = answerer(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            time.sleep(reply.delay)
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class RulesServer:
    """The contract answered by the rules from memory."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[ScoreRequest, bytes]] = {}
        self._outcomes: dict[str, str] = {}

    def __call__(self, asked: Asked) -> Reply:
        with self._lock:
            try:
                if asked.path == "/v1/score":
                    return self._score(ScoreRequest.model_validate_json(asked.body))
                return self._report(OutcomeReports.model_validate_json(asked.body))
            except ValidationError:
                return Reply(422, b'{"code": "bad_request"}')

    def _score(self, request: ScoreRequest) -> Reply:
        known = self._answers.get(request.request_id)
        if known is None:
            found = answer(rules(), request, score(rules(), self._events, {}, request.as_of))
            known = self._answers[request.request_id] = (request, found.model_dump_json().encode())
        return Reply(200, known[1]) if known[0] == request else Reply(409, b'{"code": "conflict"}')

    def _report(self, reports: OutcomeReports) -> Reply:
        accepted, duplicates, rejected = 0, 0, []
        for outcome in reports.outcomes:
            body = outcome.model_dump_json()
            before = self._outcomes.setdefault(outcome.outcome_id, "")
            if before not in ("", body):
                rejected.append(RejectedOutcome(outcome_id=outcome.outcome_id, why="known with another body"))
                continue
            accepted, duplicates = accepted + (before == ""), duplicates + (before == body)
            self._outcomes[outcome.outcome_id] = body
        found = OutcomeAnswer(accepted=accepted, duplicates=duplicates, rejected=tuple(rejected))
        return Reply(202, found.model_dump_json().encode())


class Misbehaving:
    """Gives the replies in their order, the last one for ever, and remembers what it was asked."""

    def __init__(self, *replies: Reply | Answerer) -> None:
        self._replies = replies
        self.asked: list[Asked] = []

    def __call__(self, asked: Asked) -> Reply:
        reply = self._replies[min(len(self.asked), len(self._replies) - 1)]
        self.asked.append(asked)
        return reply if isinstance(reply, Reply) else reply(asked)


def good(**changes: object) -> Answerer:
    """A good answer to whatever was asked, with changes that may make it bad."""

    def reply(asked: Asked) -> Reply:
        plain = {
            "score_id": "s1",
            "request_id": json.loads(asked.body)["request_id"],
            "model": {"id": "outside", "version": 7, "kind": "http", "label": "sale_90d"},
            "p": 0.31,
            "tier": "T2",
            "reasons": [
                {
                    "code": "visits",
                    "feature": "visits_7d",
                    "direction": "up",
                    "weight": 0.4,
                    "text": {"es": "Tres visitas", "en": "Three visits"},
                }
            ],
        }
        return Reply(200, json.dumps(plain | changes).encode())

    return reply

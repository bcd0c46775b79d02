"""Everything that can be wrong with a request is told, with its place, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.strict_json import DEEPEST
from store import new_id
from tests.api.conftest import Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOOD = {"id": "e-1", "type": "dealer.visited", "lead": {"email": "luis@example.com"}, "properties": {}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """One server for all: what is refused leaves nothing that the next could trip over."""
    async with serving(tmp_path_factory.mktemp("api")) as served:
        yield served


def body(**changes: object) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def raw(fragment: str) -> bytes:
    """Puts a JSON fragment as a property."""
    return body().replace(b'"properties": {}', b'"properties": {"x": ' + fragment.encode() + b"}")


CASES: dict[str, tuple[bytes, int, str, str | None]] = {
    "no body": (b"", 422, "invalid_request", ""),
    "no JSON": (b"{", 400, "invalid_json", None),
    "trailing comma": (body()[:-1] + b",}", 400, "invalid_json", None),
    "wrong encoding": ("€uro".encode("cp1252"), 400, "invalid_json", None),
    "broken UTF-8": (body(id="x").replace(b'"x"', b'"\xff"'), 400, "invalid_json", None),
    "UTF-16": (body().decode().encode("utf-16"), 400, "invalid_json", None),
    "byte order mark": (b"\xef\xbb\xbf" + body(), 400, "invalid_json", None),
    "NaN": (raw("NaN"), 400, "invalid_json", None),
    "infinity": (raw("-Infinity"), 400, "invalid_json", None),
    "number beyond floats": (raw("1e999"), 422, "invalid_request", "/properties/x"),
    "number beyond 64 bits": (raw("1" + "0" * 30), 422, "invalid_request", "/properties/x"),
    "number of 5,000 digits": (raw("1" * 5000), 400, "invalid_json", None),
    "NUL": (raw('"a\\u0000b"'), 422, "invalid_request", "/properties/x"),
    "NUL in a name": (raw('{"a\\u0000b": 1}'), 422, "invalid_request", "/properties/x"),
    "lone surrogate": (raw('"\\ud800"'), 400, "invalid_json", None),
    "deep": (raw("[" * DEEPEST + "]" * DEEPEST), 422, "invalid_request", None),
    "depth bomb": (b"[" * 500_000, 400, "invalid_json", None),
    "a number": (b"7", 422, "invalid_request", ""),
    "an empty list": (b"[]", 422, "invalid_request", ""),
    "events that are no list": (b'{"events": 3}', 422, "invalid_request", "/events"),
    "too many": (json.dumps([GOOD] * 1001).encode(), 422, "invalid_request", ""),
    "unknown word": (body(emial="x"), 422, "invalid_request", "/emial"),
    "no id": (body(id=None), 422, "invalid_request", "/id"),
    "id with a blank": (body(id="a b"), 422, "invalid_request", "/id"),
    "long id": (body(id="x" * 201), 422, "invalid_request", "/id"),
    "no type": (body(type=5), 422, "invalid_request", "/type"),
    "one word as type": (body(type="visited"), 422, "invalid_request", "/type"),
    "type of our own": (body(type="score.changed"), 422, "reserved_type", "/type"),
    "no lead": (body(lead={}), 422, "invalid_request", "/lead"),
    "null lead": (body(lead=None), 422, "invalid_request", "/lead"),
    "wrong phone": (body(lead={"phone": "600111222"}), 422, "invalid_request", "/lead/phone"),
    "impossible phone": (body(lead={"phone": "+34123"}), 422, "invalid_request", "/lead/phone"),
    "wrong e-mail": (body(lead={"email": "luis@"}), 422, "invalid_request", "/lead/email"),
    "long local part": (
        body(lead={"email": "a" * 65 + "@example.com"}),
        422,
        "invalid_request",
        "/lead/email",
    ),
    "unknown id of ours": (body(lead={"lead_id": new_id()}), 404, "unknown_lead", "/lead/lead_id"),
    "nonsense as id of ours": (body(lead={"lead_id": "7"}), 404, "unknown_lead", "/lead/lead_id"),
    "time without offset": (body(at="2026-11-04T10:00:00"), 422, "invalid_request", "/at"),
    "no such time": (body(at="2026-02-30T10:00:00Z"), 422, "invalid_request", "/at"),
    "time as number": (body(at=1790000000), 422, "invalid_request", "/at"),
    "year 0001": (body(at="0001-01-01T00:00:00+14:00"), 422, "invalid_request", "/at"),
    "year 9999": (body(at="9999-12-31T23:59:59-14:00"), 422, "invalid_request", "/at"),
    "future": (body(at="2026-11-06T10:00:00Z"), 422, "at_in_future", "/at"),
    "wrong type of field": (body(properties={"visits": "two"}), 422, "invalid_request", "/properties/visits"),
    "wrong date": (body(properties={"on": "4.11.2026"}), 422, "invalid_request", "/properties/on"),
    "a field's taken name": (body(properties={"at": "x"}), 422, "invalid_request", ""),
    "properties as list": (body(properties=[]), 422, "invalid_request", "/properties"),
    "32 KiB event": (body(properties={"text": "x" * (33 << 10)}), 413, "event_too_large", ""),
    "1 MiB body": (body(properties={"text": "x" * (1 << 20)}), 413, "too_large", None),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.replace(" ", "_"))
async def test_a_bad_event_is_refused_with_its_place_and_leaves_nothing(api: Served, case: str) -> None:
    content, status, code, pointer = CASES[case]
    answer = await api.client.post(
        "/v1/events", content=content, headers={"Content-Type": "application/json"}
    )
    assert_problem(answer, status, code)
    if pointer is not None:
        assert answer.json()["errors"][0]["pointer"] == pointer
    async with api.house.store.read() as tx:
        assert (await tx.events.backlog()).count == 0
        assert await tx.leads.count() == 0


def assert_problem(answer: httpx.Response, status: int, code: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] == f"urn:cauce:problem:{problem['code']}"
    if code is not None:
        assert problem["code"] == code


async def test_what_was_sent_is_never_told_back(api: Served) -> None:
    secrets = ["secreto", "luis@privado", "655443322", "1965-04-01", "Calle Mayor"]
    worst = [
        body(lead={"email": secrets[1], "phone": secrets[2]}),
        body(**{"luis@privado": 1}),
        body(lead={"email": "a@example.com", "secreto calle": 1}),
        body(type="secreto"),
        body(id="Calle Mayor"),
        body(at="1965-04-01"),
        b'{"id": "secreto',
        body(lead="secreto"),
    ]
    for content in [*worst, b"[" + b",".join(worst[:6]) + b"]"]:
        answer = await api.client.post(
            "/v1/events", content=content, headers={"Content-Type": "application/json"}
        )
        assert 400 <= answer.status_code < 500
        assert not [secret for secret in secrets if secret in answer.text], answer.text


async def test_a_chunked_body_is_held_to_the_same_limit(api: Served) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b'{"id": "'
        for _ in range(40):
            yield b"x" * (64 << 10)
        yield b'"}'

    answer = await api.client.post(
        "/v1/events", content=parts(), headers={"Content-Type": "application/json"}
    )
    assert_problem(answer, 413, "too_large")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", None]
)
async def test_a_body_that_is_not_json_in_utf8_is_refused(api: Served, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    assert_problem(await api.client.post("/v1/events", content=body(), headers=headers), 415)


ELSEWHERE: list[tuple[str, str, object, int, str]] = [
    ("GET", "/v1/nothing", None, 404, "not_found"),
    ("DELETE", "/v1/events", None, 405, "method_not_allowed"),
    ("GET", "/v1/events/crm/none", None, 404, "unknown_event"),
    ("GET", "/v1/events/crm/a%00b", None, 422, "invalid_request"),
    ("GET", "/v1/events/Cr%20m/x", None, 422, "invalid_request"),
    ("POST", "/v1/dead-letters/0:retry", None, 422, "invalid_request"),
    ("POST", "/v1/dead-letters/99999999999999999999:retry", None, 422, "invalid_request"),
    ("GET", "/v1/leads?limit=0", None, 422, "invalid_request"),
    ("GET", "/v1/leads?limit=many", None, 422, "invalid_request"),
    ("GET", "/v1/leads?cursor=nonsense", None, 422, "invalid_request"),
    ("GET", "/v1/leads?email=luis%40example.com", None, 422, "invalid_request"),
    ("GET", "/v1/tasks?luis%40example.com=1", None, 422, "invalid_request"),
    ("GET", "/v1/leads/none", None, 404, "unknown_lead"),
    ("GET", "/v1/leads/external:none/timeline", None, 404, "unknown_lead"),
    ("GET", "/v1/leads/%00", None, 422, "invalid_request"),
    ("PUT", "/v1/leads/none", {"first_name": "Luis"}, 404, "unknown_lead"),
    ("PUT", "/v1/leads/external:1", {"zone": "Europe/Madriz"}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"language": "castellano!"}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"phone": "12"}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"consent": {"email": "yes"}}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"consent": {"fax": True}}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"attributes": {"email": "a@b.es"}}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"attributes": {"shoe_size": 42}}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"attributes": {"interests": "ibiza"}}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"attributes": {"last_login_at": "now"}}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"attributes": {"a\u0001": 1}}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"first_name": "x" * 201}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"first_name": "a\u0000b"}, 422, "invalid_request"),
    ("PUT", "/v1/leads/external:1", {"attributes": {"interests": ["x" * 40000]}}, 413, "event_too_large"),
    ("POST", "/v1/leads:search", {}, 422, "invalid_request"),
    ("GET", "/v1/journeys/none", None, 404, "unknown_journey"),
    ("POST", "/v1/journeys/none/enrolments", {"lead": {"external_id": "1"}}, 404, "unknown_journey"),
    ("GET", "/v1/enrolments/none", None, 404, "unknown_enrolment"),
    ("GET", "/v1/enrolments?state=sleeping", None, 422, "invalid_request"),
    ("POST", "/v1/enrolments/none:pause", None, 404, "unknown_enrolment"),
    ("POST", "/v1/enrolments/none:end", {"ending": "WON"}, 422, "invalid_request"),
    ("GET", "/v1/tasks?queue=In%20Side", None, 422, "invalid_request"),
    ("GET", "/v1/tasks/none", None, 404, "unknown_task"),
    ("POST", "/v1/tasks:claim", {"queue": "q", "agent": "a b"}, 422, "invalid_request"),
    ("POST", "/v1/tasks:claim", {"queue": "q", "agent": "a", "lease_seconds": 1}, 422, "invalid_request"),
    ("POST", "/v1/tasks/none:start", {"fence": 1}, 404, "unknown_task"),
    ("POST", "/v1/tasks/none:start", {"fence": -1}, 422, "invalid_request"),
    (
        "POST",
        "/v1/tasks/none:complete",
        {"fence": 1, "completion_id": "c", "outcome": "x"},
        404,
        "unknown_task",
    ),
    ("POST", "/v1/sending:stop", {"journey": "none"}, 404, "unknown_journey"),
    ("PUT", "/v1/clock", {"now": "tomorrow"}, 422, "invalid_request"),
    ("PUT", "/v1/clock", {"now": "2026-11-03T10:00:00Z"}, 409, "clock_backwards"),
    ("POST", "/v1/score", {"request_id": "r"}, 422, "invalid_request"),
    (
        "POST",
        "/v1/score",
        {"request_id": "r", "lead_id": "l", "as_of": "9999-12-31T23:59:59-14:00"},
        422,
        "invalid_request",
    ),
    (
        "POST",
        "/v1/score",
        {"request_id": "r", "lead_id": "l", "as_of": "2026-11-04T10:00:00Z"},
        503,
        "no_scorer",
    ),
    ("POST", "/v1/outcomes", {"outcomes": []}, 422, "invalid_request"),
]


@pytest.mark.parametrize("case", ELSEWHERE, ids=lambda case: f"{case[0]}_{case[1]}_{str(case[2])[:40]}")
async def test_a_bad_request_anywhere_is_a_problem(
    api: Served, case: tuple[str, str, object, int, str]
) -> None:
    method, path, sent, status, code = case
    answer = (
        await api.client.request(method, path, json=sent)
        if sent is not None
        else await api.client.request(method, path)
    )
    assert_problem(answer, status, code)
    if code == "invalid_request":
        assert answer.json()["errors"][0]["message"]
    async with api.house.store.read() as tx:
        assert (await tx.events.backlog()).count == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*GOOD, "at", "message", "task", "events", "extra"])


async def test_no_event_makes_the_server_fail(api: Served) -> None:
    bodies: list[bytes] = []

    @settings(max_examples=120, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(NAMES, JSON, max_size=4), st.booleans())
    def collect(changes: dict[str, object], many: bool) -> None:
        event = {**GOOD, **changes}
        bodies.append(json.dumps([event] if many else event).encode("utf-8", "surrogatepass"))

    collect()
    for content in bodies:
        answer = await api.client.post(
            "/v1/events", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code < 500, (content, answer.text)

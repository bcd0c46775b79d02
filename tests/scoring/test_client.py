"""The client against real servers that misbehave."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from datetime import datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from channels.scorer import ScorerClient, ScorerSettings
from model.scoring import OutcomeReport, ScoreRequest, ScoreResponse, ScorerUnavailable
from scoring.outside import score_with_fallback
from tests.scoring.servers import Answerer, Misbehaving, Reply, RulesServer, good, serving
from tests.scoring.world import day, funnel, rules, scored

SECRET = "c2NvcmVyLXNlY3JldC1mb3ItdGVzdHM="
REQUEST = ScoreRequest(request_id="r1", lead_id="l1", as_of=day(3), features={"visits": 3})
OUTCOME = OutcomeReport(
    outcome_id="o1", lead_id="l1", type="sale", label=1, occurred_at=day(3), observed_at=day(3)
)


def settings(url: str) -> ScorerSettings:
    """Impatient settings."""
    return ScorerSettings(url=url, secret=SECRET, timeout=0.3, total=2.0, pause=0.01)


async def refused(server: Misbehaving, *, patience: float = 2.0, timeout: float = 0.3) -> str:  # noqa: ASYNC109
    """Asks once and gives the reason of the refusal."""
    with serving(server) as url:
        async with ScorerClient(replace(settings(url), total=patience, timeout=timeout)) as client:
            with pytest.raises(ScorerUnavailable) as unavailable:
                await client.score(REQUEST)
    return unavailable.value.reason


async def test_a_good_answer_comes_through_and_the_request_is_signed() -> None:
    server = Misbehaving(good())
    with serving(server) as url:
        async with ScorerClient(replace(settings(url), token="t0ken")) as client:
            found = await client.score(REQUEST)
    assert (found.p, found.tier, found.model.id) == (0.31, "T2", "outside")
    asked = server.asked[0]
    Webhook(SECRET).verify(asked.body, asked.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(asked.body.replace(b"l1", b"l2"), asked.headers)
    assert (asked.path, asked.headers["authorization"]) == ("/v1/score", "Bearer t0ken")
    assert ScoreRequest.model_validate_json(asked.body) == REQUEST


@pytest.mark.parametrize(
    "reply",
    [
        good(p=1.7),
        good(p=-0.1),
        good(p=math.nan),
        good(p=math.inf),
        good(p="high"),
        good(points=math.nan),
        good(tier="T9"),
        good(request_id="another"),
        good(surprise=True),
        good(valid_until="2026-01-01T00:00:00"),
        good(reasons=[{"code": "x"}]),
        Reply(200, b"<html>Welcome</html>", {"content-type": "text/html"}),
        Reply(200, b""),
        Reply(200, b"\xff\xfe"),
        Reply(200, b"[" * 100_000),
        Reply(200, b" " * 1_100_000),
        Reply(204),
    ],
)
async def test_an_answer_outside_the_contract_is_no_answer_and_not_asked_again(
    reply: Reply | Answerer,
) -> None:
    server = Misbehaving(reply)
    assert await refused(server) == "bad_answer"
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 301, 302])
async def test_a_refusal_is_not_asked_again(status: int) -> None:
    server = Misbehaving(Reply(status, b"no", {"location": "http://127.0.0.1:9/"}))
    assert await refused(server) == "refused"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(500), "failed"),
        (Reply(502), "failed"),
        (Reply(503), "busy"),
        (Reply(429, b"", {"retry-after": "0"}), "busy"),
        (Reply(429, b"", {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}), "busy"),
    ],
)
async def test_three_tries_and_then_it_is_unavailable(reply: Reply, reason: str) -> None:
    server = Misbehaving(reply)
    assert await refused(server, patience=20, timeout=5) == reason
    assert len(server.asked) == 3
    assert len({asked.body for asked in server.asked}) == 1


async def test_a_second_try_that_succeeds_is_an_answer() -> None:
    server = Misbehaving(Reply(500), Reply(429, b"", {"retry-after": "0"}), good())
    with serving(server) as url:
        async with ScorerClient(settings(url)) as client:
            assert (await client.score(REQUEST)).p == 0.31


async def test_retry_after_is_waited_for_and_not_longer_than_there_is_time() -> None:
    server = Misbehaving(Reply(503, b"", {"retry-after": "1"}), good())
    with serving(server) as url:
        async with ScorerClient(settings(url)) as client:
            begin = time.monotonic()
            await client.score(REQUEST)
            assert time.monotonic() - begin >= 1
    patient = Misbehaving(Reply(503, b"", {"retry-after": "3600"}))
    begin = time.monotonic()
    assert await refused(patient) == "busy"
    assert time.monotonic() - begin < 1
    assert len(patient.asked) == 1


async def test_a_slow_scorer_is_given_up_within_its_time() -> None:
    server = Misbehaving(Reply(200, b"{}", delay=0.6))
    begin = time.monotonic()
    assert await refused(server, patience=0.8) == "timeout"
    assert time.monotonic() - begin < 2
    assert len(server.asked) >= 2


async def test_nobody_there_is_unreachable() -> None:
    with serving(Misbehaving(Reply(200))) as url:
        pass
    async with ScorerClient(settings(url)) as client:
        with pytest.raises(ScorerUnavailable) as unavailable:
            await client.score(REQUEST)
    assert unavailable.value.reason == "unreachable"


async def test_after_five_failures_nobody_is_asked_until_it_has_rested() -> None:
    now = [0.0]
    server = Misbehaving(*[Reply(200, b"{}")] * 5, good())
    with serving(server) as url:
        async with ScorerClient(settings(url), clock=lambda: now[0]) as client:
            for _ in range(5):
                with pytest.raises(ScorerUnavailable):
                    await client.score(REQUEST)
            with pytest.raises(ScorerUnavailable) as unavailable:
                await client.score(REQUEST)
            assert (unavailable.value.reason, len(server.asked)) == ("breaker_open", 5)
            now[0] = 31.0
            assert (await client.score(REQUEST)).p == 0.31
            assert (await client.score(REQUEST)).p == 0.31


async def test_a_rested_breaker_lets_one_question_through_and_shuts_again() -> None:
    now = [0.0]
    server = Misbehaving(Reply(200, b"{}"))
    with serving(server) as url:
        async with ScorerClient(settings(url), clock=lambda: now[0]) as client:
            for at in (0, 0, 0, 0, 0, 31, 31, 31):
                now[0] = float(at)
                with pytest.raises(ScorerUnavailable):
                    await client.score(REQUEST)
    assert len(server.asked) == 6


async def test_our_own_bad_requests_do_not_open_the_breaker() -> None:
    server = Misbehaving(Reply(422))
    with serving(server) as url:
        async with ScorerClient(settings(url)) as client:
            for _ in range(7):
                with pytest.raises(ScorerUnavailable):
                    await client.score(REQUEST)
    assert len(server.asked) == 7


@pytest.mark.parametrize("reply", [good(p=1.7), good(p=math.nan), Reply(500), Reply(200, b"<html>")])
async def test_the_rules_answer_in_its_place_and_say_so(reply: Reply | Answerer) -> None:
    with serving(Misbehaving(reply)) as url:
        async with ScorerClient(settings(url)) as client:
            found, why = await score_with_fallback(client, rules(), REQUEST, lambda: scored(funnel(), 3))
    assert (found.fallback, found.points, found.model.kind, found.request_id) == (True, 88.9, "rules", "r1")
    assert why in {"bad_answer", "failed"}


async def test_the_rules_are_not_asked_where_the_scorer_answers() -> None:
    with serving(Misbehaving(good())) as url:
        async with ScorerClient(settings(url)) as client:
            found, why = await score_with_fallback(client, rules(), REQUEST, pytest.fail)
    assert (found.fallback, found.p, why) == (False, 0.31, None)


async def test_outcomes_are_reported_and_repeated_without_harm() -> None:
    with serving(RulesServer([])) as url:
        async with ScorerClient(settings(url)) as client:
            first = await client.report((OUTCOME,))
            again = await client.report((OUTCOME,))
            other = await client.report((OUTCOME.model_copy(update={"label": 0}),))
    assert (first.accepted, again.duplicates) == (1, 1)
    assert [item.outcome_id for item in other.rejected] == ["o1"]


@pytest.mark.parametrize(
    "body",
    [
        {"accepted": 2, "duplicates": 0, "rejected": []},
        {"accepted": 0, "duplicates": 0, "rejected": []},
        {"accepted": 0, "duplicates": 0, "rejected": [{"outcome_id": "another", "why": "x"}]},
        {"accepted": -1, "duplicates": 2},
    ],
)
async def test_an_answer_that_does_not_add_up_is_no_answer(body: dict[str, object]) -> None:
    with serving(Misbehaving(Reply(202, json.dumps(body).encode()))) as url:
        async with ScorerClient(settings(url)) as client:
            with pytest.raises(ScorerUnavailable) as unavailable:
                await client.report((OUTCOME,))
    assert unavailable.value.reason == "bad_answer"


async def test_secrets_are_not_in_the_settings_text() -> None:
    shown = repr(ScorerSettings(url="http://127.0.0.1:1", secret=SECRET, token="t0ken"))
    assert SECRET not in shown
    assert "t0ken" not in shown


def test_times_of_the_contract_must_be_aware() -> None:
    with pytest.raises(ValueError, match="timezone"):
        ScoreRequest(request_id="r", lead_id="l", as_of=datetime(2026, 1, 1))  # noqa: DTZ001


def test_errors_do_not_repeat_what_was_sent() -> None:
    with pytest.raises(ValueError) as wrong:
        ScoreResponse.model_validate({"tier": {"phone": "+34600111222"}})
    assert "+34600111222" not in str(wrong.value)

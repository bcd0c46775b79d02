"""`fetch` and `webhook` against a real server, in virtual time: answers, outages, restarts, personal data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from model.events import Fields
from model.runs import workflow_id
from runtime.secrets import read_secrets, refuse_unsigned
from settings import SettingsError
from tests.fakes.receiver import Receiver, page
from tests.fakes.server import RESET_AFTER, refuse
from tests.house import House, house, project_of

VOCABULARY = """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [en]}
contact_hours: {days: mon-sun, from: 0:00, to: 24:00}
lead: {advisor: text}
events: {quote.started: {amount: number}, interest.shown: {}}
connectors:
  router:
    post: URL/assign
    secret: ROUTER_KEY
    sends: {email: text, amount: number}
    answers: {owner: text, seats: number, mobile: {type: text, pii: true}}
    retry_for: 2 hours
  crm: {put: URL/leads, sends: {owner: text}}
endings: {found: won, nobody: lost, told: neutral}
"""
JOURNEY = """
journey: routing
version: 1
start: {event: quote.started}
again: when finished
steps:
  - fetch: router
    id: route
    with: {email: lead.email, amount: start.amount}
    else: [end: nobody]
  - set: {lead.advisor: fetched.route.owner}
  - email: hello
    if: fetched.route.mobile contains "600"
    with: {owner: fetched.route.owner, mobile: fetched.route.mobile}
  - webhook: crm
    with: {owner: fetched.route.owner}
  - if: fetched.route.seats > 3
    then: [end: found]
  - end: told
"""
ANSWER: Fields = {"owner": "ana", "seats": 4, "mobile": "+34600999888", "more": {"a": 1}}
CALM = timedelta(minutes=1)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("ROUTER_KEY", "hunter2")
    with Receiver(ANSWER) as opened:
        yield opened


def files(receiver: Receiver) -> Mapping[str, str]:
    return {
        "vocabulary.yaml": VOCABULARY.replace("URL", receiver.url),
        "routing.yaml": JOURNEY,
        "templates/email/hello.en.txt": "---\nsubject: Hi\npurpose: service\n---\n{{owner}} at {{mobile}}",
    }


async def ending(world: House) -> str | None:
    (run,) = await world.runs()
    return run.ending


async def test_an_answer_is_read_and_what_is_personal_is_in_no_history(
    tmp_path: Path, temporal_client: Client, receiver: Receiver
) -> None:
    project = project_of(tmp_path / "defs", files(receiver))
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("quote.started", amount=900)
        assert await ending(world) == "found"
        route, crm = receiver.requests
        assert receiver.bodies == [{"email": "luis@example.com", "amount": 900}, {"owner": "ana"}]
        assert (route.method, crm.method) == ("POST", "PUT")
        assert {"webhook-signature", "idempotency-key"} <= route.headers.keys()
        (mail,) = await world.outbox()
        assert mail.text is not None
        assert "ana at +34600999888" in mail.text
        (run,) = await world.runs()
        handle = temporal_client.get_workflow_handle(workflow_id(run.id))
        await handle.result()
        history = await handle.fetch_history()
        written = b"".join(event.SerializeToString() for event in history.events)
        assert b'"ana"' in written
        for secret in (b"hunter2", b"34600999888", b"luis@example.com"):
            assert secret not in written
        async with world.store.read() as tx:
            lead = await tx.leads.find_by("email", "luis@example.com")
        assert lead is not None
        assert lead.attributes["advisor"] == "ana"


async def test_an_outage_is_waited_out_under_one_key(
    tmp_path: Path, temporal_client: Client, receiver: Receiver
) -> None:
    receiver.next(refuse(503), RESET_AFTER, refuse(429, None, Retry_After="600"))
    project = project_of(tmp_path / "defs", files(receiver))
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("quote.started", amount=900)
        (run,) = await world.runs()
        assert (run.state, run.waiting_for) == ("open", "an answer: http_503")
        await world.pass_time(CALM)
        assert len(receiver.requests) == 3
        await world.pass_time(timedelta(minutes=8))
        assert len(receiver.requests) == 3
        await world.pass_time(timedelta(minutes=3))
        assert await ending(world) == "found"
        keys = [request.headers["idempotency-key"] for request in receiver.requests]
        assert len(set(keys[:4])) == 1
        assert keys[4] != keys[0]
        told = [line.text for line in await world.timeline() if line.kind == "retry"]
        assert [text.partition(",")[0] for text in told] == [
            "fetch router: http_503", "fetch router: dropped", "fetch router: http_429",
        ]  # fmt: skip


async def test_who_is_down_for_too_long_is_given_up(
    tmp_path: Path, temporal_client: Client, receiver: Receiver
) -> None:
    receiver.always(refuse(500))
    project = project_of(tmp_path / "defs", files(receiver))
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("quote.started", amount=900)
        await world.pass_time(timedelta(hours=3))
        assert await ending(world) == "nobody"
        assert 8 < len(receiver.requests) < 20


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"seats": "four"}', "`seats` of the answer is not a number"),
        (b"<html>", "the answer is no JSON"),
    ],
)
async def test_an_answer_of_another_type_is_a_failure_that_names_the_field(
    tmp_path: Path, temporal_client: Client, receiver: Receiver, body: bytes, why: str
) -> None:
    receiver.always(page(body))
    project = project_of(tmp_path / "defs", files(receiver))
    async with house(tmp_path, temporal_client, project) as world:
        await world.event("quote.started", amount=900)
        assert await ending(world) == "nobody"
        assert any(why in line.text for line in await world.timeline())


async def test_a_run_survives_a_worker_that_stops_while_its_connector_is_down(
    tmp_path: Path, temporal_client: Client, receiver: Receiver
) -> None:
    receiver.always(refuse(500))
    project, queue = project_of(tmp_path / "defs", files(receiver)), "stops-and-starts"
    async with house(tmp_path, temporal_client, project, task_queue=queue, cache=0) as world:
        await world.event("quote.started", amount=900)
        at, time = world.clock.at, world.time
    receiver.always(page(b'{"seats": 9}'))
    async with house(tmp_path, temporal_client, project, task_queue=queue, cache=0, begin=at) as again:
        again.time = time
        await again.pass_time(CALM)
        assert await ending(again) == "found"


async def test_a_connector_that_vanished_parks_the_run_and_it_goes_on_after_repair(
    tmp_path: Path, temporal_client: Client, receiver: Receiver
) -> None:
    project, queue = project_of(tmp_path / "defs", files(receiver)), "repaired"
    broken = replace(project, vocabulary=replace(project.vocabulary, connectors={}))
    async with house(tmp_path, temporal_client, broken, task_queue=queue, cache=0) as world:
        await world.event("quote.started", amount=900)
        (run,) = await world.runs()
        assert (run.state, run.step) == ("open", "route")
        lines = [line.text for line in await world.timeline() if line.kind == "needs_attention"]
        assert lines == ["the vocabulary has no connector router: declare it, restart the worker"]
        at, time = world.clock.at, world.time
    async with house(tmp_path, temporal_client, project, task_queue=queue, cache=0, begin=at) as again:
        again.time = time
        await again.pass_time(timedelta(minutes=16))
        assert await ending(again) == "found"


def test_a_worker_whose_secret_is_missing_does_not_start(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_of(tmp_path / "defs", files(receiver))
    monkeypatch.delenv("ROUTER_KEY")
    with pytest.raises(SettingsError, match="ROUTER_KEY is not set, and routing would ask it"):
        refuse_unsigned(project, read_secrets(project))
    (tmp_path / "key").write_text("hunter2\n")
    monkeypatch.setenv("ROUTER_KEY_FILE", str(tmp_path / "key"))
    secrets = read_secrets(project)
    assert secrets["ROUTER_KEY"].get_secret_value() == "hunter2"
    assert "hunter2" not in repr(secrets)

"""What the page is answered: mistakes, drawings, stories, drafts, versions."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from httpx import Response

from language.compiled import load
from model.records import PublishedJourney
from store import Tx
from tests.api.conftest import Served
from tests.store.making import make_lead, new_enrolment

pytestmark = pytest.mark.asyncio(loop_scope="session")

FILE, TESTS = "welcome_drip.yaml", "welcome_drip.test.yaml"
Texts = dict[str, str]


def texts(journeys: Path, *changes: tuple[str, str]) -> Texts:
    text = (journeys / FILE).read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return {FILE: text}


async def ask(api: Served, what: str, sent: Texts, **more: object) -> Response:
    return await api.client.post(f"/studio/api/{what}", json={"file": FILE, "texts": sent, **more})


async def test_check_says_what_the_command_says_and_draws_what_is_sound(api: Served, journeys: Path) -> None:
    good = (await ask(api, "check", texts(journeys))).json()
    assert (good["journey"], good["version"], good["problems"]) == ("welcome_drip", 1, [])
    assert 'data-step="last_words"' in good["svg"]
    assert {"step": "welcome", "line": 16} in good["steps"]
    assert good["work"][0]["name"] == "intro_call"
    bad = (await ask(api, "check", texts(journeys, ("email: last_words", "email: last_wrods")))).json()
    (problem,) = bad["problems"]
    assert (problem["code"], problem["suggestion"]) == ("J012", "did you mean `last_words`?")
    assert bad["svg"] is None


async def test_a_mistake_in_the_scenarios_is_told_with_their_file(api: Served, journeys: Path) -> None:
    scenarios = (journeys / TESTS).read_text("utf-8").replace("day 0 email welcome", "day 0 email welcmoe")
    found = (await ask(api, "check", {**texts(journeys), TESTS: scenarios})).json()
    assert {problem["file"] for problem in found["problems"]} == {TESTS}
    assert found["svg"] is not None


async def test_files_on_disk_are_read_again_when_they_change(api: Served, journeys: Path) -> None:
    sent = texts(journeys, ("purchase.completed", "sofa.bought"))
    assert (await ask(api, "check", sent)).json()["problems"]
    vocabulary = journeys / "vocabulary.yaml"
    text = vocabulary.read_text("utf-8")
    vocabulary.write_text(text.replace("events:\n", "events:\n  sofa.bought: {amount: number}\n", 1), "utf-8")
    assert (await ask(api, "check", sent)).json()["problems"] == []


async def test_other_requests_are_answered_while_texts_are_checked(api: Served) -> None:
    checks = [asyncio.create_task(ask(api, "check", steps(400))) for _ in range(4)]
    await asyncio.sleep(0)
    assert (await api.client.get("/livez")).status_code == 200
    assert not all(check.done() for check in checks)
    assert {answer.status_code for answer in await asyncio.gather(*checks)} == {200}


async def test_a_journey_of_thousands_of_steps_is_checked_and_not_drawn(api: Served) -> None:
    found = (await ask(api, "check", steps(2000))).json()
    assert (found["problems"], found["sound"], found["svg"], len(found["steps"])) == ([], True, None, 2000)


def steps(count: int) -> Texts:
    """Makes a journey of so many waits."""
    waits = "  - wait: 1 hour\n" * count
    return {FILE: f"journey: welcome_drip\nversion: 1\nstart: {{by: request}}\nsteps:\n{waits}"}


async def test_a_lead_is_played_with_the_line_of_each_step(api: Served, journeys: Path) -> None:
    lead = {"score": 75, "phone": "+34600111222", "consent": {"email": True, "sms": True, "call": True}}
    events = [{"at": "2 days 1 hour", "call": "intro_call", "outcome": "interested"}]
    played = (await ask(api, "simulate", texts(journeys), lead=lead, events=events)).json()
    assert played["story"]["ending"] == "qualified"
    lines = {(one["kind"], one["text"]): one["line"] for one in played["story"]["log"]}
    assert lines["email", "welcome"] == 16
    assert lines["call", "intro_call"] == 20
    assert lines["entered", "by lead.created"] == 6


async def test_the_first_event_sets_the_beginning(api: Served, journeys: Path) -> None:
    events = [{"event": "lead.created", "at": "2026-03-02 at 9:30"}]
    played = (await ask(api, "simulate", texts(journeys), lead={}, events=events)).json()
    assert played["story"]["log"][0]["at"] == "2026-03-02T09:30:00+01:00"


async def test_what_is_wrong_with_a_lead_is_told_at_its_event(api: Served, journeys: Path) -> None:
    events = [{"at": "2 days", "event": "purchase.completed"}, {"at": "soon", "event": "purchase.complete"}]
    played = (await ask(api, "simulate", texts(journeys), lead={"scor": 1}, events=events)).json()
    assert played["story"] is None
    assert {fault["event"] for fault in played["faults"]} == {None, 1}
    assert any("score" in (fault["suggestion"] or "") for fault in played["faults"])


async def test_no_attribute_becomes_yaml(api: Served, journeys: Path) -> None:
    lead = {"first_name": "x\n  score: 99}\nscenarios: []", "email": "a: b # c"}
    played = (await ask(api, "simulate", texts(journeys), lead=lead)).json()
    assert played["faults"] == []
    assert "not: lead.score >= 70" in str(played["story"]["log"])


async def test_scenarios_are_played_with_the_text_that_is_being_written(api: Served, journeys: Path) -> None:
    good = (await ask(api, "scenarios", texts(journeys))).json()
    assert good["scenarios"]
    assert all(one["passed"] for one in good["scenarios"])
    assert good["coverage"] == 100
    later = (await ask(api, "scenarios", texts(journeys, ("wait: 2 days", "wait: 3 days")))).json()
    failed = [one for one in later["scenarios"] if not one["passed"]]
    assert any("expected `day 2 " in one["difference"] for one in failed)
    assert all(one["line"] > 0 for one in failed)
    assert failed[0]["story"]["log"]
    assert failed[0]["lead"]["consent"]


async def test_a_draft_is_kept_for_its_owner_and_no_file_is_touched(api: Served, journeys: Path) -> None:
    before = (journeys / FILE).read_bytes()
    sent = {"file": FILE, "text": "journey: mine\n", "read": 0, "base": "b"}
    saved = (await api.client.put("/studio/api/draft", json=sent)).json()
    assert saved["revision"] == 1
    assert (journeys / FILE).read_bytes() == before
    mine = (await api.client.get("/studio/api/document", params={"file": FILE})).json()
    assert (mine["draft_text"], mine["text"]) == ("journey: mine\n", before.decode())
    theirs = await api.keyed("journeys:read", "journeys:write", source="luis")
    seen = (await api.client.get("/studio/api/document", params={"file": FILE}, headers=theirs)).json()
    assert (seen["draft_text"], [one["owner"] for one in seen["others"]]) == (None, ["crm"])
    own = await api.client.put("/studio/api/draft", json={**sent, "text": "journey: luis\n"}, headers=theirs)
    assert own.json()["revision"] == 1
    again = (await api.client.get("/studio/api/document", params={"file": FILE})).json()
    assert again["draft_text"] == "journey: mine\n"


async def test_two_windows_never_write_over_each_other_unseen(api: Served) -> None:
    sent = {"file": "new.yaml", "text": "a", "read": 0, "base": ""}
    assert (await api.client.put("/studio/api/draft", json=sent)).json()["revision"] == 1
    assert (await api.client.put("/studio/api/draft", json={**sent, "read": 1})).json()["revision"] == 2
    for late in (0, 1, 7):
        answer = await api.client.put("/studio/api/draft", json={**sent, "text": "late", "read": late})
        assert (answer.status_code, answer.json()["code"], answer.json()["revision"]) == (
            409,
            "draft_conflict",
            2,
        )
    stale = await api.client.post("/studio/api/draft:drop", json={"file": "new.yaml", "read": 1})
    assert stale.json()["code"] == "draft_conflict"
    assert (
        await api.client.post("/studio/api/draft:drop", json={"file": "new.yaml", "read": 2})
    ).status_code == 204
    assert (await api.client.get("/studio/api/document", params={"file": "new.yaml"})).status_code == 404


async def test_publishing_shows_changes_and_who_is_inside_first(api: Served, journeys: Path) -> None:
    first = (await ask(api, "publish:preview", texts(journeys))).json()
    assert (first["state"], first["before"], first["changes"]) == ("published", None, [])
    assert (await ask(api, "publish", texts(journeys), before=None)).json()["state"] == "published"
    async with api.house.store.begin() as tx:
        await _a_run(tx)
    second = texts(journeys, ("wait: 2 days", "wait: 3 days"), ("version: 1", "version: 2"))
    plan = (await ask(api, "publish:preview", second)).json()
    assert (plan["before"], plan["version"], plan["stay"]) == (1, 2, {"1": 1})
    assert plan["changes"] == ["the wait after `welcome`: 2 days -> 3 days"]
    assert (await ask(api, "publish", second, before=1)).json()["state"] == "published"
    found = await _latest(api)
    assert (found.version, found.source) == (2, second[FILE])
    assert load(found.compiled).version == 2
    async with api.house.store.read() as tx:
        (*_, entry) = (await tx.audit.list()).items
    assert (entry.action, entry.target, entry.key_id is not None) == (
        "journey.publish",
        "welcome_drip/2",
        True,
    )


async def test_what_check_refuses_is_not_published(api: Served, journeys: Path) -> None:
    wrong = texts(journeys, ("email: last_words", "email: last_wrods"))
    plan = (await ask(api, "publish:preview", wrong)).json()
    assert (plan["state"], "J012" in {one["code"] for one in plan["problems"]}) == ("refused", True)
    answer = await ask(api, "publish", wrong, before=None)
    assert (answer.status_code, answer.json()["code"]) == (409, "journey_refused")
    scenarios = {**texts(journeys), TESTS: "journey: welcome_drip\nscenarios: [{name: x}]\n"}
    assert (await ask(api, "publish", scenarios, before=None)).status_code == 409
    (journeys / "vocabulary.yaml").write_text("events: 3\n", "utf-8")
    assert (await ask(api, "publish", texts(journeys), before=None)).status_code == 409
    async with api.house.store.read() as tx:
        assert await tx.journeys.all_latest() == ()


async def test_the_same_version_with_other_content_is_refused_with_the_free_number(
    api: Served, journeys: Path
) -> None:
    await ask(api, "publish", texts(journeys), before=None)
    plan = (await ask(api, "publish:preview", texts(journeys, ("wait: 2 days", "wait: 3 days")))).json()
    assert (plan["state"], plan["free"], plan["problems"]) == ("refused", 2, [])
    same = (await ask(api, "publish:preview", texts(journeys))).json()
    assert same["state"] == "unchanged"


async def test_a_version_published_since_the_look_stops_the_publishing(api: Served, journeys: Path) -> None:
    await ask(api, "publish", texts(journeys), before=None)
    late = texts(journeys, ("wait: 2 days", "wait: 3 days"), ("version: 1", "version: 2"))
    answer = await ask(api, "publish", late, before=None)
    assert (answer.status_code, answer.json()["code"]) == (409, "published_meanwhile")
    assert (await _latest(api)).version == 1


async def test_publishing_ends_the_draft_and_the_published_text_is_what_opens(
    api: Served, journeys: Path
) -> None:
    second = texts(journeys, ("version: 1", "version: 2"))
    sent = {"file": FILE, "text": second[FILE], "read": 0, "base": ""}
    await api.client.put("/studio/api/draft", json=sent)
    await ask(api, "publish", second, before=None)
    opened = (await api.client.get("/studio/api/document", params={"file": FILE})).json()
    assert (opened["draft"], opened["published"], opened["published_text"]) == (None, 2, second[FILE])
    listed = (await api.client.get("/studio/api/project")).json()["files"]
    here = next(one for one in listed if one["file"] == FILE)
    assert (here["version"], here["published"], here["draft"], here["on_disk"]) == (1, 2, None, True)


async def test_a_project_that_is_not_there_is_told_as_such(api: Served, journeys: Path) -> None:
    shutil.rmtree(journeys)
    answer = await api.client.get("/studio/api/project")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_project")


async def _latest(api: Served) -> PublishedJourney:
    async with api.house.store.read() as tx:
        found = await tx.journeys.latest("welcome_drip")
    assert found is not None
    return found


async def _a_run(tx: Tx) -> None:
    lead = await make_lead(tx)
    await tx.enrolments.open(replace(new_enrolment(lead.id), journey="welcome_drip"))

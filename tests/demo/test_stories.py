"""Both stories of Luis Pérez on the real system, judged by what its API tells."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from rich.console import Console

from runtime.connect import connect_within
from runtime.demo.house import Entry, House, Message
from runtime.demo.pace import Pace
from runtime.demo.player import PlayFailed
from runtime.demo.prepare import prepare
from runtime.demo.script import Script, read
from runtime.demo.show import STORY
from runtime.demo.stage import Stage
from runtime.demo.system import own_settings, running, unset_environment
from runtime.demo.watcher import Totals
from runtime.up import ROOT, base_url
from runtime.virtual_time import VirtualTime

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


@dataclass
class Theatre:
    """A system on which stories are played one after the other; time goes on."""

    house: House
    virtual: VirtualTime
    console: Console
    totals: list[Totals]

    async def play(self, script: Script) -> list[Totals]:
        """Plays and tells a script."""
        pace = Pace(script.begins, self.house, self.virtual)
        return await Stage(self.console, script, self.house, pace).play()

    async def lead_id(self, external_id: str) -> str:
        """Finds a lead."""
        lead = await self.house.find_lead({"external_id": external_id})
        assert lead is not None
        return lead.id

    async def timeline(self, external_id: str) -> list[Entry]:
        """Reads a lead's timeline."""
        return await self.house.timeline(await self.lead_id(external_id))

    async def messages(self, external_id: str) -> list[Message]:
        """Reads what was sent to a lead."""
        lead_id = await self.lead_id(external_id)
        return [message for message in await self.house.outbox() if message.lead_id == lead_id]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theatre(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Theatre]:
    """A system that has lived the shipped file."""
    script = read(STORY)
    with unset_environment():
        settings = own_settings(tmp_path_factory.mktemp("demo"), ROOT / "journey_defs")
        key = await prepare(settings, script.begins)
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            running(settings),
            httpx.AsyncClient(
                base_url=base_url(settings), headers=headers, timeout=15, trust_env=False
            ) as http,
        ):
            virtual = VirtualTime(await connect_within(settings))
            made = Theatre(House(http), virtual, Console(record=True, width=120, quiet=False), [])
            made.totals = await made.play(script)
            yield made


VISIT = {"who": "dealer", "event": "visit.registered", "by": ["external_id", "phone"]}
LUIS, OTHER = "crm-8812", "crm-8813"


async def test_he_buys_and_hears_from_us_six_times(theatre: Theatre) -> None:
    sent = await theatre.messages(LUIS)
    assert [(f"{one.at:%Y-%m-%d}", one.template) for one in sent] == [
        ("2026-11-12", "satisfaction_survey"),
        ("2027-02-13", "quote_received"),
        ("2027-02-15", "appointment_confirmed"),
        ("2027-02-18", "your_offer"),
        ("2027-02-26", "thank_you"),
        ("2027-03-26", "how_is_the_car"),
    ]
    assert all("Luis" in (one.text or "") for one in sent)


async def test_he_does_not_buy_and_is_asked_what_was_missing(theatre: Theatre) -> None:
    sent = [one.template for one in await theatre.messages(OTHER)]
    assert sent[-2:] == ["your_offer", "what_was_missing"]


async def test_nobody_writes_to_him_while_he_rests(theatre: Theatre) -> None:
    days = [one.at.date().isoformat() for one in await theatre.messages(LUIS)]
    assert not [day for day in days if "2026-11-13" <= day < "2027-02-13"]


async def test_people_worked_in_order_and_within_hours(theatre: Theatre) -> None:
    done = {name: await _done(theatre, name) for name in (LUIS, OTHER)}
    assert done[LUIS] == [
        ("after_the_visit", "not_ready"),
        ("confirm_interest", "buys_within_a_month"),
        ("appointment", "appointment"),
    ]
    assert done[OTHER] == [*done[LUIS], ("win_back", "not_interested")]
    tasks = await theatre.house.tasks(await theatre.lead_id(LUIS))
    (call,) = [task for task in tasks if task.name == "confirm_interest"]
    assert f"{call.ready_at:%a %H:%M}" == "Mon 08:00", "asked on a Saturday, called when the operators open"


async def test_the_score_crosses_with_the_quote_and_says_why(theatre: Theatre) -> None:
    scores = [entry for entry in await theatre.timeline(LUIS) if entry.kind == "score"]
    (crossing,) = [
        one for one in scores if "sales_ready" in one.text and "sales_ready" not in _before(scores, one)
    ]
    assert f"{crossing.at:%Y-%m-%d %H:%M}" == "2027-02-13 09:40"
    assert "Asked for a quote; Configured a car; Reads model pages" in crossing.text


async def test_each_story_ends_once_and_tells_the_scorer(theatre: Theatre) -> None:
    endings = {}
    for name in (LUIS, OTHER):
        lines = await theatre.timeline(name)
        endings[name] = [entry.data["ending"] for entry in lines if entry.kind == "ending"]
    assert endings == {LUIS: ["bought"], OTHER: ["lost"]}
    assert [totals.outcomes[-1] for totals in theatre.totals] == ["sale", "lost"]


async def test_what_is_told_is_what_the_api_has(theatre: Theatre) -> None:
    told = theatre.console.export_text(clear=False)
    for message in [*await theatre.messages(LUIS), *(await theatre.messages(OTHER))[-1:]]:
        assert message.subject is not None
        assert f"email to {message.to} · {message.subject}" in told
    assert "Thursday 12 November 2026" in told
    assert "Nobody is called on a weekend" in told
    assert told.index("dealer_lead ended: bought (won)") < told.index("The other ending")


async def test_a_task_that_never_comes_is_a_failure_that_names_the_line(
    theatre: Theatre, tmp_path: Path
) -> None:
    visit = {**VISIT, "at": "2027-06-01T11:00"}
    call = {"at": "2027-06-01T12:00", "who": "anna", "task": "win_back", "queue": "operators", "outcome": "x"}
    path = _file(tmp_path, "crm-1", visit, call)
    with pytest.raises(PlayFailed) as failed:
        await theatre.play(read(path))
    assert str(failed.value).startswith(f"{path}:3: no task win_back can be claimed in the queue operators")
    assert "after_the_visit in dealers: ready" in str(failed.value)
    assert "dealer_lead is at after_the_visit" in str(failed.value)


async def test_an_event_that_the_api_refuses_is_a_failure_that_names_the_line(
    theatre: Theatre, tmp_path: Path
) -> None:
    path = _file(tmp_path, "crm-2", {"at": "2027-06-02T11:00", "who": "web", "event": "score.changed"})
    with pytest.raises(PlayFailed, match=r"story.jsonl:2: POST /v1/events: 422"):
        await theatre.play(read(path))


async def test_another_ending_than_the_files_is_a_failure(theatre: Theatre, tmp_path: Path) -> None:
    visit = {**VISIT, "at": "2027-06-03T11:00"}
    leaves = {
        "at": "2027-06-03T12:00", "who": "web", "event": "lead.unsubscribed",
        "properties": {"channel": "all", "scope": "all"},
    }  # fmt: skip
    path = _file(tmp_path, "crm-3", visit, leaves)
    with pytest.raises(PlayFailed, match="should end as bought, but dealer_lead ended as unsubscribed"):
        await theatre.play(read(path))


async def _done(theatre: Theatre, name: str) -> list[tuple[str, str | None]]:
    tasks = await theatre.house.tasks(await theatre.lead_id(name))
    return [(task.name, task.outcome) for task in tasks if task.state == "completed"]


def _before(scores: list[Entry], one: Entry) -> str:
    place = scores.index(one)
    return scores[place - 1].text if place else ""


def _file(folder: Path, external_id: str, *acts: Mapping[str, object]) -> Path:
    phone = f"+34600111{ord(external_id[-1]):03}"
    cast = {
        "cast": external_id, "title": "A story", "lead": {"external_id": external_id, "phone": phone},
        "ends": {"journey": "dealer_lead", "ending": "bought"},
    }  # fmt: skip
    path = folder / "story.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in (cast, *acts)))
    return path

"""An outside scorer takes the rules' place: asked after the commit, waited for at a branch, replaced where
it fails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue
from temporalio.client import Client

from channels.scorer import ScorerClient, ScorerSettings
from tests.house import House, house, project_of
from tests.scoring.servers import Asked, Reply, serving
from tests.workflows.test_journey import PROJECT

SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"


class OutsideScorer:
    """Answers every question with the same points and tier, and keeps the outcomes it is told."""

    def __init__(self, **changes: JsonValue) -> None:
        self._changes = changes
        self.outcomes: list[dict[str, JsonValue]] = []

    def __call__(self, asked: Asked) -> Reply:
        body = json.loads(asked.body)
        if asked.path == "/v1/outcomes":
            self.outcomes += body["outcomes"]
            return Reply(202, json.dumps({"accepted": len(body["outcomes"]), "duplicates": 0}).encode())
        answer: dict[str, JsonValue] = {
            "score_id": f"s-{body['request_id']}",
            "request_id": body["request_id"],
            "model": {"id": "outside", "version": 1, "kind": "http", "label": "sale_90d"},
            "p": 0.6,
            "points": 61.0,
            "tier": "T2",
        }
        return Reply(200, json.dumps(answer | self._changes).encode())


@asynccontextmanager
async def scored_by(url: str, folder: Path, client: Client) -> AsyncIterator[House]:
    """Opens a house whose leads are scored at `url`."""
    project = project_of(folder / "defs", PROJECT)
    settings = ScorerSettings(url, SECRET, tiers=frozenset({"T1", "T2", "T3"}), timeout=0.5, tries=1)
    async with (
        ScorerClient(settings) as scorer,
        house(folder, client, project, scorer=scorer, scorer_url=url) as world,
    ):
        yield world


async def score_of(world: House) -> tuple[float | None, str | None]:
    async with world.store.read() as tx:
        lead = await tx.leads.find_by("email", "luis@example.com")
    assert lead is not None
    return lead.score, lead.tier


async def test_the_outside_scorers_word_is_the_score(tmp_path: Path, temporal_client: Client) -> None:
    with serving(OutsideScorer()) as url:
        async with scored_by(url, tmp_path, temporal_client) as world:
            await world.event("interest.shown")
            assert await score_of(world) == (61.0, "T2")
            assert any("by the scorer" in line.text for line in await world.timeline())


@pytest.mark.parametrize("wrong", [{"p": 1.7}, {"tier": "T9"}, {"surprise": 1}])
async def test_where_it_answers_wrongly_the_rules_answer_and_say_so(
    wrong: dict[str, JsonValue], tmp_path: Path, temporal_client: Client
) -> None:
    with serving(OutsideScorer(**wrong)) as url:
        async with scored_by(url, tmp_path, temporal_client) as world:
            await world.event("interest.shown")
            assert (await score_of(world))[0] == 80.0, "one strong interest by the rules"
            assert any("by the rules, for the scorer" in line.text for line in await world.timeline())


async def test_a_scorer_that_is_away_holds_no_run_up(tmp_path: Path, temporal_client: Client) -> None:
    async with scored_by("http://127.0.0.1:9", tmp_path, temporal_client) as world:
        await world.event("lead.updated", first_name="Luis", language="en", phone="+34600111222")
        await world.event("trial.started", plan="basic")
        await world.event("interest.shown")
        await world.pass_time(timedelta(days=2, minutes=1))
        async with world.store.read() as tx:
            (task,) = (await tx.tasks.list(world.clock.at)).items
        assert task.name == "intro", "the branch on the score was taken by the rules' word"


async def test_an_outcome_is_told_once_the_scorer_is_back(tmp_path: Path, temporal_client: Client) -> None:
    outside = OutsideScorer()
    with serving(outside) as url:
        async with scored_by(url, tmp_path, temporal_client) as world:
            await world.event("trial.started", plan="basic")
            await world.event("trial.bought", plan="basic")
            assert await world.intake.report_outcomes() == 1
            assert await world.intake.report_outcomes() == 0
            (told,) = outside.outcomes
            assert (told["type"], told["label"]) == ("sale", 1)
            assert "luis" not in json.dumps(told).lower()

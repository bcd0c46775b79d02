"""The API process: the application with its intake and scorer, as uvicorn starts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from temporalio.client import Client

from api.app import create_app as make_app
from api.ports import House
from channels.scorer import ScorerClient, ScorerSettings
from intake.rules_scorer import RulesScorer
from intake.score import Scoring
from intake.service import Intake
from model.clock import Clock
from model.scoring import Scorer
from runtime import wiring
from runtime.nudge import hearing
from runtime.project import Project, load_project
from scoring.rules import RuleModel
from settings import Settings, load
from store import Store

Connect = Callable[[], Awaitable[Client]]


class NudgedIntake:
    """The intake, also woken by the worker's nudges."""

    def __init__(self, settings: Settings, intake: Intake) -> None:
        self._settings = settings
        self._intake = intake

    async def run(self) -> None:
        """Works until cancelled."""
        async with hearing(self._settings.data_dir, self._intake.wake):
            await self._intake.run()

    def wake(self) -> None:
        """Says that something was committed."""
        self._intake.wake()


def outside_scorer(settings: Settings, rules: RuleModel) -> Scorer | None:
    """Gives the client of the outside scorer, None where the rules are all there is."""
    if settings.scorer_url is None:
        return None
    return ScorerClient(
        ScorerSettings(
            url=settings.scorer_url,
            secret=settings.scorer_secret.get_secret_value() if settings.scorer_secret else "",
            tiers=frozenset(tier.name for tier in rules.tiers),
            timeout=settings.scorer_timeout,
        )
    )


def make_intake(
    settings: Settings, project: Project, store: Store, clock: Clock, connect: Connect
) -> NudgedIntake:
    """Makes the intake of this process."""
    scorer = outside_scorer(settings, project.sound_rules())
    return NudgedIntake(settings, wiring.intake(settings, store, project, clock, connect, scorer))


def create_app(settings: Settings | None = None) -> FastAPI:
    """Makes the whole application from the environment; raises ProjectBroken, SettingsError."""
    known = settings or load()
    project = load_project(known.journeys_dir)

    def intake(house: House) -> NudgedIntake:
        house.scorer = RulesScorer(house.store, Scoring(project.sound_rules()))
        return make_intake(known, project, house.store, house.clock, house.runs.client)

    return make_app(known, vocabulary=project.vocabulary, make_intake=intake)

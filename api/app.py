"""The API as one application: what it stands on, its routes, and the intake that runs beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api import (
    audiences,
    enrolments,
    events,
    figures,
    health,
    journeys,
    leads,
    moving,
    reference,
    scans,
    scorer,
    sending,
    tasks,
    things,
    time,
)
from api.middleware import AccessLog, BodyLimit
from api.openapi import document
from api.ports import House, Intake, wall
from api.problems import Fault, on_http_exception, on_validation_error, problem_response
from api.studio import pages as studio_pages
from api.studio import routes as studio
from api.temporal import Runs
from language.vocabulary import Vocabulary
from model.clock import Clock, ManualClock, SystemClock
from model.scoring import Scorer
from runtime.logs import configure
from runtime.project import ProjectMissing
from settings import Settings, load
from store import Store
from store.errors import BadCursor

MakeIntake = Callable[[House], Intake]
KEPT: Final = timedelta(days=2)
RESTART_AFTER: Final = 1.0
"""Seconds until an intake that broke is started again."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger("api")


def create_app(
    settings: Settings | None = None,
    *,
    vocabulary: Vocabulary | None = None,
    rules: Scorer | None = None,
    make_intake: MakeIntake | None = None,
) -> FastAPI:
    """Makes the application; its lifespan migrates the store and runs the intake that `make_intake` makes.

    Without one, events wait for another process's intake; without `vocabulary` the types of their fields are
    not checked. `rules` answers `/v1/score`. Temporal may be away.
    """
    known = settings or load()
    configure(known)
    store = Store.open(known.database_url)
    clock: Clock = ManualClock(datetime.now(UTC)) if known.clock == "manual" else SystemClock()
    house = House(known, store, clock, Runs(known), vocabulary=vocabulary, scorer=rules)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with _open(house, make_intake):
            yield

    app = FastAPI(
        title="Cauce", version="1", lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.house, app.state.keys = house, {}
    _equip(app)
    return app


@asynccontextmanager
async def _open(house: House, make_intake: MakeIntake | None) -> AsyncIterator[None]:
    await house.store.migrate()
    house.migrated = True
    await _set_clock(house)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(house.store.close)
        await stack.enter_async_context(_beside(_forget_old_answers(house.store)))
        if make_intake is not None:
            house.intake = make_intake(house)
            await stack.enter_async_context(_at_work(house, house.intake))
        yield


@asynccontextmanager
async def _at_work(house: House, intake: Intake) -> AsyncIterator[None]:
    """Runs the intake while the block lasts."""
    async with _beside(_keep_running(intake)) as task:
        house.intake_task = task
        yield


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Runs something beside the block, and ends it with the block."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _forget_old_answers(store: Store) -> None:
    """Drops answers kept under an `Idempotency-Key` after two days."""
    while True:
        try:
            async with store.begin() as tx:
                await tx.idempotency.forget_before(wall() - KEPT)
        except Exception as error:  # noqa: BLE001 - the next hour tries again
            _log.warning("old answers are kept", error=type(error).__name__)
        await asyncio.sleep(3600)


async def _set_clock(house: House) -> None:
    """Gives a clock that is set by hand the instant it had before, or keeps its first one."""
    if isinstance(house.clock, ManualClock):
        async with house.store.begin() as tx:
            kept = await tx.clock.get()
            if kept is None:
                await tx.clock.set(house.clock.now())
            else:
                house.clock.set(kept)


async def _keep_running(intake: Intake) -> None:
    while True:
        try:
            await intake.run()
        except Exception as error:  # noqa: BLE001 - whatever broke it, events must go on being applied
            _log.error("intake broke, starting again", error=type(error).__name__)
        await asyncio.sleep(RESTART_AFTER)


def _equip(app: FastAPI) -> None:
    people = (events, leads, things, audiences)
    rooms = (*people, journeys, moving, figures, scans, enrolments, tasks, sending, scorer, time, health)
    for room in (*rooms, reference, studio, studio_pages):
        app.include_router(room.routes)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(BadCursor, _on_bad_cursor)
    app.add_exception_handler(ProjectMissing, _on_project_missing)
    app.add_middleware(BodyLimit)
    app.add_middleware(AccessLog)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]


async def _on_bad_cursor(_: Request, __: Exception) -> JSONResponse:
    fault = Fault(parameter="cursor", message="is no cursor of this list; begin without one")
    return problem_response("invalid_request", errors=[fault])


async def _on_project_missing(_: Request, __: Exception) -> JSONResponse:
    return problem_response("no_project", "Set CAUCE_JOURNEYS_DIR to the folder of journeys and restart.")

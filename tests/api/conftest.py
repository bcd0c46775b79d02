"""A real server on a free port, with a real SQLite file, and clients that hold keys."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import uvicorn

from api.app import MakeIntake, create_app
from api.keys import SCOPES, make_key
from api.ports import House
from language.builtin import EVENTS, LEAD_FIELDS
from language.schema import FieldType
from language.vocabulary import Outcome, Queue, Thing, Vocabulary
from model.clock import ManualClock
from model.time import Hours
from settings import Settings
from store import Store

NOW = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)

QUEUE = Queue(
    "inside_sales",
    Hours((0, 1, 2, 3, 4), 540, 1140),
    {
        "confirmed": Outcome("confirmed", "Confirmed", "reached"),
        "no_answer": Outcome("no_answer", "No answer", "retry"),
        "call_later": Outcome("call_later", "Call later", "callback"),
        "expired": Outcome("expired", "Expired"),
    },
    "Inside sales",
)
VOCABULARY = Vocabulary(
    lead={**LEAD_FIELDS, "interests": FieldType("list", "text"), "last_login_at": FieldType("time")},
    account={"industry": FieldType("text")},
    events={
        **EVENTS,
        "dealer.visited": {
            "model": FieldType("text"),
            "visits": FieldType("number"),
            "on": FieldType("date"),
        },
    },
    queues={"inside_sales": QUEUE},
    things={
        "policy": Thing(
            "policy",
            "policy_id",
            {
                "policy_id": FieldType("text"),
                "status": FieldType("text", values=("active", "lapsed")),
                "expires_on": FieldType("date"),
            },
        ),
        "car": Thing("car", "number", {"number": FieldType("number"), "model": FieldType("text")}),
    },
)


@dataclass(frozen=True, slots=True)
class Served:
    """A running API: where it listens, what it stands on, a client that may do everything."""

    url: str
    house: House
    client: httpx.AsyncClient

    async def keyed(self, *scopes: str, source: str = "other") -> dict[str, str]:
        """Makes a key and gives its header."""
        made = make_key("test", source, scopes, NOW)
        async with self.house.store.begin() as tx:
            await tx.keys.add(made.record)
        return {"Authorization": f"Bearer {made.text}"}


@asynccontextmanager
async def serving(
    folder: Path, make_intake: MakeIntake | None = None, **changes: object
) -> AsyncIterator[Served]:
    """Runs an API in this loop, without intake unless given; Temporal is not there unless named."""
    values = {"data_dir": folder, "clock": "manual", "temporal_address": "127.0.0.1:9", **changes}
    app = create_app(Settings.model_validate(values), vocabulary=VOCABULARY, make_intake=make_intake)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    house = app.state.house
    if isinstance(house.clock, ManualClock):
        house.clock.set(NOW)
    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as client:
        served = Served(url, house, client)
        client.headers.update(await served.keyed(*SCOPES, source="crm"))
        try:
            yield served
        finally:
            await client.aclose()
            server.should_exit = True
            await running


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy, which is faster than migrating for each test."""
    file = tmp_path_factory.mktemp("empty") / "cauce.db"

    async def make() -> None:
        store = Store.open(f"sqlite+aiosqlite:///{file}")
        await store.migrate()
        await store.close()

    asyncio.run(make())
    return file


@pytest.fixture
async def api(tmp_path: Path, empty_database: Path) -> AsyncIterator[Served]:
    """An API whose store is empty."""
    shutil.copy(empty_database, tmp_path / "cauce.db")
    async with serving(tmp_path) as served:
        yield served

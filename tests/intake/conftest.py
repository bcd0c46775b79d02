"""The intake's tests run on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.house import House, house, project_of
from tests.workflows.test_journey import PROJECT


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: a SQLite file, or a real PostgreSQL."""
    fixture = "sqlite_url" if request.param == "sqlite" else "fresh_postgres_url"
    url = request.getfixturevalue(fixture)
    assert isinstance(url, str)
    return url


@pytest.fixture
async def world(tmp_path: Path, temporal_client: Client, database: str) -> AsyncIterator[House]:
    """A house on either database with the journey `trial`."""
    project = project_of(tmp_path / "defs", PROJECT)
    async with house(tmp_path, temporal_client, project, url=database) as opened:
        yield opened

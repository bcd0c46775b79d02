"""The desk that the tests of messages send from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.activities.desk import Desk
from tests.activities.desk import desk as opened


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A lead, a store, a provider."""
    async with opened(tmp_path) as found:
        yield found

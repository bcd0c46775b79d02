"""The requests in the guides are sent as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.api.conftest import Served
from tests.api.making import a_task

DOCS = Path(__file__).resolve().parents[2] / "docs"
REQUEST = re.compile(r"```http\n(GET|POST|PUT) (\S+)\n(?:\n(.*?))?```", re.DOTALL)


@pytest.mark.parametrize("guide", ["events.md", "tasks.md"])
async def test_the_guides_requests_work_in_their_order(api: Served, guide: str) -> None:
    await a_task(api.house.store)
    requests = REQUEST.findall((DOCS / guide).read_text(encoding="utf-8"))
    assert requests
    for method, path, body in requests:
        answer = await api.client.request(
            method, path, content=body or None, headers={"Content-Type": "application/json"}
        )
        assert answer.is_success, (method, path, answer.text)


async def test_the_reference_shows_every_operation_and_loads_nothing(api: Served) -> None:
    page = await api.client.get("/docs", headers={"Authorization": ""})
    assert page.status_code == 200
    document = (await api.client.get("/openapi.json")).json()
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page.text
    assert not re.search(r"<(script|link|img)|@import|url\(", page.text)

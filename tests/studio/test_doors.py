"""What Studio serves without a key, what it asks one for, and what no text gets past."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
from fastapi.routing import APIRoute

from api.studio.routes import routes
from tests.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "journey: welcome_drip\nversion: 1\n"
BODY = {"file": "welcome_drip.yaml", "texts": {"welcome_drip.yaml": TEXT}}


async def test_the_page_allows_its_own_scripts_alone_and_is_never_framed(api: Served) -> None:
    page = await api.client.get("/studio", headers={"Authorization": ""})
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=", page.text)
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce
    assert nonce[1] in page.text
    again = await api.client.get("/studio", headers={"Authorization": ""})
    assert nonce[1] not in again.text


async def test_what_the_page_loads_is_there_and_only_that(api: Served) -> None:
    page = (await api.client.get("/studio")).text
    for place in re.findall(r'(?:src|href)="(studio/[^"]+)"', page):
        found = await api.client.get(f"/{place}", headers={"Authorization": ""})
        assert (found.status_code, found.headers["X-Content-Type-Options"]) == (200, "nosniff")
        again = await api.client.get(f"/{place}", headers={"If-None-Match": found.headers["ETag"]})
        assert again.status_code == 304
    for place in ("routes.py", "..%2Froutes.py", "%2e%2e/routes.py", "studio.html", "shapes.d.ts", "no.js"):
        assert (await api.client.get(f"/studio/assets/{place}")).status_code in (404, 422)


async def test_the_guides_are_shown_with_a_place_for_each_code(api: Served) -> None:
    page = await api.client.get("/studio/guides/checks", headers={"Authorization": ""})
    assert '<h2 id="J011">J011</h2>' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert 'href="language"' in page.text
    for name in ("no_such_guide", "..%2FREADME", "decisions%2F0001-rooms-and-what-changed"):
        assert (await api.client.get(f"/studio/guides/{name}")).status_code in (404, 422)


async def test_the_pages_of_the_language_lead_to_each_other_and_show_their_pictures(api: Served) -> None:
    first = await api.client.get("/studio/guides/language", headers={"Authorization": ""})
    assert 'href="language/waiting"' in first.text
    page = await api.client.get("/studio/guides/language/waiting", headers={"Authorization": ""})
    for link in ("../language", "choosing#if-and-becomes"):
        assert f'href="{link}"' in page.text
    for place in re.findall(r'(?:src|href)="(\.\./[^"#]+|pictures/[^"]+)"', page.text):
        found = await api.client.get(urljoin("/studio/guides/language/waiting", place))
        assert (found.status_code, place) == (200, place)
    picture = await api.client.get("/studio/guides/language/pictures/what_a_wait_hears.svg")
    assert picture.headers["Content-Type"].startswith("image/svg+xml")
    for name in ("no.svg", "..%2Fwaiting.md"):
        assert (await api.client.get(f"/studio/guides/language/pictures/{name}")).status_code in (404, 422)


QUESTIONS = [
    ("GET", "project", None, "journeys:read"),
    ("GET", "document?file=welcome_drip.yaml", None, "journeys:read"),
    ("GET", "words", None, "journeys:read"),
    ("POST", "check", BODY, "journeys:read"),
    ("POST", "simulate", {**BODY, "lead": {}}, "journeys:read"),
    ("POST", "scenarios", BODY, "journeys:read"),
    ("POST", "publish:preview", BODY, "journeys:read"),
    ("PUT", "draft", {"file": "a.yaml", "text": "", "read": 0, "base": ""}, "journeys:write"),
    ("POST", "draft:drop", {"file": "a.yaml", "read": 1}, "journeys:write"),
    ("POST", "publish", {**BODY, "before": None}, "journeys:write"),
]
BAD_NAMES = [
    "../settings.py",
    "/etc/passwd",
    "a/../b.yaml",
    "x.py",
    "",
    ".hidden.yaml",
    "a//b.yaml",
    "a.yaml\n",
]


async def test_each_question_needs_a_key_with_its_scope(api: Served) -> None:
    served = {route.path for route in routes.routes if isinstance(route, APIRoute)}
    assert served == {f"/studio/api/{path.partition('?')[0]}" for _, path, _, _ in QUESTIONS}
    reader, writer = await api.keyed("journeys:read"), await api.keyed("journeys:write")
    for method, path, body, scope in QUESTIONS:
        bare = await api.client.request(
            method, f"/studio/api/{path}", json=body, headers={"Authorization": ""}
        )
        assert bare.status_code == 401, path
        other = writer if scope == "journeys:read" else reader
        poor = await api.client.request(method, f"/studio/api/{path}", json=body, headers=other)
        assert (poor.status_code, f'scope="{scope}"' in poor.headers["WWW-Authenticate"]) == (403, True), path


async def test_a_file_is_named_by_a_plain_path_inside_the_project(api: Served) -> None:
    for file in BAD_NAMES:
        opened = await api.client.get("/studio/api/document", params={"file": file})
        checked = await api.client.post("/studio/api/check", json={"file": file, "texts": {file: TEXT}})
        kept = {"file": file, "text": TEXT, "read": 0, "base": ""}
        saved = await api.client.put("/studio/api/draft", json=kept)
        assert {opened.status_code, checked.status_code, saved.status_code} == {422}, file


async def test_neither_vocabulary_nor_templates_are_opened_or_written(api: Served) -> None:
    for file in ("vocabulary.yaml", "vocabulary/shop.yaml", "scoring.yaml", "templates/email/x.yaml"):
        assert (await api.client.get("/studio/api/document", params={"file": file})).status_code == 404
        kept = {"file": file, "text": TEXT, "read": 0, "base": ""}
        assert (await api.client.put("/studio/api/draft", json=kept)).status_code in (404, 422)


async def test_a_text_that_is_too_long_or_no_form_post_is_refused(api: Served) -> None:
    long = {"file": "a.yaml", "texts": {"a.yaml": "x" * 300_001}}
    assert (await api.client.post("/studio/api/check", json=long)).status_code == 422
    huge = {"file": "a.yaml", "texts": {"a.yaml": "x" * (1 << 20)}}
    assert (await api.client.post("/studio/api/check", json=huge)).status_code == 413
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await api.client.post("/studio/api/publish", content="{}", headers=form)).status_code == 415

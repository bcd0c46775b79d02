"""`/studio`: the page, what it loads, and the guides it links to. None of it is secret or needs a key."""

from __future__ import annotations

import base64
import hashlib
import secrets
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from api.problems import Problem
from api.studio.guides import guide, picture
from language.picture import STYLE

routes = APIRouter(prefix="/studio", include_in_schema=False)

PAGE: Final = Path(__file__).parent / "page"
_KINDS: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_pages = Environment(loader=FileSystemLoader(PAGE), autoescape=True)

Name = Annotated[str, InPath(pattern=r"^[a-z_]+\.(js|css|svg)$", max_length=60)]
Guide = Annotated[str, InPath(pattern=r"^(language/)?[a-z_-]+$", max_length=60)]
Picture = Annotated[str, InPath(pattern=r"^[a-z_]+\.svg$", max_length=60)]


@routes.get("")
async def studio() -> HTMLResponse:
    """Shows the page; its styles carry a number used once, its scripts are files of this server alone."""
    nonce = secrets.token_urlsafe(16)
    headers = {**_HEADERS, "Content-Security-Policy": policy(nonce), "Cache-Control": "no-store"}
    return HTMLResponse(_pages.get_template("studio.html").render(nonce=nonce), headers=headers)


@routes.get("/assets/{name}")
async def asset(request: Request, name: Name) -> Response:
    """Gives a file that the page loads; 304 where the browser has it."""
    found = _assets().get(name)
    if found is None:
        raise Problem("not_found")
    content, tag = found
    headers = {**_HEADERS, "ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=_KINDS[Path(name).suffix])


@routes.get("/guides/language/pictures/{name}")
async def read_picture(name: Picture) -> Response:
    """Shows a picture of the documentation."""
    shown = picture(name)
    if shown is None:
        raise Problem("not_found")
    headers = {**_HEADERS, "Content-Security-Policy": "default-src 'none'"}
    return Response(shown, headers=headers, media_type=_KINDS[".svg"])


@routes.get("/guides/{name:path}")
async def read_guide(name: Guide) -> HTMLResponse:
    """Shows a page of the documentation."""
    shown = guide(name)
    if shown is None:
        raise Problem("not_found")
    title, body = shown
    up = "../" * (1 + name.count("/"))
    headers = {**_HEADERS, "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'"}
    page = _pages.get_template("guide.html").render(title=title, body=body, up=up)
    return HTMLResponse(page, headers=headers)


def policy(nonce: str) -> str:
    """Writes the page's Content-Security-Policy: nothing from elsewhere, no script inside the page.

    Styles: our sheet, the editor's (by the nonce), the picture's own (by its hash).
    """
    picture = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}' 'sha256-{picture}'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


@cache
def _assets() -> dict[str, tuple[bytes, str]]:
    files = [path for path in PAGE.iterdir() if path.suffix in _KINDS]
    contents = {path.name: path.read_bytes() for path in files}
    return {name: (text, f'"{hashlib.sha256(text).hexdigest()[:32]}"') for name, text in contents.items()}

"""A real API with the shipped journeys in a folder of its own, and a real browser that looks at it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

from tests.api.conftest import Served, empty_database, serving
from tests.docs.pages import ROOT

__all__ = ["empty_database"]

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


COMPLAIN = """
document.addEventListener("securitypolicyviolation", (event) => {
  const styled = event.violatedDirective === "style-src-attr";
  if (styled && (event.target === document || event.target.closest(".cm-content"))) return;
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""
"""The browser itself may style what is typed before the editor draws it anew; that the policy stops."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Studio in a browser: the page, the server behind it, and its folder of journeys."""

    page: Page
    api: Served
    journeys: Path

    @property
    def text(self) -> str:
        """The text that a file has on disk."""
        return (self.journeys / "welcome_drip.yaml").read_text("utf-8")


@pytest.fixture
def journeys(tmp_path: Path) -> Path:
    """The shipped journeys, to be changed."""
    folder = tmp_path / "journeys"
    shutil.copytree(ROOT / "journey_defs", folder)
    return folder


@pytest_asyncio.fixture(loop_scope="session")
async def api(tmp_path: Path, empty_database: Path, journeys: Path) -> AsyncIterator[Served]:
    """An API whose store is empty and whose journeys are the shipped ones."""
    shutil.copy(empty_database, tmp_path / "cauce.db")
    async with serving(tmp_path, journeys_dir=journeys, log_level="warning") as served:
        yield served


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium without a window."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("there is no Chromium; `apt-get install chromium` brings it, `make test` does so as root")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, api: Served) -> AsyncIterator[Page]:
    """A page that fails its test where it complains, breaks its policy, or asks any other server."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    page = await context.new_page()
    wrong: list[str] = []

    def said(message: ConsoleMessage) -> None:
        known = "status of 4" in message.text or "the following Content Security Policy" in message.text
        if message.type in ("error", "warning") and not known:
            wrong.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((api.url, "data:", "blob:")):
            wrong.append(f"asked {request.url}")

    await page.add_init_script(COMPLAIN)
    page.on("console", said)
    page.on("request", asked)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    await context.close()
    assert wrong == []


@pytest_asyncio.fixture(loop_scope="session")
async def studio(page: Page, api: Served, journeys: Path) -> Opened:
    """Studio, opened by its link, with `welcome_drip`."""
    key = (await api.keyed("journeys:read", "journeys:write", source="ana"))["Authorization"]
    await page.goto(f"{api.url}/studio#key={key.removeprefix('Bearer ')}")
    opened = Opened(page, api, journeys)
    await open_journey(opened, "welcome_drip")
    return opened


async def open_journey(studio: Opened, name: str) -> None:
    """Opens a journey by the dialog."""
    await studio.page.get_by_role("button", name="Open…").click()
    await studio.page.locator(".files button", has_text=name).first.click()
    await studio.page.locator(".problems h2", has_text="mistake").wait_for()

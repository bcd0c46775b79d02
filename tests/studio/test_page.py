"""Studio as a marketer meets it: in a real browser, with mouse and keyboard."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Route, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from language.journey import kind_of
from tests.api.conftest import Served
from tests.studio.conftest import Opened, open_journey

pytestmark = pytest.mark.asyncio(loop_scope="session")

TRIES = 5
"""The page may still be reading its words, or drawing, when a key comes."""
LONG = "a_name_that_goes_on_and_on_for_much_longer_than_anybody_would_ever_read_it_aloud"
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


async def put(studio: Opened, old: str, new: str) -> None:
    """Selects a piece of the journey's text by the editor's own search, and types over it."""
    await write(studio, (await text_of(studio)).replace(old, new, 1))


async def text_of(studio: Opened) -> str:
    """Gives the text in the editor that is shown."""
    lines = await content(studio).evaluate(
        "(box) => box.cmTile ? box.cmTile.view.state.doc.toString() : box.cmView.view.state.doc.toString()"
    )
    return str(lines)


async def write(studio: Opened, text: str) -> None:
    """Puts a whole text in place of the one that is shown, as if pasted."""
    await content(studio).focus()
    await studio.page.keyboard.press("Control+a")
    await studio.page.keyboard.insert_text(text)
    await studio.page.keyboard.press("Escape")


def content(studio: Opened) -> Locator:
    """The text of the editor that is shown."""
    return studio.page.locator(".cm-content:visible")


def problems(studio: Opened) -> Locator:
    """The list of mistakes."""
    return studio.page.locator(".problems")


async def shown(locator: Locator) -> bool:
    """Says whether something comes into sight within two seconds."""
    with suppress(PlaywrightTimeout):
        await locator.wait_for(timeout=2_000)
        return True
    return False


async def with_a_large_font(route: Route) -> None:
    """Serves the sheet as if the reader's font were half as large again."""
    answer = await route.fetch()
    await route.fulfill(response=answer, body=f"{await answer.text()}\nhtml {{ font-size: 24px }}")


async def test_a_mistake_is_underlined_explained_and_mended_with_one_click(studio: Opened) -> None:
    page = studio.page
    await expect(problems(studio)).to_contain_text("No mistakes")
    await put(studio, "email: last_words", "email: last_wrods")
    await expect(problems(studio)).to_contain_text("did you mean `last_words`?")
    await expect(page.locator(".cm-lintRange-error")).to_have_text("last_wrods")
    await expect(page.locator(".drawing .notice")).to_contain_text("drawn again once they are gone")
    link = problems(studio).get_by_role("link", name="J012")
    async with page.context.expect_page() as opening:
        await link.click()
    guide = await opening.value
    await expect(guide.locator("h2:target")).to_have_text("J012")
    await guide.close()
    await page.locator(".cm-lintRange-error").hover()
    await page.locator(".cm-diagnosticAction", has_text="Write last_words").click()
    await expect(problems(studio)).to_contain_text("No mistakes")
    assert "email: last_words" in await text_of(studio)
    await put(studio, "if: lead.score >= 70", "when: lead.score >= 70")
    await problems(studio).get_by_role("button", name="Write if").click()
    await expect(problems(studio)).to_contain_text("No mistakes")


async def test_the_words_that_fit_are_offered_while_typing(studio: Opened) -> None:
    page = studio.page
    offered = page.locator(".cm-tooltip-autocomplete li")

    async def offers(text: str, *wanted: str) -> None:
        words = [offered.filter(has_text=re.compile(rf"^{re.escape(word)}")).first for word in wanted]
        for _ in range(TRIES):
            await write(studio, "")
            await page.keyboard.insert_text(text[:-1])
            await page.keyboard.type(text[-1])
            await page.keyboard.press("Control+Space")
            if all([await shown(word) for word in words]):
                break
            await page.keyboard.press("Escape")
        for word in words:
            await expect(word).to_be_visible()
        await page.keyboard.press("Escape")

    head = "journey: x\nversion: 1\nstart: {event: quote.started}\nsteps:\n"
    await offers("journey: x\nve", "version")
    await offers("start:\n  event: quote", "quote.started", "quote.completed")
    await offers(f"{head}  - em", "email")
    await offers(f"{head}  - email: wel", "welcome")
    await offers(f"{head}  - call: hello\n    qu", "queue")
    await offers(f"{head}  - call: hello\n    queue: ins", "inside_sales")
    await offers(f"{head}  - if: lead.sc", "lead.score")
    await offers(f'{head}  - wait_for: quote.completed\n    where: did("quote.st', "quote.started")
    await offers(f"{head}  - end: conv", "converted")
    await offers("start: {event: quote.st", "quote.started")
    for _ in range(TRIES):
        await write(studio, "")
        await page.keyboard.type("jour")
        if await shown(offered.filter(has_text="journey").first):
            await page.wait_for_timeout(200)
            await page.keyboard.press("Enter")
            break
    assert (await text_of(studio)) == "journey: "


async def test_log_drawing_and_editor_lead_to_each_other(studio: Opened) -> None:
    page = studio.page
    await page.locator(".log button.step", has_text="quick_question").click()
    await expect(page.locator(".cm-line.marked")).to_contain_text("sms: quick_question")
    await expect(page.locator("g.here")).to_have_attribute("data-step", "quick_question")
    await page.locator('g[data-step="welcome"]').click()
    await expect(page.locator(".cm-line.marked")).to_contain_text("email: welcome")
    await expect(page.locator("tr.here .step")).to_have_text("welcome")
    await page.locator(".cm-line", has_text="queue: inside_sales").click()
    await expect(page.locator("g.here")).to_have_attribute("data-step", "intro_call")


async def test_a_lead_of_ones_own_is_played_anew_with_every_change(studio: Opened) -> None:
    page = studio.page
    log = page.locator(".played")
    await expect(log).to_contain_text("It ends as finished")
    await page.locator(".who summary").click()
    row = page.locator(".lead .pairs li").filter(has=page.locator("option:checked", has_text="score"))
    await row.locator("input").fill("90")
    await expect(log).to_contain_text("intro_call")
    await page.get_by_role("button", name="Add an event").click()
    await page.get_by_label("When, counted").fill("2 days 1 hour")
    await page.get_by_label("What happens").last.select_option("call:intro_call:interested")
    await expect(log).to_contain_text("It ends as qualified")
    await page.get_by_label("When, counted").fill("soonish")
    await expect(page.locator(".happenings .fault")).to_be_visible()
    await page.get_by_role("button", name="Remove this event").click()
    await page.get_by_label("When it begins").fill("2026-03-02T09:30")
    await expect(log).to_contain_text("Mon 2 Mar")


async def test_scenarios_are_played_with_what_is_being_written(studio: Opened) -> None:
    page = studio.page
    await page.locator(".below").get_by_role("tab", name="Scenarios").click()
    await expect(page.locator(".verdict")).to_contain_text("go as expected")
    await put(studio, "wait: 2 days", "wait: 3 days")
    await expect(page.locator(".verdict")).to_contain_text("otherwise than expected")
    await page.locator(".failed .place").first.click()
    await expect(page.locator(".cm-content:visible")).to_contain_text("scenarios")
    await expect(page.locator(".cm-line.marked:visible")).to_be_visible()
    await page.locator(".scenarios").get_by_role("button", name="Play it as the lead").first.click()
    await expect(page.locator(".played .log")).to_be_visible()


async def test_a_draft_is_kept_and_a_change_from_another_window_is_told(studio: Opened) -> None:
    page = studio.page
    other = await page.context.new_page()
    await other.goto(f"{studio.api.url}/studio")
    key = await page.evaluate("sessionStorage.getItem('cauce-studio-key')")
    await other.get_by_label("Your API key").fill(key)
    await other.keyboard.press("Enter")
    second = Opened(other, studio.api, studio.journeys)
    await open_journey(second, "welcome_drip")
    await put(studio, "Welcomes a new lead", "First window")
    await expect(page.locator(".state")).to_have_text("not saved")
    await page.keyboard.press("Control+s")
    await expect(page.locator(".state")).to_contain_text("draft, saved")
    await put(second, "Welcomes a new lead", "Second window")
    await other.keyboard.press("Control+s")
    await expect(other.get_by_role("dialog")).to_contain_text("saved in another window")
    await other.get_by_role("button", name="Take the other").click()
    await expect(content(second)).to_contain_text("First window")
    await other.close()
    await page.reload()
    await expect(content(studio)).to_contain_text("First window")
    assert "First window" not in studio.text


async def test_publishing_shows_the_changes_and_asks_first(studio: Opened) -> None:
    page = studio.page
    dialog = page.get_by_role("dialog")

    async def publish() -> None:
        await page.get_by_role("button", name="Publish…").click()

    await publish()
    await expect(dialog).to_contain_text("for the first time, as version 1")
    await dialog.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.locator(".toast")).to_contain_text("welcome_drip 1 is published")
    await put(studio, "wait: 2 days", "wait: 3 days")
    await publish()
    await expect(dialog).to_contain_text("published with other content")
    await dialog.get_by_role("button", name="Make it version 2").click()
    await expect(dialog).to_contain_text("the wait after `welcome`: 2 days -> 3 days")
    await expect(dialog).to_contain_text("Nobody is inside an earlier version")
    await dialog.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.locator(".notice").first).to_contain_text("file on disk is still older")
    await put(studio, "email: last_words", "email: last_wrods")
    await publish()
    await expect(dialog).to_contain_text("cannot be published: it has mistakes")
    await expect(dialog.get_by_role("button", name="Publish", exact=True)).to_be_hidden()
    assert "version: 1" in studio.text


async def test_a_new_journey_begins_without_a_mistake(studio: Opened) -> None:
    page = studio.page
    await page.get_by_role("button", name="New…").click()
    await page.get_by_label("Its name").fill("Not So")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Small letters")
    await page.get_by_label("Its name").fill("welcome_back")
    await page.keyboard.press("Enter")
    await expect(problems(studio)).to_contain_text("No mistakes")
    await expect(page.locator("svg.picture")).to_contain_text("welcome_back 1")


def empty(folder: Path) -> None:
    """Leaves vocabulary and templates alone."""
    for file in folder.rglob("*.yaml"):
        if kind_of(file.relative_to(folder).as_posix()) in ("journey", "scenarios"):
            file.unlink()


async def test_an_empty_folder_invites_to_begin(page: Page, api: Served, journeys: Path) -> None:
    empty(journeys)
    key = (await api.keyed("journeys:read", "journeys:write"))["Authorization"].removeprefix("Bearer ")
    await page.goto(f"{api.url}/studio#key={key}")
    await page.get_by_role("button", name="A new journey").click()
    await page.get_by_label("Its name").fill("first_one")
    await page.keyboard.press("Enter")
    await expect(page.locator("svg.picture")).to_contain_text("first_one 1")
    await page.keyboard.press("Control+s")
    await expect(page.locator(".state")).to_contain_text("draft, saved")


async def test_who_may_only_read_sees_that_nothing_can_be_saved(page: Page, api: Served) -> None:
    key = (await api.keyed("journeys:read"))["Authorization"].removeprefix("Bearer ")
    await page.goto(f"{api.url}/studio#key={key}")
    await expect(page.get_by_role("button", name="Save draft")).to_be_disabled()
    await page.get_by_role("button", name="Publish…").click()
    await expect(page.get_by_role("dialog")).to_contain_text("lacks the scope journeys:write")
    assert "key" not in await page.evaluate("location.href")


async def test_text_stays_text_wherever_it_is_shown(studio: Opened) -> None:
    page = studio.page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await put(studio, "Welcomes a new lead, and calls the hot ones.", f"'{EVIL}'")
    await put(studio, "if: lead.score >= 70", f"if: lead.score >= 70\n    note: '{EVIL}'")
    await put(studio, '"dealer"', f'"{EVIL}"')
    await expect(page.locator("svg.picture")).to_contain_text("onerror")
    await put(studio, "email: last_words", f"email: '{EVIL}'")
    await expect(problems(studio)).to_contain_text("onerror")
    await page.get_by_role("button", name="Publish…").click()
    await expect(page.get_by_role("dialog")).to_contain_text("onerror")
    assert await page.locator("img, #workbench script").count() == 0
    assert dialogs == []


async def test_all_of_it_works_by_keyboard(studio: Opened) -> None:
    page = studio.page
    marked = page.locator(".cm-line.marked", has_text="if: lead.score")
    for _ in range(TRIES):
        await page.locator("g[data-line]").first.focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        if await shown(marked):
            break
    await expect(marked).to_be_visible()
    assert await content(studio).evaluate("(box) => document.activeElement === box")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Tab")
    assert not await content(studio).evaluate("(box) => document.activeElement === box")
    await page.get_by_role("tab", name="Journey").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Scenarios").first).to_have_attribute("aria-selected", "true")
    await page.get_by_role("button", name="Open…").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_nothing_is_cut_off_with_long_names_many_steps_and_a_large_font(studio: Opened) -> None:
    page = studio.page
    step = "  - if: lead.score >= {n}\n    then: [{{email: welcome, id: {name}_{n}}}]\n  - wait: {n} days\n"
    steps = "".join(step.format(n=n, name=LONG) for n in range(1, 26))
    head = f"journey: {LONG}\nversion: 1\nstart: {{event: quote.started}}\nlife: 3 years\nsteps:\n"
    await page.get_by_role("button", name="New…").click()
    await page.get_by_label("Its name").fill(LONG[:50])
    await page.keyboard.press("Enter")
    await write(studio, head + steps)
    await expect(page.locator("svg.picture")).to_contain_text("25 days")
    await page.keyboard.press("Control+s")
    await expect(page.locator(".state")).to_contain_text("draft, saved")
    await page.route("**/studio.css", with_a_large_font)
    await page.reload()
    await expect(page.locator("svg.picture")).to_contain_text("25 days")
    assert await page.evaluate("getComputedStyle(document.documentElement).fontSize") == "24px"
    for selector in ("#workbench > header button", ".left", ".right", ".problems"):
        for box in await page.locator(selector).all():
            place = await box.bounding_box()
            if place is not None:
                assert place["x"] >= 0, selector
                assert place["x"] + place["width"] <= 1281, selector
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1280

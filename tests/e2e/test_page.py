"""The sandbox's page in a real browser, on a phone, with the real bot behind it."""

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.conftest import not_tested
from tests.e2e.stack import Stack
from tests.services import Unavailable, chromium

PHONE = {"width": 390, "height": 844}
QUIET_FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest.fixture
async def page(sqlite_stack: Stack) -> AsyncIterator[Page]:
    try:
        path = chromium()
    except Unavailable as error:
        not_tested("Chromium", str(error))
    flags = [*QUIET_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=flags)
        opened = await browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
        await opened.goto(sqlite_stack.sandbox_url)
        chosen = opened.get_by_role("combobox", name="Nieuwkomer")
        before = await chosen.input_value()
        await opened.get_by_role("button", name="Nieuwe nieuwkomer").click()
        await expect(chosen).not_to_have_value(before)
        yield opened
        await browser.close()


async def say(page: Page, text: str) -> None:
    box = page.get_by_role("textbox").first
    await box.fill(text)
    await box.press("Enter")


async def test_a_newcomer_asks_on_a_phone_and_reads_the_answer(page: Page) -> None:
    await say(page, "Hoe lang heb ik om in te burgeren?")

    await expect(page.get_by_text("3 jaar").first).to_be_visible(timeout=20_000)
    link = page.get_by_role("link", name="inburgeren.nl").first
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_arabic_is_set_from_right_to_left(page: Page) -> None:
    await say(page, "رسالة من DUO")

    written = page.get_by_text("رسالة من DUO").first
    await expect(written).to_be_visible()
    await expect(written).to_have_css("direction", "rtl")


async def test_a_call_for_a_person_stands_in_the_coaches_group(page: Page) -> None:
    await say(page, "/mens")
    await expect(page.get_by_text("Ik heb de coaches gevraagd").first).to_be_visible(timeout=20_000)

    await page.get_by_role("tab", name="Coaches").click()

    await expect(page.get_by_role("button", name="Ik neem").last).to_be_visible(timeout=20_000)

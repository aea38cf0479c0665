"""The page in a real browser, on a telephone and on a desk."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Page, async_playwright, expect
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot.sandbox.client import Sandbox
from tests.sandbox.serving import Running

PHONE, DESK = (390, 844), (1280, 800)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

type Open = Callable[[tuple[int, int]], Awaitable[Page]]


@pytest.fixture
async def open_page(running: Running) -> AsyncIterator[Open]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine")
    faults: list[str] = []

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)

        async def open_one(size: tuple[int, int]) -> Page:
            page = await browser.new_page(viewport={"width": size[0], "height": size[1]}, locale="nl-NL")
            page.on("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
            page.on("pageerror", lambda error: faults.append(str(error)))
            await page.goto(running.url)
            await expect(page.locator("#newcomers option")).not_to_have_count(0)
            return page

        yield open_one
        await browser.close()
    assert faults == []


async def test_a_newcomer_starts_types_and_presses(open_page: Open, bot: Bot) -> None:
    page = await open_page(DESK)
    mine = page.locator("#newcomer")
    await mine.get_by_role("button", name="Start").click()
    await mine.get_by_role("textbox", name="Bericht").fill("Hoe lang heb ik?")
    await mine.get_by_role("textbox", name="Bericht").press("Enter")
    await expect(mine.get_by_role("log").get_by_text("Hoe lang heb ik?")).to_be_visible()
    await expect(mine.get_by_role("textbox", name="Bericht")).to_have_value("")
    await bot.send_message(
        1000, "<b>3 jaar</b>", parse_mode="HTML", reply_markup=InlineKeyboardMarkup.from_button(_button("Goed", "a"))
    )
    await mine.get_by_role("button", name="Goed").click()
    updates: list[Update] = []
    while not updates or updates[-1].callback_query is None:
        updates += await bot.get_updates(timeout=5, offset=updates[-1].update_id + 1 if updates else None)
    assert [update.message.text for update in updates[:-1]] == ["/start", "Hoe lang heb ik?"]
    await updates[-1].callback_query.answer("Fijn!", show_alert=True)
    await expect(page.get_by_text("Fijn!")).to_be_visible()


def _button(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=data)


async def test_text_that_looks_like_markup_stays_text(open_page: Open, sandbox: Sandbox) -> None:
    page = await open_page(DESK)
    await sandbox.newcomer(1000).says("<img src=x onerror=\"document.title='kwaad'\"><b>x</b>")
    await expect(page.locator("#newcomer .words")).to_contain_text("<img src=x onerror")
    assert await page.locator("#newcomer .words img, #newcomer .words b").count() == 0
    assert "zandbak" in await page.title()


async def test_links_open_outside_and_only_to_the_web(open_page: Open, bot: Bot, sandbox: Sandbox) -> None:
    page = await open_page(DESK)
    await sandbox.newcomer(1000).says("/start")
    await bot.send_message(1000, '<a href="https://a.nl/x">bron</a> <a href="tg://x">app</a>', parse_mode="HTML")
    source = page.locator("#newcomer").get_by_text("bron")
    await expect(source).to_have_attribute("href", "https://a.nl/x")
    await expect(source).to_have_attribute("rel", "noopener noreferrer")
    await expect(source).to_have_attribute("target", "_blank")
    assert await page.locator("#newcomer").get_by_text("app").get_attribute("href") is None


async def test_each_line_takes_its_own_direction(open_page: Open, bot: Bot, sandbox: Sandbox) -> None:
    page = await open_page(PHONE)
    await sandbox.newcomer(1000, language_code="ar").says("مرحبا")
    await bot.send_message(1000, "لديك 3 سنوات\nNederlands")
    words = page.locator("#newcomer .bot .words")
    await expect(words).to_have_css("direction", "rtl")
    await expect(words).to_have_css("unicode-bidi", "plaintext")
    await expect(page.locator("#newcomer textarea")).to_have_attribute("dir", "auto")


async def test_a_telephone_shows_one_side_at_a_time_and_marks_news_on_the_other(open_page: Open, bot: Bot) -> None:
    page = await open_page(PHONE)
    await expect(page.locator("#coaches")).to_be_hidden()
    await bot.send_message(-1001, "Iemand vraagt om een mens")
    coaches = page.get_by_role("tab", name="Coaches")
    await expect(coaches).to_have_class("unread")
    await coaches.click()
    await expect(page.get_by_text("Iemand vraagt om een mens")).to_be_visible()
    await expect(page.locator("#newcomer")).to_be_hidden()
    assert await page.locator("body").evaluate("body => body.scrollWidth") == PHONE[0]


async def test_a_coach_is_chosen_and_writes_in_private_too(open_page: Open, bot: Bot) -> None:
    page = await open_page(DESK)
    await page.get_by_label("Je bent coach").select_option("2001")
    await page.get_by_role("tab", name="Privé").click()
    coaches = page.locator("#coaches")
    await coaches.get_by_role("textbox", name="Bericht").fill("ABC123")
    await coaches.get_by_role("button", name="Stuur", exact=True).click()
    (update,) = await bot.get_updates(timeout=5)
    assert (update.message.chat_id, update.message.text) == (2001, "ABC123")


async def test_another_newcomer_has_another_chat_and_language(open_page: Open, bot: Bot, sandbox: Sandbox) -> None:
    await bot.set_my_commands([("taal", "ቋንቋ")], language_code="ti")
    page = await open_page(DESK)
    await page.get_by_role("button", name="Nieuwe nieuwkomer").click()
    await expect(page.get_by_role("combobox", name="Nieuwkomer")).to_have_value("1001")
    await page.get_by_label("Taal van Telegram").select_option("ti")
    newcomer = page.locator("#newcomer")
    await expect(newcomer.get_by_role("button", name="Start")).to_be_visible()
    await newcomer.get_by_role("button", name="Opdrachten").click()
    await expect(newcomer.get_by_role("button", name="/taal ቋንቋ")).to_be_visible()
    await newcomer.get_by_role("button", name="/taal ቋንቋ").click()
    (update,) = await bot.get_updates(timeout=5)
    assert (update.message.chat_id, update.message.text, update.message.from_user.language_code) == (
        1001,
        "/taal",
        "ti",
    )


async def test_the_bot_is_blocked_and_let_in_again(open_page: Open, bot: Bot) -> None:
    page = await open_page(PHONE)
    await page.get_by_role("button", name="Iets anders sturen").click()
    await page.get_by_role("button", name="Blokkeer de bot").click()
    await expect(page.get_by_role("textbox", name="Bericht")).to_be_hidden()
    await page.get_by_role("button", name="Deblokkeer").click()
    await expect(page.get_by_role("textbox", name="Bericht")).to_be_visible()
    updates = await bot.get_updates(timeout=5)
    assert [u.my_chat_member.new_chat_member.status for u in updates] == ["kicked", "member"]


async def test_an_own_message_is_changed(open_page: Open, bot: Bot) -> None:
    page = await open_page(DESK)
    field = page.locator("#newcomer").get_by_role("textbox", name="Bericht")
    await field.fill("breif")
    await field.press("Enter")
    await expect(page.locator("#newcomer .mine")).to_contain_text("breif")
    await field.press("ArrowUp")
    await expect(field).to_have_value("breif")
    await field.fill("brief")
    await field.press("Enter")
    await expect(page.locator("#newcomer .mine")).to_contain_text("bewerkt")
    assert (await bot.get_updates(timeout=5))[-1].edited_message.text == "brief"


async def test_the_newest_message_stays_in_view(open_page: Open, bot: Bot, sandbox: Sandbox) -> None:
    page = await open_page(PHONE)
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("hallo")
    for number in range(30):
        await bot.send_message(1000, f"antwoord {number}")
    await expect(page.locator("#newcomer").get_by_text("antwoord 29")).to_be_in_viewport()
    await newcomer.blocks()
    await expect(page.get_by_role("button", name="Deblokkeer")).to_be_visible()
    await expect(page.locator("#newcomer").get_by_text("antwoord 29")).to_be_in_viewport()


async def test_typing_shows_and_ends_with_the_answer(open_page: Open, bot: Bot, sandbox: Sandbox) -> None:
    page = await open_page(DESK)
    await sandbox.newcomer(1000).says("hallo")
    await bot.send_chat_action(1000, "typing")
    typing = page.locator("#newcomer").get_by_text("Wegwijs typt")
    await expect(typing).to_be_visible()
    await bot.send_message(1000, "klaar")
    await expect(typing).to_be_hidden()

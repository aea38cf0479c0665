from __future__ import annotations

from datetime import timedelta

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, MaybeInaccessibleMessage, Update
from telegram.error import BadRequest, ChatMigrated
from telegram.ext import filters

from bot.sandbox.client import NoSuchButtonError, Sandbox
from tests.sandbox.serving import Running

KEYBOARD = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("Ja, dat klopt", callback_data="a1")],
        [InlineKeyboardButton("Nee", callback_data="a2"), InlineKeyboardButton("Site", url="https://a.nl/")],
    ]
)
TOO_OLD = "Query is too old and response timeout expired or query id is invalid"


async def newest(bot: Bot) -> Update:
    return (await bot.get_updates(timeout=5))[-1]


async def test_a_command_is_marked_as_one(bot: Bot, sandbox: Sandbox) -> None:
    await sandbox.newcomer(1000).says("/start nu")
    message = (await newest(bot)).message
    assert filters.COMMAND.check_update(Update(1, message))
    assert message.parse_entity(message.entities[0]) == "/start"


async def test_a_slash_after_an_invisible_space_is_sent_as_typed(bot: Bot, sandbox: Sandbox) -> None:
    for text in ("\u00a0/restart", "//restart", '/book{"slot":"x"}'):
        await sandbox.newcomer(1000).says(text)
        assert (await newest(bot)).message.text == text


async def test_a_long_text_goes_whole_or_in_pieces_as_apps_send_it(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("x" * 10_000)
    assert len((await newest(bot)).message.text) == 10_000
    await newcomer.says("y" * 10_000, split=True)
    updates = await bot.get_updates(timeout=5)
    assert [len(update.message.text) for update in updates[-3:]] == [4096, 4096, 1808]


@pytest.mark.parametrize(
    ("kind", "kept"), [("photo", filters.PHOTO), ("voice", filters.VOICE), ("sticker", filters.Sticker.ALL)]
)
async def test_other_kinds_of_message_arrive(bot: Bot, sandbox: Sandbox, kind: str, kept: filters.BaseFilter) -> None:
    await sandbox.newcomer(1000).sends(kind, "bijschrift" if kind == "photo" else "")
    update = await newest(bot)
    assert kept.check_update(update)
    assert update.message.caption == ("bijschrift" if kind == "photo" else None)


async def test_an_edited_message_arrives_as_such(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    said = await newcomer.says("breif")
    await newcomer.edits(said, "brief")
    update = await newest(bot)
    assert update.message is None
    assert (update.edited_message.message_id, update.edited_message.text) == (said.message_id, "brief")


async def test_a_message_in_the_group_tells_group_and_coach(bot: Bot, sandbox: Sandbox) -> None:
    coach = sandbox.coach(2000)
    await coach.in_group().says("goedemorgen")
    message = (await newest(bot)).message
    assert (message.chat_id, message.chat.type, message.from_user.id) == (-1001, "group", 2000)
    await coach.says("ABC123")
    assert (await newest(bot)).message.chat_id == 2000


async def test_a_press_reaches_the_bot_and_its_answer_the_person(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("/start")
    sent = await bot.send_message(1000, "Klopt dit?", reply_markup=KEYBOARD)
    pressed = await newcomer.presses("dat KLOPT")
    query = (await newest(bot)).callback_query
    assert (query.data, query.message.message_id, query.from_user.id) == ("a1", sent.message_id, 1000)
    assert pressed.message_id == sent.message_id
    assert await query.answer("Genoteerd", show_alert=True)
    answer = await newcomer.next_answer()
    assert (answer["text"], answer["show_alert"]) == ("Genoteerd", True)


async def test_a_press_is_answered_once(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("/start")
    await bot.send_message(1000, "Klopt dit?", reply_markup=KEYBOARD)
    await newcomer.presses("Nee")
    query = (await newest(bot)).callback_query
    await query.answer()
    with pytest.raises(BadRequest, match=TOO_OLD):
        await query.answer()
    with pytest.raises(BadRequest, match=TOO_OLD):
        await bot.answer_callback_query("987")
    presses = (await sandbox.get("/sandbox/answers", chat_id=1000))["presses"]
    assert [(press["data"], press["answer"]) for press in presses] == [("a2", {"text": "", "show_alert": False})]


async def test_a_press_can_be_answered_for_a_minute(bot: Bot, sandbox: Sandbox, running: Running) -> None:
    newcomer = sandbox.newcomer(1000)
    said = await newcomer.says("/start")
    await newcomer.forges("x", message_id=said.message_id)
    query = (await newest(bot)).callback_query
    running.clock.ahead += timedelta(seconds=61)
    with pytest.raises(BadRequest, match=TOO_OLD):
        await query.answer()


async def test_a_forged_press_may_name_any_data_and_a_message_that_is_gone(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("/start")
    await newcomer.forges("van een ander", message_id=424242)
    query = (await newest(bot)).callback_query
    assert query.data == "van een ander"
    assert isinstance(query.message, MaybeInaccessibleMessage)
    assert not query.message.is_accessible


async def test_a_button_that_is_not_there_is_named_with_those_that_are(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("/start")
    await bot.send_message(1000, "Klopt dit?", reply_markup=KEYBOARD)
    with pytest.raises(NoSuchButtonError, match="Ja, dat klopt"):
        await newcomer.presses("misschien")


async def test_a_group_that_becomes_a_supergroup_has_a_new_id(bot: Bot, sandbox: Sandbox) -> None:
    coach = await sandbox.coach(2000).in_group().enters()
    new = await sandbox.migrate_group()
    updates = await bot.get_updates(timeout=5)
    assert [u.message.migrate_to_chat_id for u in updates] == [new, None]
    assert [u.message.migrate_from_chat_id for u in updates] == [None, -1001]
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(-1001, "x")
    assert moved.value.new_chat_id == new
    await bot.send_message(new, "in de nieuwe groep")
    assert (await coach.next_reply()).text == "in de nieuwe groep"
    assert coach.chat_id == new
    await coach.says("dank")
    assert (await newest(bot)).message.chat.type == "supergroup"


async def test_what_no_person_could_do_is_refused(sandbox: Sandbox) -> None:
    newcomer = await sandbox.newcomer(1000).enters()
    stranger = {"user_id": 1000, "chat_id": -1001, "text": "x"}
    with pytest.raises(AssertionError, match=r"409.*1000 is not in chat -1001"):
        await sandbox.post("/sandbox/messages", stranger)
    with pytest.raises(AssertionError, match=r"404.*no such person: 5"):
        await sandbox.post("/sandbox/messages", stranger | {"user_id": 5})
    with pytest.raises(AssertionError, match=r"400.*a message needs text"):
        await newcomer.says(" ")
    with pytest.raises(AssertionError, match=r"400.*chat_id: must be a whole number"):
        await sandbox.post("/sandbox/messages", {"user_id": 1000, "text": "x"})
    await newcomer.blocks()
    with pytest.raises(AssertionError, match=r"409.*1000 has blocked the bot"):
        await newcomer.says("hallo")


async def test_a_button_can_be_pressed_by_its_place(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("/start")
    sent = await bot.send_message(1000, "Klopt dit?", reply_markup=KEYBOARD)
    seat = {"user_id": 1000, "chat_id": 1000, "message_id": sent.message_id}
    await sandbox.post("/sandbox/presses", seat | {"button": 1})
    assert (await newest(bot)).callback_query.data == "a2"
    with pytest.raises(AssertionError, match=r"400.*the button is a link"):
        await sandbox.post("/sandbox/presses", seat | {"button": 2})
    with pytest.raises(AssertionError, match=r"404.*no such button"):
        await sandbox.post("/sandbox/presses", seat | {"button": 3})


async def test_a_new_newcomer_gets_the_next_free_id(sandbox: Sandbox) -> None:
    added = await sandbox.post("/sandbox/people", {"role": "newcomer", "language_code": "ti"})
    assert (added["id"], added["language_code"]) == (1001, "ti")
    state = await sandbox.state()
    assert [person["id"] for person in state["newcomers"]] == [1000, 1001]
    assert [person["id"] for person in state["coaches"]] == [2000, 2001]

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, MessageEntity
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, NetworkError

from bot.sandbox.client import Person, Sandbox
from tests.sandbox.serving import TOKEN, Running

KEYBOARD = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Ja", callback_data="a1"), InlineKeyboardButton("Nee", callback_data="a2")]]
)


@pytest.fixture
async def newcomer(sandbox: Sandbox) -> Person:
    person = sandbox.newcomer(1000)
    await person.says("/start")
    return person


async def test_a_text_arrives_with_markup_and_buttons(bot: Bot, newcomer: Person) -> None:
    sent = await bot.send_message(
        1000,
        'Je hebt <b>3 jaar</b>. <a href="https://www.inburgeren.nl/x">Bron</a>',
        parse_mode="HTML",
        reply_markup=KEYBOARD,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    reply = await newcomer.next_reply()
    assert reply.message_id == sent.message_id
    assert reply.text == sent.text == "Je hebt 3 jaar. Bron"
    assert reply.html == 'Je hebt <b>3 jaar</b>. <a href="https://www.inburgeren.nl/x">Bron</a>'
    assert reply.labels == ["Ja", "Nee"]
    assert sent.parse_entities() == {sent.entities[0]: "3 jaar", sent.entities[1]: "Bron"}
    assert sent.reply_markup == KEYBOARD
    assert sent.from_user.is_bot


async def test_given_entities_are_kept(bot: Bot, newcomer: Person) -> None:
    await bot.send_message(1000, "vet", entities=[MessageEntity("bold", 0, 3)])
    assert (await newcomer.next_reply()).html == "<b>vet</b>"


async def test_an_answer_to_a_message_shows_which(bot: Bot, newcomer: Person) -> None:
    asked = await newcomer.says("vraag")
    sent = await bot.send_message(1000, "antwoord", reply_to_message_id=asked.message_id)
    assert sent.reply_to_message.text == "vraag"
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(1000, "antwoord", reply_to_message_id=asked.message_id + 99)


@pytest.mark.parametrize("text", ["", " \n ", "<b> </b>"])
async def test_an_empty_text_is_refused(bot: Bot, newcomer: Person, text: str) -> None:
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(1000, text, parse_mode="HTML")


async def test_a_text_may_have_4096_characters_after_its_markup(bot: Bot, newcomer: Person) -> None:
    longest = await bot.send_message(1000, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert len(longest.text) == 4096
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(1000, "x" * 4097)


async def test_wrong_markup_is_refused(bot: Bot, newcomer: Person) -> None:
    with pytest.raises(BadRequest, match='Can\'t parse entities: unsupported start tag "p" at byte offset 0'):
        await bot.send_message(1000, "<p>x</p>", parse_mode="HTML")


@pytest.mark.parametrize("data", ["x" * 65, "é" * 33])
async def test_button_data_over_64_bytes_is_refused(bot: Bot, newcomer: Person, data: str) -> None:
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(1000, "x", reply_markup=InlineKeyboardMarkup.from_button(_button(data)))
    await bot.send_message(1000, "x", reply_markup=InlineKeyboardMarkup.from_button(_button("é" * 32)))


def _button(data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton("knop", callback_data=data)


async def test_a_link_button_needs_an_address(bot: Bot, newcomer: Person) -> None:
    wrong = InlineKeyboardMarkup.from_button(InlineKeyboardButton("site", url="tel:030"))
    with pytest.raises(BadRequest, match="Inline keyboard button url 'tel:030' is invalid"):
        await bot.send_message(1000, "x", reply_markup=wrong)


async def test_a_chat_that_is_not_there_is_not_found(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(77, "x")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message("@iemand", "x")


async def test_the_bot_cannot_speak_first(bot: Bot, sandbox: Sandbox) -> None:
    await sandbox.newcomer(1005).enters()
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(1005, "x")


async def test_who_blocks_the_bot_gets_nothing_until_they_let_it_in(bot: Bot, newcomer: Person) -> None:
    await newcomer.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(1000, "x")
    *_, blocked = await bot.get_updates(timeout=0)
    assert blocked.my_chat_member.new_chat_member.status == "kicked"
    await newcomer.unblocks()
    await bot.send_message(1000, "welkom terug")
    assert (await newcomer.next_reply()).text == "welkom terug"
    *_, unblocked = await bot.get_updates(timeout=0)
    assert unblocked.my_chat_member.new_chat_member.status == "member"


async def test_an_edit_changes_text_and_takes_the_buttons_away(bot: Bot, newcomer: Person) -> None:
    sent = await bot.send_message(1000, "eerst", reply_markup=KEYBOARD)
    edited = await bot.edit_message_text("later", 1000, sent.message_id)
    assert edited.edit_date is not None
    reply = await newcomer.next_edit()
    assert (reply.text, reply.labels) == ("later", [])
    assert [edit["text"] for edit in reply.raw["edits"]] == ["eerst"]


async def test_used_buttons_can_be_taken_away_alone(bot: Bot, newcomer: Person) -> None:
    sent = await bot.send_message(1000, "kies", reply_markup=KEYBOARD)
    await bot.edit_message_reply_markup(1000, sent.message_id)
    reply = await newcomer.next_edit()
    assert (reply.text, reply.labels, reply.raw["edited"]) == ("kies", [], False)


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot, newcomer: Person) -> None:
    sent = await bot.send_message(1000, "kies")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("kies", 1000, sent.message_id)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(1000, sent.message_id)


async def test_only_messages_of_the_bot_that_are_there_can_be_edited(bot: Bot, newcomer: Person) -> None:
    own = await newcomer.says("van mij")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("x", 1000, own.message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", 1000, own.message_id + 99)


async def test_a_deleted_message_is_marked_in_the_transcript(bot: Bot, newcomer: Person) -> None:
    sent = await bot.send_message(1000, "weg")
    assert await bot.delete_message(1000, sent.message_id)
    assert (await newcomer.transcript())[-1].raw["deleted"]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(1000, sent.message_id)


async def test_a_message_of_another_in_a_group_cannot_be_deleted(bot: Bot, sandbox: Sandbox) -> None:
    said = await sandbox.coach(2000).in_group().says("hallo")
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(-1001, said.message_id)


async def test_a_venue_shows_place_and_address(bot: Bot, newcomer: Person) -> None:
    sent = await bot.send_venue(1000, 52.09, 5.12, "Welkomhuis", "Voorbeeldstraat 1, Utrecht")
    assert sent.venue.title == "Welkomhuis"
    reply = await newcomer.next_reply()
    assert reply.kind == "venue"
    assert reply.raw["extra"]["venue"]["address"] == "Voorbeeldstraat 1, Utrecht"


async def test_a_document_can_be_fetched_again(bot: Bot, newcomer: Person, running: Running) -> None:
    content = json.dumps({"naam": "é"}).encode()
    sent = await bot.send_document(
        1000, InputFile(content, "gegevens.json"), caption="<b>Dit</b> bewaren wij", parse_mode="HTML"
    )
    assert (sent.document.file_name, sent.document.file_size) == ("gegevens.json", len(content))
    reply = await newcomer.next_reply()
    assert (reply.kind, reply.html) == ("document", "<b>Dit</b> bewaren wij")
    file_id = reply.raw["extra"]["document"]["file_id"]
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as client:
        fetched = await client.get(f"/sandbox/files/{file_id}")
    assert fetched.content == content
    assert fetched.headers["content-disposition"] == "attachment"


async def test_typing_shows_until_the_bot_writes(bot: Bot, newcomer: Person, sandbox: Sandbox) -> None:
    await bot.send_chat_action(1000, ChatAction.TYPING)
    assert (await sandbox.get("/sandbox/chats/1000"))["typing"]
    await bot.send_message(1000, "klaar")
    assert not (await sandbox.get("/sandbox/chats/1000"))["typing"]


async def test_typing_ends_by_itself(bot: Bot, newcomer: Person, sandbox: Sandbox, running: Running) -> None:
    await bot.send_chat_action(1000, ChatAction.TYPING)
    running.clock.ahead += timedelta(seconds=6)
    assert not (await sandbox.get("/sandbox/chats/1000"))["typing"]


async def test_an_unknown_action_is_refused(bot: Bot, newcomer: Person) -> None:
    with pytest.raises(BadRequest, match="Wrong parameter action in request"):
        await bot.send_chat_action(1000, "thinking")


async def test_parameters_may_come_as_json_or_in_the_address(running: Running, newcomer: Person) -> None:
    async with httpx.AsyncClient(base_url=f"{running.url}/bot{TOKEN}", trust_env=False) as client:
        posted = await client.post("/sendMessage", json={"chat_id": 1000, "text": "een"})
        got = await client.get("/sendmessage", params={"chat_id": "1000", "text": "twee"})
    assert [r.json()["result"]["text"] for r in (posted, got)] == ["een", "twee"]


async def test_a_method_that_the_sandbox_lacks_is_not_found(running: Running) -> None:
    async with httpx.AsyncClient(base_url=f"{running.url}/bot{TOKEN}", trust_env=False) as client:
        answer = await client.post("/sendDice", data={"chat_id": "1000"})
    assert answer.status_code == 404
    assert answer.json() == {"ok": False, "error_code": 404, "description": "Not Found: method not found"}


async def test_a_reply_keyboard_is_refused_loudly(running: Running, newcomer: Person) -> None:
    body = {"chat_id": 1000, "text": "x", "reply_markup": {"keyboard": [[{"text": "Ja"}]]}}
    async with httpx.AsyncClient(base_url=f"{running.url}/bot{TOKEN}", trust_env=False) as client:
        assert (await client.post("/sendMessage", json=body)).status_code == 400


async def test_get_me_and_the_chats_parse(bot: Bot, newcomer: Person) -> None:
    assert (await bot.get_me()).username == "wegwijs_zandbak_bot"
    assert (await bot.get_chat(1000)).type == "private"
    assert (await bot.get_chat(-1001)).type == "group"
    assert (await bot.get_chat_member(-1001, 2000)).status == "member"
    assert (await bot.get_chat_member(-1001, 1000)).status == "left"
    with pytest.raises(BadRequest, match="Invalid user_id specified"):
        await bot.get_chat_member(-1001, 5)


async def test_commands_and_descriptions_are_per_language(bot: Bot, sandbox: Sandbox) -> None:
    await bot.set_my_commands([("help", "Help"), ("taal", "Language")])
    await bot.set_my_commands([("help", "Hulp"), ("taal", "Taal")], language_code="nl")
    assert await bot.set_my_description("Ik wijs de weg.", language_code="nl")
    assert await bot.set_my_short_description("Wegwijs")
    assert [command.description for command in await bot.get_my_commands(language_code="nl")] == ["Hulp", "Taal"]
    assert (await sandbox.newcomer(1000, language_code="nl").commands())[1]["description"] == "Taal"
    assert (await sandbox.newcomer(1001, language_code="ti").commands())[1]["description"] == "Language"
    assert (await bot.get_my_description(language_code="nl")).description == "Ik wijs de weg."
    await bot.delete_my_commands(language_code="nl")
    assert (await sandbox.newcomer(1000, language_code="nl").commands())[1]["description"] == "Language"


async def test_commands_of_a_narrower_scope_come_first(bot: Bot, sandbox: Sandbox) -> None:
    await bot.set_my_commands([("help", "voor allen")])
    await bot.set_my_commands([("help", "voor deze groep")], scope={"type": "chat", "chat_id": -1001})
    assert (await sandbox.coach(2000).in_group().commands())[0]["description"] == "voor deze groep"
    assert (await sandbox.coach(2000).commands())[0]["description"] == "voor allen"


async def test_a_command_with_capitals_is_refused(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([("Help", "x")])


async def test_a_fault_of_the_server_is_a_network_error(bot: Bot, newcomer: Person, sandbox: Sandbox) -> None:
    await sandbox.put_fault("sendMessage", 500)
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_message(1000, "x")

"""What is no plain question gets a sensible reply, or is left alone on purpose."""

import pytest

from bot.sandbox.client import Person, Sandbox
from tests.e2e.conftest import Say

# What the group can get meanwhile because of other tests.
NOTIFICATIONS = ("Nieuwe afspraak", "Afspraak afgezegd", "Iemand wil met een mens praten")


@pytest.mark.parametrize(
    "typed",
    ['/book_appointment{"slot":"x"}', "/restart", "//restart", "\u00a0/restart", "\u200b/restart", "/session_start"],
)
async def test_typed_words_with_a_slash_never_act_as_the_system(newcomer: Person, say: Say, typed: str) -> None:
    await newcomer.says(typed)

    (reply,) = await newcomer.replies()

    assert reply.html == say("chat/help")


@pytest.mark.parametrize(
    ("typed", "text"), [("😀", "chat/no_words"), ("?!...", "chat/no_words"), ("waarom " * 1430, "chat/too_long")]
)
async def test_a_text_without_a_question_gets_kind_words(newcomer: Person, say: Say, typed: str, text: str) -> None:
    await newcomer.says(typed)

    assert say(text) in (await newcomer.replies())[-1].html


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker"])
async def test_what_is_no_text_gets_kind_words_and_a_person_is_offered(newcomer: Person, say: Say, kind: str) -> None:
    await newcomer.sends(kind)

    (reply,) = await newcomer.replies()

    assert reply.html == say("chat/only_text")
    assert say("flow/coach_mens") in reply.labels


async def test_an_edited_message_is_answered_by_asking_for_a_new_one(newcomer: Person, say: Say) -> None:
    message = await newcomer.says("Wat is KNM?")
    await newcomer.replies()

    await newcomer.edits(message, "Wat is de MAP?")

    assert (await newcomer.next_reply()).html == say("chat/edited")


async def test_a_message_in_the_group_is_left_alone(sandbox: Sandbox) -> None:
    coach = sandbox.coach(2000).in_group()
    await coach.says("Wie is er morgen?")

    said = await coach.replies(at_least=0, quiet=2)

    assert [reply for reply in said if not reply.text.startswith(NOTIFICATIONS)] == []


async def test_a_button_of_another_chat_does_nothing(sandbox: Sandbox, newcomer: Person, say: Say) -> None:
    await newcomer.says("/afspraak")
    mine = await newcomer.next_reply()
    other = sandbox.newcomer(newcomer.user_id + 500_000)
    await other.says("/help")
    theirs = (await other.replies())[-1]

    await other.forges(str(mine.buttons[0].callback_data), message_id=theirs.message_id)

    assert (await other.next_answer())["text"] == say("chat/old_button")
    assert await newcomer.replies(at_least=0) == []


async def test_a_button_that_was_used_does_nothing_again(newcomer: Person, say: Say) -> None:
    await newcomer.says("/afspraak")
    asked = await newcomer.next_reply()
    await newcomer.presses(say("area/money"), message=asked)
    await newcomer.next_answer()
    await newcomer.replies()

    await newcomer.forges(str(asked.buttons[0].callback_data), message_id=asked.message_id)

    assert (await newcomer.next_answer())["text"] == say("chat/old_button")


async def test_a_number_that_only_the_person_should_know_is_taken_out(newcomer: Person, say: Say) -> None:
    await newcomer.says("mijn bsn is 111222333, wat is het PIP?")

    reply = (await newcomer.replies())[-1]

    assert say("chat/number_blanked") in reply.html
    assert "Plan Inburgering" in reply.text

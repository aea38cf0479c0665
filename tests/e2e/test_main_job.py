"""A newcomer, a coach and the group, each doing their main thing, through everything that is real."""

from bot.sandbox.client import Person, Reply, Sandbox
from tests.e2e.conftest import Say
from tests.e2e.scenes import Guest, book_by_buttons, new_guest, until_time
from tests.e2e.stack import Stack

# Far from the ids that the other tests and the page give: these people must not have met the bot.
NEW, NEW_AND_ENGLISH = 700_000, 800_000
GROUP_SECONDS = 90.0  # a group gets twenty messages a minute, and all tests share this one


def together(replies: list[Reply]) -> str:
    return "\n".join(reply.html for reply in replies)


async def test_a_question_in_dutch_is_answered_in_dutch_with_its_source(newcomer: Person) -> None:
    await newcomer.says("Hoe lang heb ik om in te burgeren?")

    answer = together(await newcomer.replies())

    assert "3 jaar" in answer
    assert "inburgeren.nl" in answer


async def test_a_question_in_english_is_answered_in_english(sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(NEW_AND_ENGLISH, language_code="en")
    await newcomer.says("How long do I have to integrate?")

    answer = together(await newcomer.replies())

    assert "3 years" in answer
    assert "3 jaar" not in answer


async def test_the_first_answer_to_anybody_says_that_it_is_a_bot(sandbox: Sandbox, say: Say) -> None:
    newcomer = sandbox.newcomer(NEW)
    await newcomer.says("Wat is het PIP?")

    first, *rest = await newcomer.replies(at_least=2)

    assert "chatbot" in first.text
    assert "PIP" in together(rest)


async def test_opening_times_come_from_the_store_and_are_said_to_be_a_sample(newcomer: Person) -> None:
    await newcomer.says("is het welkomhuis nu open?")

    answer = together(await newcomer.replies())

    assert "voorbeeld" in answer
    assert "14 030" in answer
    assert "Het Welkomhuis is nu" in answer


async def test_an_appointment_is_booked_shown_and_cancelled_and_the_coaches_hear_of_it(
    sandbox: Sandbox, newcomer: Person
) -> None:
    group, guest = await sandbox.coach(2000).in_group().enters(), Guest(newcomer, "nl")

    booked = await book_by_buttons(guest, "Samira")
    told = await group.next_reply(GROUP_SECONDS, containing="Samira")
    mine = await guest.says("mijn afspraken", "booking/standing")
    await guest.presses("standing/cancel_this", "booking/ask_cancel")
    cancelled = await guest.presses("booking/cancel_yes", "standing/cancelled")

    assert "Geld" in told.text
    assert "november om" in booked.text
    assert "Geld" in mine.text
    assert "afgezegd" in cancelled.text
    assert "afgezegd" in (await group.next_reply(GROUP_SECONDS, containing="Samira")).text


async def test_a_cancelled_time_is_free_again(sandbox: Sandbox, newcomer: Person) -> None:
    guest, other = Guest(newcomer, "nl"), await new_guest(sandbox, "nl")

    async def offered() -> list[str]:
        asked = await until_time(other)
        await other.says("stop", "booking/stopped")
        return asked.labels

    before = await offered()
    await book_by_buttons(guest)
    while_booked = await offered()
    await newcomer.says("/stop")
    await guest.hears("chat/stopped_with_appointments")
    await guest.presses("november", "booking/ask_cancel")
    await guest.presses("booking/cancel_yes", "standing/cancelled")

    assert before[0] not in while_booked
    assert before[0] in await offered()


async def test_a_person_is_asked_for_and_a_coach_takes_it(
    sandbox: Sandbox, newcomer: Person, coach: Person, say: Say
) -> None:
    group = await coach.in_group().enters()
    await coach.enters()

    await newcomer.says("Wat is de leerbaarheidstoets?")
    await newcomer.replies()
    await newcomer.says("ik wil met een mens praten")
    promised = together(await newcomer.replies())
    call = await group.next_reply(GROUP_SECONDS, containing="leerbaarheidstoets")
    await group.presses("Ik neem", message=call)

    assert "coaches" in promised
    assert f"Voorbeeldcoach {coach.user_id}" in (await newcomer.next_reply()).text
    assert f"tg://user?id={newcomer.user_id}" in (await coach.next_reply()).html
    assert f"Voorbeeldcoach {coach.user_id}" in (await group.next_edit()).text


async def test_nobody_but_a_linked_coach_can_take_a_call(
    stack: Stack, sandbox: Sandbox, newcomer: Person, coach: Person
) -> None:
    stranger = await sandbox.coach(2999).in_group().enters()
    await newcomer.says("/mens")
    await newcomer.replies()
    call = await stranger.next_reply(GROUP_SECONDS, containing="met een mens praten")

    await stranger.presses("Ik neem", message=call)

    refused = await stranger.next_answer()
    assert refused["show_alert"]
    await newcomer.replies(at_least=0)

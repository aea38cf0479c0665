from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service import buttons
from service.buttons import NewButton
from store.messages import Button

CHAT, MESSAGE = 1000, 5


def _shown(session: Session, now: datetime, *shown: NewButton, message_id: int | None = MESSAGE) -> None:
    buttons.keep_buttons(session, CHAT, shown, now)
    session.flush()
    if message_id is not None:
        buttons.set_message(session, [button.id for button in shown], message_id)


def test_the_id_of_a_button_fits_in_telegrams_64_bytes() -> None:
    ids = [NewButton("Geld", {"do": "rasa"}).id for _ in range(1000)]
    assert max(len(one.encode()) for one in ids) <= 64
    assert len(set(ids)) == 1000


def test_a_good_press_says_what_the_button_stands_for(session: Session, now: datetime) -> None:
    button = NewButton("Geld", {"do": "rasa", "payload": "/inform"})
    _shown(session, now, button)
    press = buttons.find_press(session, button.id, CHAT, MESSAGE, now)
    assert press
    assert (press.label, press.action) == ("Geld", {"do": "rasa", "payload": "/inform"})


def test_a_forged_button_or_one_of_another_chat_or_message_does_nothing(session: Session, now: datetime) -> None:
    button = NewButton("Geld", {"do": "rasa"})
    _shown(session, now, button)
    assert buttons.find_press(session, "forged", CHAT, MESSAGE, now) is None
    assert buttons.find_press(session, "", CHAT, MESSAGE, now) is None
    assert buttons.find_press(session, button.id, CHAT + 1, MESSAGE, now) is None
    assert buttons.find_press(session, button.id, CHAT, MESSAGE + 1, now) is None


def test_a_button_works_for_a_day(session: Session, now: datetime) -> None:
    button = NewButton("Geld", {"do": "rasa"})
    _shown(session, now, button)
    almost = now + timedelta(hours=24) - timedelta(seconds=1)
    assert buttons.find_press(session, button.id, CHAT, MESSAGE, almost)
    assert buttons.find_press(session, button.id, CHAT, MESSAGE, now + timedelta(hours=24)) is None


def test_a_standing_button_works_longer(session: Session, now: datetime) -> None:
    button = NewButton("Boete", {"do": "rasa"}, is_standing=True)
    _shown(session, now, button)
    assert buttons.find_press(session, button.id, CHAT, MESSAGE, now + timedelta(days=29))
    assert buttons.find_press(session, button.id, CHAT, MESSAGE, now + timedelta(days=30)) is None


def test_a_button_works_if_the_bot_was_killed_before_it_knew_the_message(session: Session, now: datetime) -> None:
    button = NewButton("Geld", {"do": "rasa"})
    _shown(session, now, button, message_id=None)
    assert buttons.find_press(session, button.id, CHAT, MESSAGE, now)


def test_a_press_uses_its_keyboard_up_but_for_what_stands(session: Session, now: datetime) -> None:
    yes, no = NewButton("Ja", {"do": "rasa"}), NewButton("Nee", {"do": "rasa"})
    topics = [NewButton(f"Vraag {n}", {"do": "rasa"}, is_standing=True) for n in range(3)]
    _shown(session, now, topics[0], yes, topics[1], no, topics[2])
    keyboard = buttons.use_keyboard(session, CHAT, MESSAGE, now)
    assert [label for _, label in keyboard.buttons] == ["Vraag 0", "Vraag 1", "Vraag 2"]
    session.expire_all()
    assert buttons.find_press(session, yes.id, CHAT, MESSAGE, now) is None
    assert buttons.find_press(session, no.id, CHAT, MESSAGE, now) is None
    assert buttons.find_press(session, topics[0].id, CHAT, MESSAGE, now)


def test_the_next_keyboard_retires_the_older_ones(session: Session, now: datetime) -> None:
    old, older = NewButton("Oud", {"do": "rasa"}), NewButton("Ouder", {"do": "rasa"})
    standing, new = NewButton("Boete", {"do": "rasa"}, is_standing=True), NewButton("Nieuw", {"do": "rasa"})
    _shown(session, now, older, message_id=3)
    _shown(session, now, old, standing, message_id=4)
    _shown(session, now, new, message_id=None)
    retired = buttons.retire_keyboards(session, CHAT, [new.id], now)
    assert [(one.message_id, [label for _, label in one.buttons]) for one in retired] == [(3, []), (4, ["Boete"])]
    session.expire_all()
    assert buttons.find_press(session, old.id, CHAT, 4, now) is None
    assert buttons.find_press(session, standing.id, CHAT, 4, now)
    assert buttons.find_press(session, new.id, CHAT, 9, now)


def test_the_keyboards_of_another_chat_are_left_alone(session: Session, now: datetime) -> None:
    button = NewButton("Geld", {"do": "rasa"})
    _shown(session, now, button)
    assert buttons.retire_keyboards(session, CHAT + 1, [], now) == []
    assert buttons.find_press(session, button.id, CHAT, MESSAGE, now)


def test_buttons_follow_a_group_to_its_new_id(session: Session, now: datetime) -> None:
    button = NewButton("Ik neem deze", {"do": "claim"}, is_standing=True)
    _shown(session, now, button)
    buttons.move_chat(session, CHAT, -100)
    session.expire_all()
    assert buttons.find_press(session, button.id, -100, 77, now)


def test_buttons_long_out_of_date_are_deleted(session: Session, now: datetime) -> None:
    _shown(session, now - timedelta(days=40), NewButton("Oud", {"do": "rasa"}))
    _shown(session, now, NewButton("Nieuw", {"do": "rasa"}))
    assert buttons.delete_old(session, now - timedelta(days=30)) == 1
    assert [row.action["label"] for row in session.query(Button)] == ["Nieuw"]


def test_a_button_can_say_until_when_it_works(session: Session, now: datetime) -> None:
    shown = [
        NewButton("Ja", {"do": "take_offer"}, is_standing=True, expires_at=now + timedelta(hours=1)),
        NewButton("Later", {"do": "coming"}, is_standing=True, expires_at=now + timedelta(days=60)),
    ]
    _shown(session, now, *shown)
    found = [
        [buttons.find_press(session, one.id, CHAT, MESSAGE, now + later) is not None for one in shown]
        for later in (timedelta(minutes=59), timedelta(hours=1), timedelta(days=59), timedelta(days=60))
    ]
    assert found == [[True, True], [False, True], [False, True], [False, False]]


def test_a_standing_button_for_once_outlives_the_next_keyboard_and_goes_with_its_like(
    session: Session, now: datetime
) -> None:
    take = NewButton("Ja", {"do": "take_offer"}, is_standing=True, is_for_once=True)
    decline = NewButton("Nee", {"do": "decline_offer"}, is_standing=True, is_for_once=True)
    person = NewButton("Mens", {"do": "person"}, is_standing=True)
    _shown(session, now, take, decline, person)
    assert buttons.retire_keyboards(session, CHAT, [], now) == []
    press = buttons.find_press(session, take.id, CHAT, MESSAGE, now)
    assert press
    assert (press.is_for_once, press.action) == (True, {"do": "take_offer"})
    kept = buttons.use_keyboard(session, CHAT, MESSAGE, now)
    assert kept.buttons == ((person.id, "Mens"),)
    assert buttons.find_press(session, decline.id, CHAT, MESSAGE, now) is None


def test_what_a_button_does_is_known_before_it_is_looked_at(session: Session, now: datetime) -> None:
    button = NewButton("Morgen", {"do": "agenda"}, is_standing=True)
    _shown(session, now, button)
    assert buttons.kind_of(session, button.id) == "agenda"
    assert buttons.kind_of(session, "forged") is None

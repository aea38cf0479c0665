from __future__ import annotations

import json
from typing import Any

import pytest
from telegram import Update

from bot.incoming import MAX_KEPT, Incoming, Kept, Kind, from_payload, read_update, strip_start, unreadable

SECRETS = ("Fatima", "Voorbeeld", "fatima_v", "0612345678", "file-id", "52.09", "111222333")
USER = {"id": 1000, "is_bot": False, "first_name": "Fatima", "last_name": "Voorbeeld", "username": "fatima_v"}
PRIVATE = {"id": 1000, "type": "private", "first_name": "Fatima"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Coaches"}
PHOTO = {"photo": [{"file_id": "file-id", "file_unique_id": "u", "width": 1, "height": 1}]}


def _read(**update: Any) -> Kept | None:
    return read_update(Update.de_json({"update_id": 7, **update}, None))


def _message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1_700_000_000, "chat": chat, "from": USER, **content}


@pytest.mark.parametrize(
    "content",
    [
        {"text": "hallo"},
        {"text": "mijn bsn is 111222333"},
        {"contact": {"phone_number": "0612345678", "first_name": "Fatima"}},
        {"location": {"longitude": 5.1, "latitude": 52.09}},
        {**PHOTO, "caption": "bsn 111222333"},
        {"voice": {"file_id": "file-id", "file_unique_id": "u", "duration": 3}},
        {"document": {"file_id": "file-id", "file_unique_id": "u", "file_name": "Voorbeeld.pdf"}},
        {
            "text": "hallo 111222333",
            "entities": [{"type": "text_mention", "offset": 0, "length": 5, "user": USER}],
            "reply_to_message": _message(text="bsn 111222333"),
            "forward_origin": {"type": "hidden_user", "sender_user_name": "Fatima", "date": 1},
        },
    ],
)
def test_nothing_is_kept_that_says_who_it_is(content: dict[str, Any]) -> None:
    kept = _read(message=_message(**content))
    assert kept
    written = json.dumps(kept.incoming.to_payload())
    assert not [secret for secret in SECRETS if secret in written]


def test_a_text_is_kept_with_what_is_needed_to_answer_it() -> None:
    kept = _read(message=_message(text="  Hallo\x00 daar ", **{"from": {**USER, "language_code": "en"}}))
    wanted = Incoming(Kind.TEXT, text="Hallo daar", user_id=1000, app_language="en", message_id=5)
    assert kept == Kept(7, 1000, wanted)
    assert from_payload(wanted.to_payload()) == wanted


def test_a_blanked_number_is_noted() -> None:
    kept = _read(message=_message(text="mijn bsn is 111222333"))
    assert kept
    assert kept.numbers_blanked
    assert kept.incoming.text == "mijn bsn is ***"


def test_of_a_very_long_text_no_more_is_kept_than_shows_that_it_is_too_long() -> None:
    kept = _read(message=_message(text="a" * 10_000))
    assert kept
    assert len(kept.incoming.text) == MAX_KEPT


def test_half_a_sign_does_no_harm() -> None:
    kept = _read(message=_message(text="hallo \ud83d"))
    assert kept
    kept.incoming.text.encode()


@pytest.mark.parametrize(
    "start", [" ", "\n\t", "\u00a0", "\u200b", "\u2060\ufeff", "\u202e", "\u2800", "\x1f", "\u3164"]
)
def test_what_shows_nothing_is_removed_from_the_start(start: str) -> None:
    assert strip_start(f"{start}/restart") == "/restart"


def test_words_keep_their_signs() -> None:
    assert strip_start("می‌خواهم") == "می‌خواهم"


@pytest.mark.parametrize(
    "update",
    [
        {"message": _message(GROUP, text="heeft iemand de sleutel?")},
        {"message": _message(GROUP, **PHOTO)},
        {"message": _message(pinned_message=_message(text="x"))},
        {"message": {**_message(text="ik ben een bot"), "from": {**USER, "is_bot": True}}},
        {"edited_message": _message(GROUP, text="anders")},
        {"edited_message": _message(location={"longitude": 5.1, "latitude": 52.09})},
        {"channel_post": _message({**GROUP, "type": "channel"}, text="nieuws")},
    ],
)
def test_what_needs_no_answer_is_not_kept(update: dict[str, Any]) -> None:
    assert _read(**update) is None


def test_a_command_in_a_group_is_kept() -> None:
    kept = _read(message=_message(GROUP, text="/help@wegwijsbot"))
    assert kept
    assert (kept.chat_id, kept.incoming.is_private, kept.incoming.text) == (-1001, False, "/help@wegwijsbot")


def test_of_an_edit_only_that_it_was_is_kept() -> None:
    kept = _read(edited_message=_message(text="anders"))
    assert kept
    assert kept.incoming == Incoming(Kind.EDITED, message_id=5)


def test_a_press_is_kept_with_the_bots_own_words() -> None:
    entities = [{"type": "bold", "offset": 0, "length": 4}]
    message = {"message_id": 9, "date": 1, "chat": PRIVATE, "text": "Waar over?", "entities": entities}
    kept = _read(callback_query={"id": "q", "from": USER, "chat_instance": "c", "data": "abc", "message": message})
    assert kept
    wanted = Incoming(Kind.BUTTON, user_id=1000, message_id=9, button_id="abc", query_id="q", html="<b>Waar</b> over?")
    assert kept == Kept(7, 1000, wanted)


def test_a_press_under_a_message_that_is_gone_is_kept() -> None:
    message = {"message_id": 9, "date": 0, "chat": PRIVATE}
    kept = _read(callback_query={"id": "q", "from": USER, "chat_instance": "c", "data": "abc", "message": message})
    assert kept
    assert kept.incoming.html is None


def _member(chat: dict[str, Any], status: str) -> dict[str, Any]:
    bot = {"id": 1, "is_bot": True, "first_name": "Wegwijs"}
    new = {"user": bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}
    old = {"user": bot, "status": "left"}
    return {"chat": chat, "from": USER, "date": 1, "old_chat_member": old, "new_chat_member": new}


@pytest.mark.parametrize(
    ("chat", "status", "kind"),
    [(PRIVATE, "kicked", Kind.BLOCKED), (PRIVATE, "member", Kind.UNBLOCKED), (GROUP, "member", Kind.JOINED_GROUP)],
)
def test_membership_is_kept(chat: dict[str, Any], status: str, kind: Kind) -> None:
    kept = _read(my_chat_member=_member(chat, status))
    assert kept
    assert kept.incoming.kind is kind


def test_leaving_a_group_is_not_kept() -> None:
    assert _read(my_chat_member=_member(GROUP, "left")) is None


def test_a_group_that_moved_is_kept_with_its_new_id() -> None:
    kept = _read(message=_message({**GROUP, "id": -5, "type": "group"}, migrate_to_chat_id=-1009))
    assert kept
    assert (kept.chat_id, kept.incoming.kind, kept.incoming.moved_to) == (-5, Kind.GROUP_MOVED, -1009)


def test_an_update_at_which_we_failed_is_kept_without_its_content() -> None:
    update = Update.de_json({"update_id": 7, "message": _message(text="hallo")}, None)
    assert unreadable(update) == Kept(7, 1000, Incoming(Kind.UNREADABLE))
    group = Update.de_json({"update_id": 7, "message": _message(GROUP, text="hallo")}, None)
    assert unreadable(group) is None


def test_a_payload_without_a_kind_is_unreadable() -> None:
    assert from_payload({"faults": 3}) == Incoming(Kind.UNREADABLE)

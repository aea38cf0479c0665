from __future__ import annotations

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session, sessionmaker

from service.appointments import book_appointment, cancel_appointment, free_times
from service.days import local_day
from service.handoffs import request_person
from service.newcomers import (
    chat_ref,
    erase_newcomer,
    find_newcomer,
    kept_data,
    meet_newcomer,
    set_language,
    stop_messages,
)
from service.notifications import notify
from service.waiting_list import join_line
from store.messages import Button, InboxUpdate, Notification, Reply
from store.models import Appointment, AppointmentStatus, Canceller, HandOff, Newcomer, TimeOffer, WaitingEntry
from tests.factories import NOW, make_appointment, make_coach, make_newcomer, make_request, make_week

CHAT = 987_654_321
REF = "f" * 64
NINE = datetime(2026, 11, 25, 8, 0, tzinfo=NOW.tzinfo)


def test_a_chat_is_known_by_a_keyed_hash() -> None:
    expected = hmac.new(b"a secret of ours", b"987654321", hashlib.sha256).hexdigest()
    assert chat_ref("a secret of ours", CHAT) == expected
    assert chat_ref("another secret", CHAT) != expected


def test_a_newcomer_is_met_once(session: Session, now: datetime) -> None:
    first = meet_newcomer(session, CHAT, REF, "ar", now)
    later = meet_newcomer(session, CHAT, REF, "nl", now + timedelta(hours=1))
    assert later is first
    assert (first.language, first.language_chosen) == ("ar", False)
    assert (first.created_at, first.last_seen_at) == (now, now + timedelta(hours=1))
    assert find_newcomer(session, REF) is first
    assert find_newcomer(session, "0" * 64) is None


def test_who_writes_again_hears_again(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session, chat_id=CHAT, stopped_at=now, blocked_at=now)
    meet_newcomer(session, CHAT, newcomer.chat_ref, "nl", now)
    assert newcomer.stopped_at is None
    assert newcomer.blocked_at is None


def test_another_secret_gives_the_same_newcomer_another_hash(session: Session, now: datetime) -> None:
    newcomer = meet_newcomer(session, CHAT, REF, "nl", now)
    assert meet_newcomer(session, CHAT, "e" * 64, "nl", now) is newcomer
    assert find_newcomer(session, "e" * 64) is newcomer


def test_one_person_met_many_times_at_once_is_one(sessions: sessionmaker[Session], now: datetime) -> None:
    barrier = Barrier(8)

    def meet(_number: int) -> int:
        barrier.wait(timeout=30)
        with sessions.begin() as session:
            return meet_newcomer(session, CHAT, REF, "nl", now).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(meet, range(8)))) == 1


def test_a_language_is_remembered(session: Session) -> None:
    newcomer = make_newcomer(session)
    set_language(session, newcomer, "en", chosen=True)
    session.refresh(newcomer)
    assert (newcomer.language, newcomer.language_chosen) == ("en", True)


def test_stopping_names_what_still_stands(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    newcomer = make_newcomer(session)
    standing = make_appointment(session, newcomer, coach, place)
    make_appointment(session, newcomer, coach, place, starts_at=now - timedelta(days=1))
    assert stop_messages(session, newcomer, now) == [standing]
    assert newcomer.stopped_at == now
    assert standing.status is AppointmentStatus.BOOKED


def fill(session: Session, now: datetime) -> tuple[Newcomer, Appointment, Appointment]:
    """Leave traces of one newcomer everywhere: returns the appointment that is past and the one to come."""
    coach = make_coach(session)
    place = make_week(session, coach)
    newcomer = make_newcomer(session, chat_id=CHAT, chat_ref=REF)
    past = make_appointment(
        session,
        newcomer,
        coach,
        place,
        starts_at=now - timedelta(days=30),
        called_name="Zoefje",
        telephone="0698765432",
        reason="Geheimpje",
        request_key=f"{REF}:1",
    )
    newcomer.coach_id = coach.id
    traces = {"called_name": "Zoefje", "telephone": "0698765432", "reason": "Geheimpje"}
    withdrawn = book_appointment(session, newcomer, make_request(coach, NINE + timedelta(hours=1), **traces), now)
    cancel_appointment(session, newcomer, withdrawn.id, now)
    coming = book_appointment(session, newcomer, make_request(coach, NINE, request_key=f"{REF}:2", **traces), now)
    waits = join_line(session, newcomer, coming.id, now)
    offer = {"coach_id": coach.id, "starts_at": NINE, "offered_at": now, "expires_at": now + timedelta(hours=1)}
    session.add(TimeOffer(entry_id=waits.id, **offer))
    request_person(session, newcomer, "wet/boete", f"{REF}:3", now)
    notify(session, newcomer=newcomer, name="booking/reminder", arguments=traces, now=now)
    for update_id, attempts, done_at in ((1, 1, now), (2, 0, None)):
        session.add(
            InboxUpdate(
                update_id=update_id,
                chat_id=CHAT,
                payload={"text": "Zoefje"},
                received_at=now,
                not_before=now,
                attempts=attempts,
                done_at=done_at,
            )
        )
    session.flush()
    session.add(Reply(update_id=1, position=1, body={"text": "Zoefje"}))
    session.add(Button(id="b", chat_id=CHAT, action={"payload": "Zoefje"}, created_at=now, expires_at=now))
    session.flush()
    return newcomer, past, coming


def test_what_is_kept_is_shown(session: Session, now: datetime) -> None:
    newcomer, past, coming = fill(session, now)
    kept = kept_data(session, newcomer)
    assert (kept.since, kept.last_seen_at, kept.language, kept.language_chosen) == (now, now, "nl", False)
    assert [kept.appointments[0], kept.appointments[1]] == [past, coming]
    assert kept.own_coach is coming.coach
    assert kept.appointments[0].reason == "Geheimpje"
    assert (len(kept.appointments), kept.hand_offs, kept.messages, kept.notifications) == (3, 1, 2, 3)


def everything(session: Session) -> str:
    """Read the whole store as text."""
    tables = inspect(session.connection()).get_table_names()
    return "\n".join(str(row) for table in tables for row in session.execute(text(f'select * from "{table}"')))


def test_erasing_leaves_nothing_that_leads_to_the_person(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        newcomer, _, _ = fill(session, now)
        before = everything(session)
        assert all(trace in before for trace in ("Zoefje", "0698765432", "Geheimpje", REF, str(CHAT)))
    with sessions.begin() as session:
        erase_newcomer(session, session.get_one(Newcomer, newcomer.id), now)
    with sessions() as session:
        left = everything(session)
        assert [
            trace for trace in ("Zoefje", "0698765432", "Geheimpje", REF, str(CHAT), "wet/boete") if trace in left
        ] == []
        for kind in (Newcomer, InboxUpdate, Reply, Button):
            assert session.scalars(select(kind)).all() == []


def test_erasing_cancels_what_is_to_come_and_keeps_the_past(session: Session, now: datetime) -> None:
    newcomer, past, coming = fill(session, now)
    erase_newcomer(session, newcomer, now)
    assert (past.status, coming.status) == (AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED)
    assert (coming.cancelled_by, coming.cancelled_at) == (Canceller.ERASED, now)
    for appointment in (past, coming):
        assert (appointment.newcomer_id, appointment.called_name, appointment.telephone) == (None, None, None)
    assert NINE in [free.starts_at for free in free_times(session, local_day(NINE), now)]


def test_the_coaches_hear_of_an_erasure_without_a_name(session: Session, now: datetime) -> None:
    newcomer, _, coming = fill(session, now)
    erase_newcomer(session, newcomer, now)
    rows = session.scalars(select(Notification).order_by(Notification.id)).all()
    assert [(row.name, row.coach_id) for row in rows] == [
        ("booking/cancelled_coaches", None),
        ("booking/cancelled_coach", coming.coach_id),
    ]
    for row in rows:
        assert row.arguments["reason"] == {"text": "cancel_reason/erased"}
        assert row.arguments["called_name"] == {"text": "booking/no_name"}
        assert row.arguments["when"] == {"datetime": NINE.isoformat()}


def test_erasing_ends_the_wait_for_a_sooner_time_and_all_reminders(session: Session, now: datetime) -> None:
    newcomer, _, _ = fill(session, now)
    other = make_newcomer(session)
    coach = make_coach(session)
    make_week(session, coach)
    kept = book_appointment(session, other, make_request(coach, NINE + timedelta(days=1)), now)
    join_line(session, other, kept.id, now)
    reminders = select(Notification.appointment_id).where(Notification.name.like("reminder/%")).distinct()
    assert len(session.scalars(reminders).all()) == 2
    erase_newcomer(session, newcomer, now)
    assert session.scalars(reminders).all() == [kept.id]
    still_open = select(WaitingEntry.appointment_id).where(WaitingEntry.closed_at.is_(None))
    assert session.scalars(still_open).all() == [kept.id]
    assert session.scalars(select(TimeOffer.answered_at)).all() == [now]


def test_erasing_takes_the_name_off_the_buttons_of_a_coach(session: Session, now: datetime) -> None:
    newcomer, _, coming = fill(session, now)
    other = make_appointment(session, make_newcomer(session), coming.coach, coming.place)
    actions = {
        "mine": {"do": "agenda", "label": "09:00 Zoefje", "appointment": coming.id},
        "others": {"do": "agenda", "label": "10:00 Ander", "appointment": other.id},
        "none": {"do": "agenda", "label": "Vandaag"},
        "rasa": {"do": "rasa", "label": "x", "payload": "/stop"},
    }
    for name, action in actions.items():
        session.add(Button(id=name, chat_id=CHAT + 1, action=action, created_at=now, expires_at=now))
    session.flush()
    erase_newcomer(session, newcomer, now)
    assert sorted(session.scalars(select(Button.id))) == ["none", "others", "rasa"]


def test_erasing_closes_hand_offs(session: Session, now: datetime) -> None:
    newcomer, _, _ = fill(session, now)
    erase_newcomer(session, newcomer, now)
    hand_off = session.scalars(select(HandOff)).one()
    assert (hand_off.newcomer_id, hand_off.closed_at) == (None, now)


def test_the_update_that_is_being_answered_is_left_to_its_worker(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session, chat_id=CHAT)
    session.add(InboxUpdate(update_id=7, chat_id=CHAT, payload={}, received_at=now, not_before=now, attempts=1))
    session.flush()
    erase_newcomer(session, newcomer, now)
    assert session.scalars(select(InboxUpdate.update_id)).all() == [7]


def test_others_are_left_alone(session: Session, now: datetime) -> None:
    newcomer, _, coming = fill(session, now)
    other = make_newcomer(session)
    kept = make_appointment(session, other, coming.coach, coming.place, called_name="Ander")
    notify(session, newcomer=other, name="booking/reminder", arguments={}, now=now, appointment=kept)
    erase_newcomer(session, newcomer, now)
    session.refresh(kept)
    assert (kept.newcomer_id, kept.called_name, kept.status) == (other.id, "Ander", AppointmentStatus.BOOKED)
    assert session.scalars(select(Notification).where(Notification.newcomer_id == other.id)).one()


def test_someone_who_was_erased_can_come_back(session: Session, now: datetime) -> None:
    newcomer, _, _ = fill(session, now)
    erase_newcomer(session, newcomer, now)
    back = meet_newcomer(session, CHAT, REF, "nl", now)
    assert kept_data(session, back).appointments == ()

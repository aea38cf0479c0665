from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from service import outbox
from service.appointments import book_appointment, cancel_appointment, move_appointment
from service.days import moment_of
from service.errors import AlreadyCancelled, NoSuchAppointment, OfferLapsed, TimeTaken, TooLate
from service.newcomers import erase_newcomer
from service.offers import MOST_A_DAY, OFFER_LIFE, decline_offer, offer_times, take_offer
from service.waiting_list import close_entry, join_line, leave_line, open_entry, place_in_line
from store.messages import Notification, NotificationState
from store.models import Appointment, AppointmentStatus, Area, Coach, Mode, Newcomer, TimeOffer, WaitingEntry
from tests.factories import (
    make_appointment,
    make_availability,
    make_coach,
    make_coach_area,
    make_coach_language,
    make_newcomer,
    make_place,
    make_request,
)

TODAY, WEDNESDAY, FRIDAY = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 27)
MINUTE = timedelta(minutes=1)


def _coach(session: Session, *weekdays: int, ends: str = "10:00", **values: object) -> Coach:
    """Make a coach who is free from nine on some weekdays, for two appointments by default."""
    coach = make_coach(session, **values)
    place = make_place(session)
    for weekday in weekdays:
        make_availability(session, coach, weekday, "09:00", ends, place=place)
    return coach


def _booked(session: Session, coach: Coach, day: date, begins: time, now: datetime, **values: object) -> Appointment:
    request = make_request(coach, moment_of(day, begins), **values)
    return book_appointment(session, make_newcomer(session), request, now)


def _who(appointment: Appointment) -> Newcomer:
    assert appointment.newcomer is not None
    return appointment.newcomer


def _in_line(session: Session, appointment: Appointment, now: datetime) -> Appointment:
    join_line(session, _who(appointment), appointment.id, now)
    return appointment


def _offers(session: Session, appointment: Appointment) -> list[TimeOffer]:
    query = select(TimeOffer).join(TimeOffer.entry).where(WaitingEntry.appointment_id == appointment.id)
    return list(session.scalars(query.order_by(TimeOffer.id)))


def _heard(session: Session, appointment: Appointment) -> list[Notification]:
    query = select(Notification).where(
        Notification.appointment_id == appointment.id, Notification.name == "waiting/offer"
    )
    return list(session.scalars(query.order_by(Notification.id)))


@pytest.fixture
def waiting(session: Session, now: datetime) -> Appointment:
    """Give an appointment on Friday at 9:30, of somebody in line; on Wednesday its coach has two free times."""
    return _in_line(session, _booked(session, _coach(session, 2, 4), FRIDAY, time(9, 30), now), now)


# The line.


def test_who_joins_twice_keeps_the_place(session: Session, now: datetime) -> None:
    coach = _coach(session, 2)
    first = _booked(session, coach, WEDNESDAY, time(9), now)
    second = _booked(session, coach, WEDNESDAY, time(9, 30), now)
    entry = join_line(session, _who(first), first.id, now)
    _in_line(session, second, now)
    assert join_line(session, _who(first), first.id, now + MINUTE).id == entry.id
    assert (place_in_line(session, first), place_in_line(session, second)) == (1, 2)
    assert leave_line(session, _who(first), first.id, now)
    assert (place_in_line(session, first), place_in_line(session, second)) == (None, 1)


def test_only_for_the_own_appointment_that_stands_can_somebody_wait(session: Session, now: datetime) -> None:
    appointment = _booked(session, _coach(session, 2), WEDNESDAY, time(9), now)
    stranger, newcomer = make_newcomer(session), _who(appointment)
    for act in (join_line, leave_line):
        with pytest.raises(NoSuchAppointment):
            act(session, stranger, appointment.id, now)
    with pytest.raises(TooLate):
        join_line(session, newcomer, appointment.id, appointment.starts_at)
    cancel_appointment(session, newcomer, appointment.id, now)
    with pytest.raises(AlreadyCancelled):
        join_line(session, newcomer, appointment.id, now)
    assert open_entry(session, appointment) is None


def test_who_leaves_hears_no_offer_and_can_join_again_at_the_end(
    session: Session, now: datetime, waiting: Appointment
) -> None:
    assert offer_times(session, now) == 1
    assert leave_line(session, _who(waiting), waiting.id, now)
    assert not leave_line(session, _who(waiting), waiting.id, now)
    assert _heard(session, waiting) == []
    assert waiting.status is AppointmentStatus.BOOKED
    other = _in_line(session, _booked(session, _coach(session, 4), FRIDAY, time(9, 30), now), now)
    _in_line(session, waiting, now)
    assert (place_in_line(session, other), place_in_line(session, waiting)) == (1, 2)


@pytest.mark.parametrize("how", ["cancelled", "erased", "moved sooner"])
def test_the_wait_ends_with_the_appointment_or_a_sooner_one(
    session: Session, now: datetime, waiting: Appointment, how: str
) -> None:
    newcomer = _who(waiting)
    if how == "cancelled":
        cancel_appointment(session, newcomer, waiting.id, now)
    elif how == "erased":
        erase_newcomer(session, newcomer, now)
    else:
        move_appointment(session, newcomer, waiting.id, moment_of(FRIDAY, time(9)), waiting.coach_id, now)
    assert open_entry(session, waiting) is None
    assert offer_times(session, now) == 0


def test_the_wait_ends_when_the_appointment_begins(session: Session, waiting: Appointment) -> None:
    offer_times(session, waiting.starts_at - MINUTE)
    session.expire_all()
    assert open_entry(session, waiting) is not None
    offer_times(session, waiting.starts_at)
    assert open_entry(session, waiting) is None


# Offering.


def test_the_first_sooner_time_is_offered_with_all_that_it_takes_to_decide(
    session: Session, now: datetime, waiting: Appointment
) -> None:
    assert offer_times(session, now) == 1
    (offer,) = _offers(session, waiting)
    (heard,) = _heard(session, waiting)
    sooner = moment_of(WEDNESDAY, time(9))
    assert (offer.coach_id, offer.starts_at, offer.offered_at) == (waiting.coach_id, sooner, now)
    assert offer.expires_at == heard.lapses_at == now + OFFER_LIFE
    assert heard.keeps_quiet
    assert heard.newcomer_id == waiting.newcomer_id
    assert heard.arguments == {
        "when": {"datetime": sooner.isoformat()},
        "old": {"datetime": waiting.starts_at.isoformat()},
        "area": {"text": "area/money"},
        "mode": {"text": "mode/place"},
        "coach": waiting.coach.name,
        "organisation": waiting.coach.organisation.name,
        "offer": offer.id,
    }


def test_one_offer_at_a_time_and_never_the_same_twice(session: Session, now: datetime, waiting: Appointment) -> None:
    offer_times(session, now)
    assert offer_times(session, now + OFFER_LIFE - MINUTE) == 0
    assert offer_times(session, now + OFFER_LIFE) == 1
    assert [offer.starts_at for offer in _offers(session, waiting)] == [
        moment_of(WEDNESDAY, time(9)),
        moment_of(WEDNESDAY, time(9, 30)),
    ]


def test_nobody_is_asked_all_day(session: Session, now: datetime) -> None:
    coach = _coach(session, 2, 4, ends="12:00")
    appointment = _in_line(session, _booked(session, coach, FRIDAY, time(11, 30), now), now)
    made = [offer_times(session, now + hours * OFFER_LIFE) for hours in range(8)]
    assert made == [1] * MOST_A_DAY + [0] * (8 - MOST_A_DAY)
    assert offer_times(session, now + timedelta(days=1)) == 1
    assert len(_offers(session, appointment)) == MOST_A_DAY + 1


def test_a_time_goes_to_the_first_in_line_and_to_one_at_a_time(session: Session, now: datetime) -> None:
    _coach(session, 2, ends="09:30")
    first, second = (_in_line(session, _booked(session, _coach(session, 4), FRIDAY, time(9), now), now) for _ in "12")
    assert offer_times(session, now) == 1
    assert (len(_offers(session, first)), len(_offers(session, second))) == (1, 0)
    decline_offer(session, _who(first), _offers(session, first)[0].id, now)
    assert offer_times(session, now) == 1
    assert (len(_offers(session, first)), len(_offers(session, second))) == (1, 1)


def test_no_later_time_is_offered(session: Session, now: datetime) -> None:
    _coach(session, 2, ends="09:30")  # at nine as well: that is no sooner
    first = _in_line(session, _booked(session, _coach(session, 2), WEDNESDAY, time(9), now), now)
    second = _in_line(session, _booked(session, _coach(session, 4), FRIDAY, time(9), now), now)
    assert offer_times(session, now) == 1
    assert (len(_offers(session, first)), len(_offers(session, second))) == (0, 1)


def test_a_time_that_overlaps_the_own_appointment_can_take_its_place(session: Session, now: datetime) -> None:
    coach = _coach(session, 4, appointment_minutes=45, ends="10:30")
    _in_line(session, _booked(session, _coach(session, 4), FRIDAY, time(9, 30), now), now)
    assert offer_times(session, now) == 1
    assert session.scalars(select(TimeOffer.starts_at)).all() == [moment_of(FRIDAY, time(9))]
    assert session.scalars(select(TimeOffer.coach_id)).all() == [coach.id]


@pytest.mark.parametrize(("values", "offered"), [({"interpreter": False}, 0), ({"interpreter": True}, 1)])
def test_only_what_suits_the_talk_is_offered(
    session: Session, now: datetime, values: dict[str, bool], offered: int
) -> None:
    _coach(session, 2)  # speaks Dutch only
    arabic = _coach(session, 4)
    make_coach_language(session, arabic, "ar")
    _in_line(session, _booked(session, arabic, FRIDAY, time(9), now, language="ar", **values), now)
    assert offer_times(session, now) == offered


def test_only_a_coach_of_the_area_and_the_way_to_meet_is_offered(session: Session, now: datetime) -> None:
    make_coach_area(session, _coach(session, 2), Area.WORK)
    by_telephone = _coach(session, 2)
    by_telephone.availability[0].mode = Mode.TELEPHONE
    _in_line(session, _booked(session, _coach(session, 4), FRIDAY, time(9), now), now)
    assert offer_times(session, now) == 0


def test_nothing_is_offered_in_the_quiet_hours_nor_just_before(
    session: Session, now: datetime, waiting: Appointment
) -> None:
    assert offer_times(session, moment_of(TODAY, time(21))) == 0
    assert offer_times(session, moment_of(TODAY, time(20, 55))) == 0  # would lapse at night if it were sent late
    assert offer_times(session, moment_of(TODAY, time(20, 45))) == 1


def test_an_offer_ends_before_the_coach_s_notice(session: Session, now: datetime) -> None:
    coach = _coach(session, 1, 4, ends="11:00", notice_minutes=40)
    appointment = _in_line(session, _booked(session, coach, FRIDAY, time(9), now), now)
    early = moment_of(TODAY, time(8, 5))
    assert offer_times(session, early) == 1
    (offer,) = _offers(session, appointment)
    assert (offer.starts_at, offer.expires_at) == (moment_of(TODAY, time(9)), moment_of(TODAY, time(8, 20)))


def test_what_leaves_no_time_to_decide_is_not_offered(session: Session, now: datetime) -> None:
    coach = _coach(session, 1, 4, ends="10:30", notice_minutes=60)
    _in_line(session, _booked(session, coach, FRIDAY, time(9), now), now)
    ten = moment_of(TODAY, time(10))
    assert offer_times(session, ten - timedelta(minutes=69)) == 0
    assert offer_times(session, ten - timedelta(minutes=70)) == 1


def test_who_cannot_move_any_more_is_offered_nothing(session: Session, now: datetime) -> None:
    coach = _coach(session, 2, change_minutes=60 * 24)
    _coach(session, 1, ends="17:00")
    _in_line(session, _booked(session, coach, WEDNESDAY, time(9, 30), now), now)
    assert offer_times(session, now + timedelta(minutes=25)) == 0
    assert offer_times(session, now) == 1


def test_nobody_is_offered_a_time_at_which_they_talk_already(session: Session, now: datetime) -> None:
    _coach(session, 2, ends="09:30")
    appointment = _in_line(session, _booked(session, _coach(session, 4), FRIDAY, time(9), now), now)
    make_appointment(
        session,
        appointment.newcomer,
        make_coach(session),
        make_place(session),
        starts_at=moment_of(WEDNESDAY, time(9, 15)),
    )
    assert offer_times(session, now) == 0


def test_for_an_appointment_that_is_off_nothing_is_offered(
    session: Session, now: datetime, waiting: Appointment
) -> None:
    waiting.status = AppointmentStatus.CANCELLED  # at the moment at which the person joined
    session.flush()
    assert offer_times(session, now) == 0


@pytest.mark.parametrize("how", ["stopped_at", "blocked_at"])
def test_who_stopped_or_blocked_the_bot_does_not_keep_a_time_from_others(
    session: Session, now: datetime, how: str
) -> None:
    _coach(session, 2, ends="09:30")
    first, second = (_in_line(session, _booked(session, _coach(session, 4), FRIDAY, time(9), now), now) for _ in "12")
    setattr(_who(first), how, now)
    session.flush()
    assert offer_times(session, now) == 1
    assert len(_offers(session, second)) == 1


# Answering.


def _offered(session: Session, appointment: Appointment, now: datetime) -> int:
    assert offer_times(session, now) == 1
    return _offers(session, appointment)[-1].id


def test_who_takes_an_offer_is_moved_and_leaves_the_line(session: Session, now: datetime, waiting: Appointment) -> None:
    offer_id = _offered(session, waiting, now)
    taken = take_offer(session, _who(waiting), offer_id, now + MINUTE)
    assert (taken.id, taken.starts_at, taken.sequence) == (waiting.id, moment_of(WEDNESDAY, time(9)), 1)
    assert open_entry(session, waiting) is None
    assert take_offer(session, _who(waiting), offer_id, now + 2 * OFFER_LIFE).sequence == 1
    session.expire_all()
    assert _offers(session, waiting)[0].answered_at == now + MINUTE


def test_an_offer_that_was_read_is_not_sent_again(session: Session, now: datetime, waiting: Appointment) -> None:
    offer_id = _offered(session, waiting, now)
    take_offer(session, _who(waiting), offer_id, now)
    assert "waiting/offer" not in {due.name for due in outbox.claim_due(session, now, 50)}


def test_who_comes_second_keeps_appointment_and_place_and_gets_the_next_time(
    session: Session, now: datetime, waiting: Appointment
) -> None:
    offer_id = _offered(session, waiting, now)
    _booked(session, waiting.coach, WEDNESDAY, time(9), now)
    with pytest.raises(TimeTaken):
        take_offer(session, _who(waiting), offer_id, now)
    session.expire_all()
    assert (waiting.starts_at, waiting.sequence) == (moment_of(FRIDAY, time(9, 30)), 0)
    assert place_in_line(session, waiting) == 1
    assert offer_times(session, now) == 1
    assert _offers(session, waiting)[-1].starts_at == moment_of(WEDNESDAY, time(9, 30))


def test_an_offer_too_old_declined_left_or_another_s_is_none(
    session: Session, now: datetime, waiting: Appointment
) -> None:
    newcomer, offer_id = _who(waiting), _offered(session, waiting, now)
    for someone, at in ((make_newcomer(session), now), (newcomer, now + OFFER_LIFE)):
        with pytest.raises(OfferLapsed):
            take_offer(session, someone, offer_id, at)
    with pytest.raises(OfferLapsed):
        decline_offer(session, make_newcomer(session), offer_id, now)
    assert decline_offer(session, newcomer, offer_id, now).id == waiting.id
    with pytest.raises(OfferLapsed):
        take_offer(session, newcomer, offer_id, now)
    next_id = _offered(session, waiting, now)
    leave_line(session, newcomer, waiting.id, now)
    for act in (take_offer, decline_offer):
        with pytest.raises(OfferLapsed):
            act(session, newcomer, next_id, now)
    assert waiting.starts_at == moment_of(FRIDAY, time(9, 30))


def test_who_declines_twice_declined_the_first_time(session: Session, now: datetime, waiting: Appointment) -> None:
    offer_id = _offered(session, waiting, now)
    decline_offer(session, _who(waiting), offer_id, now)
    decline_offer(session, _who(waiting), offer_id, now + MINUTE)
    assert _offers(session, waiting)[0].answered_at == now


def test_closing_an_entry_answers_its_offers(session: Session, now: datetime, waiting: Appointment) -> None:
    _offered(session, waiting, now)
    assert close_entry(session, waiting, now + MINUTE)
    assert not close_entry(session, waiting, now + MINUTE)
    session.expire_all()
    assert [offer.answered_at for offer in _offers(session, waiting)] == [now + MINUTE]


def test_what_was_sent_stays_when_an_entry_is_closed(session: Session, now: datetime, waiting: Appointment) -> None:
    _offered(session, waiting, now)
    outbox.settle_sent(session, _heard(session, waiting)[0].id, 5, now)
    about = select(Notification.name).where(Notification.appointment_id == waiting.id)
    names = sorted(session.scalars(about))
    close_entry(session, waiting, now)
    session.expire_all()
    assert [row.state for row in _heard(session, waiting)] == [NotificationState.SENT]
    assert sorted(session.scalars(about)) == names  # the reminders, for instance


def test_two_bots_offer_a_time_once(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        _coach(session, 2, ends="09:30")
        for _ in range(2):
            _in_line(session, _booked(session, _coach(session, 4), FRIDAY, time(9), now), now)
    with sessions() as one, sessions() as other:
        first = offer_times(one, now)
        if one.get_bind().dialect.name == "sqlite":  # the second would wait for the first to commit
            one.commit()
        second = offer_times(other, now)
        one.commit()
        other.commit()
    assert (first, second) == (1, 0)


def test_many_wishes_do_not_read_the_days_many_times(session: Session, now: datetime) -> None:
    coach = _coach(session, 3, 4, ends="13:00")
    for place, area in enumerate(list(Area)[:6]):
        begins = time(9 + place // 2, 30 * (place % 2))
        _in_line(session, _booked(session, coach, FRIDAY, begins, now, area=area), now)
    read = []

    def note(*given: object) -> None:
        read.append(str(given[2]))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert offer_times(session, now) == 6
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert sum("min(appointment_step" in statement for statement in read) == 1

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from service.errors import AlreadyClaimed, NoSuchHandOff, NoSuchNewcomer, WegwijsError
from service.handoffs import claim_hand_off, request_person
from store.messages import Notification
from store.models import Coach, HandOff, HandOffClaim, Newcomer
from tests.factories import make_coach, make_hand_off, make_newcomer


def told(session: Session) -> list[Notification]:
    return list(session.scalars(select(Notification).order_by(Notification.id)))


def test_asking_for_a_person_calls_the_group(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session, language="ar")
    hand_off = request_person(session, newcomer, "wet/boete", "ref:1", now)
    (called,) = told(session)
    assert (called.name, called.newcomer_id, called.coach_id) == ("handoff/called", None, None)
    assert called.hand_off_id == hand_off.id
    assert called.arguments == {"language": {"language": "ar"}, "topic": {"text": "wet/boete"}}


def test_without_a_topic_the_group_hears_so(session: Session, now: datetime) -> None:
    request_person(session, make_newcomer(session), None, None, now)
    assert told(session)[0].arguments["topic"] == {"text": "handoff/no_topic"}


def test_an_open_hand_off_is_not_doubled(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session)
    first = request_person(session, newcomer, None, "ref:1", now)
    assert request_person(session, newcomer, "wet/boete", "ref:2", now) is first
    assert len(told(session)) == 1


def test_danger_calls_the_group_urgently_also_when_a_hand_off_is_open(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session)
    first = request_person(session, newcomer, "wet/boete", "ref:1", now)
    assert request_person(session, newcomer, "veilig/thuis", "ref:2", now, is_urgent=True) is first
    request_person(session, newcomer, "veilig/thuis", "ref:3", now, is_urgent=True)
    assert [one.name for one in told(session)] == ["handoff/called", "handoff/called_urgent"]
    assert told(session)[1].arguments["topic"] == {"text": "veilig/thuis"}
    assert first.is_urgent


def test_a_first_wish_can_be_urgent(session: Session, now: datetime) -> None:
    request_person(session, make_newcomer(session), "veilig/thuis", "ref:1", now, is_urgent=True)
    assert [one.name for one in told(session)] == ["handoff/called_urgent"]


def test_a_new_one_opens_after_the_old_one_is_closed(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session)
    first = request_person(session, newcomer, None, "ref:1", now)
    first.closed_at = now
    session.flush()
    assert request_person(session, newcomer, None, "ref:2", now) is not first
    assert request_person(session, newcomer, None, "ref:1", now) is first
    assert len(told(session)) == 2


def test_the_wish_and_the_call_are_one_transaction(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions() as session:
        request_person(session, make_newcomer(session), None, None, now)
        session.rollback()
    with sessions() as session:
        assert told(session) == []


def test_an_erased_newcomer_cannot_ask(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        newcomer = make_newcomer(session)
    with sessions.begin() as session:
        session.delete(session.get_one(Newcomer, newcomer.id))
    with sessions.begin() as session, pytest.raises(NoSuchNewcomer):
        request_person(session, newcomer, None, None, now)


def test_a_claim_is_told_to_all_sides(session: Session, now: datetime) -> None:
    newcomer, coach = make_newcomer(session), make_coach(session)
    hand_off = make_hand_off(session, newcomer, topic="wet/boete")
    claim_hand_off(session, hand_off.id, coach, now)
    who = {"coach": coach.name, "organisation": coach.organisation.name}
    about = {"language": {"language": "nl"}, "topic": {"text": "wet/boete"}}
    assert [(row.name, row.newcomer_id, row.coach_id, row.arguments) for row in told(session)] == [
        ("handoff/claimed_newcomer", newcomer.id, None, who),
        ("handoff/claimed_coach", None, coach.id, about),
        ("handoff/claimed_group", None, None, who),
    ]


def test_a_second_coach_hears_who_has_it(session: Session, now: datetime) -> None:
    first, second = make_coach(session), make_coach(session)
    hand_off = make_hand_off(session, make_newcomer(session))
    claim_hand_off(session, hand_off.id, first, now)
    with pytest.raises(AlreadyClaimed) as refused:
        claim_hand_off(session, hand_off.id, second, now)
    assert (refused.value.by, refused.value.coach_id) == (first.name, first.id)
    assert len(told(session)) == 3


def test_claiming_twice_tells_nobody_twice(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    hand_off = make_hand_off(session, make_newcomer(session))
    assert claim_hand_off(session, hand_off.id, coach, now) is claim_hand_off(session, hand_off.id, coach, now)
    assert len(told(session)) == 3


def test_what_is_closed_or_unknown_cannot_be_claimed(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    closed = make_hand_off(session, make_newcomer(session), closed_at=now - timedelta(days=1))
    for wrong in (closed.id, closed.id + 100):
        with pytest.raises(NoSuchHandOff):
            claim_hand_off(session, wrong, coach, now)
    assert told(session) == []


def test_of_many_who_claim_at_once_one_gets_it(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        coaches = [make_coach(session).id for _ in range(8)]
        hand_off = make_hand_off(session, make_newcomer(session)).id
    barrier = Barrier(8)

    def claim(coach_id: int) -> int | WegwijsError:
        barrier.wait(timeout=30)
        try:
            with sessions.begin() as session:
                claim_hand_off(session, hand_off, session.get_one(Coach, coach_id), now)
        except AlreadyClaimed as refused:
            return refused
        return coach_id

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(claim, coaches))
    (winner,) = [result for result in results if isinstance(result, int)]
    assert {result.coach_id for result in results if isinstance(result, AlreadyClaimed)} == {winner}
    with sessions() as session:
        assert session.scalars(select(HandOffClaim.coach_id)).all() == [winner]
        assert len(told(session)) == 3


def test_one_wish_sent_many_times_at_once_calls_once(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        newcomer = make_newcomer(session).id
    barrier = Barrier(8)

    def ask(number: int) -> int:
        barrier.wait(timeout=30)
        with sessions.begin() as session:
            asked = request_person(session, session.get_one(Newcomer, newcomer), None, f"ref:{number % 2}", now)
            return asked.id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(HandOff)) == 1
        assert len(told(session)) == 1

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from service.coaches import add_coach, coach_of, issue_link_code, link_coach
from service.errors import WrongCode
from store.models import Coach, LinkCode
from tests.factories import make_coach, make_organisation

ACCOUNT = 42


def test_a_coach_is_added(session: Session) -> None:
    organisation = make_organisation(session)
    coach = add_coach(session, name="Voorbeeldcoach", organisation=organisation, buffer_minutes=5)
    session.refresh(coach)
    assert (coach.organisation, coach.appointment_minutes, coach.buffer_minutes) == (organisation, 30, 5)
    assert coach.is_active
    assert not coach.is_sample


def test_a_code_links_an_account(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    code = issue_link_code(session, coach, now)
    assert link_coach(session, code, ACCOUNT, now + timedelta(hours=47)) is coach
    assert coach_of(session, ACCOUNT) is coach
    assert coach_of(session, ACCOUNT + 1) is None


def test_a_code_is_kept_as_a_hash_only(session: Session, now: datetime) -> None:
    code = issue_link_code(session, make_coach(session), now)
    kept = session.scalars(select(LinkCode)).one()
    assert code not in (kept.code_hash, str(kept.__dict__))
    assert len(kept.code_hash) == 64


def test_a_code_is_read_as_people_type_it(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    code = issue_link_code(session, coach, now)
    typed = f" {code[:5].lower()}-{code[5:]} "
    assert link_coach(session, typed, ACCOUNT, now) is coach


def test_a_code_works_once(session: Session, now: datetime) -> None:
    code = issue_link_code(session, make_coach(session), now)
    link_coach(session, code, ACCOUNT, now)
    with pytest.raises(WrongCode, match="used"):
        link_coach(session, code, ACCOUNT + 1, now)
    assert coach_of(session, ACCOUNT + 1) is None


def test_a_code_lapses_after_48_hours(session: Session, now: datetime) -> None:
    code = issue_link_code(session, make_coach(session), now)
    with pytest.raises(WrongCode, match="out of date"):
        link_coach(session, code, ACCOUNT, now + timedelta(hours=48))


def test_a_new_code_ends_the_old_one(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    old = issue_link_code(session, coach, now)
    issue_link_code(session, coach, now)
    with pytest.raises(WrongCode, match="unknown"):
        link_coach(session, old, ACCOUNT, now)


@pytest.mark.parametrize("typed", ["", "ABCDEFGHJK", "' or 1=1 --"])
def test_a_made_up_code_is_refused(session: Session, now: datetime, typed: str) -> None:
    issue_link_code(session, make_coach(session), now)
    with pytest.raises(WrongCode):
        link_coach(session, typed, ACCOUNT, now)


def test_a_coach_who_left_is_neither_linked_nor_known(session: Session, now: datetime) -> None:
    coach = make_coach(session, telegram_user_id=ACCOUNT)
    code = issue_link_code(session, coach, now)
    coach.is_active = False
    session.flush()
    with pytest.raises(WrongCode, match="not active"):
        link_coach(session, code, ACCOUNT + 1, now)
    assert coach_of(session, ACCOUNT) is None


def test_an_account_moves_to_the_coach_of_the_newer_code(session: Session, now: datetime) -> None:
    first, second = make_coach(session, telegram_user_id=ACCOUNT), make_coach(session)
    link_coach(session, issue_link_code(session, second, now), ACCOUNT, now)
    assert coach_of(session, ACCOUNT) is second
    session.refresh(first)
    assert first.telegram_user_id is None


def test_of_many_accounts_with_one_code_one_is_linked(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        code = issue_link_code(session, make_coach(session), now)
    barrier = Barrier(8)

    def link(account: int) -> bool:
        barrier.wait(timeout=30)
        try:
            with sessions.begin() as session:
                link_coach(session, code, account, now)
        except WrongCode:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        linked = list(pool.map(link, range(1, 9)))
    assert linked.count(True) == 1
    with sessions() as session:
        assert session.scalars(select(Coach.telegram_user_id)).all() == [linked.index(True) + 1]

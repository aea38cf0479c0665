from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from service.availability import Wish
from service.coaches import (
    add_coach,
    coach_of,
    coaches_for,
    find_coach,
    issue_link_code,
    link_coach,
    places_of,
    speaks,
)
from service.errors import WrongCode
from service.language import LANGUAGES
from store.models import Area, Coach, LinkCode, Mode
from tests.factories import (
    make_availability,
    make_availability_exception,
    make_coach,
    make_coach_area,
    make_coach_language,
    make_organisation,
    make_place,
    make_week,
)

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


def test_an_active_coach_is_found_by_id(session: Session) -> None:
    coach, gone = make_coach(session), make_coach(session, is_active=False)
    make_coach_language(session, coach, "ar")
    session.expunge_all()
    found = find_coach(session, coach.id)
    session.expunge_all()  # what is told after the transaction was loaded in it
    assert found is not None
    assert (found.name, found.organisation.name, [row.language for row in found.languages]) == (
        coach.name,
        coach.organisation.name,
        ["ar"],
    )
    assert find_coach(session, gone.id) is None
    assert find_coach(session, gone.id + 1) is None


def test_a_coach_speaks_dutch_and_what_is_set(session: Session) -> None:
    coach = make_coach(session)
    assert {language for language in LANGUAGES if speaks(coach, language)} == {"nl"}
    make_coach_language(session, coach, "ar")
    make_coach_language(session, coach, "ti")
    assert {language for language in LANGUAGES if speaks(coach, language)} == {"nl", "ar", "ti"}


def test_coaches_for_any_wish_come_by_name_if_they_can_be_booked(session: Session, now: datetime) -> None:
    second, first = make_coach(session, name="B"), make_coach(session, name="A")
    third, idle = make_coach(session, name="C"), make_coach(session, name="D")
    gone = make_coach(session, name="E", is_active=False)
    for coach in (second, first, gone):
        make_week(session, coach)
    make_availability_exception(session, third, now.date(), "09:00", "10:00")
    make_availability_exception(session, idle, now.date())
    assert coaches_for(session, Wish()) == [first, second, third]


def test_coaches_for_a_language_speak_it(session: Session) -> None:
    arabic, other = make_coach(session, name="A"), make_coach(session, name="B")
    for coach in (arabic, other):
        make_week(session, coach)
    make_coach_language(session, arabic, "ar")
    make_coach_language(session, other, "tr")
    assert coaches_for(session, Wish(language="ar")) == [arabic]
    assert coaches_for(session, Wish(language="uk")) == []
    assert coaches_for(session, Wish(language="nl")) == [arabic, other]
    assert coaches_for(session, Wish(language="ar", coach_id=other.id)) == []


def test_coaches_for_an_area_have_it_or_have_none_set(session: Session) -> None:
    money, work, every = (make_coach(session, name=name) for name in "ABC")
    for coach in (money, work, every):
        make_week(session, coach)
    make_coach_area(session, money, Area.MONEY)
    make_coach_area(session, work, Area.WORK)
    assert coaches_for(session, Wish(area=Area.MONEY)) == [money, every]
    assert coaches_for(session, Wish(area=Area.HEALTH)) == [every]


def test_coaches_for_a_way_to_meet_can_meet_so(session: Session) -> None:
    telephone, place, both = (make_coach(session, name=name) for name in "ABC")
    make_availability(session, telephone, mode=Mode.TELEPHONE)
    make_availability(session, place, mode=Mode.PLACE)
    make_availability(session, both)
    assert coaches_for(session, Wish(mode=Mode.TELEPHONE)) == [telephone, both]
    assert coaches_for(session, Wish(mode=Mode.PLACE)) == [place, both]
    assert coaches_for(session, Wish(mode=Mode.PLACE, coach_id=both.id)) == [both]


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


def test_the_places_of_a_wish_are_those_where_its_coaches_work(session: Session) -> None:
    west, east, once, called = (make_place(session) for _ in range(4))
    first, second = make_coach(session), make_coach(session)
    make_availability(session, first, 1, place=west)
    make_availability(session, second, 1, place=east, mode=Mode.PLACE)
    make_availability(session, second, 2, place=called, mode=Mode.TELEPHONE)
    make_availability_exception(session, first, date(2026, 12, 1), "09:00", "10:00", place=once)
    assert places_of(session, Wish(mode=Mode.PLACE)) == {west.id, east.id, once.id}
    assert places_of(session, Wish(mode=Mode.PLACE, coach_id=second.id)) == {east.id}

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from service.meeting_place import where_lines
from store.models import Mode
from tests.factories import make_appointment, make_coach, make_newcomer, make_place

CONFIRMED = date(2026, 11, 1)


def _names(session: Session, *, mode: Mode = Mode.PLACE, telephone: str | None = None, **place: Any) -> list[Any]:
    appointment = make_appointment(
        session,
        make_newcomer(session),
        make_coach(session),
        make_place(session, **place),
        mode=mode,
        telephone=telephone,
    )
    return [line["text"] for line in where_lines(appointment)]


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ({"address": "Kade 1", "confirmed_on": CONFIRMED}, ["booking/at_place", "booking/route"]),
        ({"address": "Kade 1"}, ["opening/where_unconfirmed", "booking/at_place"]),
        ({"address": "Kade 1", "is_sample": True}, ["opening/sample", "booking/at_place"]),
        ({"confirmed_on": CONFIRMED}, ["booking/at_place"]),
    ],
)
def test_what_is_not_sure_about_a_place_is_said_before_it(
    session: Session, place: dict[str, Any], names: list[str]
) -> None:
    assert _names(session, **place) == names


def test_an_address_has_its_postcode_and_without_one_it_is_said_that_it_is_unknown(session: Session) -> None:
    arguments = []
    for place in ({"address": "Kade 1", "postcode": "3511 AA"}, {"postcode": "3511 AA"}):
        made = make_place(session, name="Huis", confirmed_on=CONFIRMED, **place)
        appointment = make_appointment(session, make_newcomer(session), make_coach(session), made)
        arguments.append(where_lines(appointment)[0]["arguments"])
    assert arguments == [
        {"name": "Huis", "address": "Kade 1, 3511 AA"},
        {"name": "Huis", "address": {"text": "booking/no_address"}},
    ]


def test_for_a_talk_by_telephone_the_number_is_said(session: Session) -> None:
    assert _names(session, mode=Mode.TELEPHONE, telephone="0612345678") == ["booking/coach_calls"]

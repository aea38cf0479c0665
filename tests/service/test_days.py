from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.day_words import DAY
from service.days import day_in, day_named, local_day, moment_of, parts_between, read_days

TODAY = date(2026, 11, 24)  # a Tuesday
CASES = [
    ("Is het vandaag open?", "nl", date(2026, 11, 24)),
    ("kan ik morgen komen", "nl", date(2026, 11, 25)),
    ("morgenavond", "nl", date(2026, 11, 25)),
    ("overmorgen", "nl", date(2026, 11, 26)),
    ("en op zaterdag?", "nl", date(2026, 11, 28)),
    ("Dinsdag", "nl", date(2026, 11, 24)),
    ("goede morgen, open op maandag?", "nl", date(2026, 11, 30)),
    ("donderdagmiddag", "nl", date(2026, 11, 26)),
    ("volgende week dinsdag", "nl", date(2026, 12, 1)),
    ("volgende week vrijdag", "nl", date(2026, 12, 4)),
    ("24 december", "nl", date(2026, 12, 24)),
    ("op 1e december", "nl", date(2026, 12, 1)),
    ("24 dec.", "nl", date(2026, 12, 24)),
    ("24-12", "nl", date(2026, 12, 24)),
    ("maandag tussen 14-15 uur", "nl", date(2026, 11, 30)),
    ("24/12/2026", "nl", date(2026, 12, 24)),
    ("2026-12-24", "nl", date(2026, 12, 24)),
    ("3 januari", "nl", date(2027, 1, 3)),
    ("10 november", "nl", date(2027, 11, 10)),
    ("ma", "nl", date(2026, 11, 30)),
    ("is het 1 december om 10:30 open", "nl", date(2026, 12, 1)),
    ("zo", "nl", date(2026, 11, 29)),
    ("open met kerst?", "nl", date(2026, 12, 25)),
    ("2e kerstdag", "nl", date(2026, 12, 26)),
    ("Is it open on Christmas?", "en", date(2026, 12, 25)),
    ("New Year's Day", "en", date(2027, 1, 1)),
    ("tomorrow", "en", date(2026, 11, 25)),
    ("the day after tomorrow please", "en", date(2026, 11, 26)),
    ("next Friday", "en", date(2026, 11, 27)),
    ("December 24th", "en", date(2026, 12, 24)),
    ("the 1st of December", "en", date(2026, 12, 1)),
    ("24 December 2026", "en", date(2026, 12, 24)),
    ("zaterdag", "en", date(2026, 11, 28)),
    ("saturday", "nl", date(2026, 11, 28)),
    ("غداً", "ar", date(2026, 11, 25)),
    ("بكرا", "ar", date(2026, 11, 25)),
    ("بعد غد", "ar", date(2026, 11, 26)),
    ("يوم الاربعاء", "ar", date(2026, 11, 25)),
    ("٢٤ ديسمبر", "ar", date(2026, 12, 24)),
    ("٢٤/١٢", "ar", date(2026, 12, 24)),
    ("yarın", "tr", date(2026, 11, 25)),
    ("YARIN", "tr", date(2026, 11, 25)),
    ("cumaya", "tr", date(2026, 11, 27)),
    ("Cumartesi günü", "tr", date(2026, 11, 28)),
    ("sali", "tr", date(2026, 11, 24)),
    ("24 Aralık", "tr", date(2026, 12, 24)),
    ("24.12", "tr", date(2026, 12, 24)),
    ("فردا", "fa", date(2026, 11, 25)),
    ("پس\u200cفردا", "fa", date(2026, 11, 26)),
    ("پس فردا", "fa", date(2026, 11, 26)),
    ("پسفردا", "fa", date(2026, 11, 26)),
    ("پنج\u200cشنبه", "fa", date(2026, 11, 26)),
    ("سه شنبه", "fa", date(2026, 11, 24)),
    ("پنج شنبه", "fa", date(2026, 11, 26)),
    ("پنجشنبه", "fa", date(2026, 11, 26)),
    ("شنبه", "fa", date(2026, 11, 28)),
    ("۲۴ دسامبر", "fa", date(2026, 12, 24)),
    ("ጽባሕ", "ti", date(2026, 11, 25)),
    ("ድሕሪ ጽባሕ", "ti", date(2026, 11, 26)),
    ("ሮቡዕ", "ti", date(2026, 11, 25)),
    ("ቀዳም", "ti", date(2026, 11, 28)),
    ("завтра", "uk", date(2026, 11, 25)),
    ("післязавтра", "uk", date(2026, 11, 26)),
    ("у п'ятницю", "uk", date(2026, 11, 27)),
    ("в пʼятницю", "uk", date(2026, 11, 27)),
    ("середа", "uk", date(2026, 11, 25)),
    ("24 грудня", "uk", date(2026, 12, 24)),
    ("drie december", "nl", date(2026, 12, 3)),
    ("3.12.2026", "nl", date(2026, 12, 3)),
    ("de 3e", "nl", date(2026, 12, 3)),
    ("donderdag de derde", "nl", date(2026, 12, 3)),
    ("over 3 dagen", "nl", date(2026, 11, 27)),
    ("vrijdag over een week", "nl", date(2026, 12, 4)),
    ("vandaag over een week", "nl", date(2026, 12, 1)),
    ("dinsdag morgen", "nl", date(2026, 11, 24)),
    ("vrijdga", "nl", date(2026, 11, 27)),
    ("next week dinsdag", "ar", date(2026, 12, 1)),
    ("next Tuesday", "en", date(2026, 12, 1)),
    ("the third of December", "en", date(2026, 12, 3)),
    ("in two days", "en", date(2026, 11, 26)),
    ("bokra", "ar", date(2026, 11, 25)),
    ("٣ كانون الأول", "ar", date(2026, 12, 3)),
    ("üç gün sonra", "tr", date(2026, 11, 27)),
    ("پنجشنبه هفته بعد", "fa", date(2026, 12, 3)),
    ("۳ دسمبر", "fa", date(2026, 12, 3)),
    ("ድሕሪ ሰለስተ መዓልቲ", "ti", date(2026, 11, 27)),
    ("послезавтра", "uk", date(2026, 11, 26)),
    ("завтра", "nl", date(2026, 11, 25)),
]


@pytest.mark.parametrize(("text", "language", "expected"), CASES)
def test_a_day_is_found_in_what_people_type(text: str, language: str, expected: date) -> None:
    assert day_in(text, language, TODAY) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "nl"),
        ("ik weet het niet", "nl"),
        ("do you speak English", "en"),
        ("zo snel mogelijk", "nl"),
        ("maandag of dinsdag", "nl"),
        ("24 december of 25 december", "nl"),
        ("31-2", "nl"),
        ("31 februari", "nl"),
        ("24-12-2025", "nl"),
        ("1 maart 2020", "nl"),
        ("om 10.30", "nl"),
        ("10:30", "nl"),
        ("06-12345678", "nl"),
        ("may I come", "en"),
        ("1.200 euro", "nl"),
        ("woensdag 24 november", "nl"),
        ("morgen dinsdag", "nl"),
        ("dinsdag 3 maart 2020", "nl"),
        ("12/24", "nl"),
        ("volgende maand", "nl"),
        ("de 2e keer", "nl"),
        ("waar kom je vandaan", "nl"),
        ("۱۵ آذر", "fa"),
        ("۱۴۰۵/۹/۱۲", "fa"),
        ("٥ رمضان", "ar"),
        ("الساعة اثنين", "ar"),
        ("12 ጥር", "ti"),
        ("dünya", "tr"),
    ],
)
def test_no_day_is_made_up(text: str, language: str) -> None:
    assert day_in(text, language, TODAY) is None


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("gisteren", "nl", date(2026, 11, 23)),
        ("yesterday", "en", date(2026, 11, 23)),
        ("20-11-2026", "nl", date(2026, 11, 20)),
        ("deze week maandag", "nl", date(2026, 11, 23)),
        ("last Friday", "en", date(2026, 11, 20)),
        ("2 dagen geleden", "nl", date(2026, 11, 22)),
    ],
)
def test_a_day_in_the_past_is_found_and_never_offered(text: str, language: str, expected: date) -> None:
    assert day_named(text, language, TODAY) == expected
    assert day_in(text, language, TODAY) is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("volgende week", date(2026, 11, 30), date(2026, 12, 6)),
        ("deze week", TODAY, date(2026, 11, 29)),
        ("over twee weken", date(2026, 12, 7), date(2026, 12, 13)),
        ("eind volgende week", date(2026, 12, 3), date(2026, 12, 6)),
        ("dit weekend", date(2026, 11, 28), date(2026, 11, 29)),
        ("week 1", date(2027, 1, 4), date(2027, 1, 10)),
    ],
)
def test_a_week_is_found_where_no_day_of_it_is_named(text: str, first: date, last: date) -> None:
    found = read_days(text, "nl", TODAY)
    assert (found.day, found.week, found.is_unclear) == (None, (first, last), False)


def test_a_day_outside_the_week_that_is_named_is_unclear() -> None:
    assert read_days("morgen of volgende week", "nl", TODAY).is_unclear


def test_words_for_days_are_taken_out_so_that_the_rest_can_be_read_as_a_time() -> None:
    assert read_days("3 december om 10 uur", "nl", TODAY).rest.split() == [DAY, "om", "10", "uur"]


def test_a_language_that_nobody_knows_is_read_as_dutch_and_english() -> None:
    assert day_in("morgen", "xx", TODAY) == date(2026, 11, 25)


@given(
    st.text(max_size=60),
    st.sampled_from(["nl", "en", "ar", "tr", "fa", "ti", "uk"]),
    st.dates(date(2026, 1, 1), date(2090, 1, 1)),
)
def test_no_text_breaks_it_and_no_day_is_past(text: str, language: str, today: date) -> None:
    found = day_in(text, language, today)
    assert found is None or found >= today


def test_a_local_time_is_right_on_both_sides_of_the_clock_changes() -> None:
    assert moment_of(date(2026, 3, 28), time(10)) == datetime(2026, 3, 28, 9, tzinfo=UTC)
    assert moment_of(date(2026, 3, 29), time(10)) == datetime(2026, 3, 29, 8, tzinfo=UTC)
    assert moment_of(date(2026, 10, 24), time(10)) == datetime(2026, 10, 24, 8, tzinfo=UTC)
    assert moment_of(date(2026, 10, 25), time(10)) == datetime(2026, 10, 25, 9, tzinfo=UTC)


def test_a_time_that_comes_twice_means_the_first() -> None:
    assert moment_of(date(2026, 10, 25), time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_local_day_begins_at_local_midnight() -> None:
    assert local_day(datetime(2026, 11, 23, 23, 30, tzinfo=UTC)) == date(2026, 11, 24)
    assert local_day(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == date(2026, 7, 2)


@pytest.mark.parametrize(
    ("begin", "end", "parts"),
    [
        ("09:00", "12:00", "morning"),
        ("09:00", "12:05", "morning afternoon"),
        ("12:00", "17:00", "afternoon"),
        ("16:30", "21:00", "afternoon evening"),
        ("17:00", "17:30", "evening"),
        ("00:00", "23:59", "morning afternoon evening"),
    ],
)
def test_the_parts_of_a_day_between_two_times_leave_the_end_out(begin: str, end: str, parts: str) -> None:
    assert parts_between(time.fromisoformat(begin), time.fromisoformat(end)) == parts.split()

from __future__ import annotations

from datetime import time

import pytest

from actions.booking_times import number_alone, read_times, without
from actions.understanding import Understanding, telephone
from service.day_words import spell
from service.language import LANGUAGES
from service.texts import Texts
from store.models import Area

AREAS = {area.value: f"area_{area.value}" for area in Area}


@pytest.fixture
def words(texts: Texts) -> Understanding:
    return Understanding(texts)


def times_in(texts: Texts, text: str) -> list[time]:
    """List what the first time of a text can mean, or a number that is all there is beside a yes or no."""
    spelled, prompts, words = spell(text), texts.prompts(), Understanding(texts)
    found = read_times(spelled, prompts).times
    left = without(spelled, [*words.phrases("yes"), *words.phrases("no")])
    return list(found[0] if found else number_alone(left, prompts, LANGUAGES))


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Geld", "money"),
        ("over mijn schulden", "money"),
        ("ik wil werken", "work"),
        ("taalles", "language"),
        ("health please", "health"),
        ("my kids", "children"),
        ("iets anders", "other"),
        ("mensen ontmoeten", "social_network"),
        ("een opleiding", "education"),
        ("ÇOCUKLARIM", "children"),
        ("про здоров’я", "health"),
        ("دُيون", "money"),
        ("درباره بچه‌ها", "children"),
        ("ብዛዕባ ጥዕና", "health"),
        ("geld en werk", None),
        ("kast", None),
        ("", None),
    ],
)
def test_an_area_is_found_when_the_words_name_one(words: Understanding, text: str, area: str | None) -> None:
    assert words.choice(text, AREAS) == area


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Ja!", "yes"),
        ("ja graag", "yes"),
        ("nee", "no"),
        ("liever niet", "no"),
        ("dat klopt", "yes"),
        ("dat klopt niet", "no"),
        ("YES", "yes"),
        ("no thanks", "no"),
        ("ja of nee", None),
        ("Jan", None),
    ],
)
def test_yes_and_no_are_found_also_when_one_word_holds_the_other(
    words: Understanding, text: str, answer: str | None
) -> None:
    assert words.choice(text, {"yes": "yes", "no": "no"}) == answer


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("10:00", ["10:00", "22:00"]),
        ("10.30", ["10:30", "22:30"]),
        ("om 9 uur", ["09:00", "21:00"]),
        ("14 uur", ["14:00"]),
        ("14u30", ["14:30"]),
        ("half drie", ["02:30", "14:30"]),
        ("half past two", ["02:30", "14:30"]),
        ("kwart over tien", ["10:15", "22:15"]),
        ("kwart voor drie", ["02:45", "14:45"]),
        ("quarter to three", ["02:45", "14:45"]),
        ("3pm", ["15:00"]),
        ("drie", ["03:00", "15:00"]),
        ("0:00", ["00:00", "12:00"]),
        ("half een", ["00:30", "12:30"]),
        ("12 uur", ["12:00"]),
        ("25 uur", []),
        ("99", []),
        ("later", []),
        ("0612345678", []),
    ],
)
def test_a_time_of_day_is_read_in_both_halves_of_the_day(texts: Texts, text: str, times: list[str]) -> None:
    assert times_in(texts, text) == [time.fromisoformat(value) for value in times]


TIMES = {  # per language what people type, and the first time that it means
    "nl": {
        "om één uur": "1:00",
        "om een, graag": "1:00",
        "half een": "0:30",
        "halfdrie": "2:30",
        "tien over drie": "3:10",
        "10 voor 3": "2:50",
        "om drie": "3:00",
        "nee, drie": "3:00",
        "kwart over 3": "3:15",
        "kwart voor drie": "2:45",
        "drie uur dertig": "3:30",
        "drie 30": "3:30",
        "om 10 uur 30": "10:30",
        "om 10 uur 15 minuten": "10:15",
        "14h30": "14:30",
        "10:30-11:30": "10:30",
        "10-30": "10:30",
        "vijftien uur": "15:00",
        "26 november om 10 uur": "10:00",
    },
    "en": {
        "at three": "3:00",
        "three o’clock": "3:00",
        "at ten in the morning": "10:00",
        "three thirty": "3:30",
        "quarter past ten": "10:15",
    },
    "ar": {
        "الثالثة": "3:00",
        "الساعة ٣": "3:00",
        "نعم الثالثة": "3:00",
        "بالساعة عشرة": "10:00",
        "العاشرة صباحاً": "10:00",
        "الساعة الثانية": "2:00",
        "الساعة الثانية عشرة": "12:00",
        "الساعة الخامسة عشرة": "15:00",
        "الثالثة والنصف": "3:30",
        "٣ ونص": "3:30",
        "١٠:٣٠": "10:30",
        "الساعة الحادية عشرة والنصف": "11:30",
        "تلاتة وربع": "3:15",
        "الثالثة إلا ربعاً": "2:45",
    },
    "tr": {
        "on": "10:00",
        "üçte": "3:00",
        "hayır, üçte": "3:00",
        "3'te": "3:00",
        "saat 14.30'da": "14:30",
        "SAAT ON BİRDE": "11:00",
        "saat on beşte": "15:00",
        "saat üç olsun": "3:00",
        "saat bir": "1:00",
        "bir buçuk": "1:30",
        "3 buçuk": "3:30",
        "üç buçukta": "3:30",
        "üç otuz": "3:30",
        "on iki buçuk": "12:30",
        "üçü çeyrek geçe": "3:15",
        "3'e çeyrek var": "2:45",
    },
    "fa": {
        "ده": "10:00",
        "ساعت نه": "9:00",
        "نه، ساعت ده": "10:00",
        "سه شنبه ساعت ده": "10:00",
        "سه بجه": "3:00",
        "ساعت یک بعد از ظهر": "1:00",
        "۱۰:۳۰": "10:30",
        "۳ و نیم": "3:30",
        "سه‌و‌نیم": "3:30",
        "نه و نیم": "9:30",
        "ساعت ده و سی دقیقه": "10:30",
        "ساعت ۱۰ و ۳۰ دقیقه": "10:30",
        "سه و ربع": "3:15",
        "یک ربع به سه": "2:45",
        "سه ربع کم": "2:45",
    },
    "ti": {
        "ሰለስተ": "3:00",
        "ሰዓት 3": "3:00",
        "ብሰለስተ": "3:00",
        "ዓሰርተ ሓደ": "11:00",
        "ሰዓት ዓሰርተ ቅድሚ ቀትሪ": "10:00",
        "10፡30": "10:30",
        "3 ን ፈረቓን": "3:30",
        "ሰለስተን ፈረቓን": "3:30",
        "ሰዓት ዓሰርተ ሓደን ፈረቓን": "11:30",
        "ሰለስተን ርብዕን": "3:15",
        "ንሰለስተ ርብዕ ጎደል": "2:45",
    },
    "uk": {
        "друга": "2:00",
        "о третій": "3:00",
        "о дев’ятій": "9:00",
        "об одинадцятій": "11:00",
        "на десяту": "10:00",
        "на десяту ранку": "10:00",
        "третя година": "3:00",
        "о 10-00": "10:00",
        "третя тридцять": "3:30",
        "пів на четверту": "3:30",
        "о пів на 4": "3:30",
        "пів четвертої": "3:30",
        "чверть на 3": "2:15",
        "чверть на третю": "2:15",
        "чверть по третій": "3:15",
        "за чверть третя": "2:45",
    },
}


@pytest.mark.parametrize(("text", "first"), [pair for said in TIMES.values() for pair in said.items()])
def test_a_time_is_read_as_people_say_it_in_each_language(texts: Texts, text: str, first: str) -> None:
    found = times_in(texts, text)[0]
    assert f"{found.hour}:{found.minute:02}" == first


@pytest.mark.parametrize(
    "text",
    [
        "een andere dag",
        "op een andere dag",
        "ik vraag om een tolk",
        "twee kinderen",
        "one moment",
        "on Friday",
        "المرة الثانية",
        "ساعة واحدة فقط",
        "لا",
        "başka bir gün",
        "bir sorum var",
        "ona sorun",
        "یک روز دیگر",
        "سه شنبه",
        "نه",
        "ሓደ መዓልቲ",
        "на другу половину дня",
        "на три місяці",
        "п'ятниця",
    ],
)
def test_a_number_is_no_time_where_the_text_does_not_say_so(texts: Texts, text: str) -> None:
    assert times_in(texts, text) == []


def test_every_hour_has_a_word_in_every_language(texts: Texts) -> None:
    for language, numbers in texts.prompts()["understood/numbers"].items():
        for hour, forms in enumerate(numbers.split(","), start=1):
            for form in forms.split("|"):
                said = form.strip().removesuffix("*")
                if said != "نه":  # says "no" when it is alone
                    assert times_in(texts, said)[:1] == [time(hour)], (language, said)
        assert hour == 19, language


@pytest.mark.parametrize("name", ["half_past", "half_to", "quarter_past", "quarter_to", "at_hour", "name_sentence"])
def test_every_phrase_has_one_gap(texts: Texts, name: str) -> None:
    phrases = [phrase for text in texts.prompts()[f"understood/{name}"].values() for phrase in text.split(",")]
    assert {phrase.count("…") for phrase in phrases} == {1}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Arabisch", "ar"),
        ("ik spreek Arabisch", "ar"),
        ("arabic", "ar"),
        ("العربية", "ar"),
        ("Türkçe", "tr"),
        ("turkce", "tr"),
        ("ትግርኛ", "ti"),
        ("українська", "uk"),
        ("Dari", "prs"),
        ("somali", "so"),
        ("english", "en"),
        ("Nederlands", "nl"),
        ("Farsi", "fa"),
        ("Perzisch", "fa"),
        ("turks of arabisch", None),
        ("klingon", None),
        ("ja", None),
        ("", None),
    ],
)
def test_a_language_is_found_by_any_of_its_names(words: Understanding, text: str, code: str | None) -> None:
    assert words.language(text) == code


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Amina", "Amina"),
        ("ik heet Amina", "Amina"),
        ("Mijn naam is  Jan-Willem de Vries.", "Jan-Willem de Vries"),
        ("my name is O'Neill", "O'Neill"),
        ("محمد", "محمد"),
        ("ሰላም", "ሰላም"),
        ("नीलम", "नीलम"),
        ("Ben de Vries", "Ben de Vries"),
        ("my name is: Amina", "Amina"),
        ("I’m Sara", "Sara"),
        ("Jan heet ik", "Jan"),
        ("أنا اسمي محمد", "محمد"),
        ("إسمي: محمد", "محمد"),
        ("محمد اسمي", "محمد"),
        ("benim adım Ayşe", "Ayşe"),
        ("BENİM ADIM IŞIL", "IŞIL"),
        ("Ayşe benim adım", "Ayşe"),
        ("bana Ayşe deyin", "Ayşe"),
        ("اسم من علی است", "علی"),
        ("نام من علی‌رضا است", "علی‌رضا"),
        ("من علی هستم", "علی"),
        ("ስመይ ዮናስ እዩ", "ዮናስ"),
        ("ኣነ ዮናስ እየ።", "ዮናስ"),
        ("мене звати Оксана", "Оксана"),
        ("Мене Оксана звати", "Оксана"),
        ("Моє ім’я — Дар'я", "Дар'я"),
        ("hoeveel tijd heb ik nog", None),
        ("is dit gratis?", None),
        ("06 12345678", None),
        ("<b>Jan</b>", None),
        ("x" * 61, None),
        ("- .", None),
        ("", None),
    ],
)
def test_a_name_is_letters_and_a_few_words(words: Understanding, text: str, name: str | None) -> None:
    assert words.name(text) == name


@pytest.mark.parametrize(
    "text",
    ["Ik heet Ali", "my name is Ali", "أنا اسمي علي", "benim adım Ali", "اسم من علی است", "ስመይ ዓሊ እዩ", "Моє ім’я Алі"],
)
def test_it_is_heard_that_a_text_is_a_name(words: Understanding, text: str) -> None:
    assert words.says_name(text)


@pytest.mark.parametrize(
    "text", ["Hoe lang heb ik", "wat kost dat?", "can I bring my son", "is it free", "gratis?", "ነጻ ድዩ፧", "مجاني؟"]
)
def test_a_question_is_seen_by_its_mark_or_its_first_word(words: Understanding, text: str) -> None:
    assert words.is_question(text)


@pytest.mark.parametrize("text", ["Amina", "geld", "Wouter", "maandag om tien uur", "I am Sara"])
def test_an_answer_is_no_question(words: Understanding, text: str) -> None:
    assert not words.is_question(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0612345678", "0612345678"),
        ("06 1234 5678", "0612345678"),
        ("06-12345678", "0612345678"),
        ("mijn nummer is 06 12 34 56 78.", "0612345678"),
        ("+31 6 12345678", "+31612345678"),
        ("0031612345678", "+31612345678"),
        ("+31 (0)6 12345678", "+31612345678"),
        ("030 286 00 00", "0302860000"),
        ("٠٦ ١٢٣٤ ٥٦٧٨", "0612345678"),
        ("شماره من ۰۶۱۲۳۴۵۶۷۸", "0612345678"),
        ("12345", None),
        ("912345678901", None),
        ("0612345678 of 0687654321", None),
        ("geen", None),
        ("+123456789012345678", None),
    ],
)
def test_a_telephone_number_is_kept_without_its_dress(text: str, number: str | None) -> None:
    assert telephone(text) == number


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("toch liever vrijdag", "rather"),
        ("I would like another one", "rather"),
        ("أريد مرشد آخر", "rather"),
        ("met mijn eigen coach graag", "own_coach"),
        ("with my coach", "own_coach"),
        ("مع مرشدي", "own_coach"),
        ("koçumla", "own_coach"),
        ("با راهنمای خودم", "own_coach"),
        ("ምስ ኣማኻሪየይ", "own_coach"),
        ("з моїм коучем", "own_coach"),
        ("het gaat over geld", "about"),
        ("ብዛዕባ ስራሕ", "about"),
    ],
)
def test_words_are_found_in_a_sentence(words: Understanding, text: str, name: str) -> None:
    assert words.holds(text, name)


@pytest.mark.parametrize(("text", "name"), [("Tochner", "rather"), ("coach", "own_coach"), ("", "about")])
def test_part_of_a_word_or_phrase_is_not_enough(words: Understanding, text: str, name: str) -> None:
    assert not words.holds(text, name)


@pytest.mark.parametrize(
    ("text", "names", "is_all"),
    [
        ("ja graag!", ("yes", "no"), True),
        ("Overslaan.", ("skip",), True),
        ("نه", ("yes", "no"), True),
        ("nee, donderdag", ("yes", "no"), False),
        ("geen reden om te komen", ("skip",), False),
        ("", ("yes",), False),
    ],
)
def test_it_is_seen_whether_a_text_says_more(
    words: Understanding, text: str, names: tuple[str, ...], *, is_all: bool
) -> None:
    assert words.says_only(text, *names) is is_all


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("met tolk", "with_interpreter"),
        ("liever zonder tolk", "without_interpreter"),
        ("I do not need an interpreter", "without_interpreter"),
        ("بدون مترجم", "without_interpreter"),
        ("مع مترجم", "with_interpreter"),
        ("tercümansız", "without_interpreter"),
        ("مترجم نمی‌خواهم", "without_interpreter"),
        ("ብዘይ ተርጓማይ", "without_interpreter"),
        ("без перекладача", "without_interpreter"),
        ("з перекладачем", "with_interpreter"),
    ],
)
def test_with_and_without_an_interpreter_are_told_apart(words: Understanding, text: str, kind: str) -> None:
    names = ("with_interpreter", "without_interpreter")
    assert words.choice(text, {name: name for name in names}) == kind

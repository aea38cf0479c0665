from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from service.language import LANGUAGES
from service.settings import ROOT
from service.text_files import read_texts
from service.texts import Text, TextButton, TextMissing, Texts, check

TODAY = date(2026, 11, 24)

TOPIC = """\
version: "3.1"
nlu:
- intent: {intent}
  metadata: {{language: nl}}
  examples: |
    - hoe lang
answers:
  topic: {topic}
  owner: inburgering030
  compared_on: {compared_on}
  lapses_on: {lapses_on}
  sources: {sources}
  buttons: {buttons}
  title: {title}
  text: {text}
  read_by_speaker: {read}
"""
PROMPTS = """\
version: "3.1"
texts:
"""


def in_languages(**texts: str) -> str:
    """Write one value in every language, as YAML on one line; those that are not given are Dutch."""
    return "{" + ", ".join(f'{code}: "{texts.get(code, texts["nl"])}"' for code in LANGUAGES) + "}"


def write_topic(folder: Path, at: str = "wet/termijn", **values: str) -> Path:
    path = folder / "faq" / f"{at}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    defaults = {
        "intent": at,
        "topic": at,
        "compared_on": '"2026-08"',
        "lapses_on": "null",
        "sources": '[{url: "https://www.inburgeren.nl/termijn.jsp", as_of: null}]',
        "buttons": "[]",
        "title": in_languages(nl=f"Titel van {at}", en=f"Title of {at}"),
        "text": in_languages(nl="Je hebt <b>3 jaar</b>.", en="You have <b>3 years</b>."),
        "read": "{" + ", ".join(f"{code}: false" for code in LANGUAGES) + "}",
    }
    path.write_text(TOPIC.format(**defaults | values), encoding="utf-8")
    return path


def write_prompts(folder: Path, *, name: str = "test", **prompts: str) -> Path:
    path = folder / "texts" / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"  {prompt.replace('__', '/')}: {text}\n" for prompt, text in prompts.items()]
    path.write_text(PROMPTS + "".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Give a content folder with the phrases that answers need, and one topic."""
    write_prompts(
        tmp_path,
        name="phrases",
        answer__source=in_languages(nl="Bron: <a href='{url}'>{site}</a>").replace("'", '\\"'),
        answer__source_as_of=in_languages(
            nl="Bron: {url} {site}, stand van {as_of}", en="Source: {url} {site} of {as_of}"
        ),
        answer__as_of=in_languages(nl="Stand van {as_of}"),
        answer__lapsed=in_languages(nl="Gold tot {day}"),
        answer__dutch_counts=in_languages(nl="Het Nederlands telt", en="Dutch counts"),
        format__day_and_time=in_languages(nl="{day} om {time}", en="{day} at {time}"),
        flow__coach_afspraak=in_languages(nl="Afspraak maken", en="Book"),
        flow__coach_mens=in_languages(nl="Met een mens praten"),
    )
    write_topic(tmp_path)
    return tmp_path


def find(folder: Path, name: str, language: str = "nl", arguments: dict[str, object] | None = None) -> Text:
    return Texts(folder).find(name, language, arguments, today=TODAY)


def look_again(texts: Texts) -> None:
    """Let a second pass, as far as the texts can tell."""
    texts._looked_at -= 10


def test_a_prompt_is_found_by_name_and_language(content: Path) -> None:
    write_prompts(content, a__greet=in_languages(nl="Hallo", en="Hello"))
    assert find(content, "a/greet", "nl") == Text("Hallo")
    assert find(content, "a/greet", "en") == Text("Hello")


def test_a_language_that_has_no_text_gets_dutch(content: Path) -> None:
    assert find(content, "wet/termijn", "xx").html.startswith("Je hebt <b>3 jaar</b>.")


def test_a_name_without_a_text_is_an_error_that_says_which(content: Path) -> None:
    with pytest.raises(TextMissing, match=re.escape("name='a/b' language='en'")):
        find(content, "a/b", "en")


def test_an_answer_ends_with_its_source_and_what_it_was_compared_with(content: Path) -> None:
    end = find(content, "wet/termijn").html.split("\n\n")[-1]
    assert end == "Bron: https://www.inburgeren.nl/termijn.jsp inburgeren.nl, stand van augustus 2026"


def test_an_answer_without_a_source_shows_none(content: Path) -> None:
    write_topic(content, sources="[]")
    assert find(content, "wet/termijn").html.split("\n\n")[1:] == ["Stand van augustus 2026"]


def test_an_answer_without_source_and_date_is_its_text_alone(content: Path) -> None:
    write_topic(content, sources="[]", compared_on="null")
    assert find(content, "wet/termijn").html == "Je hebt <b>3 jaar</b>."


@pytest.mark.parametrize(
    ("compared_on", "words"), [('"2026"', "2026"), ('"2026-08"', "augustus 2026"), ('"2026-08-05"', "5 augustus 2026")]
)
def test_a_date_is_told_as_far_as_it_is_known(content: Path, compared_on: str, words: str) -> None:
    write_topic(content, sources="[]", compared_on=compared_on)
    assert find(content, "wet/termijn").html.endswith(f"Stand van {words}")


@pytest.mark.parametrize(("lapses_on", "warned"), [("2026-11-23", True), ("2026-11-24", False), ("2026-12-31", False)])
def test_an_answer_past_its_date_says_so(content: Path, lapses_on: str, *, warned: bool) -> None:
    write_topic(content, lapses_on=lapses_on)
    assert ("Gold tot 23 november 2026" in find(content, "wet/termijn").html) is warned


def test_an_answer_that_no_speaker_has_read_says_that_dutch_counts(content: Path) -> None:
    assert find(content, "wet/termijn", "en").html.endswith("Dutch counts")
    assert "telt" not in find(content, "wet/termijn", "nl").html


def test_an_answer_that_a_speaker_has_read_stands_by_itself(content: Path) -> None:
    write_topic(content, read="{" + ", ".join(f"{code}: true" for code in LANGUAGES) + "}")
    assert "Dutch counts" not in find(content, "wet/termijn", "en").html


def test_a_button_to_a_topic_has_its_title_and_one_to_a_flow_its_name(content: Path) -> None:
    write_topic(content, "wet/boete", buttons="[{topic: wet/termijn}, {flow: coach_afspraak}]")
    assert find(content, "wet/boete", "en").buttons == (
        TextButton("Title of wet/termijn", '/topic{"topic": "wet/termijn"}'),
        TextButton("Book", "/coach_afspraak"),
    )


def test_a_title_is_plain_text_and_escaped_where_it_stands_in_a_text(content: Path) -> None:
    write_topic(content, "wet/boete", title=in_languages(nl="Boete & meer <3"))
    write_topic(content, buttons="[{topic: wet/boete}]")
    write_prompts(content, a__b=in_languages(nl="Vraag: {topic}"))
    assert find(content, "wet/termijn").buttons[0].label == "Boete & meer <3"
    assert find(content, "a/b", arguments={"topic": {"text": "wet/boete"}}).html == "Vraag: Boete &amp; meer &lt;3"


def test_a_button_to_a_topic_that_went_away_is_left_out(content: Path) -> None:
    write_topic(content, "wet/boete", buttons="[{topic: wet/gone}]")
    assert find(content, "wet/boete").buttons == ()


def test_placeholders_are_filled_and_escaped(content: Path) -> None:
    write_prompts(content, a__b=in_languages(nl="Dag {name}!"))
    assert find(content, "a/b", arguments={"name": '<b>&"'}).html == "Dag &lt;b&gt;&amp;&quot;!"


def test_a_brace_that_names_no_argument_stays_as_it_is(content: Path) -> None:
    write_prompts(content, a__b=in_languages(nl="Een { en {naam} en {} en {0} }"))
    assert find(content, "a/b", arguments={"name": "x"}).html == "Een { en {naam} en {} en {0} }"


def test_a_value_is_never_read_as_a_text(content: Path) -> None:
    write_prompts(content, a__b=in_languages(nl="{one} {two}"))
    assert find(content, "a/b", arguments={"one": "{two}", "two": "x"}).html == "{two} x"


@pytest.mark.parametrize(
    ("value", "dutch", "english"),
    [
        ({"datetime": "2026-11-24T09:00:00+00:00"}, "dinsdag 24 november om 10:00", "Tuesday 24 November at 10:00"),
        ({"datetime": "2026-07-01T22:30:00+00:00"}, "donderdag 2 juli om 00:30", "Thursday 2 July at 00:30"),
        ({"date": "2026-11-24"}, "dinsdag 24 november", "Tuesday 24 November"),
        ({"time": "10:00"}, "10:00", "10:00"),
        ({"time": "2026-11-24T09:00:00+00:00"}, "10:00", "10:00"),
        ({"month": "2026-08"}, "augustus 2026", "August 2026"),
        ({"language": "ar"}, "Arabisch", "Arabic"),
        ({"language": "qqx"}, "qqx", "qqx"),
        ({"text": "flow/coach_afspraak"}, "Afspraak maken", "Book"),
        ({"text": "wet/termijn"}, "Titel van wet/termijn", "Title of wet/termijn"),
        ({"text": "gone/away"}, "gone/away", "gone/away"),
        ({"list": ["a<", {"text": "flow/coach_afspraak"}]}, "a&lt;\nAfspraak maken", "a&lt;\nBook"),
        (3, "3", "3"),
    ],
)
def test_a_typed_value_is_said_in_the_language_and_the_time_of_amsterdam(
    content: Path, value: object, dutch: str, english: str
) -> None:
    write_prompts(content, a__b=in_languages(nl="{value}"))
    assert find(content, "a/b", "nl", {"value": value}).html == dutch
    assert find(content, "a/b", "en", {"value": value}).html == english


@pytest.mark.parametrize("value", [None, {"moment": "x"}, {"datetime": "2026-11-24T09:00:00"}, {"date": "soon"}])
def test_a_value_of_no_known_type_is_an_error(content: Path, value: object) -> None:
    write_prompts(content, a__b=in_languages(nl="{value}"))
    with pytest.raises(ValueError, match=r"."):
        find(content, "a/b", arguments={"value": value})


def test_a_changed_file_is_said_anew(content: Path) -> None:
    texts = Texts(content)
    write_topic(content, text=in_languages(nl="Vijf jaar."))
    look_again(texts)
    assert texts.find("wet/termijn", "nl", today=TODAY).html.startswith("Vijf jaar.")


def test_a_new_file_and_a_deleted_one_are_noticed(content: Path) -> None:
    texts = Texts(content)
    (content / "faq/wet/termijn.yml").unlink()
    write_topic(content, "wet/boete")
    look_again(texts)
    assert set(texts.topics()) == {"wet/boete"}


def test_a_broken_file_keeps_its_old_text_and_is_logged_with_its_line(content: Path) -> None:
    texts = Texts(content)
    path = content / "faq/wet/termijn.yml"
    path.write_text(path.read_text().replace("lapses_on: null", "lapses_on: soon"))
    look_again(texts)
    with capture_logs() as logs:
        assert texts.find("wet/termijn", "nl", today=TODAY).html.startswith("Je hebt <b>3 jaar</b>.")
    assert [(entry["event"], entry["file"], entry["line"]) for entry in logs] == [("text_file_broken", str(path), 11)]


def test_a_file_that_was_mended_is_said_again(content: Path) -> None:
    texts = Texts(content)
    path = content / "faq/wet/termijn.yml"
    good = path.read_text()
    path.write_text("answers: [")
    look_again(texts)
    texts.refresh()
    path.write_text(good.replace("3 jaar", "4 jaar"))
    look_again(texts)
    assert "4 jaar" in texts.find("wet/termijn", "nl", today=TODAY).html


def test_the_disk_is_looked_at_once_a_second_at_most(content: Path) -> None:
    texts = Texts(content)
    write_topic(content, text=in_languages(nl="Vijf jaar."))
    assert "3 jaar" in texts.find("wet/termijn", "nl", today=TODAY).html


def test_a_content_folder_without_faults_passes(content: Path) -> None:
    assert check(content) == []


@pytest.mark.parametrize(
    ("values", "line", "what"),
    [
        ({"intent": "wet/boete"}, 3, "the intent must be 'wet/termijn'"),
        ({"topic": "wet/boete", "intent": "wet/boete"}, 8, "not where the file stands"),
        ({"compared_on": "soon"}, 10, "compared_on: must be"),
        ({"lapses_on": "2026-13"}, 11, "lapses_on: must be"),
        ({"sources": "[{url: nowhere, as_of: null}]"}, 12, "no address"),
        ({"sources": "[{url: 'https://a.nl'}]"}, None, ""),
        ({"buttons": "[{topic: wet/gone}]"}, 8, "there is no topic 'wet/gone'"),
        ({"buttons": "[{topic: wet/termijn, flow: coach_mens}]"}, 13, "either a topic or a flow"),
        ({"buttons": "[{flow: coach_taxi}]"}, 13, "flow must be one of"),
        ({"buttons": str(["{flow: coach_mens}"] * 4).replace("'", "")}, 13, "at most 3"),
        ({"title": in_languages(nl="x" * 61)}, 14, "61 characters, at most 60"),
        ({"text": in_languages(nl="x" * 1201)}, 15, "1201 characters, at most 1200"),
        ({"text": "{nl: Hallo}"}, 15, "'en' is missing"),
        ({"text": in_languages(nl="a").replace("}", ", xx: b}")}, 15, "'xx' is unknown"),
        ({"text": in_languages(nl="Jij & ik")}, 15, "&amp;"),
        ({"text": in_languages(nl="a <u>b</u>")}, 15, "'<u>': only"),
        ({"text": in_languages(nl="a <b>b")}, 15, "<b>: is never closed"),
        ({"text": in_languages(nl="a <b><i>b</b></i>")}, 15, "closes what is not open"),
        ({"text": in_languages(nl="1 < 2")}, 15, "&lt;"),
        ({"text": in_languages(nl="<a href=x>b</a>")}, 15, "only <b>"),
        ({"text": in_languages(nl="Dag {name}", en="Hi")}, 15, "other placeholders than in nl"),
        ({"read": "{" + ", ".join(f"{code}: maybe" for code in LANGUAGES) + "}"}, 16, "must be true or false"),
    ],
)
def test_each_fault_in_a_topic_is_named_with_its_line(
    content: Path, values: dict[str, str], line: int | None, what: str
) -> None:
    path = write_topic(content, **values)
    faults = check(content)
    if line is None:
        assert faults == [f"{path}:12: sources: 'as_of' is missing"]
    else:
        assert any(fault.startswith(f"{path}:{line}: ") and what in fault for fault in faults), faults


def test_a_key_that_stands_twice_is_a_fault(content: Path) -> None:
    path = write_topic(content)
    path.write_text(path.read_text() + "  owner: wegwijs\n")
    assert check(content) == [f"{path}:17: no good YAML: 'owner' stands here twice"]


def test_a_typing_error_in_yaml_is_named_with_its_line(content: Path) -> None:
    path = write_topic(content)
    path.write_text(path.read_text().replace("  owner: inburgering030", "  owner: : x"))
    assert [fault.rsplit(":", 2)[0] for fault in check(content)] == [f"{path}:9"]


def test_a_name_that_stands_in_two_files_is_a_fault(content: Path) -> None:
    write_prompts(content, name="one", a__b=in_languages(nl="x"))
    path = write_prompts(content, name="two", a__b=in_languages(nl="y"))
    assert check(content) == [f"{path}:3: 'a/b' stands in {content / 'texts/one.yml'} too"]


def test_a_phrase_that_answers_need_must_be_there(tmp_path: Path) -> None:
    write_topic(tmp_path)
    assert f"{tmp_path}:1: no text has the name 'answer/source'" in check(tmp_path)


def test_a_folder_without_texts_is_a_fault(tmp_path: Path) -> None:
    assert check(tmp_path) == [f"{tmp_path}:1: no texts here"]


@pytest.mark.parametrize("text", ["", "   ", "[]", "3", "texts: []", 'version: "3.1"\ntexts: {a/b: x}'])
def test_whatever_stands_in_a_file_is_a_fault_and_no_crash(tmp_path: Path, text: str) -> None:
    for path in (tmp_path / "texts/a.yml", tmp_path / "faq/wet/a.yml"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        assert read_texts(path).faults


def test_the_texts_of_the_product_have_no_faults() -> None:
    assert check(ROOT / "stories") == []

"""What typed words mean in a form. The words stand in stories/texts/understood.yml; those of all languages count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

from babel import Locale, UnknownLocaleError

from actions.booking_times import GAP
from nlu.spelling import fold, fold_words
from service.language import LANGUAGES
from service.texts import Texts
from service.wording import locale_of

LONGEST_NAME = 60  # characters
MOST_NAME_WORDS = 4
TELEPHONE_DIGITS = (9, 15)
NAME_MARKS = " '\u2019-.\u200c"
AROUND_NAME = ' .,!:;"\u201c\u201d\u00ab\u00bb\u2013\u2014-\u060c\u061b\u1361\u1362\u1365\u200e\u200f'
QUESTION_MARKS = "?\u061f\u1367"


class Understanding:
    """Finds meanings in typed text, with the words of a set of texts."""

    def __init__(self, texts: Texts) -> None:
        self._prompts = texts.prompts()

    def choice(self, text: str, names: Mapping[str, str]) -> str | None:
        """Find which one thing the text means.

        Args:
            text: What was typed.
            names: Of each thing the name of its words.

        Returns:
            None if it means nothing of these, or several.
        """
        words, found = fold_words(text), set()
        phrases = [(phrase, thing) for thing, name in names.items() for phrase in self.phrases(name)]
        for phrase, thing in sorted(phrases, key=lambda pair: -len(pair[0])):  # "klopt niet" before "klopt"
            if _holds(words, phrase):
                found.add(thing)
                words = words.replace(phrase, " ")
        return found.pop() if len(found) == 1 else None

    def holds(self, text: str, name: str) -> bool:
        """Tell whether the text holds one of the phrases of `understood/<name>`."""
        words = fold_words(text)
        return any(_holds(words, phrase) for phrase in self.phrases(name))

    def says_only(self, text: str, *names: str) -> bool:
        """Tell whether the text holds phrases of `understood/<name>` and nothing besides."""
        words = fold_words(text)
        for phrase in sorted((phrase for name in names for phrase in self.phrases(name)), key=len, reverse=True):
            words = re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", " ", words)
        return bool(text.strip()) and not words.strip()

    def is_question(self, text: str) -> bool:
        """Tell whether the text asks something: a question mark, or a question word at its start."""
        words = fold_words(text)
        has_mark = any(mark in text for mark in QUESTION_MARKS)
        return has_mark or any(words.startswith(f"{phrase} ") for phrase in self.phrases("question"))

    def language(self, text: str) -> str | None:
        """Find the code of the one language that the text names, in any of our languages; None if there is none."""
        words = fold_words(text)
        names = self._language_names()
        if words in names:
            return names[words]
        found = {code for name, code in names.items() if _holds(words, name)}
        return found.pop() if len(found) == 1 else None

    def name(self, text: str) -> str | None:
        """Find the name that someone wants to be called by; None if it does not look like one."""
        words = text.split()
        for before, after in self._around_name():
            spelled = [fold_words(word) for word in words]
            end = len(words) - len(after)
            if len(before) < end and spelled[: len(before)] == before and spelled[end:] == after:
                words = words[len(before) : end]
        bare = " ".join(words).strip(AROUND_NAME)
        letters = all(c.isalpha() or unicodedata.category(c).startswith("M") or c in NAME_MARKS for c in bare)
        fits = 1 <= len(bare) <= LONGEST_NAME and len(bare.split()) <= MOST_NAME_WORDS
        return bare if letters and fits and any(c.isalpha() for c in bare) else None

    def says_name(self, text: str) -> bool:
        """Tell whether the text says that it is a name ("ik heet ...")."""
        words = fold_words(text)
        return any(words.startswith(f"{start} ") for start in self.phrases("my_name_is"))

    def phrases(self, name: str) -> list[str]:
        """List the phrases of `understood/<name>` in all languages, plain."""
        return [
            fold_words(phrase)
            for text in self._prompts.get(f"understood/{name}", {}).values()
            for phrase in text.split(",")
            if phrase.strip()
        ]

    def _around_name(self) -> Iterator[tuple[list[str], list[str]]]:
        """Give the words that stand before and after a name, the longest sentences first."""
        texts = self._prompts.get("understood/name_sentence", {}).values()
        sentences = [sentence for text in texts for sentence in text.split(",") if sentence.count(GAP) == 1]
        sentences += [f"{start} {GAP}" for start in self.phrases("my_name_is")]
        for sentence in sorted(sentences, key=lambda one: -len(one.split())):
            before, after = sentence.split(GAP)
            yield fold_words(before).split(), fold_words(after).split()

    def _language_names(self) -> dict[str, str]:
        """Give every name of the languages that have a text: ours, and Babel's in our languages and in itself."""
        names: dict[str, str] = {}
        for prompt, texts in self._prompts.items():
            if prompt.startswith("language/"):
                code = prompt.removeprefix("language/")
                for name in (*texts.values(), *_babel_names(code)):
                    names[fold_words(name)] = code
        return names


def telephone(text: str) -> str | None:
    """Find the one telephone number in a text, in 0-9 with a leading "+" or "0"; None if there is none."""
    found = re.findall(r"\+?\(?\d[\d\s().-]{7,}\d", fold(text))
    if len(found) != 1:
        return None
    number = re.sub(r"[^\d+]", "", found[0].replace("(0)", ""))
    number = f"+{number[2:]}" if number.startswith("00") else number
    shortest, longest = TELEPHONE_DIGITS
    if not number.startswith(("+", "0")) or not shortest <= len(number.lstrip("+")) <= longest:
        return None
    return number


def _holds(words: str, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", words) is not None


@cache
def _babel_names(code: str) -> tuple[str, ...]:
    names = []
    for language in dict.fromkeys((*LANGUAGES, code)):
        try:
            name = Locale.parse(locale_of(language)).languages.get(code)
        except (ValueError, UnknownLocaleError):  # Babel knows nothing of this language
            continue
        if name:
            names.append(name)
    return tuple(names)

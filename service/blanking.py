"""Blanks numbers that the bot must never keep: BSN, bank accounts and bank cards.

A number counts when its own check says that it is one: the elfproef for a BSN, ISO 7064 for an IBAN, Luhn for a
card. Digits of every script count, also with spaces, dots or dashes between them. Telephone numbers and dates are
left alone: people are asked for them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from stdnum import iban, luhn
from stdnum.nl import bsn

MARK = "***"

_GAP = r"[\s.\-/\u200b-\u200f\u202a-\u202e\u2060-\u2069\u00ad\ufeff]"
_RUN = re.compile(rf"\d(?:{_GAP}{{0,3}}\d)+")
_TOKEN = re.compile(r"\d+")
_WORD = re.compile(r"[A-Za-z0-9]+")
_IBAN_HEAD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[A-Za-z0-9]|[\s.\-])")
_LEFT_ALONE = re.compile(
    r"(?<![\d.\-/])(?:"
    r"(?:\+|00)\d(?:[ \-.()]{0,2}\d){8,12}"  # telephone, international
    r"|0\d(?:[ \-.]?\d){8}"  # telephone, Dutch: ten digits that begin with 0
    r"|\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d{2}"  # date, day first
    r"|(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}"  # date, year first
    r")(?!\d)"
)
_CARD_LENGTHS = range(13, 20)


def blank_numbers(text: str) -> tuple[str, bool]:
    """Replace each BSN, IBAN and card number by `MARK`.

    Returns:
        The text and whether anything was blanked. Nothing else of the text changes.
    """
    plain = "".join(_ascii_digit(character) for character in text)
    spans = sorted([*_ibans(plain), *_digit_numbers(plain)])
    kept: list[str] = []
    end = 0
    for start, stop in spans:
        if start >= end:
            kept += [text[end:start], MARK]
        end = max(end, stop)
    return "".join([*kept, text[end:]]), bool(spans)


def _ascii_digit(character: str) -> str:
    """Turn a digit of any script into its Latin one; every other character stays, so positions stay."""
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _ibans(plain: str) -> Iterator[tuple[int, int]]:
    """Find bank accounts: from each head, the longest row of words that the check accepts."""
    for head in _IBAN_HEAD.finditer(plain):
        ends = [word.end() for word in _WORD.finditer(plain, head.start(), head.start() + 60)]
        for end in reversed(ends):
            if iban.is_valid(plain[head.start() : end]):
                yield head.start(), end
                break


def _digit_numbers(plain: str) -> Iterator[tuple[int, int]]:
    """Find BSNs and cards: in each row of digits, the groups that together pass a check."""
    shielded = _LEFT_ALONE.sub(lambda match: "\n\n\n\n\n" + "x" * (len(match[0]) - 5), plain)
    for run in _RUN.finditer(shielded):
        groups = list(_TOKEN.finditer(shielded, run.start(), run.end()))
        for first in range(len(groups)):
            for last in range(first, len(groups)):
                digits = "".join(group[0] for group in groups[first : last + 1])
                if len(digits) > _CARD_LENGTHS[-1]:
                    break
                if _is_sensitive(digits):
                    yield groups[first].start(), groups[last].end()


def _is_sensitive(digits: str) -> bool:
    if len(digits) == 9:
        return bool(bsn.is_valid(digits))
    return len(digits) in _CARD_LENGTHS and digits[0] in "23456" and luhn.is_valid(digits)

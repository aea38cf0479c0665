"""One spelling for what people write in several ways, so that typed words can be compared with ours.

Stands alone: Rasa's Python and ours both load it.
"""

import re
import unicodedata

_SERIES = 8  # letters of one Ethiopic consonant, a vowel each
_ETHIOPIC_ALIKE = ((0x1220, 0x1230), (0x1340, 0x1338), (0x1280, 0x1210), (0x12B8, 0x12A8), (0x1250, 0x1240))
_ALIKE = {
    0x131: "i",  # Turkish dotless i
    **dict.fromkeys((0x64A, 0x649), "\u06cc"),  # Arabic yeh as in Persian
    **dict.fromkeys((0x622, 0x623, 0x625), "\u0627"),  # alef of every kind
    0x643: "\u06a9",  # kaf
    0x629: "\u0647",  # teh marbuta
    0x624: "\u0648",  # waw
    **dict.fromkeys((0x640, 0x200C)),  # what only stretches a word, or keeps its parts from touching
    **dict.fromkeys(map(ord, "'\u2019\u02bc`\u2018")),  # Ukrainian and English apostrophes
    **{old + place: new + place for old, new in _ETHIOPIC_ALIKE for place in range(_SERIES)},
}
_PERSIAN_VERB = re.compile(r"(?<!\w)(\u0646?\u0645\u06cc) (?=\w)")  # "mi" and "nemi" are also written apart


def fold(text: str) -> str:
    """Take away capitals, accents, vowel signs, apostrophes and what else people write in two ways.

    Digits of all scripts become 0-9. Signs other than letters and digits stay as they are.
    """
    spelled = unicodedata.normalize("NFKD", text.casefold().translate(_ALIKE)).translate(_ALIKE)
    bare = "".join(character for character in spelled if not unicodedata.combining(character))
    plain = "".join(str(unicodedata.digit(character, character)) for character in bare)
    return _PERSIAN_VERB.sub(r"\1", plain)


def fold_words(text: str) -> str:
    """Fold a text and keep its words alone, a space between two."""
    return " ".join(re.findall(r"\w+", fold(text)))

"""Text as a filter reads it: what hides between or behind letters is brought to light.

Who wants to be read by people and not by machines writes 薇 信, ⓦⓔⓒⓗⓐⓣ, 1 3 8 - 0 0 0 0, раураl
with Cyrillic letters, or puts characters without width between the others.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# So many characters of a text are looked at: what an advertisement has to say, it says before.
LOOKED_AT = 20_000

# Letters of other alphabets that look like a Latin one, small and capital (Unicode TR 39, the
# common ones). What no keyboard of that alphabet would mix into a Latin word.
LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁԛԝһВЕКМНОРСТХАУЅІЈαεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijsdqwhBEKMHOPCTXAYSIJaeiknoptuxABEZHIKMNOPTYX",
)
# Signs of which NFKC leaves what it finds: ❶, ⓵, ⒈ for digits; 🅥, 🆅 and small capitals for letters.
SIGNS: dict[int, str] = {
    **{
        at: str(digit)
        for at in range(0x2474, 0x2794)
        if (digit := unicodedata.digit(chr(at), None)) is not None
    },
    **{first + n: chr(ord("a") + n) for first in (0x1F150, 0x1F170) for n in range(26)},
    **{
        ord(small): letter
        for small, letter in zip(
            "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɡı", "abcdefghijklmnoprstuvwyzgi", strict=True
        )
    },
}
WORD = re.compile(r"[^\W\d_]+")
LATIN, ALIKE = re.compile("[a-zA-Z]"), re.compile("[\u0370-\u04ff]")
HAN_DIGITS = "〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖幺"
CHINESE_DIGITS = str.maketrans(HAN_DIGITS, "001234567891234567891")
# Five or more in a row are a number written out, also among others; "一二" may be anything.
WRITTEN_DIGITS = re.compile(rf"[\d{HAN_DIGITS}]{{5,}}")
# Between what belongs together: spaces, dots, dashes, and 丶, a stroke that is no word; never a line
# or a comma. Between two digits of one number brackets too.
APART = r" \t.·_~*|/—–―丶-"
BETWEEN = rf"[(){APART}]{{1,3}}"
SPACED_DIGITS = re.compile(rf"(?<=[\d{HAN_DIGITS}]){BETWEEN}(?=[\d{HAN_DIGITS}])")
# Han characters set apart one by one: 加 我 微 信.
HAN = "\u3400-\u4dbf\u4e00-\u9fff"
HAN_LETTER = re.compile(f"[{HAN}]")
SPACED_HAN = re.compile(rf"(?<=[{HAN}])[{APART}]{{1,4}}(?=[{HAN}])")
# In so many places, and after two of five characters, it is no accident: 加.我 丶微 信 :丶a b.c 1.
SCATTERED, OFTEN = 5, 0.4
SPACED = re.compile(rf"(?<=[^\s{APART}])[{APART}]{{1,4}}(?=[^\s{APART}])")
MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]")
# Joiners, selectors and tags hold emoji and other scripts together; between Han or Latin letters they
# only hide. Unicode's Default_Ignorable_Code_Point, without what is unassigned.
WIDTHLESS = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0001-\U000e007f\U000e0100-\U000e01ef]"
)
HIDING = re.compile(rf"(?<=[a-zA-Z{HAN}]){WIDTHLESS.pattern}+(?=[a-zA-Z{HAN}])")


@dataclass(frozen=True)
class Folded:
    """A text in the form in which rules look at it, and what had to be done to it."""

    # NFKC, small letters, without marks and characters of no width.
    text: str
    # The same with digits of one number, and spaced Han characters, put together.
    joined: str
    # Places where something without width stands inside a word.
    hidden: int
    # Words that mix alphabets which look alike.
    disguised: int
    # Whether its characters are set apart one by one, all over it.
    scattered: bool


def fold(text: str) -> Folded:
    """Folds a text, of any length in a time that its first LOOKED_AT characters need."""
    text = text[:LOOKED_AT]
    hidden = len(HIDING.findall(text))
    plain = WIDTHLESS.sub("", text).translate(SIGNS)
    plain = MARKS.sub("", unicodedata.normalize("NFKC", plain))[: 2 * LOOKED_AT]
    disguised = 0

    def unmask(word: re.Match[str]) -> str:
        nonlocal disguised
        if not (LATIN.search(word[0]) and ALIKE.search(word[0])):
            return word[0]
        disguised += 1
        return word[0].translate(LOOKALIKES)

    plain = WORD.sub(unmask, plain).casefold()
    joined, places = SPACED_HAN.subn("", plain)
    scattered = places >= SCATTERED and places > OFTEN * len(HAN_LETTER.findall(joined))
    joined = (SPACED if scattered else SPACED_DIGITS).sub("", joined)
    joined = WRITTEN_DIGITS.sub(lambda digits: digits[0].translate(CHINESE_DIGITS), joined)
    return Folded(plain, joined, hidden, disguised, scattered)

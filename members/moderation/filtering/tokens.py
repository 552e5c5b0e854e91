"""What the classifier counts in a text: its words as the search knows them, pairs of words, its shape.

Numbers and addresses are masked: their shape tells spam, they themselves are somebody's.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Iterator
from hashlib import blake2b

from caisu.core import markup
from caisu.core.fulltext import text as fulltext

from .folding import LOOKED_AT, Folded, fold
from .rules import DISGUISED_HANDLE, HANDLE, MAIL, MARKUP, PHRASES

LONGEST, MOST = 40, 2000  # characters of a token, tokens of a text
# Words of a pair. A word of LONG letters is known by its first BEGINNING, too: subscribe, subscriber.
LONGEST_OF_PAIR, LONG, BEGINNING = 20, 6, 5
SHAPE = "#"  # begins a token of shape; folded text never holds it
ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w-])[a-z0-9-]{1,63}\.(?:com|net|org|top|xyz|cn|info|shop|vip|club|site|online"
    r"|example|co|uk|me|cc|ru|io)\b(?:/\S*)?",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d(?:[\s-]?\d)*")
MONEY = re.compile(r"[$£€¥]|元|美元|usd|rmb", re.IGNORECASE)
DRAWN_OUT = re.compile(r"([a-z])\1{2,}")  # pleeease


def language_of(text: str) -> str:
    """By which of the two models a text is judged."""
    return "zh-hans" if markup.is_han(text) else "en"


def _masked(number: re.Match[str]) -> str:
    digits = sum(char.isdigit() for char in number[0])
    # How many, as a letter: the search reads letters and digits side by side as two words.
    return f" number{chr(ord('a') + min(digits, 12))} "


def _words(joined: str) -> Iterator[str]:
    body = NUMBER.sub(_masked, ADDRESS.sub(" address ", DRAWN_OUT.sub(r"\1\1", joined)))
    words = fulltext.fold(body)
    yield from (term[:LONGEST] for term in fulltext.tokens(words))
    runs = words.split()
    yield from (f"{run[:BEGINNING]}-" for run in runs if run < "\u3000" and len(run) >= LONG)
    # Where a run of Han stands beside a word, the character next to it: numberc 元.
    first = [run[:LONGEST_OF_PAIR] if run < "\u3000" else run[0] for run in runs]
    last = [run[:LONGEST_OF_PAIR] if run < "\u3000" else run[-1] for run in runs]
    pairs = zip(last, first[1:], strict=False)
    yield from (f"{one}_{two}" for one, two in pairs if one < "\u3000" or two < "\u3000")
    if runs:
        yield f"{SHAPE}begins-{first[0]}"
        yield f"{SHAPE}ends-{last[-1]}"


def _shape(text: str, folded: Folded) -> Iterator[str]:
    addresses = ADDRESS.findall(text)
    yield f"addresses{min(len(addresses), 3)}"
    for address in addresses[:5]:
        rest = re.sub(r"^https?://", "", address.lower())
        host, slash, _path = rest.partition("/")
        yield f"ending-{host.rpartition('.')[2][:8]}"
        yield "deep-address" if slash else "bare-address"
    if addresses and text.rstrip().endswith(addresses[-1]):
        yield "address-last"
    length = max(len(text), 1)
    digits = sum(map(str.isdigit, text))
    yield f"digits{min(digits * 20 // length, 6)}"
    longest = max((sum(map(str.isdigit, each)) for each in NUMBER.findall(text)), default=0)
    yield f"number-of{min(longest // 3, 4)}"
    letters = max(sum(map(str.isalpha, text)), 1)
    yield f"capitals{min(sum(map(str.isupper, text)) * 8 // letters, 5)}"
    yield f"length{int(math.log2(length + 1))}"
    yield f"exclaims{min(text.count('!'), 3)}"
    joined = folded.joined
    signs = {
        **{name: pattern.search(joined) for name, pattern in PHRASES.items()},
        "scattered": folded.scattered,
        "money": MONEY.search(text),
        "percent": "%" in text,
        "contact": HANDLE.search(joined),
        "disguise": DISGUISED_HANDLE.search(joined),
        "markup": MARKUP.search(joined),
        "mail": MAIL.search(joined),
        "asks": "?" in text,
        "no-digits": not digits,
    }
    yield from (name for name, there in signs.items() if there)


def tokens(text: str) -> list[str]:
    """The tokens of a text, each once, in their order."""
    text = text[:LOOKED_AT]
    folded = fold(text)
    plain = unicodedata.normalize("NFKC", text)[: 2 * LOOKED_AT]
    found = dict.fromkeys(SHAPE + name for name in _shape(plain, folded))
    found.update(dict.fromkeys(_words(folded.joined)))
    return list(itertools.islice(found, MOST))


def likeness(text: str) -> str:
    """The same for texts that differ in numbers, addresses, case and punctuation alone."""
    body = " ".join(fulltext.fold(NUMBER.sub(" ", ADDRESS.sub(" ", text[:LOOKED_AT]))).split())
    return blake2b(body.encode("utf-8", "replace"), digest_size=16).hexdigest()

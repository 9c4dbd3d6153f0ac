"""What a person wrote, in French or English, turned into what a backend can answer.

Words are data (editing/vocabulary.py). Accents, capitals, plurals and articles do not matter;
the longest known expression wins, so that a road sign is not taken for an advertising panel.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from core.errors import NotUnderstood
from editing.vocabulary import ADJECTIVES, CONCEPTS, GLOSSARY, KNOWN_EN, KNOWN_FR, Concept

_SEPARATORS = re.compile(r"[,;+&/\n]|\b(?:et|ou|and|or|ainsi que|as well as)\b")
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "le la les l un une des du de d au aux ce cet cette ces mon ma mes notre nos votre vos toute toutes tout tous "
        "the a an of this that these those my our your s all",
    )
)


@dataclass(frozen=True, slots=True)
class Request:
    """How words were read.

    concepts: what the embedded backend answers, in the order asked, each once.
    prompts: one English phrase per thing asked, for CLIPSeg; unknown words are passed as written.
    beyond: words that only the full backend can answer. unknown: words in neither vocabulary.
    """

    text: str
    concepts: tuple[Concept, ...]
    prompts: tuple[str, ...]
    beyond: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def english(self) -> str:
        """The translation shown to the person: the prompts, separated by commas."""
        return ", ".join(self.prompts)


def understand(text: str) -> Request:
    """Read words in French or English. Raises NotUnderstood when nothing is written."""
    concepts: list[Concept] = []
    prompts: list[str] = []
    beyond: list[str] = []
    unknown: list[str] = []
    for phrase in _SEPARATORS.split(_plain(text)):
        words = [word for word in re.findall(r"[a-z0-9]+", phrase) if word not in _SMALL_WORDS]
        if not words:
            continue
        adjectives: list[str] = []
        nouns: list[str] = []
        position = 0
        while position < len(words):
            taken, english, concept, is_adjective = _longest(words, position)
            written = " ".join(words[position : position + taken])
            position += taken
            (adjectives if is_adjective else nouns).append(english or written)
            if concept is not None:
                concepts.append(concept)
            elif english is None:
                unknown.append(written)
            else:
                beyond.append(written)
        prompts.append(" ".join(adjectives + nouns))
    if not prompts:
        raise _not_understood(text or "…")
    return Request(text, tuple(dict.fromkeys(concepts)), tuple(dict.fromkeys(prompts)), tuple(beyond), tuple(unknown))


def embedded_concepts(request: Request) -> tuple[Concept, ...]:
    """What the embedded backend is asked for. Raises NotUnderstood when a word asks for more than it knows.

    Half an answer would look like a whole one: « la voiture rouge » is refused rather than read as
    any car.
    """
    if request.unknown or request.beyond or not request.concepts:
        raise _not_understood(", ".join(request.unknown + request.beyond) or request.text)
    return request.concepts


def _not_understood(words: str) -> NotUnderstood:
    return NotUnderstood(words=words, known_fr=", ".join(KNOWN_FR), known_en=", ".join(KNOWN_EN))


def _longest(words: list[str], position: int) -> tuple[int, str | None, Concept | None, bool]:
    """(words taken, English or None, concept or None, is an adjective) of the longest known expression here."""
    table = _table()
    for length in range(min(4, len(words) - position), 0, -1):
        found = table.get(tuple(_singular(word) for word in words[position : position + length]))
        if found is not None:
            return length, *found
    return 1, None, None, False


@cache
def _table() -> dict[tuple[str, ...], tuple[str, Concept | None, bool]]:
    table: dict[tuple[str, ...], tuple[str, Concept | None, bool]] = {}
    for english, synonyms in GLOSSARY.items():
        for synonym in (english, *synonyms):
            table[_key(synonym)] = (english, None, False)
    for english, synonyms in ADJECTIVES.items():
        for synonym in (english, *synonyms):
            table[_key(synonym)] = (english, None, True)
    for concept, (english, synonyms) in CONCEPTS.items():
        for synonym in (english, *synonyms):
            table[_key(synonym)] = (english, concept, False)
    return table


def _key(expression: str) -> tuple[str, ...]:
    words = re.findall(r"[a-z0-9]+", _plain(expression))
    return tuple(_singular(word) for word in words if word not in _SMALL_WORDS)


def _plain(text: str) -> str:
    """Lower case without accents; ligatures and typographic apostrophes made plain."""
    text = text.lower().replace("œ", "oe").replace("æ", "ae").replace("’", "'")
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" and not word.endswith("ss") else word

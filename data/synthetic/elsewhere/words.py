"""What people and sellers write: one bank of phrases, and where each language and seller finds its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from data.synthetic.elsewhere.chance import Ints
from data.synthetic.elsewhere.lands import LANGUAGES

STOCK: Final = 2500  # phrases of one language
ENTRIES: Final = 400  # comments under giveaways
OPENINGS: Final = {
    "en": "love this|so cute|amazing|great shot|wow|beautiful|goals|haha same|where is this|need this|nice one|"
    "congrats|miss you|so proud|stunning|can't wait|this made my day|fire",
    "es": "qué lindo|me encanta|hermosa|felicidades|jaja|increíble|guapa|te extraño|buena foto|dónde es",
    "pt": "que lindo|amei|maravilhosa|parabéns|kkkk|top demais|saudade|sensacional|onde é|perfeita",
    "id": "keren|cantik|mantap|bagus banget|lucu|semangat|kangen|di mana ini|suka",
    "tr": "çok güzel|harika|efsane|tebrikler|özledim|süper|bayıldım|nerede bu",  # noqa: RUF001
    "ru": "красота|супер|обалденно|поздравляю|скучаю|класс|огонь|где это",
}
ENDINGS: Final = {
    "en": "|my friend|bestie|keep going|as always|today|from here|so much|really|the colours|that light",
    "es": "|amiga|hermano|siempre|hoy|mucho|de verdad",
    "pt": "|amiga|irmão|sempre|hoje|demais|mesmo",
    "id": "|kak|bro|banget|hari ini|sekali",
    "tr": "|canım|kanka|bugün|gerçekten|her zaman",  # noqa: RUF001
    "ru": "|подруга|брат|как всегда|сегодня|очень",
}
MARKS: Final = ("", "", "", "!", "!!", " ❤️", " 😍", " 🔥", " 🔥🔥", " 👏", " 🙌", " ✨", " 😂", "...", " 💯")
WORDLESS: Final = ("❤️", "🔥🔥🔥", "😍😍", "👏👏", "😂😂😂")
CLAIMS: Final = ("done", "done ✅", "in", "me please", "fingers crossed", "pick me 🙏", "hope to win", "")
SYLLABLES: Final = ("ka", "mi", "lo", "ren", "da", "sa", "nu", "ti", "vel", "or", "an", "jo", "be", "shi", "ma", "li")


@dataclass(frozen=True, slots=True)
class Span:
    """Places `start` to `start + size` of the bank."""

    start: int
    size: int


@dataclass(slots=True)
class Words:
    """The bank and its parts; a seller's phrases are added when it is drawn."""

    chance: np.random.Generator
    bank: list[str] = field(default_factory=list)
    languages: dict[str, Span] = field(default_factory=dict)
    entries: Span = Span(0, 0)

    def sellers_phrases(self) -> Span:
        """A seller's stock: a few dozen openings, six marks each."""
        openings = self.chance.integers(20, 60)
        phrases = [self._opening() + MARKS[mark] for _ in range(openings) for mark in self._marks()]
        return self.store(phrases)

    def canned(self, span: Span, size: int) -> Ints:
        """Phrases of a seller, its favourites far more often."""
        return span.start + np.minimum(self.chance.zipf(1.3, size), span.size) - 1

    def own(self, who: Ints, country: Ints, favourite: Ints) -> Ints:
        """An owner's phrase: one of a few favourites, or the common stock of the language."""
        starts = np.array([self.languages[language].start for language in LANGUAGES])[country]
        sizes = np.array([self.languages[language].size for language in LANGUAGES])[country]
        common = (sizes * self.chance.random(len(who)) ** 3).astype(np.int64)
        return np.asarray(starts + np.where(self.chance.random(len(who)) < 0.45, favourite % sizes, common), np.int64)

    def store(self, phrases: list[str]) -> Span:
        """Add phrases to the bank."""
        span = Span(len(self.bank), len(phrases))
        self.bank += phrases
        return span

    def _opening(self) -> str:
        tongues = list(OPENINGS)
        tongue = tongues[0] if self.chance.random() < 0.6 else tongues[int(self.chance.integers(0, len(tongues)))]
        openings = OPENINGS[tongue].split("|")
        picked = self.chance.integers(0, len(openings), int(self.chance.integers(1, 3)))
        return " ".join(openings[opening] for opening in picked)

    def _marks(self) -> list[int]:
        return [int(mark) for mark in self.chance.integers(0, len(MARKS), 6)]


def draw_words(chance: np.random.Generator) -> Words:
    """Fill the bank with every language's stock and the comments of giveaways."""
    words = Words(chance)
    for language in OPENINGS:
        phrases = _phrases(language)
        kept = chance.permutation(len(phrases))[:STOCK]
        words.languages[language] = words.store([phrases[place] for place in kept])
    friends, claims = chance.integers(0, 10**9, ENTRIES), chance.integers(0, len(CLAIMS), ENTRIES)
    entries = [f"@{name(int(friend))} {CLAIMS[claim]}".strip() for friend, claim in zip(friends, claims, strict=True)]
    words.entries = words.store(entries)
    return words


def _phrases(language: str) -> list[str]:
    openings, endings = OPENINGS[language].split("|"), ENDINGS[language].split("|")
    simple = [f"{first} {end}".strip() + mark for first in openings for end in endings for mark in MARKS]
    double = [
        f"{first}, {second} {end}".strip() + mark
        for first in openings
        for second in openings
        for end in endings
        for mark in MARKS[3:8]
    ]
    return simple + double + list(WORDLESS) * 3


def name(code: int) -> str:
    """A handle that can be spoken, the same for the same code."""
    syllables = "".join(SYLLABLES[(code >> (4 * place)) & 15] for place in range(2 + code % 3))
    return syllables + ["", "", "_", ".", "x"][code % 5] + (str(code % 97) if code % 3 else "")

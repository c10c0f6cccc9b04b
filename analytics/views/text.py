"""Text of accounts under review, made safe to look at: nothing hidden, nothing that draws or flips the line (X-03)."""

from __future__ import annotations

import unicodedata

LONGEST = 200
# Stands where there is nothing to say.
NOTHING = "\u2013"
# More marks than any script stacks on one letter; the rest would only grow the row.
MARKS_PER_LETTER = 4

_NAMED = {
    "\u00ad": "SHY",
    "\u061c": "ALM",
    "\u180e": "MVS",
    "\u200b": "ZWSP",
    "\u200c": "ZWNJ",
    "\u200d": "ZWJ",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u2028": "LS",
    "\u2029": "PS",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2060": "WJ",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
    "\ufeff": "BOM",
}
_JOINER = "\u200d"
# Letters that draw nothing although they count as letters.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Categories of characters that show what they are and stand alone: letters, digits, punctuation, signs, spaces.
_LETTERS, _DIGITS = ("Lu", "Ll", "Lt", "Lm", "Lo"), ("Nd", "Nl", "No")
_PUNCTUATION, _SIGNS = ("Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"), ("Sm", "Sc", "Sk", "So")
_ALONE = frozenset([*_LETTERS, *_DIGITS, *_PUNCTUATION, *_SIGNS, "Zs"])


def plain(text: str | None, limit: int = LONGEST) -> str:
    """Return the text on one line, with control and direction characters as visible placeholders, cut at `limit`."""
    source = text or ""
    # One character more than is shown: it could be a mark on the last one.
    head = source[: limit + 1]
    if _is_plain(head):
        return head if len(head) <= limit else head[:limit] + "…"
    return letter_by_letter(source, limit)


def letter_by_letter(source: str, limit: int) -> str:
    """Return what `plain` does, also of text with characters that hide, join or stack."""
    letters: list[str] = []
    position = 0
    while position < len(source) and len(letters) <= limit:
        letter, position = _next_letter(source, position)
        letters.append(letter)
    return "".join(letters[:limit]) + "…" if len(letters) > limit else "".join(letters)


def _is_plain(text: str) -> bool:
    """Say whether every character shows what it is and stands alone, as in nearly all text."""
    if text.isascii():
        return text.isprintable()
    return _BLANK_LETTERS.isdisjoint(text) and _ALONE.issuperset(map(unicodedata.category, text))


def paragraphs(text: str | None, limit: int = LONGEST, lines: int = 60) -> str:
    """Return longer text with its own line breaks, each line as `plain` would show it."""
    written = [plain(line, limit) for line in (text or "").replace("\r\n", "\n").split("\n")]
    shown = written[:lines] + (["…"] if len(written) > lines else [])
    return "\n".join(shown).strip()


def _next_letter(source: str, start: int) -> tuple[str, int]:
    """Return one grapheme from `start` as it may be shown, and where the next begins."""
    shown = _shown(source[start])
    end, marks = start + 1, 0
    while end < len(source) and _is_mark(source[end]):
        if marks < MARKS_PER_LETTER:
            shown += source[end]
        marks += 1
        end += 1
    if _joins_emoji(source, end):
        rest, end = _next_letter(source, end + 1)
        return shown + _JOINER + rest, end
    return shown, end


def _shown(letter: str) -> str:
    code = ord(letter)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if letter in _NAMED:
        return f"⟨{_NAMED[letter]}⟩"
    category = unicodedata.category(letter)
    if category == "Cs":
        return "\ufffd"
    if category in ("Cc", "Cf", "Co", "Cn") or letter in _BLANK_LETTERS:
        return f"⟨U+{code:04X}⟩"
    # A mark at the very start would sit on whatever stands before it on the page.
    return "\u25cc" + letter if _is_mark(letter) else letter


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) in ("Mn", "Me", "Mc")


def _joins_emoji(source: str, at: int) -> bool:
    """Say whether a zero-width joiner here belongs to one picture, such as a family."""
    if not 0 < at < len(source) - 1 or source[at] != _JOINER:
        return False
    before = source[at - 1] if not _is_mark(source[at - 1]) else source[at - 2]
    return unicodedata.category(before) in ("So", "Sk") and unicodedata.category(source[at + 1]) == "So"


def number(value: float | None, digits: int = 0) -> str:
    """Write a number with thousands separators; a dash where there is none."""
    return NOTHING if value is None else f"{value:,.{digits}f}"


def counted(value: int, noun: str, plural: str = "") -> str:
    """Write `1 like`, `412 likes`."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"


def listed(parts: list[str]) -> str:
    """Join `a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


def share(value: float | None, digits: int = 1) -> str:
    """Write a share as a percentage."""
    return NOTHING if value is None else f"{100 * value:.{digits}f} %"


def shares(values: list[float]) -> list[str]:
    """Write the parts of one whole as percentages that add up: what rounding leaves over goes to the largest rests."""
    whole = [max(0, int(100 * value + 1e-9)) for value in values]
    rest = sorted(range(len(values)), key=lambda place: whole[place] - 100 * values[place])
    for place in rest[: max(0, round(100 * sum(values)) - sum(whole))]:
        whole[place] += 1
    return [f"{part} %" if part or not value else "under 1 %" for part, value in zip(whole, values, strict=True)]

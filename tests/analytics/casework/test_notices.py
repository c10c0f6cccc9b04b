"""P-17, N-01 to N-08, X-04: what an account holder reads."""

from __future__ import annotations

import re
import tomllib
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.casework.notice_templates import LONGEST_BODY, LONGEST_TITLE, OWED
from analytics.casework.notices import (
    Consequence,
    NextTime,
    NoticeFacts,
    NoticeName,
    Rule,
    notice_of_step,
    parse_notices,
    render_notice,
)
from analytics.workflows.notice_texts import SHIPPED
from data.errors import ConfigError, InvalidCommandError
from data.records import NoticeText

FILES: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(SHIPPED.glob("*.toml"))
}
TEMPLATES = parse_notices(FILES)
LANGUAGES = sorted(FILES)
STEPS = [NoticeName.STEP_1, NoticeName.STEP_2, NoticeName.STEP_3, NoticeName.STEP_4, NoticeName.STEP_5]
UNTIL = datetime(2027, 5, 26, 12, tzinfo=UTC)
ENDS = datetime(2026, 12, 1, 12, tzinfo=UTC)

# One word for each way of finding out that a seller could work around (N-07), in the languages of the templates.
SIGNALS = re.compile(
    r"\b(ip|network|red|rede|device id|client|cliente|fingerprint|rhythm|ritmo|burst|interval|lockstep|model|modelo"
    r"|score|puntuación|pontuação|probab\w+|statistic\w*|S-\d+|asn|cluster|p-value)\b",
    re.IGNORECASE,
)
ACCUSING = re.compile(
    r"fraud|guilt|culpab|culpad|fraude|offend|violat|infractor|infrator|bot\b|cheat|tramp|trapa|you bought|you sold",
    re.IGNORECASE,
)


def facts(**over: Any) -> NoticeFacts:
    told: dict[str, Any] = {
        "removed": {"like": 412, "follow": 96, "comment": 1},
        "appeal_until": UNTIL,
        "next_time": NextTime(consequence=Consequence.LIMIT, days=7),
        "ends_at": ENDS,
        "case_number": 8_831,
    }
    return NoticeFacts(**(told | over))


def render(name: NoticeName, language: str = "en", **over: Any) -> NoticeText:
    return render_notice(TEMPLATES[name], language, facts(**over))


def test_there_are_three_languages() -> None:
    assert LANGUAGES == ["en", "es", "pt"]


def test_the_first_notice_word_for_word() -> None:
    assert render(NoticeName.STEP_1).body == (
        "We are removing 412 likes, 96 follows and 1 comment that your account gave to others. This can take up to a "
        "day. We believe an outside app or website made them, and not you.\n\n"
        "Many people share their username and password without knowing what it will be used for. Our rule is: Likes, "
        "follows and comments must come from people themselves.\n\n"
        "Please do one thing: choose a new password. This cuts off the app or website. All your devices will be signed "
        "out.\n\n"
        "Software noticed the activity. A person looked at it and made the decision.\n\n"
        "If you think this is a mistake, you can appeal until 26 May 2027. Use the appeal button under this message. "
        "The number of this decision is 8831.\n\n"
        "If it happens again, your account will not be able to like, follow or comment for 7 days."
    )


@pytest.mark.parametrize(
    ("language", "counts"),
    [
        ("en", "1,412 likes, 96 follows and 1 comment"),
        ("es", "1.412 «me gusta», 96 seguimientos y 1 comentario"),
        ("pt", "1.412 curtidas, 96 contas seguidas e 1 comentário"),
    ],
)
def test_what_was_removed_is_counted_by_kind(language: str, counts: str) -> None:
    """N-01."""
    removed = {"like": 1_412, "follow": 96, "comment": 1}

    assert all(counts in render(name, language, removed=removed).body for name in STEPS)


def test_a_kind_of_which_nothing_was_removed_is_left_out() -> None:
    """N-01."""
    assert "We are removing 1 like that" in render(NoticeName.STEP_1, removed={"like": 1, "follow": 0}).body


@pytest.mark.parametrize(("language", "done"), [("en", "removed"), ("es", "uitamos"), ("pt", "emovemos")])
def test_the_notice_does_not_say_that_is_done_which_still_waits(language: str, done: str) -> None:
    """N-01: the notice leaves before the removal, which is late by intent; what it says must be true when read."""
    for name in STEPS:
        text = render(name, language)
        assert done not in f"{text.title} {text.body}"


@given(st.dictionaries(st.sampled_from(["like", "follow", "comment"]), st.integers(1, 99_999_999), min_size=1))
def test_every_count_in_a_notice_is_one_that_was_removed(removed: dict[str, int]) -> None:
    """N-01: the counts that stand in the text are the committed ones, no more and no fewer."""
    first = render(NoticeName.STEP_1, removed=removed).body.split(" that your account")[0]

    assert sorted(int(n.replace(",", "")) for n in re.findall(r"[\d,]*\d", first)) == sorted(removed.values())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(NoticeName))
def test_no_notice_accuses_or_says_how_the_activity_was_found(name: NoticeName, language: str) -> None:
    """N-02, N-07, T-17."""
    text = render(name, language)

    assert ACCUSING.findall(f"{text.title} {text.body}") == []
    assert SIGNALS.findall(f"{text.title} {text.body}") == []


@pytest.mark.parametrize(
    ("language", "maybe"), [("en", "We believe"), ("es", "Creemos que"), ("pt", "Acreditamos que")]
)
def test_the_first_step_supposes_that_the_person_may_not_know(language: str, maybe: str) -> None:
    """N-02."""
    assert maybe in render(NoticeName.STEP_1, language).body


@pytest.mark.parametrize(
    ("language", "change", "sign_out"),
    [
        ("en", "choose a new password. This cuts off the app", "All your devices will be signed out."),
        ("es", "elige una contraseña nueva. Así la aplicación", "Se cerrará la sesión en todos tus dispositivos."),
        ("pt", "escolha uma senha nova. Assim o aplicativo", "Todos os seus aparelhos serão desconectados."),
    ],
)
@pytest.mark.parametrize("name", [*STEPS, NoticeName.RESET])
def test_a_reset_asks_for_one_thing_and_says_what_it_does(
    name: NoticeName, language: str, change: str, sign_out: str
) -> None:
    """N-03."""
    body = render(name, language).body

    assert change in body
    assert sign_out in body


def test_without_a_reset_no_new_password_is_asked_for() -> None:
    """N-03."""
    closed = NextTime(consequence=Consequence.CLOSED)

    assert "keep your password to yourself" in render(NoticeName.STEP_3, is_reset=False).body
    assert "You can do one thing: appeal" in render(NoticeName.STEP_5, is_reset=False, next_time=closed).body


def test_the_notice_says_the_rule_and_who_found_and_decided() -> None:
    """N-04: from the decision's columns."""
    body = render(NoticeName.STEP_2, automated_detection=False, is_blind=True, rule=Rule.FAKE_ACCOUNT).body

    assert "Our rule is: An account must belong to a real person or organisation." in body
    assert "The activity was not found by software." in body
    assert "decided before seeing what the software suggested" in body


@pytest.mark.parametrize(
    ("language", "date"), [("en", "26 May 2027"), ("es", "26 de mayo de 2027"), ("pt", "26 de maio de 2027")]
)
@pytest.mark.parametrize("name", [*STEPS, NoticeName.RESET])
def test_the_notice_says_until_when_one_can_appeal(name: NoticeName, language: str, date: str) -> None:
    """N-05."""
    assert date in render(name, language).body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STEPS)
def test_the_notice_names_the_decision_by_a_number_that_can_be_read_out(name: NoticeName, language: str) -> None:
    """N-05: an appeal by letter or telephone must find its decision."""
    assert " 8831." in render(name, language).body


@pytest.mark.parametrize(
    ("next_time", "words"),
    [
        (NextTime(consequence=Consequence.SAME), "we will remove that activity too"),
        (NextTime(consequence=Consequence.LIMIT, days=1), "not be able to like, follow or comment for 1 day."),
        (NextTime(consequence=Consequence.SUSPEND, days=30), "your account will be suspended for 30 days."),
        (NextTime(consequence=Consequence.CLOSE), "your account may be closed."),
        (NextTime(consequence=Consequence.CLOSED), "stays closed unless an appeal changes this."),
    ],
)
def test_the_notice_says_what_happens_next_time(next_time: NextTime, words: str) -> None:
    """N-06."""
    assert words in render(NoticeName.STEP_1, next_time=next_time).body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [NoticeName.STEP_3, NoticeName.STEP_4])
def test_a_timed_step_says_when_it_ends_or_is_not_written(name: NoticeName, language: str) -> None:
    assert "2026" in render(name, language).body
    with pytest.raises(InvalidCommandError, match="no end"):
        render(name, language, ends_at=None)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(NoticeName))
def test_notices_are_short_and_plain(name: NoticeName, language: str) -> None:
    """N-08: lengths, sentences of at most 30 words, nothing that a screen could read as markup."""
    text = render(name, language, removed={"like": 99_999_999, "follow": 99_999_999, "comment": 99_999_999})
    sentences = re.split(r"(?<=[.!?])\s+", text.body)

    assert len(text.title) <= LONGEST_TITLE
    assert len(text.body) <= LONGEST_BODY
    assert max(len(sentence.split()) for sentence in sentences) <= 30
    assert re.findall(r"[<>*_`#\[\]{}$|]", text.title + text.body) == []


def test_an_overturned_decision_says_what_is_given_back() -> None:
    assert "We are putting back 2 likes that" in render(NoticeName.OVERTURNED, removed={"like": 2}).body
    assert "Nothing has to be put back." in render(NoticeName.OVERTURNED, removed={}).body


def test_an_unknown_language_is_written_in_english_and_a_region_in_its_language() -> None:
    assert render(NoticeName.STEP_1, "xx").language == "en"
    assert render(NoticeName.STEP_1, "pt-BR").language == "pt"


def test_steps_past_the_last_read_like_the_last() -> None:
    assert [notice_of_step(step) for step in (0, 1, 5, 9)] == ["step_1", "step_1", "step_5", "step_5"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("Dear $handle, $removed", "names"),
        ("$removed", "owes"),
        ("costs $5", "stray"),
        ("$rule $to_do $found $decided $appeal_until $next_time ${removed.__class__}", "stray"),
    ],
)
def test_a_template_with_an_unknown_or_missing_field_is_refused_when_loaded(body: str, fault: str) -> None:
    """X-04: unknown field fails at build time, and nothing is ever evaluated."""
    files = deepcopy(FILES)
    files["es"]["notice"]["step_1"]["body"] = body

    with pytest.raises(ConfigError, match=fault):
        parse_notices(files)


def test_a_phrase_with_an_unknown_field_and_a_missing_language_are_refused() -> None:
    files = deepcopy(FILES)
    files["pt"]["words"]["to_do"]["reset"] = "Olá $name"

    with pytest.raises(ConfigError, match="names"):
        parse_notices(files)
    with pytest.raises(ConfigError, match="English"):
        parse_notices({"es": FILES["es"]})


def test_facts_have_no_room_for_a_text_of_an_account() -> None:
    """X-04: whatever stands in a name, no field of the facts can carry it into a notice."""
    free_text = [name for name, kind in NoticeFacts.__annotations__.items() if kind in ("str", "str | None")]

    assert free_text == []
    assert set().union(*OWED.values()) <= {
        "removed", "rule", "to_do", "found", "decided", "appeal_until", "next_time", "ends_at", "given_back",
        "case_number",
    }  # fmt: skip


def test_every_language_has_every_notice_in_the_same_version() -> None:
    found = {
        (name, language): template.wordings[language].version
        for name, template in TEMPLATES.items()
        for language in LANGUAGES
    }

    assert set(found.values()) == {"2"}

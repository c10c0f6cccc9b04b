"""The desk without a browser: take, decide, undo, skip; what is refused is said and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

from analytics.views.breaks import Sitting
from data.records import ReasonCode, Role
from data.tables import cases
from tests.browser.facts import facts, leased_by, with_roles
from tests.pages.conftest import SignIn
from tests.pages.ledger_hand import (
    audit_rows,
    case_of,
    change,
    draw_unsuspected,
    lease_until,
    make_next,
    now_us,
    reset_waits,
    shorten_lease,
)
from tests.pages.rooms import PERSON_OF, opened, visit, words

RITA = PERSON_OF[Role.REVIEWER]


def keyed(app: AppTest, start: str) -> list[str]:
    return [str(one.key) for one in app.button if str(one.key).startswith(start)]


def press(app: AppTest, start: str) -> AppTest:
    return app.button(key=keyed(app, start)[0]).click().run()


def taken(signed_in: SignIn, home: Path, *, role: Role = Role.REVIEWER, is_blind: bool = False) -> tuple[AppTest, str]:
    """Open the desk with an ordinary case on it."""
    person = PERSON_OF[role]
    case = make_next(home, person, is_blind=is_blind)
    app = signed_in(home, role)
    app.query_params["lane"] = "queue"
    app.run()
    press(app, "start")
    assert leased_by(home, person) == [case]
    return app, case


def test_a_confirmation_writes_everything_and_shows_the_next_case(signed_in: SignIn, demo_home: Path) -> None:
    app, case = taken(signed_in, demo_home)

    app = press(app, f"confirm_{case}")

    assert [one.value for one in app.exception] == []
    assert facts(demo_home, case).is_whole
    assert leased_by(demo_home, RITA) != [case]
    assert keyed(app, "undo_")


def test_an_undo_takes_it_back_before_anything_left(signed_in: SignIn, demo_home: Path) -> None:
    """U-05, F-11."""
    app, case = taken(signed_in, demo_home)
    app = press(app, f"reject_{case}")

    app = press(app, "undo_")

    assert facts(demo_home, case).undone == 1
    assert [one.value for one in app.error] == []


def test_a_row_taken_out_is_left_out_of_the_plan(signed_in: SignIn, demo_home: Path) -> None:
    """U-07."""
    app, case = taken(signed_in, demo_home)
    app.toggle(key="plain_rows").set_value(True).run()
    ticked = [one for one in app.checkbox if one.value]
    ticked[0].uncheck().run()

    assert "1 row taken out" in words(app)
    assert app.button(key=f"confirm_{case}").disabled
    assert not app.button(key=f"part_{case}").disabled
    press(app, f"part_{case}")
    assert facts(demo_home, case).is_whole


def test_a_skip_asks_for_no_decision(signed_in: SignIn, demo_home: Path) -> None:
    """P-08."""
    app, case = taken(signed_in, demo_home)

    press(app, f"skip_{case}")

    assert facts(demo_home, case).is_absent
    assert leased_by(demo_home, RITA) != [case]


def test_who_lost_the_right_meanwhile_is_refused(signed_in: SignIn, demo_home: Path) -> None:
    """X-21."""
    app, case = taken(signed_in, demo_home)
    with_roles(demo_home, RITA, "analyst")
    try:
        app = press(app, f"confirm_{case}")
    finally:
        with_roles(demo_home, RITA, "reviewer")

    assert "no longer have this right" in words(app)
    assert facts(demo_home, case).is_absent


def test_a_snoozed_case_rests_and_the_next_one_comes(signed_in: SignIn, demo_home: Path) -> None:
    """P-08."""
    app, case = taken(signed_in, demo_home)
    app = opened(app, "set_aside")
    app.text_input(key=f"rest_why_{case}").set_value("wait for the platform's answer").run()

    app = press(app, "snooze")

    assert [one.value for one in app.error] == []
    assert case_of(demo_home, case).state == "snoozed"
    assert case_of(demo_home, case).snoozed_until > now_us()
    assert leased_by(demo_home, RITA) != [case]


def test_more_time_can_be_had_while_the_lease_runs(signed_in: SignIn, demo_home: Path) -> None:
    """WCAG 2.2.1: the way is on the page from the start; it is shown when less than three minutes are left."""
    app, case = taken(signed_in, demo_home)
    shorten_lease(demo_home, case, seconds=100)
    app = app.run()

    app = press(app, "extend_")

    assert "You have more time" in words(app)
    assert lease_until(demo_home, case) > now_us() + 14 * 60 * 1_000_000


def test_an_account_one_knows_goes_to_others_for_good(signed_in: SignIn, demo_home: Path) -> None:
    """X-23."""
    app, case = taken(signed_in, demo_home)

    app = press(opened(app, "set_aside"), "conflict")

    assert [one.value for one in app.error] == []
    assert case_of(demo_home, case).state == "open"
    assert leased_by(demo_home, RITA) != [case]
    app = press(app, "back")
    assert case not in app.selectbox(key="queue_case").options


def test_the_sign_out_at_once_is_offered_for_credentials_alone(signed_in: SignIn, demo_home: Path) -> None:
    """U-05."""
    app, case = taken(signed_in, demo_home)
    app.selectbox(key=f"reason_{case}").set_value(ReasonCode.PURCHASED_LIKES).run()
    assert [one.key for one in app.checkbox if str(one.key).startswith("urgent_")] == []
    app.selectbox(key=f"reason_{case}").set_value(ReasonCode.CREDENTIALS_SHARED_UNKNOWINGLY).run()
    app.checkbox(key=f"urgent_{case}").check().run()

    press(app, f"confirm_{case}")

    waits = reset_waits(demo_home, case)
    assert waits["reset_password"] == 0
    assert waits["warn"] > 0


def test_a_blind_case_shows_what_the_machine_thought_after_the_decision(signed_in: SignIn, demo_home: Path) -> None:
    """S-01."""
    app, case = taken(signed_in, demo_home, is_blind=True)
    assert "the machine thought" not in words(app)
    assert "Of 100 accounts" not in words(app)
    assert "uspected" not in words(app)
    assert "If you confirm" in words(app)
    assert keyed(app, "desk_notice") == []

    app = press(app, f"reject_{case}")
    assert "you found: not inauthentic · the machine thought:" in words(app)
    app = press(app, "after_why")
    assert "Of 100 accounts that look like this" in words(app)
    app = press(app, "after_close")
    assert "the machine thought" not in words(app)


def test_a_second_look_says_its_outcome_to_screen_readers(signed_in: SignIn, demo_home: Path) -> None:
    """R-03: it has no undo bar that would say it."""
    app, case = taken(signed_in, demo_home)
    press(app, f"reject_{case}")
    again = {"state": "open", "lane": "second_review"}
    change(demo_home, cases, again, cases.c.case_id == case)
    app = signed_in(demo_home, Role.SENIOR_REVIEWER)
    app.query_params["lane"] = "second_review"
    app.run()
    app = press(app, "start")
    assert leased_by(demo_home, PERSON_OF[Role.SENIOR_REVIEWER]) == [case]

    app = press(app, f"reject_{case}")

    scripts = [one.proto.body for one in app.get("html")]
    assert any("unbought-status" in one and "Your second look is kept" in one for one in scripts)


def test_no_row_of_a_blind_case_is_ticked_by_the_machine(signed_in: SignIn, demo_home: Path) -> None:
    """S-01: what it proposes is neither ticked nor counted, and a confirmation by key removes just that."""
    app, case = taken(signed_in, demo_home, is_blind=True)
    app.toggle(key="plain_rows").set_value(True).run()
    boxes = [one for one in app.checkbox if str(one.key).startswith("tick_")]
    assert boxes
    assert not any(one.value for one in boxes)
    assert not any("Service" in one.label or "Owner" in one.label for one in boxes)
    assert not app.button(key=f"confirm_{case}").disabled
    assert app.button(key=f"part_{case}").disabled

    press(app, f"confirm_{case}")

    assert facts(demo_home, case).is_whole
    body = reset_waits(demo_home, case)
    assert "remove_engagements" in body


def test_the_rows_ticked_on_a_blind_case_are_the_ones_removed(signed_in: SignIn, demo_home: Path) -> None:
    """S-01, U-07."""
    app, case = taken(signed_in, demo_home, is_blind=True)
    app.toggle(key="plain_rows").set_value(True).run()
    likes = [one for one in app.checkbox if str(one.key).startswith("tick_") and one.label.startswith("like")]
    likes[0].check().run()

    assert "remove 1 (1 like)" in words(app)
    assert app.button(key=f"confirm_{case}").disabled
    press(app, f"part_{case}")
    assert facts(demo_home, case).is_whole


def test_an_undone_decision_hides_the_machine_s_opinion_again(signed_in: SignIn, demo_home: Path) -> None:
    app, case = taken(signed_in, demo_home, is_blind=True)
    app = press(app, f"reject_{case}")

    app = press(app, "undo_")

    assert "the machine thought" not in words(app)


def test_a_senior_may_show_a_settled_decision_as_a_known_answer(signed_in: SignIn, demo_home: Path) -> None:
    """P-16: offered when it can no longer be undone, and the ledger has the last word on that."""
    app, case = taken(signed_in, demo_home, role=Role.SENIOR_REVIEWER)
    app = press(app, f"reject_{case}")
    assert app.button(key="known_answer").disabled
    last = app.session_state["desk_last_decision"]
    app.session_state["desk_last_decision"] = replace(last, undo_until=datetime.now(UTC) - timedelta(seconds=1))
    app = app.run()
    assert not app.button(key="known_answer").disabled

    app = press(app, "known_answer")

    assert "This decision is not settled" in words(app)
    assert case_of(demo_home, case).lane == "queue"


def test_reviewers_are_not_offered_known_answers(signed_in: SignIn, demo_home: Path) -> None:
    app, case = taken(signed_in, demo_home)

    app = press(app, f"reject_{case}")

    assert keyed(app, "known_answer") == []


def test_a_manager_sees_what_waits_for_consent_and_nothing_else(signed_in: SignIn, demo_home: Path) -> None:
    app = visit(signed_in(demo_home, Role.MANAGER), "desk")

    assert "Nothing waits for your consent." in words(app)
    assert app.button(key="start").disabled


def test_look_alikes_open_beside_the_case_with_the_way_to_decide_them_together(
    signed_in: SignIn, demo_home: Path
) -> None:
    """P-07, U-12."""
    app, case = taken(signed_in, demo_home)

    before = len(app.dataframe)

    app = press(app, "look_alikes")

    [link] = [one for one in app.get("page_link") if one.proto.label == "Decide them together"]
    chosen = parse_qs(link.proto.query_string)["service"]
    assert "Of the same service or group" in words(app)
    assert len(app.dataframe) == before + 1

    assert chosen == [case_of(demo_home, case).service_id]
    app.query_params["service"] = chosen[0]
    assert visit(app, "bulk").selectbox(key="service").value == chosen[0], "the address holds the code of the choice"


def test_a_break_is_suggested_and_put_off_without_a_trace(signed_in: SignIn, demo_home: Path) -> None:
    """S-07: counted in the tab alone."""
    app, _ = taken(signed_in, demo_home)
    before = audit_rows(demo_home)
    now = datetime.now(UTC)
    app.session_state["desk_sitting"] = Sitting(now - timedelta(minutes=61), now, 40)
    app = app.run()
    assert "61 minutes and 40 cases without a break." in words(app)

    app = press(app, "rest_later")

    assert "without a break" not in words(app)
    assert audit_rows(demo_home) == before


def test_own_settings_are_kept_with_the_person(signed_in: SignIn, demo_home: Path) -> None:
    """U-14."""
    app = opened(signed_in(demo_home, Role.REVIEWER), "frame_menu")
    app.toggle(key="setting_blur_comments").set_value(True).run()
    app.toggle(key="setting_less_motion").set_value(True).run()
    app.segmented_control(key="setting_undo_window").set_value("120").run()
    app.segmented_control(key="setting_text_size").set_value("large").run()

    again = opened(signed_in(demo_home, Role.REVIEWER), "frame_menu")

    assert again.toggle(key="setting_blur_comments").value
    assert again.toggle(key="setting_less_motion").value
    assert again.segmented_control(key="setting_undo_window").value == "120"
    styles = " ".join(one.value for one in again.get("html") if hasattr(one, "value"))
    assert "animation-duration" in styles
    assert again.segmented_control(key="setting_text_size").value == "large"
    again.toggle(key="setting_blur_comments").set_value(False).run()
    again.toggle(key="setting_less_motion").set_value(False).run()
    again.segmented_control(key="setting_undo_window").set_value("policy").run()
    again.segmented_control(key="setting_text_size").set_value("normal").run()


def test_a_case_drawn_at_random_looks_like_any_other_that_is_decided_blind(signed_in: SignIn, demo_home: Path) -> None:
    make_next(demo_home, PERSON_OF[Role.SENIOR_REVIEWER], is_blind=False)  # puts back what she holds
    draw_unsuspected(demo_home)
    app = signed_in(demo_home, Role.SENIOR_REVIEWER)
    app.selectbox(key="lane").set_value("random_audit").run()
    press(app, "start")

    drawn = leased_by(demo_home, PERSON_OF[Role.SENIOR_REVIEWER])[0]
    assert case_of(demo_home, drawn).lane == "random_audit"
    assert "What was done from this account?" in words(app)
    assert "Drawn at random" not in words(app)
    assert "Suspected" not in words(app)
    app = press(app, f"confirm_{drawn}")
    assert "Nothing is ticked for removal" in words(app)
    assert leased_by(demo_home, PERSON_OF[Role.SENIOR_REVIEWER]) == [drawn]

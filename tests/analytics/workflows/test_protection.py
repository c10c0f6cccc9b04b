"""T-01: about a protected account no single person decides, at whatever step, alone or in a list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from analytics.workflows.protection import ProtectAccounts, Protection, ReleaseAccount
from data.errors import ConflictError, InvalidCommandError, RightsError
from data.records import ActionKind, Outcome
from data.tables import actions, audit, cases, protections
from tests.analytics.workflows.case_world import ANA, ANY, MAX, RITA, SENA, THEO, Review, review_of
from tests.ledger_fixtures import Staffed

LENA = "demo-lena"


@pytest.fixture
def review(office: Staffed) -> Review:
    return review_of(office, 2)


@pytest.fixture
def protection(office: Staffed) -> Protection:
    return Protection(office.gate, office.clock)


def protect(protection: Protection, token: str, *accounts: str, key: str = "p") -> str:
    command = ProtectAccounts(idempotency_key=key, account_ids=accounts, reason="Works here")
    return protection.protect(token, command).message


def release(protection: Protection, token: str, account_id: str = "a0", key: str = "r") -> str:
    command = ReleaseAccount(idempotency_key=key, account_id=account_id, reason="Left in May")
    return protection.release(token, command).message


def kinds(review: Review) -> list[str]:
    return [row.kind for row in review.all(select(actions.c.kind).order_by(actions.c.created_at, actions.c.position))]


def test_a_first_offence_of_a_protected_account_needs_a_senior_who_is_somebody_else(
    review: Review, protection: Protection
) -> None:
    protect(protection, review.token(MAX), "a0")
    token = review.token(RITA)
    lease = review.desk.take_next(token, ANY)
    assert lease is not None
    plan = review.desk.plan(token, lease.case_id, review.command(lease).engagement_ids)
    assert (plan.needs_second_person, plan.is_protected, plan.step) == (True, True, 1)
    told = review.desk.execute(token, review.command(lease))

    assert told.message == "Case 1 proposed: a senior reviewer must agree before anything is sent."
    assert kinds(review) == []
    assert review.case_of("a0").state == "escalated"
    agreed = review.decide(SENA)
    assert agreed.message == "Case 1 confirmed: 9 engagements, step 1."
    assert kinds(review) == [ActionKind.RESET_PASSWORD, ActionKind.WARN, ActionKind.REMOVE_ENGAGEMENTS]
    assert review.decide(RITA).message.startswith("Case 2 confirmed")


def test_one_person_may_still_say_that_it_was_nothing(review: Review, protection: Protection) -> None:
    protect(protection, review.token(MAX), "a0")

    assert review.decide(RITA, Outcome.REJECT).message == "Case 1 closed as not inauthentic."


def test_protection_counts_from_the_moment_it_is_written_even_with_the_case_on_the_screen(
    review: Review, protection: Protection
) -> None:
    token = review.token(RITA)
    lease = review.desk.take_next(token, ANY)
    assert lease is not None
    protect(protection, review.token(MAX), "a0")

    assert "must agree" in review.desk.execute(token, review.command(lease)).message
    assert kinds(review) == []


def test_a_release_counts_a_day_later_and_until_then_is_seen_by_everybody_who_keeps_the_list(
    review: Review, protection: Protection
) -> None:
    protect(protection, review.token(MAX), "a0")
    assert release(protection, review.token(MAX)).startswith("Released; it counts from 25 Nov, 12:00 UTC on")
    (coming,) = protection.listed(review.token(LENA))
    assert coming.until == review.office.clock() + timedelta(hours=24)
    assert (coming.reason, coming.person) == ("Left in May", "Max Verhoeven")

    review.office.forward(hours=23, minutes=59)
    assert "must agree" in review.decide(RITA).message
    review.office.forward(minutes=2)
    assert protection.listed(review.token(LENA)) == ()
    assert review.decide(SENA).message.startswith("Case 1 confirmed")


def test_what_is_protected_again_is_protected_at_once(review: Review, protection: Protection) -> None:
    protect(protection, review.token(MAX), "a0")
    release(protection, review.token(MAX))
    review.office.forward(hours=30)
    protect(protection, review.token(MAX), "a0", key="again")

    assert "must agree" in review.decide(RITA).message
    assert [row.until for row in protection.listed(review.token(MAX))] == [None]


def test_the_list_is_pasted_once_and_known_accounts_stay_as_they_are(review: Review, protection: Protection) -> None:
    token = review.token(MAX)
    assert protect(protection, token, "a0") == "1 account added to the protected ones."
    told = protect(protection, token, " a1 ", "a0", "", "a1", key="more")

    assert told == "1 account added to the protected ones. 1 of 2 were there."
    assert {row.account_id for row in protection.listed(token)} == {"a0", "a1"}
    assert review.count(protections) == 2


@pytest.mark.parametrize("person", [RITA, THEO, SENA, ANA])
def test_only_managers_keep_and_see_the_list(review: Review, protection: Protection, person: str) -> None:
    with pytest.raises(RightsError):
        protect(protection, review.token(person), "a0")
    with pytest.raises(RightsError):
        release(protection, review.token(person))
    with pytest.raises(RightsError):
        protection.listed(review.token(person))

    assert review.count(protections) == 0


@pytest.mark.parametrize(
    ("accounts", "reason"), [((), "x"), (("  ",), "x"), (("a" * 301,), "x"), (("a0",), "  "), (("a",) * 1, "y" * 2001)]
)
def test_a_list_without_accounts_or_without_a_reason_is_refused(
    review: Review, protection: Protection, accounts: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(InvalidCommandError):
        protection.protect(review.token(MAX), ProtectAccounts(idempotency_key="p", account_ids=accounts, reason=reason))
    assert review.count(protections) == 0


def test_what_is_not_protected_cannot_be_released(review: Review, protection: Protection) -> None:
    with pytest.raises(ConflictError):
        release(protection, review.token(MAX))
    protect(protection, review.token(MAX), "a0")
    release(protection, review.token(MAX), key="once")
    with pytest.raises(ConflictError):
        release(protection, review.token(MAX), key="twice")

    assert review.count(protections) == 2


def test_every_entry_is_in_the_audit_chain_and_the_database_refuses_to_change_it(
    review: Review, protection: Protection
) -> None:
    """T-14."""
    protect(protection, review.token(MAX), "a0")
    with pytest.raises(IntegrityError, match="only grows"):
        review.change(protections, {"event": "released"}, protections.c.account_id == "a0")

    verbs = [row.verb for row in review.all(select(audit.c.verb).where(audit.c.subject == "a0"))]
    assert verbs == ["ProtectAccounts"]
    assert review.count(cases, cases.c.account_id == "a0") == 1

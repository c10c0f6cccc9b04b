"""What the buttons of the desk do: each callback sends one command, once, and only then touches the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.views.breaks import Sitting
from analytics.views.decision import changed, reason_for
from analytics.views.draft import draft_text, read_draft
from analytics.views.engagements import Choice, Shown
from analytics.views.words import Outcome, ReasonCode
from analytics.workspace import Case, CaseFile, Decide, Lease, Receipt, SaveDraft, Skip, Undo
from pages._desk import filters
from pages._kit import state
from pages._kit.keys import Key
from pages._kit.state import Here

LOOK_ALIKES, SHAP = "look_alikes", "shap"


@dataclass(frozen=True, slots=True)
class OnScreen:
    """The case as it was shown: what a decision is checked against, and the key that makes it happen once (S-10)."""

    case_id: str
    version: int
    fence: int
    key: str
    shown_at: datetime
    # The rows that are ticked at first.
    proposed: frozenset[str]
    ids: tuple[str, ...]
    is_blind: bool = False
    # On a blind case, what a confirmation removes where the person ticked nothing; no row shows it.
    unseen: frozenset[str] = frozenset()

    @property
    def suggested(self) -> frozenset[str]:
        """What the machine proposes, shown or not."""
        return self.proposed | self.unseen


@dataclass(frozen=True, slots=True)
class Last:
    """The last decision of this tab, to set beside it what the machine thought."""

    case_id: str
    outcome: Outcome
    undo_until: datetime | None
    is_blind: bool
    proposed: int
    kept: int
    added: int
    # what there is to say where no undo says it: a second look changes nothing
    told: str = ""


def on_screen(lease: Lease, version: int, file: CaseFile, now: datetime) -> OnScreen:
    """Return the key minted when this case was first shown under this lease."""
    held = st.session_state.get(Key.SHOWN)
    if held is None or (held.case_id, held.version, held.fence) != (lease.case_id, version, lease.fence):
        ids = tuple(file.engagements["engagement_id"].to_list())
        none: frozenset[str] = frozenset()
        rows = (none, ids, True, file.proposed) if file.is_blind else (file.proposed, ids)
        held = OnScreen(lease.case_id, version, lease.fence, uuid4().hex, now, *rows)
        st.session_state[Key.SHOWN] = held
        st.session_state[Key.FILTER] = Shown()
        st.session_state[Key.REVEALED] = False
        st.session_state[Key.COMMENTS] = False
        if st.session_state.get(Key.PANEL) in (LOOK_ALIKES, SHAP):
            st.session_state[Key.PANEL] = None
        _take_up(held, file.draft)
    return held


def _take_up(shown: OnScreen, draft: str) -> None:
    """Go on with what was written and ticked before the page was lost (F-08)."""
    note, choice_then = read_draft(draft, shown.ids)
    if note_key(shown) not in st.session_state and note:
        st.session_state[note_key(shown)] = note
    if choice_then.is_changed:
        st.session_state[Key.DRAFT] = (shown.case_id, choice_then)


def keep(here: Here, shown: OnScreen) -> None:
    """Keep what was written and ticked with the lease, so that neither a cut line nor a restart loses it (F-08)."""
    text = draft_text(st.session_state.get(note_key(shown)) or "", choice(shown.case_id), shown.ids)
    command = SaveDraft(idempotency_key=uuid4().hex, case_id=shown.case_id, fence=shown.fence, text=text)
    state.attempt(lambda: here.workspace.desk.execute(here.token, command))


def choice(case_id: str) -> Choice:
    """Return which rows the reviewer changed on this case."""
    held = st.session_state.get(Key.DRAFT)
    return held[1] if held is not None and held[0] == case_id else Choice()


def to_remove(shown: OnScreen) -> frozenset[str]:
    """Return the rows that a confirmation would remove as things stand."""
    now = choice(shown.case_id)
    return now.chosen(shown.proposed) if now.is_changed else shown.suggested


def changed_text(choice_now: Choice, shown: OnScreen) -> str:
    if shown.is_blind:
        return f"{len(shown.ids):,} in all · {len(choice_now.added):,} ticked"
    return f"{len(shown.proposed):,} proposed · {changed(len(choice_now.out), len(choice_now.added))}"


def tick(here: Here, shown: OnScreen, ids: tuple[str, ...], is_ticked: bool) -> None:
    """Tick or untick rows."""
    st.session_state[Key.DRAFT] = (
        shown.case_id,
        choice(shown.case_id).changed(ids, shown.proposed, is_ticked=is_ticked),
    )
    keep(here, shown)


def edited(here: Here, shown: OnScreen, grid: str, ids: tuple[str, ...]) -> None:
    """Take over what was ticked in the grid."""
    now = choice(shown.case_id)
    for position, change in st.session_state[grid]["edited_rows"].items():
        if "Remove" in change:
            now = now.ticked(ids[int(position)], shown.proposed, is_ticked=bool(change["Remove"]))
    st.session_state[Key.DRAFT] = (shown.case_id, now)
    keep(here, shown)


def toggle_panel(name: str) -> None:
    """Open or close the help or the look-alikes; never a dialog, behind which keys would still decide."""
    st.session_state[Key.PANEL] = None if st.session_state.get(Key.PANEL) == name else name


def is_open(name: str) -> bool:
    return bool(st.session_state.get(Key.PANEL) == name)


def show_rows(shown: Shown) -> None:
    """Show the rows behind a sentence, or all."""
    st.session_state[Key.FILTER] = shown


def brush(zone: ZoneInfo, key: str) -> Callable[[], None]:
    """Return what brushing the activity chart does: narrow the rows to that span (P-10)."""

    def brushed() -> None:
        boxes = st.session_state[key].selection.box
        if boxes:
            since, until = (datetime.fromisoformat(end).replace(tzinfo=zone) for end in sorted(boxes[0]["x"]))
            st.session_state[Key.FILTER] = Shown(since=since, until=until)
        else:
            st.session_state[Key.FILTER] = Shown()

    return brushed


def decide(here: Here, shown: OnScreen, outcome: Outcome) -> None:
    """Send the decision and go to the next case."""
    chosen = to_remove(shown) if outcome is Outcome.CONFIRM else frozenset()
    command = Decide(
        idempotency_key=shown.key,
        case_id=shown.case_id,
        version=shown.version,
        fence=shown.fence,
        outcome=outcome,
        reason=reason_for(outcome, _picked(shown)),
        note=st.session_state.get(note_key(shown)) or "",
        engagement_ids=chosen,
        shown_at=shown.shown_at,
        is_urgent=outcome is Outcome.CONFIRM and bool(st.session_state.get(urgent_key(shown))),
    )
    receipt = send_and_go_on(here, command)
    if receipt is not None:
        kept = len(chosen & shown.suggested)
        told = (shown.is_blind, len(shown.suggested), kept, len(chosen) - kept)
        said = receipt.message if receipt.undo_until is None else ""
        st.session_state[Key.LAST] = Last(shown.case_id, outcome, receipt.undo_until, *told, said)
        count_a_case(here.now)


def skip(here: Here, shown: OnScreen) -> None:
    reason = st.session_state.get(f"skip_reason_{shown.case_id}") or "unsure"
    command = Skip(idempotency_key=shown.key, case_id=shown.case_id, fence=shown.fence, reason=reason)
    if send_and_go_on(here, command) is not None:
        count_a_case(here.now)


def undo(here: Here, decision_id: str) -> None:
    """Take the last decision back; the same decision is undone once however often this is pressed."""
    command = Undo(idempotency_key=f"undo-{decision_id}", decision_id=decision_id)
    if state.act(lambda: here.workspace.desk.execute(here.token, command)):
        st.session_state.pop(Key.LAST, None)


def start(here: Here) -> None:
    """Take the next case of the queue."""
    state.attempt(lambda: here.workspace.desk.take_next(here.token, filters.queue_filter(here)))


def open_case(here: Here, case_id: str) -> None:
    state.attempt(lambda: here.workspace.desk.take(here.token, case_id))


def open_row(here: Here, cases: Sequence[Case]) -> Callable[[], None]:
    """Return what clicking a row of the queue does."""

    def opened() -> None:
        rows = st.session_state["queue_rows"].selection.rows
        if rows:
            open_case(here, cases[rows[0]].case_id)

    return opened


def back(here: Here) -> None:
    """Put the case back and show the queue."""
    state.attempt(lambda: here.workspace.desk.release(here.token))


def lease(here: Here) -> Lease | None:
    """Return the case this person holds; right after a decision, the next one."""
    if st.session_state.pop(Key.GO, False):
        return here.workspace.desk.take_next(here.token, filters.queue_filter(here))
    return here.workspace.desk.mine(here.token)


def send_and_go_on(here: Here, command: Any) -> Receipt | None:
    """Send one command; when it stands, the bar with the undo says so and the next case comes."""
    receipt: Receipt | None = state.attempt(lambda: here.workspace.desk.execute(here.token, command))
    if receipt is not None:
        go_on()
    return receipt


def go_on() -> None:
    """Bring the next case."""
    st.session_state[Key.GO] = True


def count_a_case(now: datetime) -> None:
    """Count towards the next break, in this tab alone (S-07)."""
    st.session_state[Key.SITTING] = (st.session_state.get(Key.SITTING) or Sitting.begun(now)).after_a_case()


def reason(shown: OnScreen) -> ReasonCode:
    """Return the reason that a confirmation would carry; the notice depends on it."""
    return reason_for(Outcome.CONFIRM, _picked(shown))


def _picked(shown: OnScreen) -> ReasonCode:
    return st.session_state.get(reason_key(shown)) or ReasonCode.CREDENTIALS_SHARED_UNKNOWINGLY


def reason_key(shown: OnScreen) -> str:
    return f"reason_{shown.case_id}"


def urgent_key(shown: OnScreen) -> str:
    return f"urgent_{shown.case_id}"


def note_key(shown: OnScreen) -> str:
    return f"note_{shown.case_id}"


def fingerprint(ids: tuple[str, ...]) -> str:
    """Return a short name for a page of rows, so that edits of another page never fall on it."""
    return f"{len(ids)}_{ids[0] if ids else ''}_{ids[-1] if ids else ''}"

"""Account: one life over time. Opened from a case, or by a look-up with a reason that is kept (T-01)."""

from pages._account import parts
from pages._kit import layout, state

here = state.here()
account_id = parts.wanted()
layout.head("Account", here, facts="one life over time; every look is kept")
if account_id:
    layout.keep("account_id", account_id)
if account_id and here.workspace.investigation.may_open(here.token, account_id):
    parts.life(here, account_id)
elif account_id and here.workspace.investigation.decides_blind(here.token, account_id):
    parts.decide_first()
elif not here.workspace.investigation.may_look_up(here.token):
    parts.only_own(here, account_id)
elif account_id:
    parts.ask_why(here, account_id)
else:
    parts.ask_which()

"""What accounts write is shown as it is: nothing is drawn, nothing is fetched, no row grows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.desk import Desk
from tests.browser.facts import waiting_named
from tests.browser.prepared import HOSTILE_NAMES
from tests.browser.served import PATIENCE_MS, Served

pytestmark = pytest.mark.browser
FOREIGN = "a[href*='invalid'], img[src*='invalid'], img[onerror], script:not([src])"

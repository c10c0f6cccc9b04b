"""Fixtures that every room of tests may use."""

pytest_plugins = ["tests.ledger_fixtures", "tests.prepared_fixtures"]

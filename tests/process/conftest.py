"""Fixtures of the delivery tests."""

from tests.delivery_fixtures import clock, connector, ledger, patience, running_sandbox, sandbox

__all__ = ["clock", "connector", "ledger", "patience", "running_sandbox", "sandbox"]

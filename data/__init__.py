"""Storage code: records, contracts, the warehouse, the ledger, ingest and the platform connector."""

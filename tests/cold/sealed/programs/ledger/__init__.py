"""The ledger, as byte code alone."""

"""Store of originals and intermediates, ledger of events, verification, legal export."""

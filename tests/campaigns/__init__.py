"""Attacks. With CAMPAIGN_ISOLATION=SERIALIZABLE those over PostgreSQL, and every process of theirs, run so."""

import os

ISOLATION = os.environ.get("CAMPAIGN_ISOLATION")

if ISOLATION is not None:
    from wallet_core.storage import postgresql  # here, or mutants would find the core imported as it is

    postgresql.ISOLATION = ISOLATION

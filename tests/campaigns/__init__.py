"""Attacks. With CAMPAIGN_ISOLATION=SERIALIZABLE those over PostgreSQL, and every process of theirs, run so."""

import os

from wallet_core.storage import postgresql

ISOLATION = os.environ.get("CAMPAIGN_ISOLATION")

if ISOLATION is not None:
    postgresql.ISOLATION = ISOLATION

"""The operator's hand: whoever is in charge takes and gives cash, and says so with a button. The core knows it."""

from __future__ import annotations

from bot.gateways import Gateway
from wallet_core import BY_HAND


class Operator(Gateway):
    """Nothing outside is asked: `bot/handlers/top_ups.py` and `withdrawals.py` have its buttons."""

    name = BY_HAND
    needs = ("admin_ids",)
    starts = is_asked = False


GATEWAY = Operator

"""The bank: money comes in as a transfer with a reference of its own, and is seen in the bank's statement files.

Whatever reads and writes files is imported with the first of them: an idle bot does without.
"""

from bot.gateways.bank.gateway import GATEWAY

__all__ = ["GATEWAY"]

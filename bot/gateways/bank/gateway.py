"""What a bank is as a gateway: it says nothing by itself. A person brings its statements and carries the payments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from telegram.ext import ExtBot

from bot.gateways import Gateway
from bot.gateways.bank.iban import NoIban, begins_with_iban, read_iban_and_name
from bot.gateways.bank.references import reference_of
from bot.gateways.bank.sealed import Holder, Seal
from wallet_core import Money, TopUp, WalletCore

BANK = "bank"
EUROS = "EUR"  # SEPA moves no other money
NAME_MAX = 70  # characters of a holder's name (EPC069-12, pain.001)


class Page(NamedTuple):
    """Where to pay, as the top-up keeps it: it stays right when the club moves to another bank."""

    iban: str
    name: str
    reference: str

    @property
    def text(self) -> str:
        """As it is kept."""
        return "\n".join(self)


def page_of(top_up: TopUp) -> Page | None:
    """Where to pay for it; None before that was said."""
    return None if top_up.page is None else Page(*top_up.page.split("\n"))


class Bank(Gateway):
    """The club's own account."""

    name = BANK
    needs = ("bank_iban", "bank_name", "bank_secret", "admin_ids")
    is_asked = False
    is_carried = needs_target = True
    waits = timedelta(days=14)  # a transfer takes days, and people in charge load the statement when they come to it
    look_every = timedelta(hours=1)  # nothing to be looked up

    def __init__(self, settings: Any, core: WalletCore, bot: ExtBot[int]) -> None:
        self.iban, self.holder = settings.bank_iban, settings.bank_name
        self.seal = Seal(settings.bank_secret.get_secret_value())

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """SEPA is in euros."""
        unit = settings.get("currency")
        if unit is not None and unit.code != EUROS:
            raise ValueError(f"{BANK} needs CURRENCY={EUROS}: SEPA moves euros only")

    def is_target(self, text: str) -> bool:
        """An IBAN, right or not."""
        return begins_with_iban(text)

    def target_of(self, text: str, amount: Money) -> str:
        """The account, sealed. Raises NoIban, IbanMistyped."""
        iban, name = read_iban_and_name(text)
        if len(name) > NAME_MAX:
            raise NoIban
        return self.seal.close(Holder(iban, name))

    def bound(self, target: str, code: str) -> str:
        """Nobody puts another's in its place. Raises Unsealable."""
        return self.seal.bound(target, code)

    async def start(self, top_up: TopUp) -> str:
        """The account, and a reference of its own."""
        return Page(self.iban, self.holder, reference_of(top_up.code)).text


GATEWAY = Bank

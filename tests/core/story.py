"""Ledger tests read as tables: each line is a wish and what must come of it.

    transfer ann bob 4.00 k2  -> ok, the same receipt

Words before the arrow are a command of `Storyteller`; after it stand `ok`, `ok, the same receipt`, the name of an error
(with its state or limit in brackets), or the amount that a reading shows. A refusal must leave every balance as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from wallet_core import (
    AnswerIntent,
    CancelIntent,
    CancelOpen,
    CancelRequest,
    ConfirmIntent,
    Issue,
    MakeIntent,
    MakeRequest,
    Meet,
    Money,
    OpenWallet,
    Payee,
    PayRequest,
    PersonId,
    ToHandle,
    ToPerson,
    ToRequest,
    Transfer,
    WalletCore,
    WalletError,
    WalletOf,
    read_amount,
)

OPERATOR = PersonId("tg:1")


class Clock:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Storyteller:
    """Names people and things as the table does, and runs its lines against a core."""

    def __init__(self, core: WalletCore, clock: Clock) -> None:
        self.core, self.clock = core, clock
        self.wallets: dict[str, Any] = {}
        self.codes: dict[str, str] = {}  # what the table calls an intent or request -> its code
        self.receipts: dict[str, str] = {}

    def person(self, name: str) -> PersonId:
        return OPERATOR if name == "operator" else PersonId(f"tg:{sum(ord(c) << 8 * i for i, c in enumerate(name))}")

    def money(self, text: str) -> Money:
        return read_amount(text, self.core.rules.currency)

    def payee(self, name: str) -> Payee:
        if name.startswith("@"):
            return ToHandle(name[1:])
        return ToRequest(self.codes.get(name, name)) if name.startswith("r") else ToPerson(self.person(name))

    async def open(self, name: str, handle: str = "") -> None:
        wish = OpenWallet(person=self.person(name), handle=handle or name, name=name.title())
        self.wallets[name] = (await self.core.run(wish)).wallet.id

    async def meet(self, name: str, handle: str) -> None:
        await self.core.run(Meet(person=self.person(name), handle=handle.strip("-") or None, name=name.title()))

    async def issue(self, to: str, amount: str, key: str, by: str = "operator") -> Any:
        return await self.core.run(Issue(by=self.person(by), to=self.payee(to), amount=self.money(amount), key=key))

    async def transfer(self, payer: str, payee: str, amount: str, key: str, *memo: str) -> Any:
        wallets = {"payer": self.wallets.get(payer, 10**9), "payee": self.wallets.get(payee, 10**9)}
        return await self.core.run(Transfer(**wallets, amount=self.money(amount), key=key, memo=" ".join(memo)))

    async def request(self, payee: str, amount: str, name: str, payers: str = "1") -> Any:
        wish = MakeRequest(
            payee=self.person(payee),
            amount=None if amount == "open" else self.money(amount),
            key=f"key of {name}",
            payers_max=None if payers == "any" else int(payers),
        )
        made = await self.core.run(wish)
        self.codes[name] = made.code
        return made

    async def withdraw_request(self, person: str, name: str) -> Any:
        return await self.core.run(CancelRequest(code=self.codes.get(name, name), person=self.person(person)))

    async def pay_request(self, payer: str, name: str, key: str, amount: str = "") -> Any:
        given = self.money(amount) if amount else None
        wish = PayRequest(code=self.codes.get(name, name), payer=self.person(payer), key=key, amount=given)
        return await self.core.run(wish)

    async def ask(self, payer: str, payee: str, amount: str, name: str, *memo: str) -> Any:
        given = None if amount == "?" else self.money(amount)
        wish = MakeIntent(
            payer=self.person(payer), to=self.payee(payee), amount=given, key=f"key of {name}", memo=" ".join(memo)
        )
        made = await self.core.run(wish)
        self.codes[name] = made.code
        return made

    async def answer(self, payer: str, amount: str, name: str) -> Any:
        wish = AnswerIntent(payer=self.person(payer), amount=self.money(amount), key=f"key of {name}")
        made = await self.core.run(wish)
        self.codes[name] = made.code
        return made

    async def confirm(self, person: str, name: str) -> Any:
        return await self.core.run(ConfirmIntent(code=self.codes.get(name, name), person=self.person(person)))

    async def cancel(self, person: str, name: str) -> Any:
        return await self.core.run(CancelIntent(code=self.codes.get(name, name), person=self.person(person)))

    async def cancel_all(self, person: str) -> Any:
        return await self.core.run(CancelOpen(person=self.person(person)))

    async def later(self, hours: str) -> None:
        self.clock.now += timedelta(hours=int(hours))

    async def balance(self, name: str) -> str:
        return (await self.core.ask(WalletOf(self.person(name)))).balance.number

    async def balances(self) -> dict[str, int]:
        return {name: (await self.core.ask(WalletOf(self.person(name)))).balance.minor for name in self.wallets}

    async def audit(self) -> str:
        report = await self.core.audit()
        return report.problem or "sound"

    async def tell(self, table: str) -> None:
        """Run the lines; the first one that comes out otherwise fails with its text."""
        for line in (line.strip() for line in table.strip().splitlines()):
            if line:
                wish, _, expected = (part.strip() for part in line.partition("->"))
                before = await self.balances()
                outcome, error = await self._run(wish)
                found = self._describe(wish, outcome, error)
                is_right = found.startswith(expected) if expected else error is None
                assert is_right, f"{line}\n  came out as: {found}"
                if error is not None:
                    assert await self.balances() == before, f"{line}\n  moved money"

    async def _run(self, wish: str) -> tuple[Any, WalletError | None]:
        verb, *words = wish.split()
        act: Callable[..., Any] = getattr(self, verb.replace("-", "_"))
        try:
            return await act(*words), None
        except WalletError as refusal:
            return None, refusal

    def _describe(self, wish: str, outcome: Any, error: WalletError | None) -> str:
        if error is not None:
            detail = getattr(error, "state", getattr(error, "limit", getattr(error, "problem", "")))
            return f"{type(error).__name__} ({detail})" if detail else type(error).__name__
        if isinstance(outcome, str):
            return outcome
        receipt = getattr(outcome, "receipt", outcome)
        code = getattr(receipt, "code", None)
        if code is None:
            return "ok"
        same = code in self.receipts.values()
        self.receipts[wish] = code
        return "ok, the same receipt" if same else "ok"


async def story(teller: Storyteller, table: str) -> None:
    """Tell a table, then audit the books."""
    await teller.tell(table)
    report = await teller.core.audit()
    assert report.sound, report.problem
    assert set(report.sums.values()) <= {0}

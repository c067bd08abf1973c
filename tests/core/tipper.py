"""Who tells stories about tips, and the bot's part in them: what is due is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.core.story import Storyteller
from wallet_core import (
    TIP,
    AnswerTip,
    ChooseTip,
    ClaimPlaces,
    Payment,
    PaymentByKey,
    RefundTransfer,
    SettlePlaces,
    Tip,
    TipAgain,
    TipQuestion,
    TipsOf,
    UsualTipOf,
    WalletCore,
    currency,
)

EUR = currency("EUR")
LEASE = timedelta(minutes=1)


class Tipper(Storyteller):
    """Storyteller who tips messages, each by a name of its own: `song` stands below `-1/0.song`."""

    def spot(self, message: str) -> dict[str, str]:
        return {"spot": f"-1/0.{message}", "chat": "-1"}

    async def tip(self, payer: str, payee: str, amount: str, message: str, key: str) -> Any:
        wish = Tip(
            payer=self.person(payer),
            payee=self.person(payee),
            amount=None if amount == "usual" else self.money(amount),
            key=key,
            ask_at=f"-1/0.{message}.{key}",
            **self.spot(message),
        )
        made = await self.core.run(wish)
        if isinstance(made, TipQuestion):
            self.codes[key] = made.code
            return f"asked ({made.state})"
        assert made.receipt.subject is not None and made.receipt.subject.kind == TIP
        got = await self.core.ask(TipsOf(made.receipt.subject.code))
        self.codes[message] = got.code
        return made

    async def tip_again(self, person: str, message: str, key: str) -> Any:
        code = self.codes.get(message, "unknown-code-000")
        return await self.core.run(TipAgain(code=code, person=self.person(person), key=key))

    async def answer_tip(self, person: str, question: str, amount: str) -> Any:
        code = self.codes.get(question, "unknown-code-000")
        return await self.core.run(AnswerTip(code=code, person=self.person(person), amount=self.money(amount)))

    async def choose(self, person: str, amount: str) -> Any:
        return str(await self.core.run(ChooseTip(person=self.person(person), amount=self.money(amount))))

    async def usual(self, person: str) -> str:
        return str(await self.core.ask(UsualTipOf(self.person(person))))

    async def refund_tip(self, by: str, key: str, amount: str, wish: str) -> Any:
        payment = await self.payment(key)
        given = None if amount == "all" else self.money(amount)
        return await self.core.run(
            RefundTransfer(by=self.person(by), code=payment.receipt.code, amount=given, key=wish)
        )

    async def payment(self, key: str) -> Payment:
        payment = await self.core.ask(PaymentByKey(key))
        assert payment is not None
        return payment

    async def got(self, message: str) -> str:
        """What is shown below the message."""
        got = await self.core.ask(TipsOf(self.spot(message)["spot"]))
        names = " ".join(person.name for person in got.first)
        return f"{got.total.number} of {got.payers}: {names}; again {got.again.number}".replace(": ;", ";")

    async def seconds(self, count: str) -> None:
        self.clock.now += timedelta(seconds=float(count))


async def shown(core: WalletCore, *, at: str | None = None) -> list[str]:
    """Tell every place what is due, as the bot does: one that is to be posted stands `at` from then on."""
    claimed = await core.run(ClaimPlaces(limit=100, lease=LEASE))
    for each in claimed:
        now = at if at is not None and "/0." in each.place else each.place
        moved = ((each.place, now, "-1"),) if now != each.place else ()
        await core.run(SettlePlaces(moved=moved, shown=((now, each.changes),)))
    return [each.place for each in claimed]

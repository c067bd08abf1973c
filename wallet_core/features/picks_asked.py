"""Questions about what somebody is asked one thing at a time: what stands there, and what they are offered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from wallet_core.features.history import HistoryLine, HistoryOf
from wallet_core.features.people import WALLET, wallet_asked, wallet_of_row
from wallet_core.features.picks import Guide, Pick, PickRow, pick_value, picks
from wallet_core.features.transfers import PAYMENT
from wallet_core.ledger.limits import most_now
from wallet_core.ledger.loaded import DAY_US
from wallet_core.ledger.money import Money, usual_one
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.rows import WalletRow
from wallet_core.ledger.schema import people
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import Person, PersonId, Rules

LOOKED_BACK_MAX = 200  # entries in which the last people and the usual amounts are looked for
LEARNED_MAX = 3  # amounts of one's own that are offered, beside those that are usual everywhere

_BY_PERSON = Statement(
    select(*person_columns(people), *picks.columns)
    .select_from(picks.outerjoin(people, people.c.id == picks.c.payee))
    .where(picks.c.person == param("person"))
)


@dataclass(frozen=True, slots=True)
class PickOf:
    """What somebody was asked last, whatever has become of it."""

    person: PersonId

    async def answer(self, read: Reader) -> Pick | None:
        """One row."""
        row = await read.row(_BY_PERSON, person=self.person)
        if row is None:
            return None
        payee = None if row[0] is None else person_of(row[:PERSON_WIDTH])
        return pick_value(PickRow(*row[PERSON_WIDTH:]), payee=payee, rules=read.rules, now_us=read.now_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPeople:
    """Whom somebody paid or was paid by, the last first. Raises WalletNotFound."""

    person: PersonId
    limit: int

    async def answer(self, read: Reader) -> tuple[Person, ...]:
        """A page of their history."""
        page = await HistoryOf(person=self.person, limit=LOOKED_BACK_MAX).answer(read)
        found: dict[PersonId, Person] = {}
        for line in page.lines:
            for each in (line.payment.payer, line.payment.payee):
                if each is not None and each.id != self.person:
                    found.setdefault(each.id, each)
        return tuple(found.values())[: self.limit]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualAmounts:
    """What somebody usually pays (or asks for, as far as it was paid), to this person first; the least first.

    Only what can be paid now: of one's own within the balance, the limits, and what is left of the day; of others
    within everybody's limits. Raises WalletNotFound.
    """

    person: PersonId
    guide: Guide
    other: PersonId | None = None
    limit: int = 6

    async def answer(self, read: Reader) -> tuple[Money, ...]:
        """A page of their history, and the wallet."""
        page = await HistoryOf(person=self.person, limit=LOOKED_BACK_MAX).answer(read)
        row = await read.row(WALLET, **wallet_asked(self.person, read.rules))
        limits = [each for each in (read.rules.transfer_max_minor, read.rules.daily_max_minor) if each]
        if self.guide is Guide.PAY:
            limits = [wallet_of_row(row, self.person, read.rules).available.minor]
            assert row is not None, "there is a wallet"
            now = most_now(WalletRow(*row[PERSON_WIDTH:]), rules=read.rules, day=read.now_us // DAY_US)
            limits += [] if now is None else [now]
        most = min(limits, default=None)
        counted: Counter[int] = Counter()
        for line in page.lines:
            if (other := self._other(line)) is not None:
                counted[abs(line.delta.minor)] += LOOKED_BACK_MAX if other == self.other else 1
        learned = [minor for minor, _ in counted.most_common() if most is None or minor <= most][:LEARNED_MAX]
        plain = [minor for minor in _plain(read.rules) if most is None or minor <= most]
        return tuple(
            Money(minor, read.rules.currency) for minor in sorted([*dict.fromkeys(learned + plain)][: self.limit])
        )

    def _other(self, line: HistoryLine) -> PersonId | None:
        """Whom a payment of the same direction was with."""
        payment, is_paid = line.payment, line.delta.minor < 0
        if payment.receipt.kind != PAYMENT or is_paid != (self.guide is Guide.PAY):
            return None
        other = payment.payee if is_paid else payment.payer
        return None if other is None else other.id


def _plain(rules: Rules) -> tuple[int, ...]:
    """What is usual in a currency, in minor units."""
    return tuple(times * usual_one(rules.currency) for times in (5, 10, 20, 1, 2, 50))

"""What a bank's statements say, in the books: credited once, given by hand once, paid out once (G16)."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.bank import postgresql
from tests.core.cashier import OTHER, Cashier
from tests.core.story import OPERATOR, Clock, story
from wallet_core import (
    AskWhose,
    BankLine,
    BankLineAsked,
    BankLinesOpen,
    BookDebit,
    BookLine,
    CodesBeginning,
    GiveLine,
    IgnoreLine,
    LimitExceeded,
    LineNote,
    LineNotFound,
    MakePaymentFile,
    MakeTopUp,
    MakeWithdrawal,
    PaymentFileByCode,
    PaymentFilesSent,
    PayoutsWaiting,
    RefusePaymentFile,
    Rules,
    ToPerson,
    TopUpsOfAmount,
    WalletCore,
    WithdrawalByCode,
    currency,
)

EUR = currency("EUR")
BANK = "bank"
DAY = date(2026, 11, 26)


class Banker(Cashier):
    """Cashier whose gateway is a bank; `line` is what a statement says, in a file."""

    async def line(
        self, reference: str, amount: str, name: str = "", file: str = "f1", note: str = "unmatched", day: str = "26"
    ) -> Any:
        booked = await self.core.run(
            BookLine(
                gateway=BANK, reference=reference, amount=self.money(amount),
                booked_on=DAY.replace(day=int(day)), text="words", name="Ann A.",
                top_up=self.code(name) if name.strip("-") else None, file=file, note=LineNote(note),
            )
        )  # fmt: skip
        self.codes[reference] = booked.code
        said = booked.kind or f"{booked.state}{' ' + booked.note if booked.note else ''}"
        return f"{'again ' if booked.is_repeat else ''}{said}"

    async def give(self, by: str, reference: str, person: str) -> Any:
        given = await self.core.run(GiveLine(code=self.code(reference), person=self.person(person), by=self.person(by)))
        return given.kind or "again"

    async def ignore(self, by: str, reference: str) -> Any:
        return str((await self.core.run(IgnoreLine(code=self.code(reference), by=self.person(by)))).state)

    async def open_lines(self) -> str:
        lines, count = await self.core.ask(BankLinesOpen(gateway=BANK, limit=10))
        assert len(lines) == count
        return ", ".join(f"{line.amount.number}" for line in lines) or "none"

    async def withdraw_to(self, person: str, amount: str, name: str, target: str = "DE02 … 2051|sealed") -> Any:
        wish = MakeWithdrawal(
            person=self.person(person), gateway=BANK, amount=self.money(amount), key=f"key of {name}", target=target
        )
        made = await self.core.run(wish)
        self.codes[name] = made.code
        return str(made.state)

    async def file(self, by: str, key: str, *names: str) -> Any:
        codes = tuple(map(self.code, names))
        made = await self.core.run(MakePaymentFile(gateway=BANK, codes=codes, by=self.person(by), key=key))
        self.codes[key] = made.code
        return f"{made.count}, {made.total.number}"

    async def waiting(self) -> str:
        return ", ".join(each.amount.number for each in await self.core.ask(PayoutsWaiting(BANK))) or "none"

    async def refuse_file(self, by: str, key: str, which: str = "all") -> Any:
        await self.core.run(RefusePaymentFile(code=self.code(key), by=self.person(by), is_rest=which == "rest"))
        return "refused"

    async def debit(self, name: str, amount: str, reference: str) -> Any:
        return str(await self.core.run(BookDebit(code=self.code(name), reference=reference, amount=self.money(amount))))


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR, OTHER}))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Banker:
    """Two people in charge, Ann and Bob, with wallets."""
    made = Banker(core, clock)
    await made.tell("open operator\nopen other\nopen ann\nopen bob")
    return made


async def test_g16_a_line_is_credited_once_whatever_file_it_comes_in(teller: Banker) -> None:
    await story(
        teller,
        """
        top-up  ann 20.00 t bank      -> waiting
        line    ref:A 20.00 t         -> top_up
        line    ref:A 20.00 t         -> again booked
        line    ref:A 20.00 t f2      -> again booked
        balance ann                   -> 20.00
        line    ref:B 20.00 t f2      -> top_up_again
        top-up  ann 5.00 u bank       -> waiting
        line    ref:C 7.00 u f3       -> top_up_other
        balance ann                   -> 47.00
        open-lines                    -> none""",
    )


async def test_what_may_be_the_same_line_in_another_format_waits_for_a_person_in_charge(teller: Banker) -> None:
    await story(
        teller,
        """
        top-up  ann 20.00 t bank      -> waiting
        line    ref:A 20.00 t f1      -> top_up
        line    sha:1 20.00 t f2      -> open alike
        line    sha:1 20.00 t f2      -> again open alike
        balance ann                   -> 20.00
        top-up  bob 20.00 u bank      -> waiting
        line    sha:2 20.00 u f2      -> top_up
        line    sha:2:2 20.00 u f2    -> top_up_again
        line    sha:3 20.00 u f2      -> top_up_again
        line    sha:4 20.00 u f3      -> open alike
        ignore  operator sha:1        -> ignored
        line    sha:1 20.00 t f2      -> again ignored
        line    ref:A 30.00 t f4      -> open changed
        line    ref:A 30.00 t f4      -> again open changed
        line    ref:A 20.00 t f4      -> again booked
        line    ref:A 20.00 u f4      -> open changed
        line    ref:A:9 20.00 t f4    -> open alike
        balance ann                   -> 20.00""",
    )


async def test_a_reference_that_the_bank_uses_again_on_another_day_names_another_line(teller: Banker) -> None:
    await teller.tell("""
        top-up ann 20.00 t bank
        top-up bob 20.00 u bank
        line    ref:1 20.00 - f1      -> open unmatched
        give    operator ref:1 bob    -> top_up
        line    ref:1 20.00 t f2 unmatched 27 -> open changed
        line    ref:1 20.00 t f3 unmatched 27 -> again open changed
        line    ref:1 20.00 - f4 unmatched 28 -> open changed
        line    ref:1 20.00 - f4 unmatched 28 -> again open changed
        line    ref:1 20.00 - f5      -> again booked
        open-lines                    -> 20.00, 20.00
        ignore  operator ref:1        -> LineNotOpen
        line    ref:2 5.00 - f6 unmatched 26 -> open unmatched
        ignore  operator ref:2        -> ignored
        line    ref:2 5.00 - f7 unmatched 29 -> open changed
        balance ann                   -> 0.00
        balance bob                   -> 20.00""")


async def test_what_names_nothing_is_given_to_somebody_once_by_who_is_in_charge(teller: Banker) -> None:
    await story(
        teller,
        """
        line    ref:A 20.00           -> open unmatched
        line    ref:B 20.00           -> open unmatched
        line    ref:C 9.00            -> open unmatched
        line    ref:D 8.00 - f1 several -> open several
        give    ann ref:A ann         -> NotOperator
        give    operator ref:A cid    -> WalletNotFound
        give    operator nothing ann  -> LineNotFound
        open-lines                    -> 20.00, 20.00, 9.00, 8.00
        give    operator ref:A ann    -> top_up
        give    operator ref:A ann    -> again
        give    other ref:A bob       -> LineNotOpen
        ignore  other ref:A           -> LineNotOpen
        balance ann                   -> 20.00
        top-up  ann 20.00 t bank      -> waiting
        give    other ref:B ann       -> top_up
        top-up-is t                   -> paid, 20.00 in 1
        line    ref:B 20.00 t f2      -> again booked
        ignore  other ref:C           -> ignored
        ignore  other ref:C           -> ignored
        give    operator ref:C bob    -> top_up
        balance bob                   -> 9.00
        open-lines                    -> 8.00
        holds   bank                  -> 49.00, lost 0.00""",
    )


async def test_the_person_for_a_line_is_asked_for_by_a_number_of_the_newest_question(teller: Banker) -> None:
    await teller.tell("line ref:A 20.00\nline ref:B 30.00")
    first = await asked(teller, "ref:A", OPERATOR)
    again = await asked(teller, "ref:A", OPERATOR)
    assert first.number == again.number and first.number
    found = await teller.core.ask(BankLineAsked(person=OPERATOR, number=first.number))
    assert found.code == teller.code("ref:A")
    second = await asked(teller, "ref:B", OPERATOR)
    assert second.number
    for person, number in ((OPERATOR, first.number), (OTHER, second.number)):
        with pytest.raises(LineNotFound):
            await teller.core.ask(BankLineAsked(person=person, number=number))


async def asked(teller: Banker, reference: str, by: Any) -> BankLine:
    return await teller.core.run(AskWhose(code=teller.code(reference), by=by))


async def test_a_reference_finds_its_top_up_by_how_its_code_begins_and_the_amount_suggests_whose_it_is(
    teller: Banker,
) -> None:
    await teller.tell("top-up ann 20.00 t bank\ntop-up bob 20.00 u bank\ntop-up bob 5.00 v bank\nissue ann 9.00 k")
    await teller.tell("withdraw ann 5.00 w bank")
    heads = tuple(teller.code(name)[:9] for name in "tuv")
    assert len(set(heads)) == 3
    codes = await teller.core.ask(CodesBeginning((*heads, "0000000ZZ", "ZZZZZZZZZ"), (teller.code("w")[:9],)))
    assert codes == (frozenset(teller.code(name) for name in "tuv"), frozenset((teller.code("w"),)))
    likely = await teller.core.ask(TopUpsOfAmount(gateway=BANK, amount=teller.money("20.00")))
    assert [each.person.name for each in likely] == ["Bob", "Ann"]


async def test_g16_what_goes_out_by_a_file_is_sent_once_and_done_when_the_statement_says_so(teller: Banker) -> None:
    await story(
        teller,
        """
        issue       ann 100.00 k              -> ok
        withdraw-to ann 20.00 w               -> open
        waiting                               -> none
        file     operator m w                 -> NothingToPay
        confirm-withdrawal ann w              -> ok
        withdraw ann 30.00 x bank             -> open
        confirm-withdrawal ann x              -> ok
        waiting                               -> 20.00
        file     ann m w                      -> NotOperator
        file     operator m x                 -> NothingToPay
        file     operator m w x w             -> 1, 20.00
        file     operator m w x               -> 1, 20.00
        file     other m w                    -> KeyReused
        file     other n w                    -> NothingToPay
        waiting                               -> none
        cancel-withdrawal ann w               -> WithdrawalNotOpen
        later    500
        withdrawal-is w                       -> sent
        debit    w 19.00 ref:O                -> other_amount
        debit    w 20.00 ref:O                -> done
        debit    w 20.00 ref:O                -> again
        debit    w 20.00 sha:9                -> again
        debit    w 20.00 ref:P                -> twice
        debit    nothing 20.00 ref:P          -> WithdrawalNotFound
        withdrawal-is w                       -> done
        refuse-file operator m                -> PaymentFileUsed
        balance  ann                          -> 50.00
        holds    bank                         -> -20.00, lost 0.00""",
    )


async def test_a_file_that_the_bank_did_not_take_puts_all_of_it_back_once(teller: Banker) -> None:
    await story(
        teller,
        """
        issue       ann 100.00 k              -> ok
        withdraw-to ann 20.00 w               -> open
        confirm-withdrawal ann w              -> ok
        withdraw-to ann 30.00 x               -> open
        confirm-withdrawal ann x              -> ok
        file     operator m w x               -> 2, 50.00
        refuse-file ann m                     -> NotOperator
        refuse-file operator nothing          -> PaymentFileNotFound
        refuse-file operator m                -> refused
        refuse-file other m                   -> refused
        withdrawal-is w                       -> returned
        debit    w 20.00 ref:O                -> returned
        balance  ann                          -> 100.00
        withdraw-to ann 30.00 y               -> open
        debit    y 30.00 ref:Q                -> not_confirmed
        confirm-withdrawal ann y              -> ok
        debit    y 30.00 ref:R                -> done
        balance  ann                          -> 70.00""",
    )


async def test_what_the_bank_will_not_pay_of_a_file_is_put_back_and_what_it_has_paid_is_not(teller: Banker) -> None:
    await story(
        teller,
        """
        issue       ann 100.00 k              -> ok
        withdraw-to ann 20.00 w               -> open
        confirm-withdrawal ann w              -> ok
        withdraw-to ann 30.00 x               -> open
        confirm-withdrawal ann x              -> ok
        file     operator m w x               -> 2, 50.00
        debit    w 20.00 ref:O                -> done
        refuse-file operator m                -> PaymentFileUsed
        refuse-file ann m rest                -> NotOperator
        refuse-file operator m rest           -> refused
        refuse-file other m rest              -> refused
        withdrawal-is w                       -> done
        withdrawal-is x                       -> returned
        balance  ann                          -> 80.00
        debit    x 30.00 ref:P                -> returned
        withdraw-to ann 10.00 y               -> open
        confirm-withdrawal ann y              -> ok
        file     operator n y                 -> 1, 10.00
        debit    y 10.00 ref:Q                -> done
        refuse-file operator n rest           -> PaymentFileUsed
        balance  ann                          -> 70.00
        holds    bank                         -> -30.00, lost 0.00""",
    )
    assert (await teller.core.audit()).sound


async def test_g16_two_processes_on_one_postgresql_credit_a_line_once() -> None:
    with postgresql() as url:
        await _credited_once(url)


async def _credited_once(url: str) -> None:
    rules = Rules(EUR, operators=frozenset({OPERATOR}))
    async with WalletCore.session(url, rules=rules) as one, WalletCore.session(url, rules=rules) as two:
        tellers = [Banker(core, Clock()) for core in (one, two)]
        await tellers[0].tell("open operator\nopen ann\nopen bob\ntop-up ann 20.00 t bank")
        tellers[1].codes = tellers[0].codes
        for number in range(5):
            said = await asyncio.gather(*(each.line(f"ref:{number}", "20.00", "t") for each in tellers * 2))
            assert sum(not each.startswith("again") for each in said) == 1
        await tellers[0].line("ref:open", "7.00")
        given = await asyncio.gather(
            *(each.give("operator", "ref:open", name) for each in tellers for name in ("ann", "bob")),
            return_exceptions=True,
        )
        assert sum(each == "top_up" for each in given) == 1, given
        assert (await one.audit()).sound


async def test_to_which_account_is_forgotten_once_it_is_paid_or_back(teller: Banker) -> None:
    await teller.tell("issue ann 100.00 k")
    for name in "wxyz":
        await teller.tell(f"withdraw-to ann 5.00 {name}\nconfirm-withdrawal ann {name}")
    await teller.tell("file operator m w x\nfile operator n y\ndebit w 5.00 ref:O\nrefuse-file operator n")
    await teller.tell("cancel-withdrawal ann z")
    _, payouts = await teller.core.ask(PaymentFileByCode(teller.code("m")))
    assert [(each.target, each.state) for each in payouts] == [(None, "done"), ("DE02 … 2051|sealed", "sent")]
    for name in "yz":
        assert (await teller.core.ask(WithdrawalByCode(teller.code(name)))).target is None
    assert [each.code for each in await teller.core.ask(PaymentFilesSent(BANK))] == [teller.code("m")]


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        ("UPDATE bank_lines SET amount = 1999 WHERE state = 'booked'", "what was credited for line"),
        (
            "UPDATE bank_lines SET state = 'booked', top_up = (SELECT MIN(code) FROM top_ups) WHERE state = 'open'",
            "line",
        ),
        ("UPDATE payment_files SET total = 2001", "does not add up"),
        ("DELETE FROM payouts", "does not add up"),
        ("DELETE FROM payment_files", "was not sent"),
        ("DELETE FROM bank_lines WHERE state = 'booked'", "is in no line of a bank's statement"),
        ("UPDATE withdrawals SET reference = NULL WHERE state = 'done'", "no line of a bank's statement has said so"),
        ("UPDATE payouts SET withdrawal = (SELECT code FROM withdrawals WHERE state = 'open')", "was not sent"),
    ],
)
async def test_the_audit_names_what_is_wrong_with_lines_and_files(
    teller: Banker, tmp_path: Path, edit: str, problem: str
) -> None:
    await teller.tell("""
        top-up  ann 20.00 t bank
        line    ref:A 20.00 t
        line    ref:B 20.00
        line    ref:C 9.00
        give    operator ref:B bob
        issue   ann 100.00 k
        withdraw-to ann 20.00 w
        confirm-withdrawal ann w
        file    operator m w
        withdraw-to ann 20.00 x
        withdraw-to ann 5.00 y
        confirm-withdrawal ann y
        debit   y 5.00 ref:O""")
    assert (await teller.core.audit()).sound
    with closing(sqlite3.connect(tmp_path / "books.db")) as file, file:
        file.execute(edit)
    said = (await teller.core.audit()).problem
    assert said is not None and problem in said, said


async def test_money_given_by_hand_makes_no_room_for_one_more_top_up(teller: Banker) -> None:
    await teller.tell("line ref:A 20.00 -> open unmatched")
    bob, asked = teller.person("bob"), {"gateway": BANK, "amount": teller.money("5.00")}
    wishes: list[Any] = [GiveLine(code=teller.code("ref:A"), person=bob, by=OPERATOR)]
    wishes += [MakeTopUp(by=bob, to=ToPerson(bob), key=f"key {number}", **asked) for number in range(11)]
    _, *made = await asyncio.gather(*map(teller.core.run, wishes), return_exceptions=True)  # one batch
    assert [isinstance(each, LimitExceeded) for each in made] == [False] * teller.core.rules.top_ups_open_max + [True]


async def test_what_a_frozen_wallet_cannot_take_waits_and_is_given_once_it_can(teller: Banker, tmp_path: Path) -> None:
    await teller.tell("top-up ann 20.00 t bank")
    with closing(sqlite3.connect(tmp_path / "books.db")) as file, file:
        file.execute("UPDATE wallets SET state = 'frozen' WHERE id = ?", (teller.wallets["ann"],))
    await teller.tell("line ref:A 20.00 t -> open frozen\ngive operator ref:A ann -> WalletFrozen\nbalance ann -> 0.00")
    with closing(sqlite3.connect(tmp_path / "books.db")) as file, file:
        file.execute("UPDATE wallets SET state = 'open' WHERE id = ?", (teller.wallets["ann"],))
    await teller.tell(
        "line ref:A 20.00 t -> again open frozen\ngive operator ref:A ann -> top_up\nbalance ann -> 20.00"
    )

"""What the questions about a bank leave out: another gateway's, another person's, what is over, the fourth of three."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.core.cashier import NET, OTHER
from tests.core.story import OPERATOR, Clock
from tests.core.test_bank import BANK, DAY
from tests.core.test_bank_reversals import Reverser
from wallet_core import (
    BankLineAsked,
    BankLineByCode,
    BankLinesOpen,
    BookLine,
    CodesBeginning,
    LineNotFound,
    MakePaymentFile,
    MakeWithdrawal,
    PaymentFileByCode,
    PaymentFilesSent,
    PayoutsWaiting,
    Rules,
    TopUpsOfAmount,
    WalletCore,
    currency,
)
from wallet_core.features.bank_asked import _ASKED, _WAITING
from wallet_core.storage.compiled import text_of

TARGET = "DE02 … 2051|sealed"


@pytest.fixture
def rules() -> Rules:
    return Rules(currency("EUR"), operators=frozenset({OPERATOR, OTHER}))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Reverser:
    """Two people in charge; Ann with 100.00, and Bob with 50.00."""
    made = Reverser(core, clock)
    await made.tell("open operator\nopen other\nopen ann\nopen bob\nissue ann 100.00 i1\nissue bob 50.00 i2")
    return made


async def net_file(teller: Reverser, key: str, name: str) -> None:
    """Of one withdrawal through the gateway that is no bank."""
    wish = MakePaymentFile(gateway=NET, codes=(teller.code(name),), by=OPERATOR, key=key)
    teller.codes[key] = (await teller.core.run(wish)).code


async def net_withdrawal(teller: Reverser, name: str) -> None:
    """Of Ann's 1.00, put aside."""
    wish = MakeWithdrawal(
        person=teller.person("ann"), gateway=NET, amount=teller.money("1.00"), key=f"key of {name}", target=TARGET
    )
    teller.codes[name] = (await teller.core.run(wish)).code
    await teller.confirm_withdrawal("ann", name)


async def test_the_digits_of_time_find_the_code_that_begins_with_them_and_neither_the_one_before_nor_after(
    teller: Reverser,
) -> None:
    for name in ("t1", "t2", "t3"):
        await teller.tell(f"top-up ann 5.00 {name} bank\nwithdraw ann 5.00 w{name} bank")
    top_up, withdrawal = teller.code("t2"), teller.code("wt2")
    found = await teller.core.ask(CodesBeginning((top_up[:9],), (withdrawal[:9],)))
    assert found == (frozenset({top_up}), frozenset({withdrawal}))
    assert await teller.core.ask(CodesBeginning((top_up[:9],), ())) == (frozenset({top_up}), frozenset())


async def test_whose_a_line_may_be_are_the_newest_three_that_wait_for_as_much_from_that_bank(teller: Reverser) -> None:
    await teller.tell("""
        top-up ann 5.00 first bank
        top-up bob 5.00 second bank
        top-up ann 5.00 third bank
        top-up bob 5.00 fourth bank
        top-up ann 6.00 more bank
        top-up ann 5.00 net net
        top-up ann 5.00 dropped bank
        cancel-top-up ann dropped
        top-up bob 5.00 paid bank
        line   ref:A 5.00 paid""")

    async def likely() -> list[str]:
        found = await teller.core.ask(TopUpsOfAmount(gateway=BANK, amount=teller.money("5.00")))
        return [next(name for name, code in teller.codes.items() if code == each.code) for each in found]

    assert await likely() == ["fourth", "third", "second"]
    await teller.tell("cancel-top-up ann third\ncancel-top-up bob second")
    assert await likely() == ["fourth", "first"]


async def test_lines_that_wait_are_those_of_the_bank_asked_about_each_with_its_own_person(teller: Reverser) -> None:
    await teller.tell("""
        top-up ann 20.00 anns bank
        top-up bob 20.00 bobs bank
        line   ref:A 20.00 anns -> top_up
        line   ref:B 20.00 bobs -> top_up
        line   ref:C 7.00       -> open""")
    asked = {"booked_on": DAY, "text": "words", "name": "Ann A.", "top_up": None, "file": "f1"}
    await teller.core.run(BookLine(gateway=NET, reference="ref:N", amount=teller.money("8.00"), **asked))
    assert await teller.open_lines() == "7.00"
    lines, count = await teller.core.ask(BankLinesOpen(gateway=NET, limit=10))
    assert ([line.amount.number for line in lines], count) == (["8.00"], 1)
    people = [(await teller.core.ask(BankLineByCode(teller.code(name)))).person for name in ("ref:A", "ref:B", "ref:C")]
    assert [person and person.name for person in people] == ["Ann", "Bob", None]


async def test_what_waits_to_be_paid_out_names_whose_it_is_and_goes_by_the_gateway_asked_about_alone(
    teller: Reverser,
) -> None:
    await teller.tell("withdraw-to ann 20.00 w\nconfirm-withdrawal ann w\nwithdraw-to bob 30.00 x")
    await teller.tell("confirm-withdrawal bob x\nwithdraw-to ann 5.00 unsaid\nwithdraw ann 6.00 nowhere bank")
    await teller.tell("confirm-withdrawal ann nowhere")
    await net_withdrawal(teller, "n")
    waiting = await teller.core.ask(PayoutsWaiting(BANK))
    assert [(each.code, each.person.name, each.amount.number, each.target, each.state) for each in waiting] == [
        (teller.code("w"), "Ann", "20.00", TARGET, "held"),
        (teller.code("x"), "Bob", "30.00", TARGET, "held"),
    ]
    assert [each.code for each in await teller.core.ask(PayoutsWaiting(NET))] == [teller.code("n")]
    await teller.send("n")
    assert await teller.core.ask(PayoutsWaiting(NET)) == ()


async def test_what_waits_at_a_bank_is_found_in_an_index(teller: Reverser, tmp_path: Path) -> None:
    assert await teller.core.ask(PayoutsWaiting(BANK)) == ()
    with pytest.raises(LineNotFound):
        await teller.core.ask(BankLineAsked(person=OPERATOR, number=1))
    for statement, values, index in (
        (_WAITING, {"gateway": BANK}, "withdrawals_due (gateway=?"),
        (_ASKED, {"person": OPERATOR, "number": 1}, "bank_lines_asked (asked_by=?"),
    ):
        asked = text_of(statement, "sqlite")
        with closing(sqlite3.connect(tmp_path / "books.db")) as books:
            steps = books.execute(f"EXPLAIN QUERY PLAN {asked.sql}", asked.values(values)).fetchall()
        plan = " ".join(step[3] for step in steps)
        assert index in plan and "SCAN" not in plan, plan


async def test_of_files_that_are_on_their_way_the_newest_three_of_the_bank_are_shown(teller: Reverser) -> None:
    for nth in range(1, 5):
        await teller.tell(
            f"withdraw-to ann {nth}.00 w{nth}\nconfirm-withdrawal ann w{nth}\nfile operator m{nth} w{nth}"
        )
    await net_withdrawal(teller, "n")
    await net_file(teller, "net", "n")

    async def sent(gateway: str) -> list[str]:
        files = await teller.core.ask(PaymentFilesSent(gateway))
        return [next(name for name, code in teller.codes.items() if code == each.code) for each in files]

    assert await sent(BANK) == ["m4", "m3", "m2"]
    assert await sent(NET) == ["net"]
    await teller.tell("debit w3 3.00 ref:O -> done")
    assert await sent(BANK) == ["m4", "m2", "m1"]


async def test_a_file_is_shown_with_its_own_sum_and_what_is_in_it(teller: Reverser) -> None:
    await teller.tell("withdraw-to ann 2.00 w\nconfirm-withdrawal ann w\nwithdraw-to bob 3.00 x")
    await teller.tell("confirm-withdrawal bob x\nfile operator m w\nfile operator n x")
    for name, amount, person in (("m", "2.00", "Ann"), ("n", "3.00", "Bob")):
        file, payouts = await teller.core.ask(PaymentFileByCode(teller.code(name)))
        assert (file.code, file.count, file.total.number) == (teller.code(name), 1, amount)
        assert [(each.person.name, each.amount.number) for each in payouts] == [(person, amount)]


async def test_what_a_bank_may_have_taken_back_is_first_as_much_as_it_says_then_the_newest_and_three_at_most(
    teller: Reverser,
) -> None:
    await teller.tell("""
        top-up ann 20.00 t bank
        line   ref:A 20.00 t  -> top_up
        line   ref:B 7.00 t   -> top_up_again
        line   ref:C 8.00 t   -> top_up_again
        back   ref:X 20.00 t  -> open""")
    assert await teller.candidates("ref:X") == "Ann 20.00, Ann 8.00, Ann 7.00"
    await teller.tell("line ref:D 9.00 t -> top_up_again\nback ref:Y 5.00 t -> open")
    assert await teller.candidates("ref:X") == "Ann 20.00, Ann 9.00, Ann 8.00"
    assert await teller.candidates("ref:Y") == "Ann 9.00, Ann 8.00, Ann 7.00"

"""New money for many: checked as a whole, asked about once, issued all of it or nothing, and never twice."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from tests.core.story import OPERATOR, Clock, story
from tests.core.test_frozen import Freezer
from wallet_core import (
    LINES_MAX,
    Acts,
    CancelIssueList,
    ConfirmIssueList,
    CurrencyMismatch,
    FreezeWallet,
    IssueLine,
    IssueListByCode,
    IssueListSize,
    IssueListState,
    IssueListWrong,
    MakeIssueList,
    Money,
    OpenWallet,
    PersonId,
    Rules,
    ToHandle,
    ToPerson,
    WalletCore,
    currency,
)

EUR = currency("EUR")


class Lister(Freezer):
    """Storyteller who issues to many: `list l ann=1.00 bob=2.00`."""

    async def list(self, name: str, *lines: str, by: str = "operator") -> Any:
        said = [line.partition("=") for line in lines]
        rows = [IssueLine(n, self.payee(who), self.money(much)) for n, (who, _, much) in enumerate(said, start=1)]
        made = await self.core.run(
            MakeIssueList(by=self.person(by), lines=tuple(rows), key=f"key of {name}", memo="May")
        )
        self.codes[name] = made.code
        return f"{made.count} {made.total.number}"

    async def list_by(self, by: str, name: str, *lines: str) -> Any:
        return await self.list(name, *lines, by=by)

    async def confirm_list(self, person: str, name: str) -> Any:
        done = await self.core.run(ConfirmIssueList(code=self.codes.get(name, name), person=self.person(person)))
        return done.state.value

    async def cancel_list(self, person: str, name: str) -> Any:
        done = await self.core.run(CancelIssueList(code=self.codes.get(name, name), person=self.person(person)))
        return done.state.value


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Lister:
    made = Lister(core, clock)
    await made.tell("open operator\nopen ann\nopen bob\nopen cid\nmeet dan dan")
    return made


async def test_a_list_is_issued_once_however_often_it_is_confirmed(teller: Lister, core: WalletCore) -> None:
    await story(
        teller,
        """
        list-by ann x bob=1.00             -> NotOperator
        list l                             -> IssueListSize
        list l ann=1.00 @bob=2.50          -> 2 3.50
        list l ann=1.00 @bob=2.50          -> 2 3.50
        list l ann=1.00 @bob=2.51          -> KeyReused
        confirm-list operator nolistnolistnol -> IssueListNotFound
        confirm-list ann l                 -> NotYourIssueList
        confirm-list operator l            -> issued
        confirm-list operator l            -> issued
        cancel-list operator l             -> IssueListNotOpen (issued)
        balance ann                        -> 1.00
        balance bob                        -> 2.50
        list m cid=1.00                    -> 1 1.00
        cancel-list operator m             -> cancelled
        cancel-list operator m             -> cancelled
        confirm-list operator m            -> IssueListNotOpen (cancelled)
        list n cid=1.00                    -> 1 1.00
        later 1
        confirm-list operator n            -> IssueListNotOpen (expired)
        balance cid                        -> 0.00
        audit                              -> sound""",
    )
    [act] = (await core.ask(Acts(by=OPERATOR))).acts
    assert (act.kind, act.amount, act.note) == ("issued_to_many", Money(350, EUR), "2 May")
    seen = await core.ask(IssueListByCode(teller.codes["l"]))
    assert [(person.handle, amount.minor) for person, amount in seen.first] == [("ann", 100), ("bob", 250)]
    assert seen.state is IssueListState.ISSUED


async def test_every_wrong_line_is_named_and_nothing_is_asked(teller: Lister, core: WalletCore) -> None:
    await core.run(FreezeWallet(by=OPERATOR, person=teller.person("cid"), reason="lost", key="f"))
    rows = [
        (ToPerson(teller.person("ann")), Money(100, EUR)),
        (ToHandle("nobody"), Money(100, EUR)),
        (ToHandle("ANN"), Money(100, EUR)),
        (ToHandle("dan"), Money(100, EUR)),
        (ToHandle("cid"), Money(100, EUR)),
        (ToHandle("bob"), Money(0, EUR)),
        (ToPerson(PersonId("tg:77")), Money(100, EUR)),
    ]
    lines = tuple(IssueLine(line, to, amount) for line, (to, amount) in enumerate(rows, start=1))
    with pytest.raises(IssueListWrong) as wrong:
        await core.run(MakeIssueList(by=OPERATOR, lines=lines, key="k"))
    assert [(each.line, each.who, str(each.problem)) for each in wrong.value.lines] == [
        (2, "@nobody", "unknown"),
        (3, "@ann", "twice"),
        (4, "@dan", "no_wallet"),
        (5, "@cid", "frozen"),
        (6, "@bob", "amount"),
        (7, "tg:77", "unknown"),
    ]
    dollars = (IssueLine(1, ToHandle("ann"), Money(1, currency("USD"))),)
    with pytest.raises((IssueListWrong, CurrencyMismatch)):
        await core.run(MakeIssueList(by=OPERATOR, lines=dollars, key="k"))
    await teller.tell("balance ann -> 0.00\naudit -> sound")


async def test_what_has_changed_since_the_question_refuses_all_of_it(teller: Lister) -> None:
    await story(
        teller,
        """
        list l ann=1.00 bob=1.00 cid=1.00 -> 3 3.00
        freeze bob f lost
        confirm-list operator l           -> IssueListWrong
        balance ann                       -> 0.00
        unfreeze bob u
        confirm-list operator l           -> issued
        balance cid                       -> 1.00""",
    )


async def test_pressed_from_everywhere_at_once_a_list_is_issued_once(teller: Lister) -> None:
    await teller.tell("list l ann=1.00 bob=1.00")
    done = await asyncio.gather(*(teller.confirm_list("operator", "l") for _ in range(8)))
    assert set(done) == {"issued"}
    await teller.tell("balance ann -> 1.00\naudit -> sound")


async def test_lists_that_were_not_issued_go_after_thirty_days(
    teller: Lister, core: WalletCore, tmp_path: Path
) -> None:
    await teller.tell("list l ann=1.00\nlist m bob=1.00 cid=1.00\nconfirm-list operator l\nlater 722")
    assert await core.clear() == 1
    engine = create_engine(f"sqlite:///{tmp_path / 'books.db'}")
    with engine.connect() as books:
        kept = books.exec_driver_sql("SELECT list FROM issue_lines").scalars().all()
    engine.dispose()
    assert kept == [teller.codes["l"]]
    await teller.tell("audit -> sound")


async def test_a_list_that_is_too_long_is_refused(core: WalletCore) -> None:
    lines = tuple(IssueLine(n, ToHandle(f"p{n}"), Money(1, EUR)) for n in range(LINES_MAX + 1))
    with pytest.raises(IssueListSize):
        await core.run(MakeIssueList(by=OPERATOR, lines=lines, key="k"))


async def ten_thousand(url: str, count: int = 10_000) -> None:
    """How long a list of the longest kind takes: `python -m tests.core.test_issue_lists`."""
    async with WalletCore.session(url, rules=Rules(EUR, operators=frozenset({OPERATOR}))) as core:
        await core.run(OpenWallet(person=OPERATOR, handle="olga", name="Olga"))
        for start in range(0, count, 100):
            wishes = [
                OpenWallet(person=PersonId(f"tg:{n + 100}"), handle=f"p{n}", name="P")
                for n in range(start, start + 100)
            ]
            await asyncio.gather(*map(core.run, wishes))
        lines = tuple(IssueLine(n, ToHandle(f"p{n}"), Money(1, EUR)) for n in range(count))
        began = time.perf_counter()
        made = await core.run(MakeIssueList(by=OPERATOR, lines=lines, key="k"))
        asked = time.perf_counter()
        await core.run(ConfirmIssueList(code=made.code, person=OPERATOR))
        print(f"asked {asked - began:.2f} s, issued {time.perf_counter() - asked:.2f} s")
        print((await core.audit()).problem)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(ten_thousand(f"sqlite+aiosqlite:///{folder}/books.db"))

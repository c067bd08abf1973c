"""Books in which everybody did all that a version knew: one stage for each version that brought something to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.core.pinned import Pinned
from tests.core.splitter import Splitter
from tests.core.story import OPERATOR, Clock
from tests.core.test_bank import OTHER, Banker
from tests.core.test_cards import Poster
from tests.core.test_gifts import Giver
from tests.core.test_issues import Issuer
from tests.core.test_limits import Limiter
from tests.core.test_picks import Picker
from tests.core.test_refunds import Refunder
from tests.core.tipper import Tipper
from wallet_core import (
    Block,
    ClaimOutbox,
    Guide,
    MakePick,
    OfferGift,
    PutInbox,
    Rules,
    SettleOutbox,
    WalletCore,
    currency,
)
from wallet_core.features.group_words import ChooseGroupLanguage
from wallet_core.storage.files import copy

RULES = Rules(currency("EUR"), operators=frozenset({OPERATOR, OTHER}))


class Everybody(Giver, Tipper, Splitter, Refunder, Picker, Issuer, Banker, Poster):
    """Storyteller who can do all of it."""

    async def parks(self) -> None:
        """Half of what is to be told cannot be."""
        told = await self.core.run(ClaimOutbox(limit=6, lease=timedelta(minutes=1)))
        await self.core.run(SettleOutbox(parked=tuple(message.id for message in told[::2])))

    async def offer_gift(self) -> None:
        wish = OfferGift(giver=self.person("ann"), amount=self.money("1.00"), for_handle="zoe", key="offered")
        await self.core.run(wish)

    async def is_led(self) -> None:
        await self.core.run(MakePick(person=self.person("bob"), key="led", guide=Guide.PAY))

    async def blocks(self) -> None:
        await self.core.run(Block(person=self.person("bob"), other=self.person("cid")))

    async def limits(self) -> None:
        await Limiter(self.core, self.clock).tell("own bob 50.00 day\ngiven cid 40.00 payment")

    async def pins(self) -> None:
        await Pinned(self.core, self.clock).tell("set bob 2468 30.00")

    async def speaks(self) -> None:
        await self.core.run(ChooseGroupLanguage(chat="-1", person=self.person("ann"), language="de"))

    async def is_heard(self) -> None:
        await self.core.run(PutInbox(number=1, lane="1", body="{}"))


STAGES: dict[str, str | Callable[[Everybody], Awaitable[None]]] = {  # by the version that can keep it
    "m0001_books": """
        open operator
        open other
        open ann
        open bob
        open cid
        issue ann 100.00 first
        issue bob 10.00 second
        transfer ann bob 4.00 k1
        request bob 1.00 r1
        request bob 2.00 r2
        pay_request ann r1 p1
        ask ann bob 1.00 i1
        ask ann bob 1.00 i2
        confirm ann i1""",
    "m0002_refunds": "refund bob k1 1.00 b1\nask_refund bob k1 1.00 q1 -> 1.00",
    "m0003_parked": Everybody.parks,
    "m0004_tips": "tip bob ann 0.10 song k8",
    "m0005_gifts": "gift ann 5.00 g1 2 -> 5.00\nclaimed bob g1\ngift ann 3.00 g2 -> 3.00",
    "m0006_splits": "split ann 2.00 bill bob cid\npay-share bob bill",
    "m0007_asks": "pick ann 1.00 p2",
    "m0008_inline": "offer ann 1.00 c -> both",
    "m0009_issues": """
        ask-issue operator cid 4.00 asked
        confirm-issue operator asked
        ask-issue operator cid 1.00 later""",
    "m0011_gift_offers": Everybody.offer_gift,
    "m0012_gateways": """
        top-up ann 20.00 t         -> waiting
        arrives t 20.00 in1 0.20   -> top_up
        top-up bob 5.00 u          -> waiting
        withdraw bob 2.00 w        -> open
        confirm-withdrawal bob w
        send w                     -> asked, 0 before
        says w done                -> done
        withdraw ann 3.00 x        -> open
        confirm-withdrawal ann x
        taken-back back1 in1 1.00  -> 1.00""",
    "m0014_bank": """
        top-up ann 20.00 v bank    -> waiting
        line ref:A 20.00 v         -> top_up
        line ref:B 7.00            -> open unmatched""",
    "m0015_withdrawal_targets": "withdraw-to ann 1.00 y -> open\nconfirm-withdrawal ann y\nfile other f9 y -> 1, 1.00",
    "m0016_guided": Everybody.is_led,
    "m0017_names": "meet cid cidonius",
    "m0018_limits": Everybody.limits,
    "m0019_blocks": Everybody.blocks,
    "m0022_acts": "issue cid 1.00 third",
    "m0023_pins": Everybody.pins,
    "m0024_group_language": Everybody.speaks,
    "m0025_inbox": Everybody.is_heard,
}
LIFE_GOES_ON = {  # what waited at a stage, and comes to its end in later books
    "m0001_books": "confirm ann i2\npay_request ann r2 p9\ntransfer bob ann 0.50 k9",
    "m0002_refunds": "confirm_refund bob q1",
    "m0005_gifts": "claimed cid g2\ntake_back ann g1",
    "m0006_splits": "issue cid 1.00 for_it\npay-share cid bill",
    "m0009_issues": "confirm-issue operator later",
    "m0012_gateways": "arrives u 5.00 in2 -> top_up\nsend x -> asked, 0 before\nsays x refused -> returned",
    "m0014_bank": "give other ref:B cid -> top_up",
}


@dataclass(frozen=True)
class Lived:
    """Books up to a stage, and who told them."""

    file: Path
    codes: dict[str, str]
    wallets: dict[str, int]
    transfers: int

    async def goes_on(self, core: WalletCore, clock: Clock, revision: str) -> None:
        """What waited in these books, of that version, comes to its end."""
        teller = Everybody(core, clock)
        teller.codes, teller.wallets = {**self.codes}, {**self.wallets}
        for stage, lines in LIFE_GOES_ON.items():
            if stage <= revision:
                await teller.tell(lines)


def live(folder: Path) -> dict[str, Lived]:
    """Live through all of them; the books as they were after each."""
    return asyncio.run(_live(folder))


async def _live(folder: Path) -> dict[str, Lived]:
    clock, file, lived = Clock(), folder / "books.db", {}
    async with WalletCore.session(f"sqlite+aiosqlite:///{file}", rules=RULES, clock=clock) as core:
        teller = Everybody(core, clock)
        for stage, does in STAGES.items():
            if isinstance(does, str):
                await teller.tell(does)
            else:
                await does(teller)
            report = await core.audit()
            assert report.sound, (stage, report.problem)
            copy(file, folder / f"{stage}.db")
            lived[stage] = Lived(folder / f"{stage}.db", {**teller.codes}, {**teller.wallets}, report.transfers)
    return lived


def up_to(lived: dict[str, Lived], revision: str) -> Lived:
    """The last of the stages that books of that version can keep."""
    return lived[max(stage for stage in lived if stage <= revision)]

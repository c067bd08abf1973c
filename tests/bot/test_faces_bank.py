"""What messages say of what a bank took back, and of lists that were dropped: to who reads them, until it is over."""

from __future__ import annotations

from bot.handlers import bank_reversals, choices
from bot.words.links import Place
from tests.bot.test_faces import Looker, speaks
from tests.core.story import Clock, Storyteller
from tests.core.test_bank_reversals import Reverser
from wallet_core import WalletCore


async def test_what_the_bank_took_back_is_posted_anew_where_it_is_gone_until_it_is_decided(
    core: WalletCore, clock: Clock
) -> None:
    teller = Reverser(core, clock)
    await teller.tell("""
        open operator
        open ann
        top-up ann 20.00 t bank
        line ref:A 20.00 t
        back A 20.00 t""")
    await speaks(teller, "operator", "fr")
    look = Looker(teller, bank_reversals.shown)
    chief = look.alone("operator")
    assert (await look.face("back A", chief)).own == "fr"
    assert (await look.face("back A", Place(999, 5))).own is None, "whoever that is"
    assert await look.state("back A", chief) == "buttons kept heard"
    await teller.tell("decide operator A lost")
    assert await look.state("back A", chief) == "final heard"


async def test_a_list_that_was_dropped_says_so_for_good_in_the_language_of_who_reads_it(teller: Storyteller) -> None:
    await speaks(teller, "ann", "fr")
    look = Looker(teller, choices.dropped_shown)
    ann = look.alone("ann")
    assert await look.says("tip:7", ann) == "✖️ Dropped: your usual tip stays as it is."
    assert await look.state("tip:7", ann) == "final heard"
    assert (await look.face("tip:7", ann)).own == "fr"
    assert (await look.face("tip:7", Place(999, 5))).own is None, "whoever that is"

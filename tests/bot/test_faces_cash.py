"""What messages say of cash that is brought in and taken out: to whose it is, and to whoever is in charge."""

from __future__ import annotations

from bot.handlers import top_ups, withdrawals
from bot.words.links import Place
from tests.bot.test_faces import Looker, speaks
from tests.core.cashier import Cashier
from tests.core.story import Clock
from wallet_core import WalletCore


async def test_cash_is_shown_to_whose_it_is_and_in_charge_in_the_language_of_each(
    core: WalletCore, clock: Clock
) -> None:
    teller = Cashier(core, clock)
    await teller.tell("""
        open operator
        open ann
        top_up ann 20.00 in operator
        top_up ann 5.00 desk operator operator
        top_up ann 6.00 no operator""")
    await speaks(teller, "operator", "fr")
    look, desk = Looker(teller, top_ups.shown), Looker(teller, top_ups.shown_at_desk)
    chief, ann = look.alone("operator"), look.alone("ann")
    assert await look.labels("in", ann) == ["✖️ Cancel"]
    assert await desk.labels("in", chief) == ["✅ I have 20.00 EUR", "✖️ No cash"]
    assert await desk.labels("desk", chief) == ["✅ I have 5.00 EUR", "✖️ Cancel"]
    assert (await look.state("in", ann), await desk.state("in", chief)) == ("buttons kept heard", "buttons heard")
    assert await desk.state("desk", chief) == "buttons kept heard", "whose message it is was asked how much"
    assert (await desk.face("in", chief)).own == "fr", "whoever will take it"
    await teller.tell("""
        take_cash operator in
        cancel_top_up operator no""")
    assert (await desk.face("in", chief)).own == "fr"
    assert (await desk.face("in", Place(999, 5))).own is None, "another's"
    assert (await desk.face("desk", chief)).own == "fr", "who began it"
    assert (await look.state("in", ann), await desk.state("in", chief)) == ("final heard", "final heard")
    assert (await look.state("no", ann), await desk.state("no", chief)) == ("heard", "heard"), "it may come in late"
    assert "did not take 6.00 EUR" in await look.says("no", ann)


async def test_what_is_taken_out_is_final_once_it_is_given_or_back(core: WalletCore, clock: Clock) -> None:
    teller = Cashier(core, clock)
    await teller.tell("""
        open operator
        open ann
        issue ann 50.00 i
        withdraw ann 20.00 out operator
        withdraw ann 5.00 back operator
        withdraw ann 6.00 no operator""")
    await speaks(teller, "operator", "fr")
    look, desk = Looker(teller, withdrawals.shown), Looker(teller, withdrawals.shown_at_desk)
    chief, ann = look.alone("operator"), look.alone("ann")
    assert await look.labels("out", ann) == ["✅ Take out 20.00 EUR", "✖️ Cancel"]
    assert await look.state("out", ann) == "buttons kept heard"
    await teller.tell("""
        confirm_withdrawal ann out
        confirm_withdrawal ann back""")
    assert await desk.labels("out", chief) == ["✅ I gave 20.00 EUR", "✖️ No cash"]
    assert (await look.state("out", ann), await desk.state("out", chief)) == ("buttons heard", "buttons heard")
    assert (await desk.face("out", chief)).own == "fr", "whoever will give it"
    await teller.tell("""
        give_cash operator out
        cancel_withdrawal ann back
        cancel_withdrawal ann no""")
    for name in ("out", "back", "no"):
        assert await look.state(name, ann) == "final heard", name
        assert await desk.state(name, chief) == "final heard", name
    assert (await desk.face("out", chief)).own == "fr"
    assert (await desk.face("out", Place(999, 5))).own is None
    assert (await desk.face("back", chief)).own == "fr"

"""The tips of a minute are one message to whoever got them."""

from datetime import timedelta

from bot.handlers import tips
from bot.words.links import Place
from tests.core.story import Clock
from tests.core.tipper import Tipper
from wallet_core import ClaimOutbox, OutboxMessage, Telling, WalletCore


async def claimed(core: WalletCore) -> list[OutboxMessage]:
    told = await core.run(ClaimOutbox(limit=10, lease=timedelta(minutes=1)))
    return [each for each in told if each.telling is Telling.RECEIVED]


async def test_a_tip_that_was_told_with_others_is_not_told_again(core: WalletCore, clock: Clock) -> None:
    teller = Tipper(core, clock)
    await teller.tell("""
        open  ann
        open  bob
        issue ann 10.00 i
        tip   ann bob 1.00 77 a
        tip   ann bob 2.00 77 b""")
    _, first, second = await claimed(core)  # the first of all tells what was issued
    begun = await tips.gather(core, first)
    assert begun.what is not None and "3.00 EUR" in begun.what.text, "both, for both are there"
    await core.run(begun.noted(Place(-1, 92)))
    for each in (first, second):
        assert (await tips.gather(core, each)).what is None
    await teller.tell("tip ann bob 4.00 77 c")
    [third] = await claimed(core)
    after = await tips.gather(core, third)
    assert after.what is not None and "7.00 EUR" in after.what.text and after.what.place == Place(-1, 92)

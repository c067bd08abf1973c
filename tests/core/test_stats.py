"""The community at a glance, and who has what: sums and days that are right, pages that miss nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.core.story import Clock, Storyteller
from wallet_core import Beside, Holding, MakeGift, Money, PeopleWithMoney, Stats, WalletCore, currency
from wallet_core.features import stats as feature

EUR = currency("EUR")
DAY = timedelta(days=1)


async def test_days_count_what_moved_between_owners_and_the_rest_is_what_is_there_now(
    core: WalletCore, teller: Storyteller, clock: Clock
) -> None:
    first = datetime(2026, 11, 22, tzinfo=UTC)  # the ten euros of the beginning were issued on it
    clock.now = first + DAY + timedelta(hours=23, minutes=59)
    await teller.tell("transfer ann bob 1.00 k1")
    clock.now += timedelta(minutes=1)
    await teller.tell("transfer ann bob 2.00 k2")
    await core.run(
        MakeGift(giver=teller.person("ann"), amount=Money(300, EUR), shares=1, is_lucky=False, key="g", memo="",
                 for_handle=None)
    )  # fmt: skip
    clock.now += 5 * DAY
    await teller.tell("transfer bob ann 0.50 k3")
    seen = await core.ask(Stats(days=tuple(first + number * DAY for number in range(4))))
    assert [(day.transfers, day.moved.minor) for day in seen.days] == [(1, 1000), (1, 100), (1, 200)]
    assert seen.wallets == 3 and seen.wallets_new == 3
    assert (seen.held.minor, seen.waiting.minor) == (700, 300)
    later = await core.ask(Stats(days=(first + 3 * DAY, first + 4 * DAY)))
    assert later.wallets_new == 0 and later.days[0].transfers == 0


async def test_more_transfers_than_a_portion_are_all_counted(
    core: WalletCore, teller: Storyteller, clock: Clock
) -> None:
    for number in range(23):
        await teller.tell(f"transfer ann bob 0.01 k{number}")
    usual, feature.PORTION = feature.PORTION, 5
    try:
        seen = await core.ask(Stats(days=(clock.now - DAY, clock.now + DAY)))
    finally:
        feature.PORTION = usual
    assert (seen.days[0].transfers, seen.days[0].moved.minor) == (24, 1023)


async def pages(core: WalletCore, limit: int) -> list[list[Holding]]:
    """From the richest down, and the same way up again."""
    down = [await core.ask(PeopleWithMoney(limit=limit))]
    while down[-1].has_poorer:
        last = down[-1].holdings[-1].wallet
        down.append(await core.ask(PeopleWithMoney(beside=Beside(last.balance.minor, last.id), limit=limit)))
    up = down[-1:]
    while up[-1].has_richer:
        first = up[-1].holdings[0].wallet
        above = Beside(first.balance.minor, first.id, is_above=True)
        up.append(await core.ask(PeopleWithMoney(beside=above, limit=limit)))
    assert {each.wallet.id for page in up for each in page.holdings} >= {
        each.wallet.id for page in down for each in page.holdings
    }
    assert not down[0].has_richer and not down[-1].has_poorer
    return [list(page.holdings) for page in down]


async def test_pages_of_who_has_what_begin_with_the_richest_and_miss_nobody(
    core: WalletCore, teller: Storyteller
) -> None:
    await teller.tell("transfer ann bob 3.00 k1")
    for number in range(6):
        await teller.tell(f"open p{number}")
    for limit in (1, 2, 3, 4, 9, 20):
        found = [each for page in await pages(core, limit) for each in page]
        balances = [each.wallet.balance.minor for each in found]
        assert balances == [700, 300, *[0] * 7] and len({each.wallet.id for each in found}) == 9

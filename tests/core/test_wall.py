"""The books behind glass: all balances, the chain of the last entries, what waits, from one snapshot."""

from __future__ import annotations

from tests.core.story import Storyteller
from wallet_core import Wall, WalletCore


async def test_it_shows_every_balance_and_they_sum_to_zero(core: WalletCore, teller: Storyteller) -> None:
    await teller.tell("transfer ann bob 4.00 k1")
    seen = await core.ask(Wall())
    found = {wallet.owner.name if wallet.owner else wallet.kind: wallet.balance.minor for wallet in seen.wallets}
    assert sum(found.values()) == 0
    assert sorted(found.values()) == [-1000, 0, 400, 600]
    assert found["issuer"] == -1000


async def test_transfers_come_new_ones_first_each_entry_with_the_hash_of_the_one_before_it(
    core: WalletCore, teller: Storyteller
) -> None:
    await teller.tell("""
        transfer ann bob 4.00 k1
        transfer bob ann 1.00 k2""")
    seen = await core.ask(Wall())
    assert [moved.amount.number for moved in seen.transfers] == ["1.00", "4.00", "10.00"]
    entries = {entry.id: entry for moved in seen.transfers for entry in (moved.debit, moved.credit)}
    heads = {wallet.id: wallet.head for wallet in seen.wallets}
    for entry in entries.values():
        before = None if entry.previous is None else entries[entry.previous]
        assert entry.previous_hash == (before.hash if before else None)
        assert entry.balance_after.minor == (before.balance_after.minor if before else 0) + entry.delta.minor
    for wallet, head in heads.items():
        last = max(
            (entry for entry in entries.values() if entry.wallet == wallet), key=lambda one: one.id, default=None
        )
        assert head == (last.hash if last else None)
    for moved in seen.transfers:
        assert moved.debit.delta.minor == -moved.amount.minor == -moved.credit.delta.minor


async def test_who_is_to_be_told_is_in_it_and_no_more_than_was_asked_for(core: WalletCore, teller: Storyteller) -> None:
    await teller.tell("transfer ann bob 4.00 k1")
    seen = await core.ask(Wall(limit=1))
    assert len(seen.transfers) == len(seen.outbox) == 1
    assert seen.outbox[0].about.startswith("tg:")
    assert seen.parked == 0 and seen.places == () and seen.agenda == ()

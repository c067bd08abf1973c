"""How somebody is spoken to, and called: as their messenger says, until they choose, or are gone."""

from datetime import timedelta

import pytest

from tests.core.story import Storyteller
from wallet_core import ChooseLanguage, ClaimOutbox, Meet, OpenWallet, PersonId, PersonNotFound, WalletCore, WalletOf

ANN = PersonId("tg:71")


async def met(core: WalletCore, language: str | None) -> str | None:
    return (await core.run(Meet(person=ANN, handle="anna", name="Anna", language=language))).language


async def test_what_the_messenger_says_is_kept_and_follows_it(core: WalletCore) -> None:
    assert await met(core, None) is None
    assert await met(core, "de-AT") == "de-AT"
    assert await met(core, None) == "de-AT"
    assert await met(core, "fr") == "fr"


async def test_a_chosen_language_stays_whatever_the_messenger_says(core: WalletCore) -> None:
    await core.run(OpenWallet(person=ANN, handle="anna", name="Anna", language="en"))
    assert (await core.run(ChooseLanguage(person=ANN, language="de"))).language == "de"
    assert await met(core, "fr") == "de"
    opened = await core.run(OpenWallet(person=ANN, handle="anna", name="Anna", language="it"))
    assert opened.wallet.owner.language == "de"
    assert (await core.ask(WalletOf(ANN))).owner.language == "de"


async def test_nobody_chooses_for_somebody_unknown(core: WalletCore) -> None:
    with pytest.raises(PersonNotFound):
        await core.run(ChooseLanguage(person=PersonId("tg:4711"), language="de"))


async def test_an_outbox_message_carries_the_language_of_its_recipient(core: WalletCore, teller: Storyteller) -> None:
    await core.run(ChooseLanguage(person=teller.person("bob"), language="de"))
    await teller.tell("transfer ann bob 1.00 k1")
    messages = await core.run(ClaimOutbox(limit=100, lease=timedelta(seconds=1)))
    told = {message.recipient: message.language for message in messages}
    assert told[teller.person("bob")] == "de" and told[teller.person("ann")] is None


async def test_who_has_no_name_any_more_keeps_the_one_that_was_known(core: WalletCore) -> None:
    assert (await core.run(Meet(person=ANN, handle=None, name=""))).name == ""
    await core.run(Meet(person=ANN, handle="anna", name="Anna"))
    nameless = await core.run(Meet(person=ANN, handle=None, name=""))
    assert (nameless.name, nameless.handle) == ("Anna", None)

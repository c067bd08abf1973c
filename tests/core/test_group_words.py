"""The language of a group: chosen, chosen anew, kept when the group moves; so many choices of one person are kept."""

from datetime import timedelta

import pytest

from tests.core.story import Storyteller
from wallet_core import ChooseGroupLanguage, GroupLanguage, MoveGroup, PersonId, PersonNotFound, WalletCore
from wallet_core.features.group_words import GROUPS_MAX


async def chosen(core: WalletCore, chat: str) -> str | None:
    return await core.ask(GroupLanguage(chat))


async def test_what_is_chosen_last_is_spoken_and_only_in_that_group(core: WalletCore, teller: Storyteller) -> None:
    ann, bob = teller.person("ann"), teller.person("bob")
    assert await chosen(core, "-1") is None
    await core.run(ChooseGroupLanguage(chat="-1", person=ann, language="de"))
    await core.run(ChooseGroupLanguage(chat="-1", person=bob, language="pt_BR"))
    assert (await chosen(core, "-1"), await chosen(core, "-2")) == ("pt_BR", None)


async def test_a_group_that_moves_keeps_it_once_and_does_not_undo_a_newer_choice(
    core: WalletCore, teller: Storyteller
) -> None:
    ann = teller.person("ann")
    await core.run(ChooseGroupLanguage(chat="-1", person=ann, language="de"))
    for _ in range(2):
        await core.run(MoveGroup(chat="-1", new="-1001"))
        assert (await chosen(core, "-1"), await chosen(core, "-1001")) == ("de", "de")
    await core.run(ChooseGroupLanguage(chat="-2", person=ann, language="fr"))
    await core.run(ChooseGroupLanguage(chat="-1002", person=ann, language="ru"))
    await core.run(MoveGroup(chat="-2", new="-1002"))
    assert (await chosen(core, "-2"), await chosen(core, "-1002")) == ("fr", "ru")
    await core.run(MoveGroup(chat="-3", new="-1003"))
    assert await chosen(core, "-1003") is None


async def test_nobody_unknown_chooses(core: WalletCore) -> None:
    with pytest.raises(PersonNotFound):
        await core.run(ChooseGroupLanguage(chat="-1", person=PersonId("tg:4711"), language="de"))
    assert await chosen(core, "-1") is None


async def test_of_one_person_the_choices_of_longest_ago_go(core: WalletCore, teller: Storyteller) -> None:
    for number in range(GROUPS_MAX + 1):
        await core.run(ChooseGroupLanguage(chat=f"-{number}", person=teller.person("ann"), language="de"))
        teller.clock.now += timedelta(seconds=1)
    assert (await chosen(core, "-0"), await chosen(core, "-1")) == (None, "de")

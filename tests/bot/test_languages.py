"""The bot in this process, in a community that speaks two languages."""

import asyncio
import re
import threading
from pathlib import Path

import pytest
from telegram import Bot, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import BadRequest

from bot.sandbox import Message, Person, Sandbox
from bot.words import language as language_module
from bot.words.language import gettext, in_passing, languages, own_name, speaking_to
from bot.words.typed import CONTEXT
from tests.bot.club import Club, running, settings_for


class World(Club):
    """The club, and Gerd, whose Telegram speaks German."""

    def __init__(self, box: Sandbox) -> None:
        super().__init__(box)
        self.gerd = box.person(1004, "Gerd", username="gerd", language_code="de-AT")
        self.group = box.group(-100201, "Verein", members=[self.ann, self.bob, self.gerd])

    async def begin(self) -> None:
        await super().begin()
        await self.gerd.start()
        await self.gerd.wait("Dein Guthaben: 0,00 EUR")
        await self.issue("20", self.gerd)
        await self.box.idle()


async def world(box: Sandbox) -> World:
    club = World(box)
    await club.begin()
    return club


async def pressed(person: Person, dialog: Message) -> str:
    return (await (await person.press(dialog)).answer()).text


async def test_each_is_told_in_their_own_language_whoever_pays(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = await world(box)
        dialog = await club.said(club.gerd, "/pay 2,50 @ann Tee")
        assert dialog.words.startswith("2,50 EUR an Ann (@ann) zahlen?")
        assert await pressed(club.gerd, dialog) == "2,50 EUR an „Ann“ (@ann) bezahlt."
        assert "You received 2.50 EUR" in (await club.ann.wait("received")).words
        await club.gerd.wait(lambda message: message is dialog and "2,50 EUR bezahlt" in message.words)
        dialog = await club.said(club.ann, "/pay 1 @gerd")
        await club.ann.press(dialog)
        told = (await club.gerd.wait("Du hast 1,00 EUR bekommen")).words
        assert "Von: Ann (@ann)" in told and "Dein Guthaben: 18,50 EUR" in told


@pytest.mark.parametrize(
    ("house", "question", "paid"),
    [("en", "Gerd (@gerd): pay 5.00 EUR to Ann (@ann)?\n🆕 It's your first payment to Ann.", "Paid 5.00 EUR"),
     ("de", "Gerd (@gerd): 5,00 EUR an Ann (@ann) zahlen?\n🆕 Es ist deine erste Zahlung an Ann.", "5,00 EUR bezahlt")],
)  # fmt: skip
async def test_a_group_reads_the_operators_language_and_whoever_presses_their_own(
    tmp_path: Path, house: str, question: str, paid: str
) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path, language=house)):
        club = await world(box)
        dialog = await club.said(club.gerd, "/pay 5 @ann", in_group=True)
        assert dialog.words == question
        assert "for somebody else" in await pressed(club.ann, dialog)
        assert "5,00 EUR an „Ann“" in await pressed(club.gerd, dialog)
        await club.gerd.wait(lambda message: message is dialog and paid in message.words, chat=club.group)


async def test_a_share_is_asked_for_in_ones_own_language_and_whoever_has_not_paid_is_called_in_the_groups(
    tmp_path: Path,
) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = await world(box)
        ann, gerd = club.ann, club.gerd
        bill = await club.said(ann, "/split 4 tea @gerd", in_group=True)
        await gerd.press(bill, "Pay my share")
        assert "an Ann (@ann) zahlen?" in (await gerd.wait("tea")).words
        bill = await club.said(gerd, "/split 4 Kuchen @zoe", in_group=True)
        managed = await (await gerd.press(bill, "Manage")).answer()
        assert "privat" in managed.text
        listed = await gerd.wait("Kuchen")
        assert "Es fehlt" in listed.words
        await gerd.press(bill, "Remind")
        assert "reminds you of your share" in (await gerd.wait("@zoe", chat=club.group)).words


async def test_a_question_that_is_dropped_says_so_in_ones_own_language(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = await world(box)
        question = await club.said(club.gerd, "/tip")
        assert question.buttons and "Wie viel" in question.words
        await club.said(club.gerd, "/cancel")
        await club.gerd.see(question, "✖️")
        assert not question.buttons and "Dein übliches Trinkgeld bleibt" in question.words


async def test_balance_in_a_group_is_told_in_private_in_ones_own_language(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = await world(box)
        club.gerd.skip()
        assert (await club.said(club.gerd, "/balance", in_group=True)).words == "I've told you in private."
        assert "Dein Guthaben: 20,00 EUR" in (await club.gerd.wait("Guthaben")).words


async def test_a_request_taken_back_in_private_says_so_in_the_groups_language(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = await world(box)
        picture = await club.said(club.gerd, "/request 5 Tee", in_group=True)
        assert "asks for 5.00 EUR" in picture.words and "💶 Pay 5.00 EUR" in picture.buttons[0][0].text
        code = picture.words.partition("Code: r_")[2].split()[0]
        assert "bittet nicht mehr um 5,00 EUR" in (await club.said(club.gerd, f"/cancel r_{code}")).words
        await club.gerd.wait(lambda message: message is picture and "no longer asks" in message.words, chat=club.group)


async def test_a_request_paid_in_private_is_marked_in_the_groups_language_by_the_operators_clock(
    tmp_path: Path,
) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path, timezone="Europe/Berlin")):
        club = await world(box)
        picture = await club.said(club.gerd, "/request 5 Tee", in_group=True)
        assert re.search(r"Open until \d{4}-\d\d-\d\d \d\d:\d\d\. Code", picture.words)
        dialog = await club.said(club.ann, f"/pay r_{picture.words.partition('start=r_')[2].split()[0]}")
        await club.ann.press(dialog)
        await club.ann.wait(lambda message: message is picture and "5.00 EUR: paid" in message.words, chat=club.group)
        await club.ann.wait(lambda message: message is dialog and "Receipt" in message.words)
        told = (await club.gerd.wait("Du hast 5,00 EUR bekommen")).words
        assert "UTC" not in picture.words + dialog.words + told
        assert "MEZ" in told or "MESZ" in told


async def test_refusals_are_said_in_ones_own_language_and_in_the_groups(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = await world(box)
        assert (await club.said(club.gerd, "/pay 100 @ann")).words.startswith("Du kannst 20,00 EUR ausgeben")
        assert (await club.said(club.gerd, "/pay 100 @ann", in_group=True)).words.startswith("Not enough money")
        assert "„1,000“ kann zweierlei heißen" in (await club.said(club.gerd, "/request 1,000")).words
        assert "Bitte frag, wer mich hier betreibt" in (await club.said(club.gerd, "/topup 5")).words


async def test_a_language_is_chosen_by_name_or_by_button_and_stays(tmp_path: Path) -> None:
    async with Sandbox() as box:
        async with running(settings_for(box, tmp_path)):
            club = await world(box)
            question = await club.said(club.gerd, "/language")
            assert question.words.startswith("In welcher Sprache")
            offered = [button.text for row in question.buttons for button in row]
            assert offered == [own_name(language) for language in languages()]
            await club.gerd.press(question, "English")
            await club.gerd.wait(lambda message: message is question and "I speak English" in message.words)
            assert not question.buttons
            assert "Your balance: 20.00 EUR" in (await club.said(club.gerd, "/balance")).words
            for name, words in (
                ("русский", "по-русски"),
                ("Português", "português"),
                ("bahasa indonesia", "Indonesia"),
            ):
                assert words in (await club.said(club.bob, f"/language {name}")).words
            assert "ich Deutsch mit dir" in (await club.said(club.bob, "/language de-CH")).words
            assert "Dein Guthaben" in (await club.said(club.bob, "/balance")).words
        async with running(settings_for(box, tmp_path)):  # what Telegram says of both does not change it
            assert "Your balance" in (await club.said(club.gerd, "/start")).words
            assert "Dein Guthaben" in (await club.said(club.bob, "/balance")).words
            await club.ann.press(await club.said(club.ann, "/pay 1 @gerd"))
            assert "You received 1.00 EUR" in (await club.gerd.wait("received")).words


@pytest.mark.parametrize("text", ["/language fi", "/language nonsense here"])
async def test_a_language_without_words_is_refused_and_says_which_there_are(tmp_path: Path, text: str) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = await world(box)
        expected = ", ".join(f"/language {language}" for language in languages() if language != "en")
        assert (await club.said(club.ann, text)).words == f"I don't speak that language yet. Try {expected}"
        assert "Your balance" in (await club.said(club.ann, "/balance")).words


async def test_whose_telegram_speaks_something_else_hears_the_operators_language(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path, language="de")):
        zoe = box.person(1009, "Zoé", language_code="fi")
        await zoe.start()
        assert "Willkommen!" in (await zoe.wait("Guthaben")).words


async def test_menus_are_there_for_each_place_and_an_operator_has_theirs(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path, language="de")):
        shown = asyncio.create_task(box.called("setMyCommands", lambda call: "1001" in str(call.params["scope"])))
        club = await world(box)  # in which Ann, the operator, writes to the bot for the first time
        await shown
        async with Bot(box.token, base_url=f"{box.url}/bot") as bot:

            async def menu(scope: object = None) -> dict[str, str]:
                found = await bot.get_my_commands(scope=scope)  # type: ignore[arg-type]
                return {command.command: command.description for command in found}

            private, groups = BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()
            assert (await menu(private))["balance"] == "was du hast"
            assert await menu() == await menu(private)
            assert list(await menu(groups)) == ["balance", "pay", "tip", "request", "verify", "gift", "split", "help"]
            assert (await menu(BotCommandScopeChat(1001)))["audit"] == "verify the books"  # in her own language
            assert not {"issue", "audit"} & {*await menu(private), *await menu(groups)}
            assert await menu(BotCommandScopeChat(club.bob.id)) == {}


async def test_the_sandbox_takes_no_scope_and_language_that_telegram_refuses() -> None:
    async with Sandbox() as box, Bot(box.token, base_url=f"{box.url}/bot") as bot:
        ann = box.person(1001, "Ann")
        with pytest.raises(BadRequest, match=r"[Ii]nvalid language code"):
            await bot.set_my_commands([("pay", "pay")], language_code="de-AT")
        with pytest.raises(BadRequest, match=r"[Cc]hat not found"):
            await bot.set_my_commands([("pay", "pay")], scope=BotCommandScopeChat(ann.id))
        await ann.start()
        await bot.set_my_commands([("pay", "pay")], scope=BotCommandScopeChat(ann.id))
        assert [command.command for command in await bot.get_my_commands(scope=BotCommandScopeChat(ann.id))] == ["pay"]
        assert not await bot.get_my_commands()


ADMINISTRATORS_ONLY = "Only administrators choose the language of a group. Yours: /language in private."


async def test_a_groups_administrators_choose_its_language_and_cards_speak_it_too_also_in_the_supergroup(
    tmp_path: Path,
) -> None:
    async with Sandbox() as box:
        async with running(settings_for(box, tmp_path)):
            club = await world(box)
            admins = box.group(-100202, "Vorstand", members=[club.ann, club.bob], admins=[club.gerd])
            other, club.group = club.group, admins
            card = await club.said(club.gerd, "/request 5 Tee", in_group=True)
            assert "asks for 5.00 EUR" in card.words
            for text in ("/language", "/language de"):
                assert (await club.said(club.bob, text, in_group=True)).words == ADMINISTRATORS_ONLY
            question = await club.said(club.gerd, "/language", in_group=True)
            assert question.words == "Which language do you want me to speak in this group?"
            assert await pressed(club.bob, question) == ADMINISTRATORS_ONLY
            for _ in range(2):
                await club.gerd.press(question, "Deutsch")
            await club.gerd.wait(lambda message: message is question and "Gruppe Deutsch" in message.words, chat=admins)
            assert not question.buttons
            assert "sprechen" in (await club.said(club.gerd, "/language", in_group=True)).words
            await club.said(club.gerd, f"/cancel r_{card.words.partition('Code: r_')[2].split()[0]}")
            changed = "bittet nicht mehr um 5,00 EUR"  # by the clerk
            await club.gerd.wait(lambda message: message is card and changed in message.words, chat=admins)
            club.group = other
            assert "Open until" in (await club.said(club.gerd, "/request 5 Tee", in_group=True)).words
        async with running(settings_for(box, tmp_path)):
            club.group = box.upgrade(admins, -1001000000203, by=club.gerd)
            assert "Offen bis" in (await club.said(club.bob, "/request 5 Tee", in_group=True)).words
            assert "this group" in (await club.said(club.gerd, "/language en", in_group=True)).words
            assert "Open until" in (await club.said(club.gerd, "/request 5 Tee", in_group=True)).words
            club.bob.skip()
            assert "I speak English" in (await club.said(club.bob, "/language en")).words  # with him alone


def test_who_reads_all_texts_of_a_language_is_not_given_the_few_that_another_reads_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(language_module, "_catalogues", {})
    said: list[str] = []

    def all_of_them() -> None:
        with in_passing("de"):
            said.append(gettext("Paid"))

    with in_passing("de", only=CONTEXT):
        other = threading.Thread(target=all_of_them)
        other.start()
        other.join()
    with speaking_to("de"):
        assert said == [gettext("Paid")] and said != ["Paid"]

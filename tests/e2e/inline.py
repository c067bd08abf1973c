"""What is played behind the bot's name: cards, in chats that the bot is not in."""

from itertools import count

from bot.sandbox import Message, Person
from bot.sandbox.chats import Chat

_numbers = count(-555, -1)


def kitchen() -> Chat:
    """A group that the bot is not in."""
    return Chat({"id": next(_numbers), "type": "group", "title": "Kitchen"}, bot_is_in=False)


async def card(person: Person, text: str, title: str = "Ask") -> Message:
    """What somebody posts through the bot in a chat in which it is not."""
    query = await person.inline(text)
    titles = [result["title"] for result in await query.results()]
    return await query.choose([title in each for each in titles].index(True), chat=kitchen())


async def offered(person: Person, text: str) -> tuple[list[str], str]:
    """The titles of what is offered, and what stands on the button above them; to this person alone, and not kept."""
    query = await person.inline(text)
    answer = await query.answer()
    assert (answer["cache_time"], answer["is_personal"]) == (0, True)
    return [result["title"] for result in answer["results"]], await query.said()


async def asked_in_private(person: Person, posted: Message) -> Message:
    """A press on Pay, and the question that follows."""
    person.skip()
    answer = await (await person.press(posted, 0)).answer()
    assert "asked you in private" in answer.text
    return await person.wait(lambda message: bool(message.buttons))


def code_of(posted: Message) -> str:
    """The code of the request behind a card."""
    [data] = [button.value for row in posted.buttons for button in row if button.value.startswith("pay:")]
    return data.removeprefix("pay:")

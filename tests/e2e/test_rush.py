"""Under Telegram's limits, kept by the bot itself: a rush is told; how soon, `python -m tests.bench.rush` measures."""

from pathlib import Path

from tests.bench.rush import GROUP_ID, rush
from tests.e2e.world import bot_world

PEOPLE, PAYMENTS, SECONDS = 20, 20, 1.0


async def test_a_rush_in_a_group_is_told_and_hardly_ever_refused(tmp_path: Path) -> None:
    async with bot_world(tmp_path, TELEGRAM_LIMITS="on", WELCOME_CREDIT="5") as world:
        people = [await world.stranger(f"P{number}") for number in range(PEOPLE)]
        for person in people:
            await person.start()
        for person in people:
            for _ in ("the answer", "the notice of the welcome"):  # in any order
                await person.next()
        group = world.box.group(GROUP_ID, "Festival", members=people)
        figures = await rush(world.box, people, group, payments=PAYMENTS, seconds=SECONDS)
        assert figures.refused_share < 0.01
        said = [message for message in group.messages if message.from_bot]
        assert 0 < len(said) < PAYMENTS  # the others are asked in private, and it is said why
        assert any("so I answer you here" in _first(person.private.messages) for person in people)
        assert await world.transfers() == PEOPLE + PAYMENTS


def _first(messages: list) -> str:  # type: ignore[type-arg]
    """All that the messages say, or said before they were changed."""
    return " ".join(raw.get("text", "") for message in messages for raw in (*message.edits, message.raw))

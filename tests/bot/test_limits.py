"""What can never be paid is not asked for, and the amount that is said answers the newest question."""

from pathlib import Path

from bot.sandbox import Sandbox
from tests.bot.club import Club, running, settings_for


async def test_a_request_above_the_limit_of_one_payment_is_refused_at_the_asking(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path, transfer_max="100")):
        club = Club(box)
        await club.begin()
        refused = await club.said(club.bob, "/request 250")
        assert "more than one payment may be" in refused.words and "100.00 EUR" in refused.words
        assert refused.photo_bytes is None and not refused.buttons
        assert "asks for 100.00 EUR" in (await club.said(club.bob, "/request 100")).words


async def test_limits_and_pins_are_read_as_people_write_them(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = Club(box)
        await club.begin()
        for text, why in (
            ("/limits 50/day", "A day: at most 50.00 EUR"),
            ("/limits 45 EUR/day", "A day: at most 45.00 EUR"),
            ("/limits off/day", "No limit of your own from"),
            ("/limits 20/payment", "A payment: at most 20.00 EUR"),
            ("/limits ١٠ a day", "A day: at most 10.00 EUR"),
            ("/limits ٠ a day", "smallest limit is 0.01 EUR"),
            ("/limits 5/", "“5/”"),
            ("/limits /day", "“/day”"),
            ("/limits 5", "Like this: /limits 50 a day"),
            ("/limits 5 a day x", "Like this: /limits 50 a day"),
            ("/limits 5 a day and a payment", "Like this: /limits 50 a day"),
            ("/limit 50 a day", "Like this: /limit @bob 50 a day"),
            ("/limit @bob 50", "Like this: /limit @bob 50 a day"),
            ("/limit @bob 0 a day", "/freeze @bob lets nothing in or out"),
            ("/pin above 0", "Your new PIN, please"),
        ):
            assert why in (await club.said(club.ann, text)).words, text


async def test_off_alone_takes_both_limits_away_and_with_its_span_that_one_and_whose_it_is_is_told(
    tmp_path: Path,
) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = Club(box)
        await club.begin()
        ann, bob = club.ann, club.bob
        payment, day = (
            "A payment: at most 5.00 EUR, set by the operator",
            "A day: at most 50.00 EUR, set by the operator",
        )
        for text, shown, told in (
            ("5 a payment", (payment, "A day: no limit"), "A payment: at most 5.00 EUR, set for you"),
            ("50 a day", (payment, day), "A day: at most 50.00 EUR, set for you"),
            ("off a day", (payment, "A day: no limit"), "A day: no limit"),
            ("50 a day", (payment, day), "A day: at most 50.00 EUR, set for you"),
            ("off", ("A payment: no limit", "A day: no limit"), "A payment: no limit"),
        ):
            bob.skip()
            said = (await club.said(ann, f"/limit @bob {text}")).words
            assert all(line in said for line in shown), (text, said)
            assert "A limit of your wallet has changed" in (await bob.wait(told)).words, text
        assert "A day: no limit" in (await club.said(bob, "/limits")).words


async def test_tomorrow_is_named_only_to_who_can_pay_it_tomorrow(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path, daily_max="50", welcome_credit="200")):
        club = Club(box)
        await club.begin()
        refused, tomorrow = "may pay in one day", "try again tomorrow"
        above = (await club.said(club.ann, "/pay @bob 50.01")).words
        assert refused in above and "At most 50.00 EUR" in above and tomorrow not in above
        await club.said(club.ann, "/limits 40 a day")
        own = (await club.said(club.ann, "/pay @bob 40.01")).words
        assert "your wallet's limit for a day" in own and "At most 40.00 EUR" in own and tomorrow not in own
        asked = await club.said(club.ann, "/pay @bob 30")
        await club.ann.press(asked, "✅")
        await club.ann.see(asked, "Paid 30.00 EUR")
        assert tomorrow in (await club.said(club.ann, "/pay @bob 40")).words
        assert tomorrow not in (await club.said(club.ann, "/pay @bob 60")).words


async def test_the_amount_answers_the_newest_question(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = Club(box)
        await club.begin()
        posted = await club.said(club.bob, "/request any cake")
        code = posted.words.partition("start=r_")[2].split()[0]
        for text in ("/pay @bob", f"/pay r_{code}"):
            assert "How much" in (await club.said(club.ann, text)).words
        assert "For: cake" in (await club.said(club.ann, "1")).words

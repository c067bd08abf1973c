"""Mutants that no test can tell from the original: file, source line with the kind of change, reason."""

EQUIVALENT: dict[str, dict[str, str]] = {
    "wallet_core/books.py": {
        "issued = -issuer.balance if (issuer := self.issuers.get(payee.currency)) else 0 [number]": "one unit more of what"
        " was issued matters next to 2^63 only, and before the issuer's wallet there is nothing near that",
        'row = WalletRow(wallet_id, owner, kind, currency, 0, floor, 0, "open", None, None, 0, 0) [number]': "spent on the"
        " first or second day of 1970: not today",
        'return character in "\\u200c\\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs") [text]': "an x"
        " more among the joiners, and an x is plain anyway",
        'row = PersonRow(person_id, None, "", self.fresh_code(), self.now_us) [text]': "the name is set a few lines below",
        "problem = AmountProblem.TOO_LARGE if amount.minor > 0 else AmountProblem.NEGATIVE [compare]": "zero has a word of"
        " its own in the next line",
        "problem = AmountProblem.TOO_LARGE if amount.minor > 0 else AmountProblem.NEGATIVE [number]": "an amount of 1 is"
        " never refused",
        "payee=None if payee is None else self.person_view(payee), [false]": "nobody pays the issuer",
        "if not text: [false]": "a shortcut: an empty memo comes out of the rest as it went in",
        "if (row.handle, row.name) != (handle, name): [true]": "a row that has not changed is written as it was",
    },
    "wallet_core/writer.py": {
        'Waiting = tuple[Command[Any], "asyncio.Future[Any]"] [text]': "an annotation",
    },
}

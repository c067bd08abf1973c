"""Mutants that no test can tell from the original: file, source line with the kind of change, reason."""

# fmt: off
EQUIVALENT: dict[str, dict[str, str]] = {
    "wallet_core/ledger/money.py": {
        "return (AmountProblem.AMBIGUOUS if grouped else AmountProblem.NOT_A_NUMBER), 0 [number]":
            "the number beside a problem is not looked at",
        "return AmountProblem.AMBIGUOUS, 0  # 1,000: a thousand, or one? [number]":
            "the number beside a problem is not looked at",
        "return AmountProblem.TOO_PRECISE, 0 [number]":
            "the number beside a problem is not looked at",
        "return AmountProblem.ZERO, 0 [number]":
            "the number beside a problem is not looked at",
        "return AmountProblem.TOO_LARGE, 0 [number]":
            "the number beside a problem is not looked at",
        'if len(fraction) == 3 and len(whole) <= 3 and whole.lstrip("0") and (decimals != 3 or separator == ","): [text]':  # noqa: E501
            "there is no x to strip: only digits get here",
    },
    "wallet_core/ledger/books.py": {
        "issued = -issuer.balance if (issuer := self.issuers.get(payee.currency)) else 0 [number]":
            "one unit more issued matters next to 2^63 only; without an issuer's wallet nothing is near that",
        'row = WalletRow(wallet_id, owner, kind, currency, 0, floor, 0, "open", None, None, 0, 0) [number]':
            "spent on the first or second day of 1970: not today",
        'row = PersonRow(person_id, None, "", self.fresh_code(), language, None, self.now_us) [text]':
            "the name is set a few lines below",
        "problem = AmountProblem.TOO_LARGE if amount.minor > 0 else AmountProblem.NEGATIVE [compare]":
            "zero has a word of its own in the next line",
        "problem = AmountProblem.TOO_LARGE if amount.minor > 0 else AmountProblem.NEGATIVE [number]":
            "an amount of 1 is never refused",
        "payee=None if payee is None else self.person_view(payee), [false]":
            "nobody pays the issuer",
        "if (row.handle, row.name, row.language_said) != (handle, name, language): [true]":
            "a row that has not changed is written as it was",
        "if place is None:  # most have none, and sqlite3 takes five times as long for None as for a number [false]":
            "the same row by a statement of its own, slower",
    },
    "wallet_core/ledger/hashes.py": {
        'return character in "\\u200c\\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs") [text]':
            "an x more among the joiners, and an x is plain anyway",
        "if not text: [false]":
            "a shortcut: an empty memo comes out of the rest as it went in",
    },
    "wallet_core/audit.py": {
        "PORTION = 5_000  # rows at a time: constant memory [number]":
            "a row more at a time",
        "if stray is not None and stray <= 2 * start: [false]":
            "a shortcut: nothing behind such an entry is looked at anyway",
        ".limit(1) [number]":
            "the first row is looked at, however many come",
    },
    "wallet_core/storage/store.py": {
        "if needs.records: [true]":
            "a shortcut: of no kind is anything wanted then",
    },
    "wallet_core/features/limits_asked.py": {
        "(or_(table.c.own.is_(None), table.c.given < table.c.own), table.c.given), [compare]":
            "of two that are the same, either is the least",
    },
    "wallet_core/features/requests_asked.py": {
        "_is_paid = requests.c.payers == func.coalesce(requests.c.payers_max, -1) [number]":
            "no request has fewer payers than none",
        ".where(or_(requests.c.code.is_(None), _before.c.transfer > request_payments.c.transfer)) [compare]":
            "a transfer is noted once",
    },
    "wallet_core/features/refunds_asked.py": {
        ".where(_back.c.refunds.is_not(None)) [less0]":
            "a shortcut: nothing is joined to what refunds nothing",
        "_first.c.id >= _back.c.id, [compare]":
            "a transfer that refunds itself goes from a wallet to that wallet: the kernel's own check",
        'and_(_first.c.kind.not_in(sorted(ISSUED)), func.coalesce(_giver.c.owner, "") != refunds.c.person), [text]':
            "nobody is called either",
    },
    "wallet_core/features/tips_asked.py": {
        "_before.c.transfer > tips.c.transfer, [compare]":
            "a transfer is noted once",
        "tipped.c.tips != func.coalesce(_counted.c.n, 0), [number]":
            "of none at all the next line says the same",
        "tipped.c.tips != func.coalesce(_counted.c.last, 0), [number]":
            "of none at all the line before says the same",
    },
    "wallet_core/features/history.py": {
        "if (delta < 0) != (self.kind is HistoryKind.OUT): [number]":
            "nobody moves nothing",
        "return False [none]":
            "whoever filters takes None for False",
    },
    "wallet_core/features/intents.py": {
        "return sha256(repr((payer, to, amount and (amount.minor, amount.currency.code), memo)).encode())"
        ".hexdigest()[:32] [number]":
            "a digit more of the hash says the same",
        'wish = wish_of(self.payer, "answer", self.amount, "") [text]':
            "a repeat is compared with what the same line wrote",
    },
    "wallet_core/features/transfers.py": {
        "debit=issuer.id if issuer else 0, [number]":
            "a repeat in a currency that nobody issued is of another amount anyway",
    },
    "wallet_core/storage/writer.py": {
        "reason = failure.reason if isinstance(failure, CoreStopped) else str(failure.__cause__) [false]":
            "what stops the core is raised from the driver's error, and the reason is the text of that",
        "if self._settled: [true]":
            "telling the callers of no batch is nothing",
        "if oldest is not None and oldest is self._overdue: [true]":
            "who is told a tick earlier is told after the commit all the same: it takes time from the next batch",
        "if oldest is not None and oldest is self._overdue: [andor]":
            "who is told a tick earlier is told after the commit all the same: it takes time from the next batch",
        "if oldest is not None and oldest is self._overdue: [compare]":
            "who is told a tick earlier is told after the commit all the same: it takes time from the next batch",
        "for (_, future), outcome in zip(batch, outcomes, strict=True): [bool]":
            "the store gives an outcome for each command",
        'Waiting = tuple[Command[Any], "asyncio.Future[Any]"] [text]':
            "an annotation",
    },
}
# fmt: on

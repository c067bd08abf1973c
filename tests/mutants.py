"""Mutants that no test can tell from the original: file, source line with the kind of change, reason."""

EQUIVALENT: dict[str, dict[str, str]] = {
    "wallet_core/books.py": {
        "if not text: [false]": "a shortcut: an empty memo comes out of the rest as it went in",
        "if (row.handle, row.name) != (handle, name): [true]": "a row that has not changed is written as it was",
    },
    "wallet_core/writer.py": {
        'Waiting = tuple[Command[Any], "asyncio.Future[Any]"] [text]': "an annotation",
    },
}

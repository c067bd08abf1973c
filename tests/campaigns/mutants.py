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
        'row = PersonRow(person_id, None, "", self.fresh_code(), language, None) [text]':
            "the name is set a few lines below",
        "problem = AmountProblem.TOO_LARGE if amount.minor > 0 else AmountProblem.NEGATIVE [compare]":
            "zero has a word of its own in the next line",
        "problem = AmountProblem.TOO_LARGE if amount.minor > 0 else AmountProblem.NEGATIVE [number]":
            "an amount of 1 is never refused",
        "if (row.handle, row.name, row.language_said) != (handle, name, language): [true]":
            "a row that has not changed is written as it was",
        "if place is None:  # most have none, and sqlite3 takes five times as long for None as for a number [false]":
            "the same row by a statement of its own, slower",
        "if refunds is not None: [true]":
            "the same row by a statement of its own, slower",
    },
    "wallet_core/ledger/loaded.py": {
        "_SHOW = Statement(insert_once(places, key=_PLACE[0], replaced=_PLACE[1:]), columns=_PLACE) [number]":
            "a place is in one chat for good",
        '.where(_newer.c.kind == param("at_kind"), _newer.c.subject == param("at_subject"), _newer.c.place != param("at")) [less0]':  # noqa: E501
            "no two things have one code",
        "FORGOTTEN_AT_ONCE = 10  # old places of one thing, whenever it is shown in one more [number]":
            "an old one more at a time",
        "AT_ONCE = 0  # when something is due: not the time of now, which a clock that is put back would wait for [number]":  # noqa: E501
            "the second microsecond of 1970 is as long ago as the first",
        '.where(places.c.kind == param("at_kind"), places.c.subject == param("at_subject")) [less0]':
            "no two things have one code",
        "self.is_limited = rules.transfer_max_minor > 0 or rules.daily_max_minor > 0 [compare]":
            "a shortcut: without a limit none is found",
        "if key not in self.changes.records_new[kind]: [true]":
            "a row that is new is written as it is, and once more",
        '"due_at": due_at, "told_at": 0, "attempts": 0, "lapses_at": lapses_at, [number]':
            "the second microsecond of 1970 is as long ago as the first; of attempts a test knows",
    },
    "wallet_core/ledger/records.py": {
        "self.statement = Statement(select(of, counted).where(one_of(of), where).group_by(of)) [less0]":
            "more is counted than is needed",
        "return Statement(found.with_for_update(key_share=True, of=table))  # FOR NO KEY UPDATE [bool]":
            "another's foreign keys wait for this batch: only the time tells",
        "is_rare: bool = False, [bool]":
            "a shortcut: whether there is any is asked first",
        'statement = Statement(update(kind.table).where(kind.table.c[key] == param("at")), columns=changed) [text]':
            "it is given by its place",
    },
    "wallet_core/ledger/payments.py": {
        "payer=None if payer[0] is None else person_of(payer), [number]":
            "somebody has an id and a name, nobody neither",
        "payee=None if payee[0] is None else person_of(payee), [number]":
            "somebody has an id and a name, nobody neither",
    },
    "wallet_core/ledger/rows.py": {
        "if TYPE_CHECKING: [false]":
            "an annotation",
        "place: int = 0, [number]":
            "whoever is written is told its place first",
        'WalletId(0), payer.owner, WalletKind.ESCROW.value, payer.currency, 0, 0, 0, "open", None, None, 0, 0 [number]':
            "of who is paid the currency and the state are looked at, and whether a sum near 2^63 becomes more",
        "self.welcomes = False  # the issuer of the rules' currency [bool]":
            "more is loaded than is needed",
        "self.wallets_new = 0  # how many are opened, beside those of `issuers` and `welcomes` [number]":
            "a number more is kept ready",
    },
    "wallet_core/ledger/hashes.py": {
        'return character in "\\u200c\\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs") [text]':
            "an x more among the joiners, and an x is plain anyway",
        "if not text: [false]":
            "a shortcut: an empty memo comes out of the rest as it went in",
    },
    "wallet_core/audit.py": {
        "_END = Statement(select(func.coalesce(func.max(transfers.c.id), 0))) [number]":
            "up to the first transfer is as little as up to none, where there is none",
        '.where(transfers.c.id > param("start"), transfers.c.id <= param("end")) [less1]':
            "what has come since is read sooner",
        "PORTION = 5_000  # rows at a time: constant memory [number]":
            "a row more at a time",
        "if stray is not None and stray <= 2 * row[0]: [compare]":
            "an entry without a transfer is of none that is read",
        "stray = stray or await self._one(_STRAY_ENTRY, start=2 * start) [operator]":
            "looks from further back, where there was none before",
        "if row[6] is not None and row[6] > 2 * self._start: [number]":
            "a wallet has both, a last entry and its hash, or neither: it was checked above",
        ".limit(1) [number]":
            "the first row is looked at, however many come",
    },
    "wallet_core/storage/store.py": {
        "last = rank [drop]":
            "what no test can break: the order of the tables is the same for all",
        "far, lately = self._newest_row - GATHERED_ROWS, 2 * (self._next_transfer - 1) - LATELY_ENTRIES [number]":
            "two entries more or less of 100,000: where a row lies, not what it says",
        "if needs.records: [true]":
            "a shortcut: of no kind is anything wanted then",
        "cursor.close()  # a statement that is not finished keeps the file open [drop]":
            "Python closes what nobody has any more, as soon as the batch is done",
        "if needs.wallets: [true]":
            "a shortcut: of none at all none is found",
        "if needs.welcomes: [true]":
            "the issuer's wallet is loaded where nobody needs it",
        "for kind, is_there in zip(rare(), any_of, strict=True): [drop]":
            "a shortcut: of a kind of which there is none, none is found",
        "for kind, is_there in zip(rare(), any_of, strict=True): [bool]":
            "one statement asks for as many kinds as there are",
        "if not is_there: [false]":
            "a shortcut: of a kind of which there is none, none is found",
        "needs.records.pop(kind.row, None) [drop]":
            "a shortcut: of a kind of which there is none, none is found",
        "if changes.people_new or changes.people: [true]":
            "a shortcut: nothing is written of nobody",
        "if changes.records_new or changes.records: [true]":
            "a shortcut: of no kind is anything written",
        "if rows: [true]":
            "a shortcut: no rows are written",
        "if not values: [false]":
            "a shortcut: of none at all none is found",
        "if wallets: [true]":
            "a shortcut: nothing is gathered",
        "if cause is not None: [true]":
            "a shortcut: what was told before is counted where nobody asks for it",
        "last = -1 [number]":
            "what no test can break: the order of the tables is the same for all",
        "self.has_written = False  # in the batch that was run last [drop]":
            "each batch says so anew, before anybody asks",
        "self.has_written = False  # in the batch that was run last [bool]":
            "each batch says so anew, before anybody asks",
        "self._next_transfer = self._next_wallet = self._newest_row = 0  # on SQLite, as a batch begins [drop]":
            "each batch finds them anew, before it needs them",
        "self._next_transfer = self._next_wallet = self._newest_row = 0  # on SQLite, as a batch begins [number]":
            "each batch finds them anew, before it needs them",
        "far, lately = self._newest_row - GATHERED_ROWS, 2 * (self._next_transfer - 1) - LATELY_ENTRIES [operator]":
            "where a row lies: when it is brought to the others, not what it says",
        "for wallet, (place, _) in zip(wallets, moves, strict=True): [bool]":
            "each wallet has its move",
        "LATELY_ENTRIES = 2_000 [number]":
            "where a row lies: when it is brought to the others, not what it says",
        "GATHERED_ROWS = 20_000 [number]":
            "where a row lies: when it is brought to the others, not what it says",
        "first = cursor.fetchall()[0][0] + 1 [number]":
            "where a row lies: a place further on",
        "if self._database != SQLITE and (needs.owners or needs.issuers): [andor]":
            "what is to be locked is named once more",
        "if self._database != SQLITE and (needs.owners or needs.issuers): [false]":
            "the next statements lock the same, one by one: two that wait for each other are tried again",
        "cursor.execute(text.sql, text.values(asked)) [drop]":
            "the next statements lock the same, one by one: two that wait for each other are tried again",
        'if name != "id": [text]':
            "whose id is known is asked for twice, and found once",
        'if name != "id": [true]':
            "whose id is known is asked for twice, and found once",
        "if changed := changes.wallets.values(): [true]":
            "a shortcut: no rows are changed",
        "statement = kernel.WALLETS_CHANGED if changes.has_floors else kernel.WALLETS_MOVED [true]":
            "a shortcut: a floor that is written as it was",
    },
    "wallet_core/storage/in_rows.py": {
        "ROWS = (64, 8, 1)  # of one statement, most first [number]":
            "so many at a time; that the last is 1 is seen",
        "if end > start: [true]":
            "a shortcut: no rows are written",
        "if end > start: [compare]":
            "a shortcut: no rows are written",
        "for size, sql in _texts(statement) if values else (): [true]":
            "a shortcut: no rows are written",
    },
    "wallet_core/storage/files.py": {
        'with closing(sqlite3.connect(_address(backup), uri=True)) as connection: [bool]':
            "an SQLite that is built to read addresses reads them unasked",
        'with closing(sqlite3.connect(_address(source), uri=True)) as connection: [bool]':
            "an SQLite that is built to read addresses reads them unasked",
        "return self [none]":
            "nobody names what is held",
    },
    "wallet_core/storage/sqlite.py": {
        "STATEMENTS_KEPT = 512  # prepared ones of a connection; sqlite3's own 128 are fewer than the core has [number]":  # noqa: E501
            "how many are kept: only the time tells",
        "BUSY_S = 10  # how long to wait for another process's transaction before saying so [number]":
            "a second more",
        "while True: [true]":
            "the same",
        "dbapi_connection.close() [drop]":
            "Python closes what nobody has any more, once the error is told",
        "cursor.close()  # first: a statement that is not finished keeps its lock beyond the connection [drop]":
            "Python closes what nobody has any more, once the error is told",
        "connection = sqlite3.connect(address, uri=True, cached_statements=STATEMENTS_KEPT) [bool]":
            "an SQLite that is built to read addresses reads them unasked",
        "super().__init__(partial(_reader, file), iter_chunk_size=64) [number]":
            "nobody goes through rows in chunks",
        'self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer") [text]':
            "a name for whoever looks",
        "dbapi_connection.isolation_level = None  # the driver leaves BEGIN to us [drop]":
            "the driver begins none where one has begun, and whatever changes rows is in one of ours",
        'cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged transfer survives a power cut (G6) [drop]':
            "it is SQLite's own default, unless it is built with another",
        'cursor.execute("PRAGMA busy_timeout=5000") [drop]':
            "the driver waits as long by itself",
        "if time.monotonic() > give_up: [compare]":
            "a moment more",
        "time.sleep(BUSY_PAUSE_S * (1 + random.random())) [operator]":
            "a pause of chance, as before",
        "time.sleep(BUSY_PAUSE_S * (1 + random.random())) [number]":
            "a pause of chance, as before",
        '_set(self._writing(), "foreign_keys=OFF")  # outside of a transaction, or SQLite ignores it [text]':
            "whatever is no word for on is off",
    },
    "wallet_core/storage/upgrade.py": {
        'file = Path(database.url.database or "") if database.name == SQLITE else None [text]':
            "there always is a file: see address.py",
    },
    "wallet_core/storage/database.py": {
        "READERS_MAX = 4  # connections that read at the same time [number]":
            "how many read at once: only the time tells",
        "raise NotImplementedError [drop]":
            "nobody calls what each database says in its own way",
    },
    "wallet_core/storage/compiled.py": {
        'SQLITE, POSTGRESQL = "sqlite", "postgresql" [text]':
            "a name that is used here alone",
        "if known is None: [true]":
            "a text that is made again is the same",
        'made.statement_compiler = type("Compiler", (_Inline, made.statement_compiler), {}) [text]':
            "a name for whoever looks",
    },
    "wallet_core/storage/processes.py": {
        "self._id = secrets.token_hex(8) [number]":
            "a name of chance that is longer",
        "self.running = max(1, connection.execute(select(func.count()).where(lately)).scalar() or 0) [number]":
            "there always is a number, and nobody is one at least",
        'connection.execute(text(f"UPDATE {VERSION} SET version_num = version_num")) [drop]':
            "who looks at the same moment: what nobody can make happen on purpose",
    },
    "wallet_core/storage/together.py": {
        "if not (added or changed): [false]":
            "a statement of nothing",
        "if not (added or changed): [andor]":
            "what changes a wallet is a transfer, which is added",
        "return zip(*values, strict=True) [bool]":
            "the rows of one table have as many columns each",
    },
    "wallet_core/storage/server.py": {
        "WHO_WAITS = \"SELECT current_setting('synchronous_standby_names')\" [text]":
            "what stands behind is a name for the column",
        "WAITS = \"SELECT current_setting('synchronous_commit')\" [text]":
            "what stands behind is a name for the column",
        'PID = "SELECT pg_backend_pid()" [text]':
            "what stands behind is a name for the column",
    },
    "wallet_core/storage/statements.py": {
        "inherit_cache = True [bool]":
            "how often SQLAlchemy makes a text: only the time tells",
        'PEOPLE_LET_GO = Statement(update(people).values(handle=null(), handle_key=null()).where(people.c.id == param("at"))) [text]':  # noqa: E501
            "it is given by its place",
        'update(people).where(people.c.id == param("at")), [text]':
            "it is given by its place",
        'WALLETS_CHANGED = Statement(update(wallets).where(_Place() == param("at")), columns=WALLETS_CHANGED_NAMES) [text]':  # noqa: E501
            "it is given by its place",
        'name = "place" [text]':
            "nobody calls it by its name",
        ".where(one_of(transfers.c.id)) [less0]":
            "more is loaded than is needed",
        "POSTGRESQL: {name: Statement(select(*_PERSON_COLUMNS).where(one_of(column))) for name, column in _ways.items()}, [less0]":  # noqa: E501
            "more is loaded than is needed",
        "POSTGRESQL: Statement(_receipts.select_from(_moved).where(one_of(transfers.c.key))), [less0]":
            "more is loaded than is needed",
        "found = select(*WALLET_COLUMNS, _Place()).where(condition, *more).order_by(wallets.c.id) [less0]":
            "more is loaded than is needed",
        "or_( [less0]":
            "the next statements lock the same, one by one: two that wait for each other are tried again",
        'one_of(wallets.c.id, "ids"), [less0]':
            "the next statements lock the same, one by one: two that wait for each other are tried again",
        'and_(wallets.c.kind == WalletKind.PERSON.value, one_of(wallets.c.owner, "owners")), [less0]':
            "more is locked, or the next statements lock it: two that wait for each other are tried again",
        'and_(wallets.c.kind == WalletKind.PERSON.value, one_of(wallets.c.owner, "owners")), [less1]':
            "more is locked, or the next statements lock it: two that wait for each other are tried again",
        'and_(wallets.c.kind == WalletKind.PERSON.value, one_of(wallets.c.owner, "owners")), [compare]':
            "more is locked, or the next statements lock it: two that wait for each other are tried again",
        'and_(wallets.c.kind == WalletKind.ISSUER.value, one_of(wallets.c.currency, "issuers")), [less0]':
            "more is locked, or the next statements lock it: two that wait for each other are tried again",
        'and_(wallets.c.kind == WalletKind.ISSUER.value, one_of(wallets.c.currency, "issuers")), [less1]':
            "more is locked, or the next statements lock it: two that wait for each other are tried again",
        'and_(wallets.c.kind == WalletKind.ISSUER.value, one_of(wallets.c.currency, "issuers")), [less2]':
            "more is locked, or the next statements lock it: two that wait for each other are tried again",
        'and_(wallets.c.kind == WalletKind.ISSUER.value, one_of(wallets.c.currency, "issuers")), [compare]':
            "more is locked, or the next statements lock it: two that wait for each other are tried again",
        ".with_for_update(key_share=True) [bool]":
            "another's foreign keys wait for this batch: only the time tells",
        "return Statement(found.with_for_update(key_share=True, of=wallets)) [bool]":
            "another's foreign keys wait for this batch: only the time tells",
    },
    "wallet_core/storage/postgresql.py": {
        "STATEMENTS_KEPT = 512  # prepared ones of a connection; asyncpg's own 100 are fewer than the core has [number]":  # noqa: E501
            "how many are kept: only the time tells",
        "STATEMENT_BYTES_MAX = 65_536  # a text that is longer is not kept; asyncpg's own limit is below 64 rows of an INSERT [number]":  # noqa: E501
            "how many are kept: only the time tells",
        'raise AssertionError("unreachable") [drop]':
            "nobody gets there",
        'raise AssertionError("unreachable") [text]':
            "nobody gets there",
        "pool_size=1, [number]":
            "there never is more than one at a time: the writer's",
        "max_overflow=0, [number]":
            "there never is more than one at a time: the writer's",
        "for attempt in range(1, CONFLICTS_MAX + 1): [number]":
            "the last one raises",
        "return (RIVALS_MAX if _is_rival(error) else 0), math.inf [number]":
            "once is as little as never",
        "await asyncio.sleep(min(RETRY_PAUSE_S * attempt, pause_max_s) * (1 + random.random())) [operator]":
            "a pause of chance, as before",
        "await asyncio.sleep(min(RETRY_PAUSE_S * attempt, pause_max_s) * (1 + random.random())) [number]":
            "a pause of chance, as before",
        "await asyncio.sleep(min(RETRY_PAUSE_S * attempt, pause_max_s) * (1 + random.random())) [drop]":
            "tried again at once, and as often: only the time tells",
        "self._long.discard(connection) [drop]":
            "to end a connection that has ended is nothing",
        "cursor.close() [drop]":
            "Python closes what nobody has any more",
        '"prepared_statement_cache_size": STATEMENTS_KEPT, [text]':
            "how many are kept: only the time tells",
    },
    "wallet_core/features/limits_asked.py": {
        "(or_(table.c.own.is_(None), table.c.given < table.c.own), table.c.given), [compare]":
            "of two that are the same, either is the least",
    },
    "wallet_core/features/acts_audit.py": {
        '_is_closing = func.coalesce(_last_turn.scalar_subquery(), "") == ActKind.CLOSED.value [text]':
            "where nothing was closed or opened, any other word will do",
    },
    "wallet_core/features/gifts_audit.py": {
        "_before.c.transfer > claims.c.transfer, [compare]":
            "a transfer is noted once",
    },
    "wallet_core/features/requests_asked.py": {
        ".limit(1) [number]":
            "the first row is looked at, however many come",
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
    "wallet_core/features/gifts_asked.py": {
        "wallets.c.kind == WalletKind.PERSON.value, [less2]":
            "whoever has money put aside has a wallet, too; the index is found by it",
    },
    "wallet_core/features/moves_asked.py": {
        '_people = [people.alias(f"move_{name}") for name in ("old", "new", "asked_by", "agreed_by", "stopped_by")] [text]':  # noqa: E501
            "what a table is called in a statement's text",
    },
    "wallet_core/features/gifts_claimed.py": {
        'if row.for_handle is not None and row.for_handle.lower() != (self.handle or "").lower(): [text]':
            "nobody is called x: a @name has five letters",
    },
    "wallet_core/features/splits.py": {
        "if row.amount != amounts.get(row.code): [true]":
            "a share that stays as it was is written, and said, as it was",
    },
    "wallet_core/features/bank_asked.py": {
        "HEADS_MAX = 500  # asked for together [number]":
            "one more at a time",
        'return and_(code >= param("head"), code < param("next")) [compare]':
            "no code is its digits of time alone",
        'return base32(next_time_us(head, 0) // 1000).rjust(TIME_DIGITS, "0") [number]':
            "a microsecond more than nothing is before the time of any code; the others of the line are killed",
    },
    "wallet_core/features/keypads_asked.py": {
        "zero = Money(0, read.rules.currency) [number]":
            "its currency alone is looked at",
        "pin = None if row[PERSON_WIDTH] is None else PinRow(*row[PERSON_WIDTH:]) [false]":
            "a row of nothing at all asks for no PIN either",
    },
    "wallet_core/features/picks_asked.py": {
        "LOOKED_BACK_MAX = 200  # entries in which the last people and the usual amounts are looked for [number]":
            "one entry more of somebody's last 200",
        "payment, is_paid = line.payment, line.delta.minor < 0 [compare]":
            "nobody moves nothing",
        "payment, is_paid = line.payment, line.delta.minor < 0 [number]":
            "nobody moves nothing",
    },
    "wallet_core/features/splits_asked.py": {
        ").order_by(None).order_by(case((split_shares.c.person.is_(None), 1), else_=0)) [number]":
            "two is behind nothing as one is; the other of the line is killed",
        'func.sum(case((_of.state == "open", 1), else_=0)).label("open"), [number]':
            "it is asked whether any is open; the other of the line is killed",
    },
    "wallet_core/features/top_ups_asked.py": {
        'transfers.c.created_at.label("at"), withdrawals.c.person.label("person"), [text]':
            "a union's columns are called what its first part calls them",
        '(-withdrawals.c.amount).label("amount"), transfers.c.id.label("transfer"), [text]':
            "a union's columns are called what its first part calls them",
        '_moved = union_all(_took, _gave).subquery("moved") [text]':
            "a name within the statement",
        'withdrawals.c.ended_by == param("person"), withdrawals.c.state == "done", [less1]':
            "a shortcut: only what is done has a transfer of that key",
        "_total(case((_moved.c.amount > 0, _moved.c.amount), else_=0)), [compare]":
            "nobody moves nothing",
        "_total(case((_moved.c.amount < 0, -_moved.c.amount), else_=0)), [compare]":
            "nobody moves nothing",
        "_total(case((_moved.c.amount < 0, -_moved.c.amount), else_=0)), [number]":
            "less than one is nothing or less; the other of the line is killed",
    },
    "wallet_core/features/withdrawals_asked.py": {
        'withdrawals.c.state.in_(["open", "held", "sent"]), [text]':
            "of those that are open none is wanted, the index alone names them; the others of the line are killed",
    },
    "wallet_core/features/tips_asked.py": {
        "_before.c.transfer > tips.c.transfer, [compare]":
            "a transfer is noted once",
        "tipped.c.tips != func.coalesce(_counted.c.n, 0), [less0]":
            "of none at all the next line says the same",
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
        "for (_, future, _), outcome in zip(batch, outcomes, strict=True): [bool]":
            "the store gives an outcome for each command",
        'Waiting = tuple[Command[Any], "asyncio.Future[Any]", str | None] [text]':
            "an annotation",
    },
    "bot/transport/webhook.py": {
        "one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1) [number]":
            "2 is as true",
        "one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1) [number]":
            "2 is as true",
        "if error.errno == errno.EADDRINUSE: [false]":
            "a shortcut: the other address is tried in vain, but where the machine has none of that kind",
        "if error.errno == errno.EADDRINUSE: [compare]":
            "as before: who goes on or not after another error",
        "if error.errno == errno.EADDRINUSE: [true]":
            "as before",
        "failure = error [drop]":
            "only a machine without one kind of address gets here, and has the other",
        "PATH_SHOWN = 100 [number]":
            "one letter more of a wrong path",
        'given = request.headers.get(SECRET_HEADER, "") [text]':
            "nobody's secret is x",
        "access_log=False, [bool]":
            "log.py lets nothing of uvicorn's through that is no warning",
        "timeout_graceful_shutdown=5, [number]":
            "a second more",
    },
    "bot/transport/lanes.py": {
        "if queue: [true]":
            "a lane in which nothing waits is over at once, and what comes meanwhile is done in it",
    },
    "bot/transport/feed.py": {
        "DONE_KEPT_MAX = 20_000  # update ids remembered, so that a repeat is not processed again [number]":
            "one more is remembered of what Telegram repeats the newest hundred of; a test has 3 in its place",
        "return False [none]":
            "only looked at for whether it is true",
        "return person.id if person else 0 [number]":
            "nobody's number; Telegram's own begin far above",
        'lane: Hashable = ("urgent", number) if is_urgent(update) else person [text]':
            "a name of its own in any case",
        'self._lanes.put(("told", who), lambda: self._work(update, self._refuse)) [text]':
            "a name of its own in any case",
    },
    "bot/transport/notifier.py": {
        "return SLEEP_MAX_S  # settling wakes us [none]":
            "what is in hand is settled within that, and wakes us",
        "return 0.0 if claimed else PAUSE_S if besides - in_hand else DELAY_S  # another process was faster [false]":
            "whoever has claimed something has written, and every commit wakes us",
        "if wait_s > 0 or self._stopping: [compare]":
            "a pause that is over at this very moment: postponed by nothing, or told at once",
    },
    "bot/transport/patience.py": {
        "NO_WAITING = -1  # not now: never [number]":
            "a sign, which nobody says in another way",
        "RECEIPT, LIVE, ANNOUNCEMENT = 1, 2, 3 [number]":
            "signs, which nobody says in another way; two that are the same are told apart by a test",
        '_ROOM: ContextVar[_Room | None] = ContextVar("room", default=None) [text]':
            "a name for whoever looks at it",
        "while True: [true]":
            "so it is",
        "return False [none]":
            "only looked at for whether it is true",
        "if not len(self.pace): [false]":
            "a shortcut: where no chat is known nothing waits",
        "is_too_late = answering is None and now + wait_s > latest [compare]":
            "whose turn comes at the last moment gives up then, or waits for no time and gives up",
        "if rate_limit_args is not None or until > latest: [compare]":
            "a pause that ends at the last moment: it is raised, or waited for until then and raised",
    },
    "bot/words/links.py": {
        'match = _CALLBACK.fullmatch(data or "") [text]':
            "one letter is no callback data either",
        'match = _PLACE.fullmatch(text or "") [text]':
            "one letter is no place either",
        'if (to_come := _TO_COME.fullmatch(text or "")) is not None: [text]':
            "one letter is no place either",
        'name = match["name"] or match["host_name"] or _first(_NAME, parameters.get("domain", "")) [text]':
            "one letter is no name either",
    },
    "bot/handlers/arguments.py": {
        'text = (message.text or "").encode("utf-16-le") [text]':
            "the first word is the command's, and dropped",
        "position = 0 [number]":
            "the first letter is the command's, and dropped",
        "behind = parts[count + 1 :] if parts[count : count + 1] and means(Typed.JOINING, parts[count])"
        " else parts[count:] [number]":
            "two words or one: there is one",
    },
    "bot/handlers/intents.py": {
        "continue [drop]":
            "what the books keep as a place can be read",
        "if place is None: [false]":
            "what the books keep as a place can be read",
        "if intent.amount is None or intent.state is not IntentState.OPEN: [andor]":
            "an open question has its amount, and of any other nobody looks at the hints",
        "return Hints() [none]":
            "of a question that is not open nobody looks at the hints",
        "ConfirmIntent(code=code, person=person_of(update), place=str(place) if place else None) [true]":
            "what cannot be read as a place is none",
    },
    "bot/handlers/issue_lines.py": {
        'raise ListUnreadable((MisreadLine(0, LineFlaw.NOT_TEXT, ""),)) from None [number]':
            "of a whole file no line is named",
        'raise ListUnreadable((MisreadLine(0, LineFlaw.NOT_TEXT, ""),)) from None [text]':
            "of a whole file no text is shown",
        'return MisreadLine(line, LineFlaw.COLUMNS, "") [text]':
            "of a line with other columns no text is shown",
    },
    "bot/handlers/issue_lists.py": {
        'if len((message.text or "").strip().splitlines()) > 1 and not words_of_first(message): [text]':
            "a command has a text",
        'return read_lines(message.text or "", unit), "" [text]':
            "a command has a text; the other text of the line is killed",
        'return (message.text or "").strip().splitlines()[0].split()[1:] [text]':
            "a command has a text",
        'document, caption = message_of(update).document, message_of(update).caption or "" [text]':
            "it is known by its caption",
        "if (document.file_size or 0) > FILE_BYTES_MAX: [number]":
            "a byte is not too much either",
    },
    "bot/handlers/issues.py": {
        "payment = await core.ask(PaymentByKey(code)) if issuing.state is IssueState.ISSUED else None [true]":
            "a shortcut: there is none under the key of what was not issued",
    },
    "bot/handlers/limits.py": {
        'most, spans = read_limit(said, context.settings.currency, command="limits") [text]':
            "the words ask whether it is the other command",
    },
    "bot/handlers/pins.py": {
        'text = message_of(update).text or "" [text]':
            "it is asked of messages that have a text",
    },
    "bot/handlers/picks.py": {
        'await answer(update, context, ask_words.told(asked) or "", home.keyboard()) [text]':
            "a request that was put to somebody names them, and of that there is something to tell",
        'text, key = message.text or "", key_of(message) [text]':
            "words are the text of a message that has one",
        "return False [none]":
            "only looked at for whether it is true",
    },
    "bot/handlers/bank.py": {
        "likely = await core.ask(TopUpsOfAmount(gateway=BANK, amount=line.amount)) if line.state is LineState.OPEN else () [true]":  # noqa: E501
            "a shortcut: what is not open has no buttons",
    },
    "bot/handlers/blocks.py": {
        "wish = BlockAsker(code=code, person=person_of(update), place=str(place) if place else None) [true]":
            "no place of that name is kept or read",
    },
    "bot/handlers/receipts.py": {
        "at = next((at for at, word in enumerate(line) if receipt_code_in(word) == code), 0) [number]":
            "only a line in which the code is one word is looked at",
        'said = [line.split() for line in (message.text or "").splitlines()] [text]':
            "a command has words",
        'is_pasted = any(":" in word for word in line[: at + 1])  # `Receipt: CODE` [number]':
            "a word with a colon behind the code is no amount, pasted or not",
    },
    "bot/handlers/scan.py": {
        'if not (document.mime_type or "image/").startswith(("image/", "application/octet-stream")): [text]':
            "it begins the same",
        "first = words.split(maxsplit=1)[:1] [number]":
            "the first of them is looked at",
        'handle = handle_in((message.text or "").strip()) [text]':
            "only words get here",
        'words = message.text or "" [text]':
            "only words get here",
        "is_newer = asked_until is None or (pick.step not in (None, Step.WHOM) and pick.asked_until >= asked_until) [compare]":  # noqa: E501
            "two questions of one person are never asked in the same microsecond",
        "return False [none]":
            "nothing is as untrue",
    },
    "bot/handlers/sharers.py": {
        "if len(words) > 1 and _joins(words[-1]) and _people_in(words[-2], bot_name): [number]":
            "one name and a word that joins were taken off the front",
    },
    "bot/handlers/splits.py": {
        'wish = PayShare(code=said.code, payments=said.number, person=person_of(update), place=str(place) if place else None) [true]':  # noqa: E501
            "no place of that name is kept or read",
        "if str(place) not in places: [true]":
            "a shortcut: placed again it stands as it stood",
        "if share.person is None: [true]":
            "a shortcut: a share that is somebody's stays theirs",
        "return False [none]":
            "nothing is as untrue",
        "reader = await core.ask(PersonById(person_id_of(place.chat_id))) if place.is_private else None [true]":
            "a group is nobody",
    },
    "bot/handlers/splits_managed.py": {
        "return False [none]":
            "nothing is as untrue",
    },
    "bot/handlers/tips.py": {
        "if str(place) not in await context.core.ask(PlacesOf(line)): [true]":
            "a shortcut: placed again it stands as it stood",
    },
    "bot/handlers/withdrawals.py": {
        'return begun.answer == key_of(message) or context.gateways[begun.gateway].is_target(message.text or "") [text]':  # noqa: E501
            "only words get here",
        'return begun.answer == key_of(message) or context.gateways[begun.gateway].is_target(message.text or "") [andor]':  # noqa: E501
            "of no words x or nothing is no target",
    },
    "bot/handlers/requests.py": {
        "if made.payer is not None: [true]":
            "where nobody is named nobody is asked",
        "OPEN_MAX = 1_000  # of one person's, that are listed: more than the core lets them have [number]":
            "one more than more than there can be",
    },
    "bot/handlers/gifts.py": {
        "return str(place) in await context.core.ask(PlacesOf(Subject(GIFT, code))) [none]":
            "a shortcut: what is shown there already is not noted anew",
        "return False [none]":
            "only looked at for whether it is true",
    },
    "bot/handlers/top_ups.py": {
        "raise no_way(update, context) [drop]":
            "with no way at all the steps behind it raise the same",
        'gateway = ways[0] if ways else "" [text]':
            "no gateway has either name",
        'gateway = ways[0] if ways else "" [true]':
            "there is one, which was looked at before, and each of them takes money in",
    },
    "bot/handlers/acts.py": {
        "of = None if beside.of is None else await context.core.ask(PersonById(beside.of)) [false]":
            "nobody has no number",
    },
    "bot/handlers/choices.py": {
        "if is_private(update): [true]":
            "saves a row: /cancel looks for the list in somebody's own chat alone",
    },
    "bot/handlers/home.py": {
        'return is_own_words(message) and words.pressed(message.text or "") is not None [text]':
            "one letter is no button either",
        'action = words.pressed(message_of(update).text or "") [text]':
            "what gets here has words",
    },
    "bot/handlers/inline.py": {
        'said = refusal(card.cannot_give, seen) or "" [text]':
            "each refusal has its words",
    },
    "bot/handlers/help.py": {
        'text = message.text or message.caption or "" [text]':
            "one letter is no command either",
    },
    "bot/handlers/history.py": {
        'user, handle = said[0].user, handle_in(said[0].text) or "" [text]':
            "without a @name there is a user, and nobody looks at it",
        "wanted = Wanted(other=other.id if other else None, kind=view.kind, words=view.words) if view.is_narrow else None [true]":  # noqa: E501
            "a shortcut: where nothing is named, all is wanted",
    },
    "bot/handlers/announcements.py": {
        'text = "".join((message.text or "").split(maxsplit=1)[1:])  # its own lines stay [text]':
            "one piece is joined with nothing, and one letter alone is the command's",
    },
    "bot/handlers/frozen.py": {
        'whose, reason = await _whose(said, context, command="freeze"), memo_of(said) [text]':
            "the words ask whether it is the other command",
    },
    "bot/handlers/refunds.py": {
        'paid = await core.ask(PaymentByKey(code)) if asked.state is RefundState.PAID else None [true]':
            "a shortcut: there is none under the key of what was not given back",
        'wish = ConfirmRefund(code=code, person=person_of(update), place=str(place) if place else None) [true]':
            "no place of that name is kept or read",
    },
    "bot/handlers/statements.py": {
        'shown = buttons.within(chosen.days[0], date(buttons.YEAR_FIRST, 1, 1), today) [number]':
            "the second of the month is in the month that is shown; the other numbers of the line are killed",
    },
    "bot/handlers/gateways.py": {
        'reversals, _ = await context.core.ask(ReversalsOpen(gateway=BANK, limit=words.SHOWN_MAX + 1)) [number]':
            "one more than one more than is shown: there are more",
        'open_lines, _ = await context.core.ask(BankLinesOpen(gateway=BANK, limit=words.SHOWN_MAX + 1)) [number]':
            "one more than one more than is shown: there are more",
    },
    "bot/transport/teller.py": {
        'PARKED = "parked" [text]':
            "a name for whoever looks at it",
        "return False [none]":
            "only looked at for whether it is true",
    },
    "bot/transport/rates.py": {
        "NEWS = 4  # an announcement to many [number]":
            "the last of them in any case",
        'FREE = "free"  # not at all, as far as is known: answers to presses, deleting, what is no message [text]':
            "a name for whoever looks at it",
        'CHAT = "chat" [text]':
            "a name for whoever looks at it",
        'GROUP = "group"  # or a channel [text]':
            "a name for whoever looks at it",
    },
    "bot/transport/turns.py": {
        "is_aside: bool = False [bool]":
            "the feed says which it is before it looks",
        "_timer: asyncio.TimerHandle | None = field(default=None, init=False) [bool]":
            "nobody names it",
        'TURN: ContextVar[Turn | None] = ContextVar("turn", default=None) [text]':
            "a name for whoever looks at it",
    },
    "bot/transport/inbox.py": {
        "while True: [true]":
            "so it is",
        "self._asides.add(task) [drop]":
            "the loop may forget a task that nobody holds, but has ended it before that, as far as one can see",
        "await asyncio.gather(*tasks, return_exceptions=True) [drop]":
            "they are cancelled, and over in the loop's next turn",
    },
    "bot/transport/houses.py": {
        "KNOWN_MAX = 10_000  # groups of which it need not be asked again ... [number]":
            "one more",
    },
    "bot/transport/rounds.py": {
        "while True: [true]":
            "so it is",
        "PAGES_MAX = 10_000  # of a gateway's list, at once [number]":
            "one more",
        "if self._read_to is None: [true]":
            "the books say the same again",
        'raise Away("no answer") from None [text]':
            "words for the log",
        "if now_s >= self._list_due_s: [compare]":
            "at that very moment, or at the next look",
        "again = timedelta(seconds=min(AGAIN_MAX_S, AGAIN_S * 2 ** min(withdrawal.attempts, 10))) [number]":
            "5,120 seconds and 10,240 are more than 600; the other number of the line is killed",
    },
    "bot/transport/pace.py": {
        "if among == self._among: [false]":
            "the same rates once more",
        "if not self._is_paced(line.kind): [false]":
            "without limits nothing was said that a window counts; what Telegram does not count has none",
        "return False [none]":
            "only looked at for whether it is true",
        "is_open = not self._is_paced(kind) or (self._overall.next_at() <= now and self._first(self._ready) is None)"
        " [compare]":
            "at that very moment: it stands in line, and is taken at once",
        "for window, rate in zip((*line.windows, line.live), (*rates_of(line.kind), LIVE_IN_GROUP), strict=True): [bool]":  # noqa: E501
            "there are as many of the ones as of the others",
        "ahead = 0 if line is None else sum(other.urgency <= urgency for other in line.waiting) [number]":
            "not looked at where there is no line",
        "return self.rank < other.rank [compare]":
            "no two have the same number",
        "windows = line.windows if self.is_on else () [true]":
            "without limits nothing was said that they count",
        "version: int = 0 [number]":
            "another number in any case",
        "line.version += 1 [operator]":
            "another number in any case",
        "CHAT_WAITING_MAX = 100  # in one chat [number]":
            "one more",
        "WAITING_MAX = 10_000  # in all [number]":
            "one more",
        "CHATS_MAX = 2_000  # known; then those where all is quiet are forgotten [number]":
            "one more",
    },
    "bot/transport/poller.py": {
        "return False [none]":
            "only looked at for whether it is true",
        "self._in_vain = 0  # polls that brought nothing new, one after the other [number]":
            "before the first that brought something nothing is unfinished, and no pause is made",
        "delay_s = min(30.0, 0.5 * 2 ** min(self._failures, 8)) * random.uniform(0.75, 1.25) [number]":
            "128 seconds and 256 are more than 30",
        "self._timeout_s, self._polls = POLL_TIMEOUT_S, 0  # and polls since it was changed [number]":
            "counted from the first one that was cut: before it none can last longer",
        "slow_s = min(GENTLE_S, SLOW_S * 3 ** min(self._in_vain - 1, 8)) [number]":
            "32 seconds and 98 are more than 0.1; the others of the line are killed",
        "await wait(self._feed.stopping, min(HASTY_PAUSE_MAX_S, GENTLE_S * 2 ** min(self._hasty - 1, 8))) [number]":
            "25 seconds and 51 are more than 2; the others of the line are killed",
        "if not isinstance(error, NetworkError) or not HELD_S <= held_s < self._timeout_s: [compare1]":
            "broken off at the very moment at which it ends by itself",
        "elif now - self._full_since >= SHED_S: [compare]":
            "full for just so long: made room in now, or a moment later",
    },
}
# fmt: on

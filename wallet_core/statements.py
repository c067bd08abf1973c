"""The statements with which the store loads and writes, as templates for both databases (`Dialect.sql`)."""

from __future__ import annotations

WALLET_COLUMNS = "id, owner, kind, currency, balance, floor, version, state, last_entry, head, spent_on, spent"
PERSON_COLUMNS = "id, handle, name, code, created_at, language, language_chosen"
REQUEST_COLUMNS = "code, key, payee, currency, amount, memo, payers_max, payers, state, place, created_at, expires_at"
INTENT_COLUMNS = (
    "code, key, wish, payer, payee, currency, amount, memo, request, state, transfer, created_at, expires_at"
)

SELECTS = {
    "transfers": "SELECT t.id, t.key, t.debit, t.credit, t.amount, t.currency, t.kind, t.memo, t.created_at, e.hash,"
    " p.request FROM transfers t JOIN entries e ON e.id = 2 * t.id LEFT JOIN request_payments p ON p.transfer = t.id"
    " WHERE t.key {many:TEXT}",
    "intents": f"SELECT {INTENT_COLUMNS} FROM intents WHERE code {{many:TEXT}} ORDER BY code {{lock}}",
    "intents_by_key": f"SELECT {INTENT_COLUMNS} FROM intents WHERE key {{many:TEXT}} ORDER BY code {{lock}}",
    "intents_waiting": f"SELECT {INTENT_COLUMNS} FROM intents WHERE payer {{many:TEXT}} AND state IN ('asking', 'open')"
    " ORDER BY code {lock}",
    "requests": f"SELECT {REQUEST_COLUMNS} FROM payment_requests WHERE code {{many:TEXT}} ORDER BY code {{lock}}",
    "requests_by_key": f"SELECT {REQUEST_COLUMNS} FROM payment_requests WHERE key {{many:TEXT}} ORDER BY code {{lock}}",
    "requests_open": "SELECT payee, COUNT(*) FROM payment_requests WHERE payee {many:TEXT} AND state = 'open'"
    " AND expires_at > ? GROUP BY payee",
    "wallets_placed": "SELECT id, {place} FROM wallets WHERE id {many:BIGINT}",
    "newest": "SELECT (SELECT MAX(rowid) FROM wallets), (SELECT MAX(id) FROM entries)",
    "people": f"SELECT {PERSON_COLUMNS} FROM people WHERE id {{many:TEXT}}",
    "people_by_handle": f"SELECT {PERSON_COLUMNS} FROM people WHERE handle_key {{many:TEXT}}",
    "people_by_code": f"SELECT {PERSON_COLUMNS} FROM people WHERE code {{many:TEXT}}",
    "wallets_lock": "SELECT id FROM wallets WHERE id {many:BIGINT} OR (kind = 'person' AND owner {many:TEXT})"
    " OR (kind = 'issuer' AND currency {many:TEXT}) ORDER BY id {lock}",
    "wallets": f"SELECT {WALLET_COLUMNS}, {{place}} FROM wallets WHERE id {{many:BIGINT}} ORDER BY id {{lock}}",
    "wallets_of": f"SELECT {WALLET_COLUMNS}, {{place}} FROM wallets WHERE owner {{many:TEXT}} AND currency = ?"
    " AND kind = 'person' ORDER BY id {lock}",
    "issuers": f"SELECT {WALLET_COLUMNS}, {{place}} FROM wallets WHERE kind = 'issuer' AND currency {{many:TEXT}}"
    " ORDER BY id {lock}",
}

WRITES = {
    "people_new": "INSERT INTO people (id, name, code, created_at) VALUES (?, ?, ?, ?)",
    "people_let_go": "UPDATE people SET handle = NULL, handle_key = NULL WHERE id = ?",
    "people": "UPDATE people SET handle = ?, handle_key = ?, name = ?, language = ?, language_chosen = ? WHERE id = ?",
    "wallets_new": "INSERT INTO wallets (id, owner, kind, currency, balance, floor, version, state, spent_on, spent,"
    " created_at) VALUES (?, ?, ?, ?, 0, ?, 0, ?, 0, 0, ?)",
    "requests_new": f"INSERT INTO payment_requests ({REQUEST_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "wallets": "UPDATE wallets SET balance = ?, floor = ?, version = ?, last_entry = ?, head = ?, spent_on = ?,"
    " spent = ? WHERE {place} = ?",
    "wallets_gathered": "UPDATE wallets SET {place} = ? WHERE {place} = ?",
    "requests": "UPDATE payment_requests SET payers = ?, state = ?, place = ? WHERE code = ?",
    "request_payments": "INSERT INTO request_payments (request, nth, payer, transfer) VALUES (?, ?, ?, ?)",
    "intents_new": f"INSERT INTO intents ({INTENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "intents": "UPDATE intents SET state = ?, transfer = ? WHERE code = ?",
    "outbox_placed": "INSERT INTO outbox (id, recipient, place, due_at, attempts) VALUES (?, ?, ?, 0, 0)",
    "outbox_due": "UPDATE outbox SET due_at = ?, attempts = attempts + ? WHERE id = ?",
    "outbox_done": "DELETE FROM outbox WHERE id = ?",
    "unparked": "UPDATE outbox SET due_at = ? WHERE recipient = ? AND due_at IS NULL",
}

# Tables that every payment adds rows to: their values come one after the other, many rows to a statement. What is not
# named in a row is NULL; an outbox message is due at once and was never tried.
INSERTS = {
    "transfers": ("id, key, debit, credit, currency, amount, kind, memo, created_at", "(?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    "entries": ("id, wallet, version, previous, delta, balance_after, transfer, hash", "(?, ?, ?, ?, ?, ?, ?, ?)"),
    "outbox": ("id, recipient, due_at, attempts", "(?, ?, 0, 0)"),
}
ROWS = (64, 8, 1)  # of one statement: a step for each row costs a third more

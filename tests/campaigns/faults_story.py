"""What people do while calls fail, and what the books hold when all of it is granted, whatever failed."""

from __future__ import annotations

from typing import Any

Wish = dict[str, Any]


def open_wallet(person: str) -> Wish:
    return {"do": "OpenWallet", "person": person, "handle": None, "name": person}


def transfer(payer: int, payee: int, minor: int, key: str) -> Wish:
    return {"do": "Transfer", "payer": payer, "payee": payee, "amount": (minor, "EUR"), "key": key, "memo": ""}


SPLIT: Wish = {"do": "MakeSplit", "asker": "tg:2", "memo": ""}
YEAR_3000 = 32_503_680_000_000_000

PIN: Wish = {"entered": "t2 t4 t6 t8", "salt": b"s" * 16, "hashed": b"h" * 32, "is_weak": False}


def entered(number: int, pad: str) -> tuple[Wish, ...]:
    """Somebody presses four keys, and OK."""
    key = {"code": pad, "person": "tg:2"}
    tokens = enumerate(("t2", "t4", "t6", "t8"))
    presses = tuple({"do": "PressKey", **key, "press": f"{number}.{nth}", "token": token} for nth, token in tokens)
    return (*presses, {"do": "EnterPin", **key, "press": f"{number}.ok", **PIN})


# Each line is one batch. Wallets: tg:1 has 1, tg:2 has 2, the issuer has 3.
TIPPED = {"payer": "tg:1", "payee": "tg:2", "spot": "group:below", "chat": "group", "ask_at": "group:ask"}
STORY: tuple[tuple[Wish, ...], ...] = (
    (open_wallet("tg:1"), open_wallet("tg:2")),
    ({"do": "Issue", "by": "tg:1", "to": ("person", "tg:1"), "amount": (1_000, "EUR"), "key": "issue", "memo": ""},),
    (transfer(1, 2, 300, "a"), transfer(2, 1, 100, "b"), transfer(1, 2, 7, "c")),
    ({"do": "MakeRequest", "payee": "tg:2", "amount": (50, "EUR"), "key": "r", "memo": "", "payers_max": 1},),
    ({"do": "PayRequest", "code": "r", "payer": "tg:1", "key": "d", "amount": None},),
    ({"do": "MakeIntent", "payer": "tg:1", "to": ("person", "tg:2"), "amount": (20, "EUR"), "key": "i", "memo": ""},),
    ({"do": "ConfirmIntent", "code": "i", "person": "tg:1", "place": None},),
    ({"do": "ClaimOutbox", "limit": 100, "lease": 1},),
    ({"do": "MakeRequest", "payee": "tg:2", "amount": (11, "EUR"), "key": "q", "memo": "", "payers_max": None},),
    (
        {"do": "PlaceRequest", "code": "q", "place": "group:1", "chat": "group"},
        {"do": "MakeIntent", "payer": "tg:1", "to": ("request", "q"), "amount": None, "key": "j", "memo": ""},
    ),
    (
        {"do": "PlaceIntent", "code": "j", "place": "tg:1:1", "chat": "tg:1"},
        {"do": "PayRequest", "code": "q", "payer": "tg:1", "key": "e", "amount": None},
    ),
    ({"do": "CancelRequest", "code": "q", "person": "tg:2"},),
    ({"do": "EndRequest", "code": "q"}, {"do": "EndRequest", "code": "r"}),
    ({"do": "ClaimPlaces", "limit": 100, "lease": 1},),
    ({"do": "SettlePlaces", "shown": (), "ended": (), "postponed": ()},),
    (
        {"do": "RefundTransfer", "by": "tg:2", "code": "a", "amount": (30, "EUR"), "key": "f"},
        {"do": "MakeRefund", "by": "tg:2", "code": "d", "amount": None, "key": "g"},
        {"do": "MakeRefund", "by": "tg:1", "code": "issue", "amount": (5, "EUR"), "key": "h"},
    ),
    ({"do": "ConfirmRefund", "code": "g", "person": "tg:2", "place": "tg:2:1"},),
    ({"do": "CancelRefund", "code": "h", "person": "tg:1"},),
    (
        {
            **SPLIT,
            "total": (41, "EUR"),
            "people": (("person", "tg:1"), ("handle", "zoe"), ("handle", "yan")),
            "key": "s",
        },
        {**SPLIT, "total": (9, "EUR"), "people": (), "key": "t"},
        {**SPLIT, "total": (1, "EUR"), "people": (), "key": "u"},
    ),
    (
        {"do": "PlaceSplit", "code": "s", "place": "group:2", "chat": "group"},
        {"do": "JoinSplit", "code": "t", "person": "tg:1"},
        {"do": "CountAsker", "code": "s", "person": "tg:2", "is_in": True},
    ),
    (
        {"do": "AskSplit", "code": "t", "person": "tg:2"},
        {"do": "RemindShare", "code": "s", "nth": 1, "person": "tg:2"},
        {"do": "TakeShare", "code": "s", "person": "tg:1"},
    ),
    (
        {"do": "PlaceShare", "code": "tg:1 of s", "place": "tg:1:2", "chat": "tg:1"},
        {"do": "TakeOut", "code": "s", "nth": 3, "person": "tg:2"},
    ),
    ({"do": "PayShare", "code": "tg:1 of s", "payments": 0, "person": "tg:1", "place": None},),
    ({"do": "RefundTransfer", "by": "tg:2", "code": "tg:1 of s.0", "amount": None, "key": "k"},),
    ({"do": "ReopenShare", "payment": 10},),
    ({"do": "SettleInCash", "code": "s", "nth": 1, "person": "tg:2"},),
    ({"do": "SettleInCash", "code": "s", "nth": 1, "person": "tg:2", "is_settled": False},),
    ({"do": "CloseSplit", "code": "u", "person": "tg:2"}, {"do": "EndSplit", "code": "t"}),
    (
        {"do": "MakeGift", "giver": "tg:1", "amount": (13, "EUR"), "key": "w", "shares": 3, "is_lucky": False,
         "for_handle": None, "memo": ""},
        {"do": "MakeGift", "giver": "tg:2", "amount": (2, "EUR"), "key": "v", "shares": 2, "is_lucky": True,
         "for_handle": None, "memo": ""},
    ),
    (
        {"do": "PlaceGift", "code": "w", "place": "group:3", "chat": "group"},
        {"do": "ClaimGift", "code": "w", "person": "tg:2", "handle": None, "name": "tg:2"},
        {"do": "ClaimGift", "code": "w", "person": "tg:3", "handle": None, "name": "tg:3"},  # who has no wallet
    ),
    ({"do": "ClaimGift", "code": "v", "person": "tg:3", "handle": None, "name": "tg:3"},),
    ({"do": "ClaimGift", "code": "v", "person": "tg:1", "handle": None, "name": "tg:1"},),  # the last of it
    ({"do": "ReturnGift", "code": "w", "person": "tg:1"}, {"do": "EndGift", "code": "v"}),
    (
        {"do": "Tip", **TIPPED, "amount": (3, "EUR"), "key": "ts"},
        {"do": "Tip", **TIPPED, "amount": None, "key": "tu"},
    ),
    ({"do": "AnswerTip", "code": "tu", "person": "tg:1", "amount": (2, "EUR")},),
    ({"do": "Tip", **TIPPED, "amount": None, "key": "tv"},),
    (
        {
            "do": "MakeRequest",
            "payee": "tg:2",
            "amount": (5, "EUR"),
            "key": "s",
            "memo": "",
            "payer": ("person", "tg:1"),
        },
        {"do": "StandingRequest", "payee": "tg:2", "amount": (5, "EUR"), "key": "t", "memo": ""},
    ),
    ({"do": "DeclineRequest", "code": "s", "person": "tg:1"}, {"do": "EndRequest", "code": "s"}),
    ({"do": "MakePick", "person": "tg:1", "key": "w", "amount": (5, "EUR"), "memo": "", "request": None},),
    ({"do": "AnswerPick", "person": "tg:1", "to": ("person", "tg:2"), "key": "x", "number": None},),
    ({"do": "PayRequest", "code": "t", "payer": "tg:1", "key": "y", "amount": None},),
    ({"do": "CancelRequest", "code": "t", "person": "tg:2"}, {"do": "EndRequest", "code": "t"}),
    (
        {"do": "MakeIssue", "by": "tg:1", "to": ("person", "tg:2"), "amount": (40, "EUR"), "key": "ik", "memo": ""},
        {"do": "MakeIssue", "by": "tg:1", "to": ("person", "tg:1"), "amount": (60, "EUR"), "key": "il", "memo": ""},
    ),
    ({"do": "PlaceIssue", "code": "ik", "place": "tg:1:3", "chat": "tg:1"},),
    ({"do": "ConfirmIssue", "code": "ik", "person": "tg:1"}, {"do": "CancelIssue", "code": "il", "person": "tg:1"}),
    ({"do": "SetPin", "person": "tg:2", "above": (10, "EUR")}, open_wallet("tg:4")),
    entered(1, "set of tg:2"),
    entered(2, "set of tg:2"),
    (
        {"do": "AskForPin", "person": "tg:2", "key": "pp", "amount": (12, "EUR"), "wish": "{}"},
        {"do": "AskMove", "by": "tg:1", "old": "tg:3", "new": "tg:4", "key": "mv", "note": ""},
    ),
    (*entered(3, "pay of tg:2"), transfer(2, 1, 12, "pp")),
    ({"do": "AgreeMove", "code": "mv", "person": "tg:2"},),
    ({"do": "DoMove", "code": "mv"},),
    ({"do": "MakeAnnouncement", "by": "tg:1", "key": "cl", "what": ("close", "", YEAR_3000)},),
    ({"do": "ConfirmAnnouncement", "code": "cl", "person": "tg:1"},),
    ({"do": "RefundTransfer", "by": "tg:1", "code": "pp", "amount": (2, "EUR"), "key": "pb"},),
)  # fmt: skip
BALANCES_AT_THE_END = {
    "tg:1": 1_000 - 270 + 100 - 7 - 20 - 11 - 9 + 1 - 7 - 5 + 10,
    "tg:2": 270 - 100 + 7 + 20 + 11 + 5 - 2 + 7 + 5 + 40 - 10,
    "tg:3": 0,
    "tg:4": 4 + 1,
}
TRANSFERS_AT_THE_END = 25
RECORDS_AT_THE_END = {
    "SELECT key, state, payers, asked FROM payment_requests ORDER BY key": [
        ("q", "cancelled", 1, None),
        ("r", "paid", 1, None),
        ("s", "cancelled", 0, "declined"),
        ("t", "cancelled", 1, None),
    ],
    "SELECT key, state FROM intents ORDER BY key": [("i", "paid"), ("j", "cancelled"), ("x", "open")],
    "SELECT key, state FROM picks": [("w", "answered")],
    "SELECT r.key, nth, p.payer FROM request_payments p JOIN payment_requests r ON r.code = p.request ORDER BY r.key": [
        ("q", 1, "tg:1"),
        ("r", 1, "tg:1"),
        ("t", 1, "tg:1"),
    ],
    "SELECT key, state FROM refunds ORDER BY key": [("g", "paid"), ("h", "cancelled")],
    "SELECT CASE WHEN p.subject_kind = 'share' THEN 'share' ELSE p.key END AS k, b.amount FROM transfers b"
    " JOIN transfers p ON p.id = b.refunds ORDER BY k": [
        ("a", 30),
        ("d", 50),
        ("pp", 2),
        ("share", 14),
    ],
    "SELECT key, state FROM issues ORDER BY key": [("ik", "issued"), ("il", "cancelled")],
    "SELECT place, kind FROM places WHERE place NOT LIKE '%/%' ORDER BY place": [
        ("group:1", "request"),
        ("group:2", "split"),
        ("group:3", "gift"),
        ("group:ask", "tipask"),
        ("group:below", "tip"),
        ("tg:1:1", "intent"),
        ("tg:1:2", "share"),
        ("tg:1:3", "issue"),
    ],
    "SELECT kind, count(*) FROM places WHERE place LIKE '%/%' GROUP BY kind": [("move", 2), ("move_desk", 2)],
    "SELECT person, above, tries, locked_until, known FROM pins": [("tg:2", 10, 0, None, "tg:1")],
    "SELECT old, new, state FROM moves": [("tg:3", "tg:4", "done")],
    "SELECT owner, first_owner FROM wallets WHERE first_owner IS NOT NULL": [("tg:4", "tg:3")],
    "SELECT kind, state FROM announcements": [("close", "telling")],
    "SELECT closes_at FROM books": [(YEAR_3000,)],
    "SELECT kind FROM acts WHERE kind LIKE 'move%' OR kind = 'closed' ORDER BY code": [
        ("move_asked",),
        ("move_agreed",),
        ("closed",),
    ],
    "SELECT key, state FROM splits ORDER BY key": [("s", "asked"), ("t", "asked"), ("u", "closed")],
    "SELECT s.key, h.nth, h.state, h.amount, payments, reminded_at IS NULL FROM split_shares h"
    " JOIN splits s ON s.code = h.split ORDER BY s.key, h.nth": [
        ("s", 1, "open", 14, 1, 0),
        ("s", 2, "open", 14, 0, 1),
        ("s", 3, "removed", None, 0, 1),
        ("s", 4, "own", 13, 0, 1),
        ("t", 1, "open", 9, 0, 1),
    ],
    "SELECT key, state, claimed FROM gifts ORDER BY key": [("v", "claimed", 2), ("w", "returned", 2)],
    "SELECT g.key, nth, person FROM gift_claims c JOIN gifts g ON g.code = c.gift ORDER BY g.key, nth": [
        ("v", 1, "tg:4"),
        ("v", 2, "tg:1"),
        ("w", 1, "tg:2"),
        ("w", 2, "tg:4"),
    ],
    "SELECT tips, amount FROM tipped": [(3, 3)],
    "SELECT nth, payer FROM tips ORDER BY nth": [(1, "tg:1"), (2, "tg:1"), (3, "tg:1")],
    "SELECT amount FROM tip_questions": [(2,)],
    "SELECT person, amount FROM usual_tips": [("tg:1", 2)],
    "SELECT place FROM places WHERE due_at IS NULL AND told_at = 0": [],  # both have changed since they are shown
    "SELECT substr(id, 1, 6) FROM agenda": [("split:",)] * 3,
}

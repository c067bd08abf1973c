"""Every command × every refusal: the cells that a generator must reach, and why the others cannot occur."""

from __future__ import annotations

from collections import Counter

LIMITS = ("LimitExceeded.transfer_max", "LimitExceeded.daily_max", "LimitExceeded.balance_max")
PAYING = ("WalletFrozen", *LIMITS, "InsufficientFunds")
GIVING_BACK = ("PaymentNotRefundable", "WalletFrozen", "RefundTooLarge", "LimitExceeded.balance_max",
               "InsufficientFunds")  # fmt: skip
TIPPING = ("LimitExceeded.tip_max", *PAYING)
AMOUNT = ("InvalidAmount", "CurrencyMismatch")

CELLS: dict[str, tuple[str, ...]] = {
    "Meet": (),
    "OpenWallet": (),
    "ChooseLanguage": ("PersonNotFound",),
    "Issue": ("NotOperator", "MemoTooLong", "KeyReused", *AMOUNT, "PersonNotFound", "RequestNotFound",
              "WalletNotFound", "WalletFrozen", "LimitExceeded.balance_max"),
    "Transfer": ("MemoTooLong", "KeyReused", "WalletNotFound", *AMOUNT, "SameWallet", *PAYING),
    "MakeRequest": ("MemoTooLong", "KeyReused", *AMOUNT, "WalletNotFound", "LimitExceeded.transfer_max",
                    "LimitExceeded.requests_open_max"),
    "PlaceRequest": ("RequestNotFound",),
    "CancelRequest": ("RequestNotFound", "NotYourRequest", "RequestNotOpen"),
    "PayRequest": ("RequestNotFound", "KeyReused", *AMOUNT, "WalletNotFound", "RequestNotOpen", "SameWallet", *PAYING),
    "MakeIntent": ("KeyReused", "MemoTooLong", "RequestNotFound", "PersonNotFound", *AMOUNT, "WalletNotFound",
                   "SameWallet", "RequestNotOpen", "LimitExceeded.intents_open_max", *PAYING),
    "AnswerIntent": ("KeyReused", *AMOUNT, "IntentNotFound", "RequestNotOpen", *PAYING),
    "ConfirmIntent": ("IntentNotFound", "NotYourIntent", "IntentExpired", "IntentNotOpen", "RequestNotOpen", *PAYING),
    "CancelIntent": ("IntentNotFound", "NotYourIntent", "IntentNotOpen"),
    "CancelOpen": (),
    "PlaceIntent": ("IntentNotFound",),
    "EndRequest": ("by the clerk",),
    "RefundTransfer": ("TransferNotFound", "NotYourPayment", "KeyReused", *AMOUNT, *GIVING_BACK),
    "MakeRefund": ("TransferNotFound", "KeyReused", "PersonNotFound", "NotYourPayment", *AMOUNT, *GIVING_BACK),
    "ConfirmRefund": ("RefundNotFound", "NotYourPayment", "RefundNotOpen", *GIVING_BACK[1:]),
    "CancelRefund": ("RefundNotFound", "NotYourPayment", "RefundNotOpen"),
    "Tip": ("KeyReused", *AMOUNT, "PersonNotFound", "WalletNotFound", "SameWallet", *TIPPING),
    "TipAgain": ("TipNotFound", "KeyReused", "WalletNotFound", "SameWallet", *TIPPING),
    "AnswerTip": ("IntentNotFound", "NotYourIntent", "TipAnswered", *AMOUNT, "IntentExpired", *TIPPING),
    "EndTipQuestion": ("by the clerk",),
    "ChooseTip": (*AMOUNT, "WalletNotFound", "LimitExceeded.tip_max"),
    "PlaceTips": ("TipNotFound",),
    "NoteTold": (),
    "ClaimOutbox": (),
    "SettleOutbox": (),
    "ClaimPlaces": (),
    "SettlePlaces": (),
}  # fmt: skip
REPEATABLE = ("Issue", "Transfer", "MakeRequest", "PayRequest", "MakeIntent", "AnswerIntent", "ConfirmIntent",
              "RefundTransfer", "MakeRefund", "ConfirmRefund", "Tip", "TipAgain", "AnswerTip")  # fmt: skip

# A cell that is not in CELLS cannot occur, for the reason of its column; the tests fail when one does.
WHY_NOT = {
    "NotOperator": "only Issue asks who is an operator",
    "MemoTooLong": "the others take no memo, or the one of a request or intent that was checked when it was made",
    "KeyReused": "the others have no key: their wish is named by the code of what they change",
    "InvalidAmount": "the others take no amount; what is confirmed has the amount that it was asked with",
    "CurrencyMismatch": "as InvalidAmount",
    "PersonNotFound": "only Issue and MakeIntent name a payee, and ChooseLanguage and MakeRefund (by an operator)"
    " somebody who may never have been seen; everybody else is named by a wallet, request or intent",
    "RequestNotFound": "the others name no request; an intent's own is held by a foreign key; to end one that is not"
    " there is nothing to do",
    "WalletNotFound": "both people of an intent had a wallet when it was made, and wallets are never deleted;"
    " nor are those of a payment",
    "SameWallet": "an intent is never made between one person and themselves; the issuer has no person; a refund"
    " goes the way of a payment",
    "WalletFrozen": "the others move no money; asking and cancelling are open to everybody",
    "LimitExceeded.transfer_max": "the others move no money; issuing has no limit but the last, nor has a refund",
    "LimitExceeded.daily_max": "as transfer_max",
    "LimitExceeded.tip_max": "the others give no tip",
    "LimitExceeded.balance_max": "the others move no money",
    "LimitExceeded.requests_open_max": "only MakeRequest makes one",
    "LimitExceeded.intents_open_max": "only MakeIntent adds one; an answer takes the place of its question",
    "InsufficientFunds": "the others move no money; the issuer has no floor",
    "NotYourRequest": "anybody may pay a request, and place it where it is shown; only the payee cancels",
    "RequestNotOpen": "the others pay no request; PlaceRequest may also mark a closed one",
    "IntentNotFound": "the others name no intent",
    "NotYourIntent": "AnswerIntent and CancelOpen only look at the person's own; a dialog is placed by who shows it",
    "IntentNotOpen": "AnswerIntent and CancelOpen only look at open ones; PlaceIntent may also mark one that is over",
    "IntentExpired": "an expired intent is not asked any more (IntentNotFound), and may be cancelled",
    "TransferNotFound": "the others name no payment; a question's own is held by a foreign key",
    "NotYourPayment": "the others give nothing back",
    "PaymentNotRefundable": "the others give nothing back; of what cannot be given back no question is asked",
    "RefundTooLarge": "the others give nothing back",
    "RefundNotFound": "the others name no question about a refund",
    "RefundNotOpen": "the others answer no question about a refund",
    "TipNotFound": "the others name no message by its code; the first tip to a message makes its row",
    "TipAnswered": "the others answer no question for the usual tip",
    "by the clerk": "no refusal: only what is in the agenda can be run by it",
}

Reached = Counter[tuple[str, str]]


def empty_cells(reached: Reached) -> list[str]:
    """Cells that must be reached and were not."""
    wanted = [(command, refusal) for command, cells in CELLS.items() for refusal in ("ok", *cells)]
    wanted += [(command, "again") for command in REPEATABLE]
    return [f"{command} × {refusal}" for command, refusal in wanted if not reached[command, refusal]]


def unlisted_cells(reached: Reached) -> list[str]:
    """Cells that were reached although they cannot occur."""
    return [
        f"{command} × {refusal}"
        for command, refusal in reached
        if refusal not in ("ok", *CELLS[command]) and not (refusal == "again" and command in REPEATABLE)
    ]


def table(reached: Reached) -> str:
    """How often each cell was reached, a line for each command; what is not in its line cannot occur."""
    lines = []
    for command, cells in CELLS.items():
        rows = ("ok", *(("again",) if command in REPEATABLE else ()), *cells)
        lines.append(f"{command:<15}" + "  ".join(f"{row} {reached[command, row]}" for row in rows))
    return "\n".join(lines)

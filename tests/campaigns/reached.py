"""Every command × every refusal: the cells that a generator must reach, and why the others cannot occur."""

from __future__ import annotations

from collections import Counter

LIMITS = ("LimitExceeded.transfer_max", "LimitExceeded.daily_max", "LimitExceeded.balance_max")
WALLETS = ("LimitExceeded.wallet_transfer_max", "LimitExceeded.wallet_daily_max")
PAYING = ("WalletFrozen", *LIMITS, *WALLETS, "InsufficientFunds")
GIVING_BACK = ("PaymentNotRefundable", "WalletFrozen", "RefundTooLarge", "LimitExceeded.balance_max",
               "InsufficientFunds")  # fmt: skip
GIVING = ("WalletFrozen", *LIMITS[:2], *WALLETS, "InsufficientFunds")
TAKING = ("WalletFrozen", LIMITS[2])
TIPPING = ("LimitExceeded.tip_max", *PAYING)
ISSUING = ("WalletFrozen", "LimitExceeded.balance_max", "LimitExceeded.issue_max")
AMOUNT = ("InvalidAmount", "CurrencyMismatch")

CELLS: dict[str, tuple[str, ...]] = {
    "Meet": (),
    "OpenWallet": (),
    "ChooseLanguage": ("PersonNotFound",),
    "Issue": ("NotOperator", "MemoTooLong", "KeyReused", *AMOUNT, "PersonNotFound", "RequestNotFound",
              "WalletNotFound", *ISSUING),
    "MakeIssue": ("NotOperator", "KeyReused", "MemoTooLong", *AMOUNT, "PersonNotFound", "RequestNotFound",
                  "WalletNotFound", "LimitExceeded.issues_open_max", *ISSUING),
    "ConfirmIssue": ("IssueNotFound", "NotYourIssue", "NotOperator", "IssueNotOpen", *ISSUING),
    "CancelIssue": ("IssueNotFound", "NotYourIssue", "IssueNotOpen"),
    "PlaceIssue": ("IssueNotFound",),
    "Transfer": ("MemoTooLong", "KeyReused", "WalletNotFound", *AMOUNT, "SameWallet", *PAYING),
    "MakeRequest": ("MemoTooLong", "KeyReused", *AMOUNT, "SameWallet", "WalletNotFound", "LimitExceeded.transfer_max",
                    "LimitExceeded.requests_open_max"),
    "StandingRequest": ("MemoTooLong", "KeyReused", *AMOUNT, "WalletNotFound", "LimitExceeded.transfer_max",
                        "LimitExceeded.requests_open_max"),
    "PutRequest": ("RequestNotFound", "PersonNotFound", "SameWallet", "NotYourRequest", "RequestNotOpen",
                   "RequestTaken"),
    "AskPayer": ("RequestNotFound",),
    "LeaveUnheard": ("RequestNotFound",),
    "DeclineRequest": ("RequestNotFound", "NotAskedOfYou", "RequestNotOpen"),
    "MakePick": ("MemoTooLong", *AMOUNT, "WalletNotFound", "RequestNotFound", "NotYourRequest", "RequestNotOpen",
                 "RequestTaken"),
    "AnswerPick": ("KeyReused", "PickNotFound", "PickNotOpen", "PayerUnknown", "PersonNotFound", "SameWallet",
                   "WalletNotFound", "RequestNotOpen", "RequestTaken", "LimitExceeded.intents_open_max", *PAYING),
    "SayAmount": ("PickNotFound", "PickNotOpen", *AMOUNT, *PAYING),
    "SayMemo": ("KeyReused", "PickNotFound", "PickNotOpen", "MemoTooLong", "LimitExceeded.intents_open_max",
                "LimitExceeded.requests_open_max", *PAYING),
    "PlacePick": ("PickNotFound",),
    "DropPick": (),
    "PlaceRequest": ("RequestNotFound",),
    "CancelRequest": ("RequestNotFound", "NotYourRequest", "RequestNotOpen"),
    "PayRequest": ("RequestNotFound", "KeyReused", *AMOUNT, "WalletNotFound", "NotAskedOfYou", "RequestNotOpen",
                   "SameWallet", *PAYING),
    "MakeIntent": ("KeyReused", "MemoTooLong", "RequestNotFound", "PersonNotFound", *AMOUNT, "WalletNotFound",
                   "SameWallet", "NotAskedOfYou", "RequestNotOpen", "LimitExceeded.intents_open_max", *PAYING),
    "AnswerIntent": ("KeyReused", *AMOUNT, "IntentNotFound", "RequestNotOpen", *PAYING),
    "ConfirmIntent": ("IntentNotFound", "NotYourIntent", "NotAskedOfYou", "IntentExpired", "IntentNotOpen",
                      "RequestNotOpen", *PAYING),
    "CancelIntent": ("IntentNotFound", "NotYourIntent", "IntentNotOpen"),
    "CancelOpen": (),
    "PlaceIntent": ("IntentNotFound",),
    "EndRequest": ("by the clerk",),
    "clear": (),
    "RefundTransfer": ("TransferNotFound", "NotYourPayment", "KeyReused", *AMOUNT, *GIVING_BACK),
    "MakeRefund": ("TransferNotFound", "KeyReused", "PersonNotFound", "NotYourPayment", *AMOUNT,
                   "LimitExceeded.refunds_open_max", *GIVING_BACK),
    "PlaceRefund": ("RefundNotFound",),
    "ConfirmRefund": ("RefundNotFound", "NotYourPayment", "RefundNotOpen", *GIVING_BACK[1:]),
    "CancelRefund": ("RefundNotFound", "NotYourPayment", "RefundNotOpen"),
    "MakeGift": ("MemoTooLong", "KeyReused", *AMOUNT, "TooManyShares", "SharesTooSmall", "WalletNotFound",
                 "SameWallet", "LimitExceeded.gifts_open_max", *GIVING),
    "OfferGift": ("MemoTooLong", "KeyReused", *AMOUNT, "WalletNotFound"),
    "GiveOffered": ("OfferNotFound", "NotYourOffer", "SameWallet", "LimitExceeded.gifts_open_max", *GIVING),
    "ClaimGift": ("GiftNotFound", "OwnGift", "GiftForAnother", "GiverBlocked", "GiftNotOpen", "GiftHeld", *TAKING),
    "ReturnGift": ("GiftNotFound", "NotYourGift", "GiftNotOpen", *TAKING),
    "EndGift": ("by the clerk",),
    "PlaceGift": ("GiftNotFound",),
    "MakeSplit": ("KeyReused", "MemoTooLong", *AMOUNT, "TooManyInSplit", "PersonNotFound", "NamedTwice", "NobodyIsIn",
                  "SplitTooSmall", "WalletNotFound", "LimitExceeded.transfer_max", "LimitExceeded.splits_open_max"),
    "JoinSplit": ("SplitNotFound", "PersonNotFound", "SplitNotOpen", "SplitTooSmall", "SplitBegun"),
    "LeaveSplit": ("SplitNotFound", "NotYourShare", "ShareNotOpen", "SplitNotOpen", "SplitBegun"),
    "CountAsker": ("SplitNotFound", "NotYourSplit", "NotYourShare", "SplitNotOpen", "SplitBegun", "SplitTooSmall"),
    "AskSplit": ("SplitNotFound", "NotYourSplit", "SplitNotOpen", "NobodyIsIn", "LimitExceeded.transfer_max"),
    "CloseSplit": ("SplitNotFound", "NotYourSplit", "SplitNotOpen"),
    "PlaceSplit": ("SplitNotFound",),
    "EndSplit": ("by the clerk",),
    "TakeShare": ("SplitNotFound", "NotYourShare"),
    "PayShare": ("SplitNotFound", "NotYourShare", "ShareNotOpen", "SplitNotOpen", "WalletNotFound", *PAYING),
    "TakeOut": ("SplitNotFound", "NotYourSplit", "ShareNotOpen", "SplitNotOpen"),
    "SettleInCash": ("SplitNotFound", "NotYourSplit", "ShareNotOpen", "SplitNotOpen"),
    "RemindShare": ("SplitNotFound", "NotYourSplit", "SplitNotOpen"),
    "PlaceShare": ("SplitNotFound",),
    "ReopenShare": ("by the clerk",),
    "Tip": ("KeyReused", *AMOUNT, "PersonNotFound", "WalletNotFound", "SameWallet", "LimitExceeded.tips_open_max",
            *TIPPING),
    "TipAgain": ("TipNotFound", "KeyReused", "WalletNotFound", "SameWallet", *TIPPING),
    "AnswerTip": ("IntentNotFound", "NotYourIntent", "TipAnswered", *AMOUNT, "IntentExpired", *TIPPING),
    "EndTipQuestion": ("by the clerk",),
    "ChooseTip": (*AMOUNT, "WalletNotFound", "LimitExceeded.tip_max"),
    "PlaceTips": ("TipNotFound",),
    "NoteTold": (),
    "OfferCard": ("MemoTooLong", *AMOUNT, "WalletNotFound", "WalletFrozen", "LimitExceeded.transfer_max",
                  "LimitExceeded.requests_open_max"),
    "PostRequest": ("RequestNotFound", "RequestNotOpen"),
    "PostGift": ("GiftNotFound", "OwnGift", "GiftNotOpen", "GiftNotCovered"),
    "KeepGift": ("GiftNotFound", "NotYourGift"),
    "MakeTopUp": ("KeyReused", *AMOUNT, "PersonNotFound", "WalletNotFound", "NotOperator",
                  "LimitExceeded.top_ups_open_max", "WalletFrozen", "LimitExceeded.top_up_max",
                  "LimitExceeded.balance_max"),
    "BookArrival": (*AMOUNT, "TopUpNotFound", *TAKING),
    "ConfirmTopUp": ("TopUpNotFound", "NotOperator", "PersonNotFound", "TopUpNotOpen", *TAKING),
    "CancelTopUp": ("TopUpNotFound", "NotYourTopUp", "TopUpNotOpen"),
    "PlaceTopUp": ("TopUpNotFound",),
    "LapseTopUp": ("by the clerk",),
    "BookChargeback": (*AMOUNT, "ArrivalNotFound"),
    "MakeWithdrawal": ("KeyReused", *AMOUNT, "WalletNotFound", "LimitExceeded.withdrawals_open_max", "TargetTaken",
                       *GIVING),
    "ConfirmWithdrawal": ("WithdrawalNotFound", "NotYourWithdrawal", "WithdrawalNotOpen", *GIVING),
    "CancelWithdrawal": ("WithdrawalNotFound", "NotYourWithdrawal", "WithdrawalNotOpen", "WalletFrozen"),
    "PlaceWithdrawal": ("WithdrawalNotFound",),
    "SendWithdrawal": ("WithdrawalNotFound",),
    "SettleWithdrawal": ("WithdrawalNotFound", "WithdrawalNotOpen"),
    "PaidOut": ("WithdrawalNotFound", "NotOperator", "PersonNotFound", "WithdrawalNotOpen"),
    "EndWithdrawal": ("by the clerk",),
    "BookLine": AMOUNT,
    "GiveLine": ("LineNotFound", "NotOperator", "LineNotOpen", "WalletNotFound", *TAKING),
    "IgnoreLine": ("LineNotFound", "NotOperator", "LineNotOpen"),
    "AskWhose": ("LineNotFound", "NotOperator", "LineNotOpen"),
    "ShowLine": ("LineNotFound", "NotOperator"),
    "MakePaymentFile": ("KeyReused", "NotOperator", "NothingToPay"),
    "RefusePaymentFile": ("NotOperator", "PaymentFileNotFound", "PaymentFileUsed"),
    "BookDebit": ("WithdrawalNotFound",),
    "PlacePaymentFile": ("PaymentFileNotFound",),
    "DropMoves": (),
    "SetOwnLimit": (*AMOUNT, "WalletNotFound", "LimitAboveOthers"),
    "KeepOwnLimit": ("WalletNotFound",),
    "SetWalletLimit": ("NotOperator", *AMOUNT, "PersonNotFound", "WalletNotFound", "LimitAboveOthers"),
    "RaiseLimit": ("by the clerk",),
    "Block": ("PersonNotFound", "SelfBlocked", "LimitExceeded.blocks_max"),
    "BlockAsker": ("RequestNotFound", "NotAskedOfYou", "LimitExceeded.blocks_max"),
    "Unblock": ("PersonNotFound",),
    "ClaimOutbox": (),
    "SettleOutbox": (),
    "ClaimPlaces": (),
    "SettlePlaces": (),
}  # fmt: skip
REPEATABLE = ("Issue", "Transfer", "MakeRequest", "PayRequest", "MakeIntent", "AnswerIntent", "ConfirmIntent",
              "RefundTransfer", "MakeRefund", "ConfirmRefund", "MakeGift", "ClaimGift", "ReturnGift",
              "OfferGift", "GiveOffered", "MakeSplit", "PayShare",
              "Tip", "TipAgain", "AnswerTip", "AnswerPick", "SayMemo", "StandingRequest",
              "MakeIssue", "ConfirmIssue", "MakeTopUp", "BookArrival", "ConfirmTopUp", "MakeWithdrawal",
              "ConfirmWithdrawal", "BookLine", "MakePaymentFile")  # fmt: skip

# A cell that is not in CELLS cannot occur, for the reason of its column; the tests fail when one does.
WHY_NOT = {
    "NotOperator": "only issuing asks who is an operator",
    "MemoTooLong": "the others take no memo, or the one of a request or intent that was checked when it was made",
    "KeyReused": "the others have no key: their wish is named by the code of what they change",
    "InvalidAmount": "the others take no amount; what is confirmed has the amount that it was asked with",
    "CurrencyMismatch": "as InvalidAmount",
    "PersonNotFound": "only issuing and MakeIntent name a payee, and ChooseLanguage and MakeRefund (by an operator)"
    " somebody who may never have been seen; everybody else is named by a wallet, request or intent",
    "RequestNotFound": "the others name no request; an intent's own is held by a foreign key; to end one that is not"
    " there is nothing to do",
    "WalletNotFound": "both people of an intent had a wallet when it was made, and wallets are never deleted;"
    " nor are those of a payment",
    "SameWallet": "an intent is never made between one person and themselves; the issuer has no person; a refund"
    " goes the way of a payment",
    "WalletFrozen": "the others move no money; asking and cancelling are open to everybody",
    "LimitExceeded.transfer_max": "the others move no money; issuing has limits of its own, a refund the last",
    "LimitExceeded.daily_max": "as transfer_max",
    "LimitExceeded.tip_max": "the others give no tip",
    "LimitExceeded.tips_open_max": "the others ask for no usual tip",
    "LimitExceeded.balance_max": "the others move no money",
    "LimitExceeded.requests_open_max": "only MakeRequest makes one; a card was checked when it was offered",
    "LimitExceeded.issue_max": "the others issue nothing",
    "LimitExceeded.issues_open_max": "only MakeIssue adds one",
    "LimitExceeded.intents_open_max": "only MakeIntent adds one; an answer takes the place of its question",
    "LimitExceeded.refunds_open_max": "only MakeRefund makes such a question",
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
    "LimitExceeded.gifts_open_max": "only MakeGift makes one; a card whose maker has too many is not covered",
    "GiftNotCovered": "only a card becomes a gift without its giver being asked",
    "TooManyShares": "only a gift that is made has a number of shares",
    "SharesTooSmall": "as TooManyShares",
    "OfferNotFound": "only a gift that was offered is made by a code",
    "NotYourOffer": "as OfferNotFound",
    "GiftNotFound": "the others name no gift; to end one that is not there is nothing to do",
    "OwnGift": "the others claim no gift",
    "GiftForAnother": "the others claim no gift",
    "GiftHeld": "the others claim no gift; taking one's own back names the frozen wallet",
    "NotYourGift": "anybody may claim a gift, and place it where it is shown; only the giver takes it back",
    "GiftNotOpen": "the others claim or take back no gift; PlaceGift may also mark one that is over",
    "SplitNotFound": "the others name no split and no share",
    "NotYourSplit": "the others are open to everybody who has a share, or whoever comes in",
    "NotYourShare": "the others are the asker's, or let somebody in; of the asker's own share only counting out speaks",
    "SplitNotOpen": "asking, closing, taking a share and placing tell what has become of it",
    "ShareNotOpen": "the others change no share that is there; the asker's own is never paid",
    "SplitBegun": "only the asker's own share has to wait for it; nobody else comes in once the money is asked for",
    "NobodyIsIn": "only what asks people needs some",
    "TooManyInSplit": "only MakeSplit names people; JoinSplit counts rows, and here are not so many people",
    "SplitTooSmall": "only what adds a share can divide too far",
    "NamedTwice": "only MakeSplit names people",
    "LimitExceeded.splits_open_max": "only MakeSplit makes one",
    "TipNotFound": "the others name no message by its code; the first tip to a message makes its row",
    "TipAnswered": "the others answer no question for the usual tip",
    "NotAskedOfYou": "the others pay no request and decline none; what an answer's question would pay is looked at when"
    " it is confirmed",
    "RequestTaken": "the others put no request to anybody",
    "PayerUnknown": "only AnswerPick says so; PutRequest says PersonNotFound, MakeRequest asks anybody then",
    "PickNotFound": "the others answer no question whom somebody means; to drop one that is not there is nothing to do",
    "PickNotOpen": "only an answer needs an open one; PlacePick may also mark one that is over",
    "TopUpNotFound": "the others name no top-up",
    "NotYourTopUp": "only who asked for it cancels it; whoever is in charge confirms it",
    "TopUpNotOpen": "the others end no top-up; what arrives counts in every state",
    "ArrivalNotFound": "only a chargeback names what arrived",
    "LimitExceeded.top_up_max": "the others bring nothing in; what has arrived is never too much",
    "LimitExceeded.top_ups_open_max": "only MakeTopUp adds one",
    "WithdrawalNotFound": "the others name no withdrawal",
    "NotYourWithdrawal": "a gateway and whoever is in charge act on anybody's",
    "WithdrawalNotOpen": "the others end no withdrawal; what is not due is not sent, and that is no refusal",
    "LineNotFound": "the others name no line of a statement",
    "LineNotOpen": "a statement's own line, and where one is shown, count in every state",
    "TargetTaken": "only MakeWithdrawal names what is paid once",
    "NothingToPay": "only a file for the bank needs something to pay",
    "PaymentFileNotFound": "the others name no file; a withdrawal's own is held by a foreign key",
    "PaymentFileUsed": "only a file that is taken back must be whole",
    "LimitExceeded.withdrawals_open_max": "only MakeWithdrawal adds one",
    "IssueNotFound": "the others name no question about issuing",
    "NotYourIssue": "the others answer no question about issuing; it is placed by who shows it",
    "IssueNotOpen": "the others answer no question about issuing; PlaceIssue may also mark one that is over",
    "LimitExceeded.wallet_transfer_max": "the others move no money out of a person's wallet by their wish",
    "LimitExceeded.wallet_daily_max": "as wallet_transfer_max",
    "LimitExceeded.blocks_max": "only blocking adds one",
    "LimitAboveOthers": "only setting a limit can set one too high",
    "SelfBlocked": "a request is never put to its payee; to unblock oneself there is nothing to do",
    "GiverBlocked": "the others claim no gift",
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

"""What the model gives, in the words of plain.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.campaigns.model import Model

SPLITS = ("MakeSplit", "AskSplit", "CloseSplit", "PlaceSplit")
SHARES = ("JoinSplit", "LeaveSplit", "CountAsker", "TakeShare", "TakeOut", "SettleInCash")
GIFTS = ("MakeGift", "PlaceGift", "PostGift", "GiveOffered")
PAYMENTS = ("Transfer", "Issue", "PayRequest", "ConfirmIntent", "RefundTransfer", "ConfirmRefund", "ReturnGift",
            "PayShare", "Tip", "TipAgain", "AnswerTip", "ConfirmIssue", "ConfirmWithdrawal")  # fmt: skip
WITHDRAWALS = ("MakeWithdrawal", "SendWithdrawal", "SettleWithdrawal", "PaidOut", "CancelWithdrawal", "SayTarget")
LINES = ("BookLine", "GiveLine", "IgnoreLine", "AskWhose")
AS_IT_IS = ("BookDebit", "ClaimPlaces", "RemindShare", "ChooseTip", "KeepGift", "TellNext", "SetOwnLimit",
            "KeepOwnLimit", "SetWalletLimit")  # fmt: skip
NOTHING = ("SettleOutbox", "SettlePlaces", "PlaceIntent", "PlaceIssue", "PlaceRefund", "PlacePick", "PlaceShare",
           "PlaceTips", "NoteTold", "EndRequest", "EndGift", "EndSplit", "ReopenShare", "EndTipQuestion",
           "PlaceTopUp", "PlaceWithdrawal", "RaiseLimit", "ChooseGroupLanguage", "MoveGroup",
           "PlaceIssueList", "ShowLine", "PlacePaymentFile", "TakeOver", "ShowReversal", "KeepStatement",
           "PlaceKeypad", "EndPinLock", "PlaceReset", "TakePinAway", "PlaceMove", "DoMove", "PlaceAnnouncement",
           "NoteAct", "OfferChoice", "TakeChoice", "DropChoice", "EndWithdrawal", "LapseTopUp")  # fmt: skip

KEYPADS = ("SetPin", "ChangePin", "AskForPin", "AskPinFor", "PressKey", "DropKeypad", "EnterPin")
MET = ("Meet", "ChooseLanguage", "Block", "BlockAsker", "Unblock", "FreezeWallet", "UnfreezeWallet")


class PlainModel:
    """Turns what a command of the model gives into plain values; `receipts` are the receipt codes, by transfer."""

    def __init__(self, model: Model, receipts: dict[int, str]) -> None:
        self.model, self.receipts = model, receipts
        self._ways: dict[str, Callable[[Any], Any]] = {
            **dict.fromkeys(MET, self._met),
            "OpenWallet": self._opened,
            **dict.fromkeys(SPLITS, self._split),
            **dict.fromkeys(SHARES, self._share),
            **dict.fromkeys(GIFTS, self._gift),
            **dict.fromkeys(PAYMENTS, self._payment),
            **dict.fromkeys(AS_IT_IS, lambda row: row),
            **dict.fromkeys(NOTHING, lambda row: None),
            **dict.fromkeys(("MakeTopUp", "CancelTopUp"), self._top_up),
            **dict.fromkeys(("BookArrival", "ConfirmTopUp"), self._arrival),
            "BookChargeback": lambda row: (*row[:2], self._top_up(row[2])),
            **dict.fromkeys(WITHDRAWALS, self._withdrawal),
            **dict.fromkeys(LINES, self._line),
            **dict.fromkeys(("MakePaymentFile", "RefusePaymentFile"), self._file),
            "DropMoves": self._moves_dropped,
            "DropDesk": self._desk_dropped,
            "DropAll": self._all_dropped,
            "BeginWithdrawal": self._begun,
            **dict.fromkeys(("BookReversal", "DecideReversal"), self._reversal),
            "Transfer": self._receipt,
            "ClaimGift": self._claim,
            "OfferGift": lambda o: (o.code, o.amount, o.for_handle, o.memo),
            "OfferCard": lambda c: (c.ask, c.give, self._person(c.person), c.amount, c.memo, c.cannot),
            **dict.fromkeys(("MakeIssue", "CancelIssue"), self._issue),
            **dict.fromkeys(("MakeIssueList", "ConfirmIssueList", "CancelIssueList"), self._issue_list),
            **dict.fromkeys(("MakeRefund", "CancelRefund"), self._refund),
            **dict.fromkeys(("MakePick", "DropPick"), self._pick),
            **dict.fromkeys(KEYPADS, self._keypad),
            **dict.fromkeys(("ResetPin", "KeepPin"), self._reset),
            **dict.fromkeys(("AskMove", "AgreeMove", "StopMove"), self._move),
            **dict.fromkeys(("MakeAnnouncement", "ConfirmAnnouncement", "StopAnnouncement"), self._announcement),
            "CancelOpen": self._dropped,
            "ClaimOutbox": self._messages,
        }

    def __call__(self, do: str, row: Any) -> Any:
        """What the model gives."""
        if do == "Tip" and hasattr(row, "tipped"):
            return self._tip_question(row)
        if do in ("AnswerPick", "SayAmount", "SayMemo") and hasattr(row, "answers"):
            return self._pick(row)
        if do not in self._ways and hasattr(row, "payers"):
            return self._request(row)
        return self._ways.get(do, self._intent)(row)

    def _person(self, person: str | None) -> Any:
        return None if person is None else self._met(self.model.people[person])

    def _met(self, row: Any) -> Any:
        return (row.id, row.handle, row.name, self.model.language(row))

    def _opened(self, row: Any) -> Any:
        wallet, is_new = row
        available = max(0, wallet.balance + self.model.rules.credit)
        return (wallet.id, self._person(wallet.owner), wallet.balance, available, wallet.version, is_new)

    def _receipt(self, row: Any) -> Any:
        debit, credit, (minor, _), kind, memo, about = row.wish
        return (row.id, row.key, debit, credit, minor, kind, memo, row.at, row.refunds, about_of(about))

    def _payment(self, row: Any) -> Any:
        people = tuple(self._person(self.model.wallets[number].owner) for number in row.wish[:2])
        return (self._receipt(row), *people, row.refunds and self.receipts[row.refunds])

    def _tip_question(self, row: Any) -> Any:
        people = self._person(row.person), self._person(row.tipped.payee)
        return (row.code, *people, row.amount, self.model.state(row), row.expires)

    def _claim(self, row: Any) -> Any:
        done, gift, is_new, is_repeat, person = row
        payment = (self._receipt(done), self._person(gift.giver), self._person(person), None)
        return (payment, self._gift(gift), is_new, is_repeat)

    def _gift(self, row: Any) -> Any:
        return (row.code, self._person(row.giver), row.amount, row.escrow.balance, row.shares, row.claimed,
                bool(row.is_lucky), row.for_handle, row.memo, self.model.state(row), row.expires)  # fmt: skip

    def _top_up(self, row: Any) -> Any:
        return (row.code, row.person, row.by, row.gateway, row.amount, row.arrivals, row.received,
                self.model.top_up_state(row), row.ended_by, row.expires)  # fmt: skip

    def _arrival(self, row: Any) -> Any:
        done, top_up, is_repeat = row
        return (self._payment(done), self._top_up(top_up), is_repeat)

    def _withdrawal(self, row: Any) -> Any:
        return row and (row.code, row.person, row.gateway, row.amount, row.fee, self.model.state(row), row.ended_by,
                        row.attempts, row.expires)  # fmt: skip

    def _line(self, row: Any) -> Any:
        line, kind, is_repeat = row
        return (line.code, line.amount, line.day, line.text, line.name, line.note, line.state, self.model.whose(line),
                kind, line.ended_by, line.number, is_repeat)  # fmt: skip

    def _begun(self, row: Any) -> Any:
        return row and (row.key, row.gateway, row.amount, self.model.begun_state(row), row.answer, row.expires)

    def _reversal(self, row: Any) -> Any:
        back, is_repeat = row
        of = self.model.taken_of(back)
        return (back.code, back.amount, back.day, back.text, back.name, back.alike, back.state, of and of.row.person,
                self.model.chargebacks[back.of].paid if of else None, is_repeat)  # fmt: skip

    def _file(self, row: Any) -> Any:
        return (row.code, row.count, row.total, row.refused_by is not None, row.at)

    def _share(self, row: Any) -> Any:
        return (row.code, row.nth, self._person(row.person), row.handle, row.amount, row.state, row.payments)

    def _split(self, row: Any) -> Any:
        state = self.model.split_state(row)
        is_over = self.model.now >= row.expires
        return (row.code, self._person(row.asker), row.total, row.memo, row.named, state, row.expires, is_over)

    def _issue(self, row: Any) -> Any:
        return (row.code, row.operator, row.payee, row.amount, row.memo, self.model.state(row), row.expires)

    def _issue_list(self, row: Any) -> Any:
        return (row.code, row.operator, len(row.lines), row.total, row.memo, self.model.state(row), row.expires)

    def _refund(self, row: Any) -> Any:
        payee, asked = self._person(self.model.wallets[row.first.wish[0]].owner), self._person(row.person)
        return (row.code, asked, payee, row.amount, self.receipts[row.first.id], self.model.state(row), row.expires)

    def _pick(self, row: Any) -> Any:
        return row and (row.number, row.amount, row.memo, row.request, self.model.state(row), row.guide, row.step,
                        row.payee, tuple(row.answers))  # fmt: skip

    def _keypad(self, row: Any) -> Any:
        if not hasattr(row, "purpose"):
            until = row.locked if row.locked is not None and self.model.now < row.locked else None
            return (row.person, row.above, bool(row.for_new), until)
        pin = self.model.pins.get(row.person)
        return (row.code, self._person(row.person), row.purpose, row.stage, self.model.state(row), len(row.entered),
                row.problem, 3 - (pin.tries if pin else 0), row.value, row.key, row.wish)  # fmt: skip

    def _reset(self, row: Any) -> Any:
        return (row.code, self._person(row.person), self._person(row.by), row.state, row.due)

    def _move(self, row: Any) -> Any:
        people = (row.old, row.new, row.by, row.agreed, row.stopped)
        return (row.code, *map(self._person, people), row.note, self.model.move_state(row), row.due)

    def _announcement(self, row: Any) -> Any:
        return (row.code, self._person(row.by), row.kind, row.text, row.closes, self.model.state(row), row.told,
                row.unreached, row.expires)  # fmt: skip

    def _request(self, row: Any) -> Any:
        return (row.code, row.payee, row.amount, row.memo, row.payers_max, row.payers, self.model.state(row),
                row.expires, row.payer, row.asked)  # fmt: skip

    def _intent(self, row: Any) -> Any:
        state = self.model.state(row)
        return (row.code, row.payer, row.payee, row.amount, row.memo, row.request, state, row.expires)

    def _dropped(self, row: Any) -> Any:
        intents, refunds, tips = row
        return (
            sorted(map(self._intent, intents)),
            sorted(map(self._refund, refunds), key=repr),
            sorted(map(self._tip_question, tips)),
        )

    def _moves_dropped(self, row: Any) -> Any:
        top_ups, asked, begun = row
        return (sorted(map(self._top_up, top_ups)), sorted(map(self._withdrawal, asked)), self._begun(begun))

    def _all_dropped(self, row: Any) -> Any:
        dialogs, moves, pick, pad, desk = row
        asked = (self._pick(pick), pad and self._keypad(pad))
        return (self._dropped(dialogs), self._moves_dropped(moves), *asked, self._desk_dropped(desk))

    def _desk_dropped(self, row: Any) -> Any:
        ways = (self._issue, self._issue_list, self._announcement)
        rows = (sorted(map(way, each), key=repr) for way, each in zip(ways, row[:3], strict=True))
        return (*rows, row[3] and self._line((row[3], "", False)))

    def _messages(self, row: Any) -> Any:
        outbox = self.model.outbox
        return [
            (n, m.to, "paid" if n % 2 else "received", m.place, attempts, m.transfer, m.balance, outbox.languages[m.to])
            for n, attempts in row
            for m in (outbox.messages[n],)
        ]


def about_of(about: Any) -> tuple[str, str] | None:
    """What a transfer of the model belongs to: nothing, a request by its code, or something else by kind and code."""
    return about if isinstance(about, tuple) else about and ("request", about)

"""Tips: small payments for one message, at once; all that one message gets is gathered and shown below it.

What is told to whoever is tipped is gathered too: the tips of a minute are one note, so that they can be one message.
Its outbox messages stay one for each tip (G8); the note says which tips it tells, where, and up to which it did.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint

from wallet_core.features.blocks import BlockRow, blocks_other
from wallet_core.features.pins import check_pin, need_pin
from wallet_core.features.transfers import PAYMENT
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import (
    LimitExceeded,
    NotFound,
    SameWallet,
    WalletNotFound,
)
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, table
from wallet_core.ledger.values import Payment, PersonId, Receipt, Subject

TIP = "tip"  # the subject of a tip, and of where the tips to one message are shown
NOTE_US = 60_000_000  # the tips of so many microseconds are one note
NOTE_TIPS_MAX = 10  # that a note tells: each of them has a line of its own with its receipt code

tipped = table(
    "tipped",
    Column("spot", Text, primary_key=True),  # below which message, in the front end's words: the subject of its tips
    Column("code", Text, nullable=False),  # what the button says
    Column("chat", Text, nullable=False),
    Column("payee", Text, ForeignKey("tip_payees.person"), nullable=False),
    Column("amount", WHOLE),  # of the first tip: what a press on the button gives
    Column("tips", WHOLE, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    UniqueConstraint("code"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("tips >= 0"),
    CheckConstraint("(amount IS NULL) = (tips = 0)"),
)

tip_payees = table(
    "tip_payees",
    Column("person", Text, ForeignKey("people.id"), primary_key=True),
    Column("note", WHOLE, ForeignKey("tip_notes.first")),  # the newest that they are told
)

tip_notes = table(
    "tip_notes",
    Column("first", WHOLE, ForeignKey("transfers.id"), primary_key=True, autoincrement=False),  # of the tips it tells
    Column("payee", Text, ForeignKey("people.id"), nullable=False),
    Column("tips", WHOLE, nullable=False),
    Column("begins_at", WHOLE, nullable=False),
    Column("ends_at", WHOLE, nullable=False),
    Column("place", Text),  # where it stands
    Column("told", WHOLE, ForeignKey("transfers.id")),  # the last tip that it says there
    CheckConstraint("tips >= 1"),
    CheckConstraint("(place IS NULL) = (told IS NULL)"),
    Index("tip_notes_payee", "payee", "first"),
)

tips = table(
    "tips",
    Column("transfer", WHOLE, ForeignKey("transfers.id"), primary_key=True, autoincrement=False),
    Column("tipped", Text, ForeignKey("tipped.spot"), nullable=False),
    Column("nth", WHOLE, nullable=False),
    Column("payer", Text, ForeignKey("people.id"), nullable=False),
    Column("note", WHOLE, ForeignKey("tip_notes.first"), nullable=False),
    UniqueConstraint("tipped", "nth"),
    CheckConstraint("nth >= 1"),
    Index("tips_note", "note"),
)


@dataclass(eq=False)
class TipNotFound(NotFound):
    """No message with this code was tipped."""

    code: str


@record(tipped, by=("spot", "code"), changes=("amount", "tips"))
@dataclass(slots=True)
class TippedRow:
    """A message that was tipped, as loaded or made."""

    spot: str
    code: str
    chat: str
    payee: str
    amount: int | None
    tips: int
    created_at: int

    def follow(self, needs: Needs) -> None:
        """Whoever wrote it, and what they are told."""
        need_payee(needs, self.payee)


@record(tip_payees, by=("person",), changes=("note",))
@dataclass(slots=True)
class TipPayeeRow:
    """Somebody who is tipped, as loaded or made."""

    person: str
    note: int | None

    def follow(self, needs: Needs) -> None:
        """What they are told now."""
        if self.note is not None:
            needs.record(TipNoteRow, first=self.note)


@record(tip_notes, by=("first",), changes=("tips", "place", "told"))
@dataclass(slots=True)
class TipNoteRow:
    """The tips of a minute to one person, as loaded or made."""

    first: int
    payee: str
    tips: int
    begins_at: int
    ends_at: int
    place: str | None
    told: int | None

    def follow(self, needs: Needs) -> None:
        """Nothing: what it tells is read when it is told."""


@record(tips, by=("transfer",))
@dataclass(slots=True)
class TipRow:
    """One tip to a message, the nth."""

    transfer: int
    tipped: str
    nth: int
    payer: str
    note: int

    def follow(self, needs: Needs) -> None:
        """Nothing: it is only written."""


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TipAgain:
    """Somebody tips a message as much as its first tip was. Raises TipNotFound, KeyReused, and what Transfer raises."""

    code: str
    person: PersonId
    key: str

    def needs(self, needs: Needs) -> None:
        """What the message got, followed to its author; and the payer."""
        needs.keys.append(self.key)
        needs.record(TippedRow, code=self.code)
        needs.person(self.person)
        need_pin(needs, self.person)

    def apply(self, books: Books) -> Payment:
        """Give it once for each press."""
        row = books.find(TippedRow, code=self.code)
        if row is None or row.amount is None:
            raise TipNotFound(self.code)
        amount = books.money(row.amount)
        people = {"payer": self.person, "payee": PersonId(row.payee)}
        if self.key in books.receipts:
            return given_tip(books, key=self.key, amount=amount, spot=row.spot, **people)
        check_tip(books, amount=amount, key=self.key, **people)
        return give_tip(books, row, key=self.key, amount=amount, **people)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTips:
    """What a message got is shown in one more place. Raises TipNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """What the message got."""
        needs.record(TippedRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Keep the place, and tell it."""
        row = books.find(TippedRow, code=self.code)
        if row is None or row.tips == 0:
            raise TipNotFound(self.code)
        books.show(Subject(TIP, row.spot), place=self.place, chat=self.chat, is_stale=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTold:
    """A note was told at a place, up to a tip. What is not known any more is let be."""

    note: int
    place: str
    told: int  # the id of the tip's transfer

    def needs(self, needs: Needs) -> None:
        """The note."""
        needs.record(TipNoteRow, first=self.note)

    def apply(self, books: Books) -> None:
        """Remember it; another process may have told more."""
        row = books.find(TipNoteRow, self.note)
        if row is not None and (row.told is None or self.told >= row.told):
            row.place, row.told = self.place, self.told
            books.changed(row)


def need_payee(needs: Needs, payee: str) -> None:
    """Whoever is tipped, their wallet, and what they are told now."""
    needs.person(payee)
    needs.record(TipPayeeRow, person=payee)
    needs.record(BlockRow, of=payee)


def check_tip_max(books: Books, amount: Money) -> None:
    """Raises LimitExceeded for more than a tip may be."""
    if 0 < books.rules.tip_max_minor < amount.minor:
        raise LimitExceeded("tip_max", books.money(books.rules.tip_max_minor))


def check_heard(books: Books, *, payer: str, payee: str) -> None:
    """Raises WalletNotFound, as of somebody who has none: who is blocked is not told."""
    if blocks_other(books, payee, payer):
        raise WalletNotFound(who=books.named(payee))


def check_tip(books: Books, *, payer: PersonId | str, payee: PersonId | str, amount: Money, key: str) -> None:
    """The last check: raises what refuses a tip of a valid amount."""
    wallets = books.wallet_of(payer), books.wallet_of(payee)
    if payer == payee:
        raise SameWallet
    check_heard(books, payer=payer, payee=payee)
    check_tip_max(books, amount)
    books.check_payment(payer=wallets[0], payee=wallets[1], amount=amount)
    check_pin(books, payer=wallets[0], payee=wallets[1], amount=amount, key=key)


def given_tip(books: Books, *, key: str, payer: PersonId, payee: PersonId, amount: Money | None, spot: str) -> Payment:
    """The receipt of the same tip given earlier; a usual tip may have been another amount then."""
    done = books.receipts[key]
    books.receipt_of(
        key,
        debit=books.wallet_of(payer).id,
        credit=books.wallet_of(payee).id,
        amount=done.amount if amount is None else amount,
        kind=PAYMENT,
        memo="",
        subject=Subject(TIP, spot),
    )
    return books.payment_view(done, payer=payer, payee=payee)


def tipped_row(books: Books, *, spot: str, chat: str, payee: str) -> TippedRow:
    """What the message got, or a new row for one that got nothing yet."""
    row = books.find(TippedRow, spot)
    if row is None:
        if books.find(TipPayeeRow, payee) is None:
            books.add(TipPayeeRow(payee, None))
        row = TippedRow(spot, books.fresh_code(), chat, payee, None, 0, books.now_us)
        books.add(row)
    return row


def give_tip(books: Books, row: TippedRow, *, key: str, payer: str, payee: str, amount: Money) -> Payment:
    """A tip that has been checked: paid, gathered with the others of its message, to be shown and told."""
    # From here on it must succeed.
    subject = Subject(TIP, row.spot)
    receipt = books.pay(
        payer=books.wallet_of(payer),
        payee=books.wallet_of(payee),
        amount=amount,
        key=key,
        kind=PAYMENT,
        memo="",
        subject=subject,
    )
    if row.amount is None:
        row.amount = amount.minor
    row.tips += 1
    books.changed(row)
    books.add(TipRow(receipt.transfer_id, row.spot, row.tips, payer, _noted(books, payee, receipt).first))
    books.shown_changed(subject)
    books.show_unless_shown(subject, place=row.spot, chat=row.chat)
    return books.payment_view(receipt, payer=payer, payee=payee)


def _noted(books: Books, payee: str, receipt: Receipt) -> TipNoteRow:
    """The note that tells this tip: the one of this minute, or a new one; a clock that was put back begins anew."""
    now_us, told = books.now_us, books.find(TipPayeeRow, payee)
    assert told is not None, "made with what the message got"
    note = None if told.note is None else books.find(TipNoteRow, told.note)
    if note is not None and note.begins_at <= now_us < note.ends_at and note.tips < NOTE_TIPS_MAX:
        note.tips += 1
        books.changed(note)
        return note
    note = TipNoteRow(receipt.transfer_id, payee, 1, now_us, now_us + NOTE_US, None, None)
    books.add(note)
    told.note = note.first
    books.changed(told)
    return note
